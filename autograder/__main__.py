"""The teacher's command line: python -m autograder release | grade | prove."""

from __future__ import annotations

import argparse
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
Writes what students get, made from this master copy: OUT/{NAME}/ and
OUT/{NAME}.zip, the same files twice. Functions and cells to write raise
NotImplementedError instead of the solution, answers and outputs are empty; hidden tests, hidden
cells and the grader stay here. The same master copy gives the same bytes. An earlier release in
OUT is replaced, unless somebody has worked in it.
"""
GRADE_HELP = """\
Grades every .zip and every folder in SUBMISSIONS and keeps the grades in RESULTS/gradebook.sqlite.
What has been graded already, with the same tests, is not graded again: after Ctrl-C the same
command goes on where it stopped. A grade keeps its hints and its share of follow-through points,
whatever --hints and --follow-through say, until --again. RESULTS also gets gradebook.csv and, for
each student, results.json in Gradescope's format, in the folder that the column "results" of the
CSV names. The exit code is 1 if a test ended by the grader's own fault; such a test costs no
points.

Where a function fails only because another one that it calls is wrong or not written (spatial
batch norm on batch norm, the network on its layers), its failed tests run once more with the
teacher's function in the place of that one. What then passes is shown as "right, given a right
batchnorm_backward" and earns the share of its points that --follow-through says.
"""
PROVE_HELP = """\
Runs every variant of the mistake bank (autograder/bank) against the public and the hidden tests of
its topic, and prints by which tests it is caught, and how many mistakes are recognised by their
answers. The exit code is 1 if a wrong variant passes or is taken for another one, or if a right
one does not pass.
"""
ERRORS = (GradingError, GradebookError, IntakeError, MarkerError, ReleaseError, SessionError)


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _make_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ERRORS as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        return 130


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    raw = argparse.RawDescriptionHelpFormatter
    _add_release(
        commands.add_parser(
            "release", help="make what students get", description=RELEASE_HELP, formatter_class=raw
        )
    )
    grade = commands.add_parser(
        "grade", help="grade a folder of submissions", description=GRADE_HELP, formatter_class=raw
    )
    grade.add_argument("submissions", type=_read_path, help="folder of zips and folders")
    grade.add_argument(
        "--out", type=_read_path, required=True, metavar="RESULTS", help="folder to fill"
    )
    grade.add_argument(
        "--seed", type=_read_seed, help="repeat a run with its seed; by default a new one"
    )
    grade.add_argument("--again", action="store_true", help="grade also what has been graded")
    grade.add_argument(
        "--no-notebooks", dest="notebooks", action="store_false", help="the functions alone"
    )
    grade.add_argument(
        "--follow-through",
        type=_read_share,
        default=1,
        metavar="SHARE",
        help="of the points of what is right given a right function elsewhere, 0 to 1 (default: "
        "1); 0 does not look for it",
    )
    grade.add_argument(
        "--require-isolation",
        choices=LEVELS,
        default="none",
        help="refuse to go on behind a lower wall (default: none)",
    )
    grade.add_argument(
        "--hints",
        choices=HINT_STEPS,
        default="what",
        help="how much students read of a mistake that is recognised: nothing, where to look, "
        "what is wrong, how to mend it (default: what)",
    )
    grade.set_defaults(run=_grade)
    prove = commands.add_parser(
        "prove",
        help="try the tests on the mistake bank",
        description=PROVE_HELP,
        formatter_class=raw,
    )
    prove.add_argument("--seed", type=_read_seed, default=231, help="of all random inputs")
    prove.set_defaults(
        run=lambda options: 0 if print_proofs(prove_bank(options.seed), Console()) else 1
    )
    return parser


def _add_release(release: argparse.ArgumentParser) -> None:
    release.add_argument("out", type=_read_path, metavar="OUT", help="folder for it, new or empty")
    release.add_argument(
        "--check", action="store_true", help="write nothing, name what differs; exit code 1 if so"
    )
    release.set_defaults(run=_release)


def _read_path(text: str) -> Path:
    """Return a path; an empty text, as an unset variable gives it, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("is empty: name a folder")
    return Path(text)


def _read_seed(text: str) -> int:
    """Return a seed as NumPy takes it."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def _release(options: argparse.Namespace) -> int:
    if options.check:
        differences = find_differences(options.out)
        print("\n".join(differences) or f"{options.out} is what would be written now")
        return 1 if differences else 0
    count = write_release(options.out)
    print(f"{count} files are in {options.out / NAME} and in {NAME}.zip beside it")
    return 0


def _read_share(text: str) -> float:
    """Return a number from 0 to 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return share


def _grade(options: argparse.Namespace) -> int:
    seed = secrets.randbits(32) if options.seed is None else options.seed
    choices = options.notebooks, options.hints, options.follow_through
    wanted = Settings(seed, options.require_isolation, Limits(), *choices)
    grades = grade_class(options.submissions, options.out, wanted, options.again)
    print_table(grades)
    return 1 if any(grade.faults for grade in grades) else 0


if __name__ == "__main__":
    sys.exit(main())
