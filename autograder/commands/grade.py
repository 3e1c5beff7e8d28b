"""python -m autograder grade: grade a class."""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from autograder.commands.arguments import (
    add_command,
    add_course,
    add_table,
    read_path,
    read_seed,
    read_share,
)
from autograder.outcomes import HINT_STEPS
from autograder.settings import LEVELS, Limits, Settings

__all__ = ["add_parser"]

HELP = """\
Grades every archive, folder, Python file and notebook in SUBMISSIONS, and keeps all that is known
of the class in RESULTS/gradebook.sqlite. A submission that was graded before is not graded again,
unless something has changed that its verdicts depend on: after Ctrl-C the same command resumes
where it stopped. Submissions that were graded in earlier runs stay, wherever they lie now.

RESULTS gets gradebook.csv, a folder written/ with the answers to be marked, and for each student
results.json in Gradescope's format, in the folder that the column "results" of the CSV names.
Points, late rules, weights and what hints say are rules of the course: course.toml holds them, and
`rescore` applies them to stored verdicts.

If a function fails only because another one that it calls is wrong or not written (spatial
batch norm calls batch norm, the network its layers), its failed tests run once more with the
teacher's function in place of that one. Tests that then pass are shown as "right, given a right
batchnorm_backward" and earn a share of their points, follow_through in course.toml.

The exit code is 0, 1 if a test ended by the grader's own fault (it costs no points), 2 if the
class cannot be graded, and 130 after Ctrl-C.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "grade", run, "grade a folder of submissions", HELP)
    parser.add_argument(
        "submissions", type=read_path, help="holds a zip, folder or files per student"
    )
    parser.add_argument(
        "--out", type=read_path, required=True, metavar="RESULTS", help="folder to fill"
    )
    parser.add_argument(
        "--seed",
        type=read_seed,
        help="of the random inputs, for this and later runs into RESULTS (default: that of the run "
        "before, at first a new one)",
    )
    parser.add_argument("--again", action="store_true", help="grade all submissions again")
    parser.add_argument(
        "--no-notebooks", dest="notebooks", action="store_false", help="grade only functions"
    )
    parser.add_argument(
        "--follow-through",
        type=read_share,
        metavar="SHARE",
        help="in place of follow_through in course.toml, for this run: share of the points, 0 to "
        "1, for a test that passes with the teacher's function in place of a wrong one (default: "
        "1)",
    )
    parser.add_argument(
        "--require-isolation",
        choices=LEVELS,
        help="stop if the wall cannot reach this level here (default: none; but if one submission "
        "can leave messages for the next, level user must be named)",
    )
    parser.add_argument(
        "--hints",
        choices=HINT_STEPS,
        help="in place of hints in course.toml, for this run: what the hint for a recognised "
        "mistake says: nothing, where to look, what is wrong, or how to fix it (default: what)",
    )
    parser.add_argument(
        "--roster",
        type=read_path,
        metavar="FILE",
        help="who is enrolled: a CSV as Canvas, Moodle, Gradescope, GitHub Classroom, Blackboard "
        "or Brightspace exports it, or with the columns student, name, email; later runs know it",
    )
    add_course(parser)
    add_table(parser)


def run(options: argparse.Namespace) -> int:
    """Grade a class, and return the exit code."""
    from autograder.commands.printing import print_results
    from autograder.grading import Wishes, console, grade_class

    settings = Settings(
        secrets.randbits(32) if options.seed is None else options.seed,
        options.require_isolation or "none",
        Limits(),
        options.notebooks,
    )
    wishes = Wishes(
        again=options.again,
        accepts_leaks=options.require_isolation is not None,
        keeps_seed=options.seed is None,
        course=options.course,
        roster=options.roster,
        hints=options.hints or "",
        follow_through=options.follow_through,
    )
    written = grade_class(options.submissions, options.out, settings, wishes)
    return print_results(written, options.table, console)
