"""python -m autograder show: why a student has this score, or who failed a test."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from autograder.commands.arguments import add_command, add_results
from autograder.errors import GraderError
from autograder.intake.decoding import one_line, quote

if TYPE_CHECKING:
    from autograder.commands.reading import Class
    from autograder.scoring.scores import Score

__all__ = ["add_parser"]

HELP = """\
Says why a student has this score: what was handed in and when, how the total comes about, and for
each test with lost points what was expected and what came out. Hidden tests are shown with their
names: this page is for the teacher, not for the student. STUDENT is a key, a name, an e-mail
address, a login or an id.

With --test instead, says who failed a test and how, the most frequent problem first. NAME is a test
function such as test_affine_forward_values, a part such as affine.forward, or a cell such as
05_batchnorm/rung-1.

Reads RESULTS alone, also while `grade` runs, and writes nothing. marks.csv and course.toml count
as `grade` or `rescore` last read them.
"""
EPILOG = """\
--json prints one object. Of a student:
  student, name, email, section, status, refused (why nothing could be read), findings
  attempts: file, at, clock (where the time comes from), seen, late, number, submission (SHA-256),
            counts
  total, possible, earned (before the late rule), waiting (answers without a mark), late (what the
  rule says), left_out, seed, isolation, graded_at, again (the command that repeats it)
  items: item, kind (functions, cells, written), points (null: none yet), possible, computed (by
         the grader), mark (null, or points, comment, by), waits, answer_changed, mistake, hint
         (that the student reads), tests (how many), again, lost
  lost, a test that did not pass: test, checks, hidden, points, possible, outcome, handed_in,
         problem, case, expected, got, error, where, file_problem, advice, given (right functions
         with which it passes)
Of a test:
  name
  tests: part, test, hidden, checks, possible, counts (outcome -> students)
  problems: outcome, problem, students (student, name, part, and what a lost test has)

exit code: 0; 2 if there is no such student or test, or RESULTS cannot be read.

examples:
  python -m autograder show RESULTS jane@uni.edu
  python -m autograder show RESULTS "Jane Doe" --json
  python -m autograder show RESULTS --test affine.forward"""


class ShowError(GraderError):
    """There is no such student or test; the message is one line."""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "show", run, "say why a student has this score", HELP)
    parser.epilog = EPILOG
    add_results(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("student", nargs="?", metavar="STUDENT", help="any name of one person")
    what.add_argument("--test", metavar="NAME", help="a test, a part or a cell")
    parser.add_argument("--json", action="store_true", help="print the same facts as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the page or the facts, and return the exit code."""
    from autograder.commands.reading import read_class
    from autograder.reports.student_page import explain_score, print_score
    from autograder.reports.test_page import explain_test, print_test

    shown = read_class(options.results)
    print_facts: Callable[[dict[str, Any], Console], None]
    if options.test is None:
        facts, print_facts = (
            explain_score(_find(options.student, shown.scores), shown.course),
            print_score,
        )
    else:
        _check_test(options.test, shown)
        facts, print_facts = explain_test(options.test, shown.known, shown.scores), print_test
    if options.json:
        print(json.dumps(facts, indent=1))
    else:
        print_facts(facts, Console(highlight=False))
    return 0


def _check_test(name: str, shown: Class) -> None:
    """Refuse a name that no test, part or cell has."""
    from autograder.points.catalogue import WRITTEN

    names = {test for _, test, _ in shown.catalogue.tests}
    written = {item.name for item in shown.catalogue.items if item.kind == WRITTEN}
    names |= {item.name for item in shown.catalogue.items} - written
    for grade in shown.known.grades.values():  # of tests that have gone meanwhile
        names |= {text for verdict in grade.verdicts for text in (verdict.test, verdict.part)}
    if name in written:
        sheet = f"written/{name.replace('/', '-')}.md"
        raise ShowError(f"{name} is a written answer, which has no test: {sheet} shows all answers")
    if name not in names:
        near = difflib.get_close_matches(name, sorted(names), 3, cutoff=0.5)
        hint = f"; do you mean {' or '.join(near)}?" if near else ""
        raise ShowError(f"there is no test, part or cell {quote(name)}{hint}")


def _find(wanted: str, scores: Sequence[Score]) -> Score:
    """Return the score of the one person that a name means."""
    from autograder.scoring.scores import name_people

    people = [score.person for score in scores]
    known = name_people(people)
    student = known.get(wanted.casefold())
    if student is None:
        several = [
            one.shown
            for one in people
            if wanted.casefold() in {name.casefold() for name in (one.name, one.email, one.login)}
        ]
        if several:
            who = "; ".join(several[:5])
            raise ShowError(f"{quote(wanted)} may be {who}: write the name in brackets")
        near = difflib.get_close_matches(wanted.casefold(), sorted(known), 3, cutoff=0.5)
        names = list(dict.fromkeys(known[name] for name in near))
        mean = " or ".join(one_line(name, 60) for name in names)
        hint = f"do you mean {mean}?" if mean else "gradebook.csv lists all of them"
        raise ShowError(f"there is no student {quote(wanted)} in these results; {hint}")
    return next(score for score in scores if score.student == student)
