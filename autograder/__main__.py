"""The teacher's command line: python -m autograder release | grade | prove."""

from __future__ import annotations

import argparse
import io
import secrets
import sys
from pathlib import Path

from rich.console import Console

from autograder.gradebook.store import GradebookError
from autograder.grading import GradingError, grade_class, print_table
from autograder.intake.submissions import IntakeError
from autograder.proving import print_proofs
from autograder.proving import prove as prove_bank
from autograder.release.building import NAME, ReleaseError, find_differences, write_release
from autograder.release.markers import MarkerError
from autograder.session.collecting import SessionError
from autograder.settings import HINT_STEPS, LEVELS, Limits, Settings

RELEASE_HELP = f"""\
Writes what students get from this master copy: OUT/{NAME}/ and
OUT/{NAME}.zip, with the same files. Instead of solutions, functions and cells to
write raise NotImplementedError; answers and outputs are empty. Hidden tests, hidden cells and the
grader are left out. The same master copy gives the same bytes. An earlier release in OUT is
replaced, unless somebody has changed it.
"""
GRADE_HELP = """\
Grades every archive, folder, Python file and notebook in SUBMISSIONS, and keeps the grades in
RESULTS/gradebook.sqlite.
A submission that was graded before, with the same tests, is not graded again: after Ctrl-C the
same command resumes where it stopped. To apply other --hints or --follow-through to stored grades,
use --again. RESULTS also gets gradebook.csv and, for each student, results.json in Gradescope's
format, in the folder that the column "results" of the CSV names. The exit code is 1 if a test
ended by the grader's own fault; such a test costs no points.

If a function fails only because another one that it calls is wrong or not written (spatial
batch norm calls batch norm, the network its layers), its failed tests run once more with the
teacher's function in place of that one. Tests that then pass are shown as "right, given a right
batchnorm_backward" and earn the share of their points that --follow-through sets.
"""
PROVE_HELP = """\
Runs the public and the hidden tests of its topic on every variant in the mistake bank
(autograder/bank). Prints which tests catch it, and how many mistakes are recognised by their
answers. The exit code is 1 if a wrong variant passes or is taken for another one, or if a right
one fails.
"""
ERRORS = (GradingError, GradebookError, IntakeError, MarkerError, ReleaseError, SessionError)


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _make_parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # which may not be able to show each name
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return int(options.run(options))
    except ERRORS as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; the same command resumes from here", file=sys.stderr)
        return 130


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    raw = argparse.RawDescriptionHelpFormatter
    release = commands.add_parser(
        "release", help="make what students get", description=RELEASE_HELP, formatter_class=raw
    )
    release.add_argument("out", type=_read_path, metavar="OUT", help="folder to write to")
    release.add_argument(
        "--check", action="store_true", help="write nothing; list differences, exit code 1 if any"
    )
    release.set_defaults(run=_release)
    grade = commands.add_parser(
        "grade", help="grade a folder of submissions", description=GRADE_HELP, formatter_class=raw
    )
    grade.add_argument(
        "submissions", type=_read_path, help="holds a zip, folder or files per student"
    )
    grade.add_argument(
        "--out", type=_read_path, required=True, metavar="RESULTS", help="folder to fill"
    )
    grade.add_argument(
        "--seed", type=_read_seed, help="of the random inputs, to repeat a run (default: new)"
    )
    grade.add_argument("--again", action="store_true", help="grade all submissions again")
    grade.add_argument(
        "--no-notebooks", dest="notebooks", action="store_false", help="grade only functions"
    )
    grade.add_argument(
        "--follow-through",
        type=_read_share,
        default=1,
        metavar="SHARE",
        help="share of the points, 0 to 1, for a test that passes with the teacher's function in "
        "place of a wrong one (default: 1); 0 switches this off",
    )
    grade.add_argument(
        "--require-isolation",
        choices=LEVELS,
        help="stop if the wall cannot reach this level here (default: none; but if one submission "
        "can leave messages for the next, level user must be named)",
    )
    grade.add_argument(
        "--hints",
        choices=HINT_STEPS,
        default="what",
        help="what the hint for a recognised mistake says: nothing, where to look, what is wrong, "
        "or how to fix it (default: what)",
    )
    grade.set_defaults(run=_grade)
    prove = commands.add_parser(
        "prove",
        help="try the tests on the mistake bank",
        description=PROVE_HELP,
        formatter_class=raw,
    )
    prove.add_argument("--seed", type=_read_seed, default=231, help="of the random inputs")
    prove.set_defaults(
        run=lambda options: 0 if print_proofs(prove_bank(options.seed), Console()) else 1
    )
    return parser


def _read_path(text: str) -> Path:
    """Return a path; refuse "", for example from an unset variable: it means the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("is empty: name a folder")
    return Path(text)


def _read_seed(text: str) -> int:
    """Return a seed as NumPy takes it."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def _release(options: argparse.Namespace) -> int:
    if options.check:
        differences = find_differences(options.out)
        print("\n".join(differences) or f"{options.out} is up to date")
        return 1 if differences else 0
    count = write_release(options.out)
    print(f"wrote {count} files to {options.out / NAME} and to {NAME}.zip beside it")
    return 0


def _read_share(text: str) -> float:
    """Return a number from 0 to 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return share


def _grade(options: argparse.Namespace) -> int:
    seed = secrets.randbits(32) if options.seed is None else options.seed
    choices = options.notebooks, options.hints, options.follow_through
    wanted = Settings(seed, options.require_isolation or "none", Limits(), *choices)
    named = options.require_isolation is not None
    grades = grade_class(options.submissions, options.out, wanted, options.again, named)
    print_table(grades)
    return 1 if any(grade.faults for grade in grades) else 0


if __name__ == "__main__":
    sys.exit(main())
