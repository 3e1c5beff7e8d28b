"""python -m autograder similar: list pairs of students whose code is alike."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.text import Text

from autograder.commands.arguments import add_command, read_path, read_share
from autograder.similar import LEAST

if TYPE_CHECKING:
    from autograder.similar.pairs import Found, Pair

__all__ = ["add_parser", "run"]

HELP = """\
Lists pairs of students whose code is alike, and writes a page with both side by side. It accuses
nobody: it says "look at these". What the task explains does not count: the release, the teacher's
solution, variants that the grader knows, and what more than 5 % of the class (and more than three
students) have. Renamed variables, other comments and a changed order hide little.

The share of a pair is how much of the own code of one student the other one has, too. In made-up
classes whole copies have 0.41 and more, and honest pairs 0.40 at most; with a lower --least also
work of which half was copied is listed, among more and more honest pairs. Nothing is executed. The
command needs the packages of requirements-teacher.txt.

Exit code: 0 also where pairs were found; 2 if the command cannot do its work, for example without
submissions; 130 after Ctrl-C.

examples:
  python -m autograder similar SUBMISSIONS
  python -m autograder similar SUBMISSIONS --least 0.3 --out look.html
  python -m autograder similar SUBMISSIONS --json > pairs.json
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of a command line, as argparse's add_subparsers returns them."""
    what = "list pairs of students whose code is alike"
    parser = add_command(commands, "similar", run, what, HELP)
    parser.add_argument("submissions", type=read_path, help="as for grade")
    parser.add_argument(
        "--out",
        type=read_path,
        default=Path("similar.html"),
        metavar="FILE",
        help="the page (default: %(default)s); an older page there is replaced",
    )
    parser.add_argument(
        "--least",
        type=read_share,
        default=LEAST,
        metavar="SHARE",
        help="lowest share that is listed, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the pairs, and write no page")


def run(options: argparse.Namespace) -> int:
    """Compare a class, and return the exit code."""
    from autograder.intake.decoding import one_line
    from autograder.intake.submissions import find_submissions, name_left_out, read_submission
    from autograder.similar.page import write_page
    from autograder.similar.pairs import collect_code, find_similar

    if not options.json:
        _check_out(options.out)
    console = Console(stderr=True)
    found_files = find_submissions(options.submissions)
    for line in filter(None, [name_left_out(options.submissions, found_files)]):
        console.print(Text(line), style="yellow", soft_wrap=True)
    refused: list[str] = []

    def read() -> Iterator[tuple[str, dict[str, bytes]]]:
        for one in track(found_files, "reading", console=console, transient=True):
            submission = read_submission(one)
            if submission.refused:
                refused.append(submission.refused)
            yield submission.student, collect_code(submission)

    works = list(read())
    with console.status("comparing") as status:
        found = find_similar(
            works,
            lambda student: status.update(Text(f"comparing; read {one_line(student)}")),
            least=options.least,
        )
    for line in [*refused, *(f"{who}: {what}" for who, what in found.findings)]:
        console.print(Text(one_line(line)), style="yellow", soft_wrap=True)
    if options.json:
        print(json.dumps({"least": options.least, "pairs": _list(found)}, indent=1))
        return 0
    write_page(found, options.out, options.least)
    for pair in found.pairs:
        print(f"{pair.score:4.0%}  {one_line(pair.student)} and {one_line(pair.other)}")
    what = "look at these" if found.pairs else "no pair is alike beyond what the task explains"
    pairs = f"{len(found.pairs)} pair{'s' * (len(found.pairs) != 1)}"
    print(f"{pairs} among {found.students} students: {what}; wrote {options.out}")
    return 0


def _check_out(path: Path) -> None:
    """Refuse to replace anything but an older page."""
    from autograder.similar.pairs import SimilarError

    if path.is_dir() or not path.parent.is_dir():
        raise SimilarError(f"cannot write {path}: name a file in a folder that exists")
    if path.exists() and b"<title>Similar work</title>" not in path.read_bytes()[:2000]:
        raise SimilarError(f"{path} is no page of this command: name another file")


def _list(found: Found) -> list[dict[str, Any]]:
    return [_describe(pair) for pair in found.pairs]


def _describe(pair: Pair) -> dict[str, Any]:
    functions = [
        [{"file": one.file, "name": one.name, "lines": sorted(one.alike)} for one in both]
        for both in pair.functions
    ]
    return {
        "student": pair.student,
        "other": pair.other,
        "score": round(pair.score, 4),
        "functions": functions,
        "findings": list(pair.findings),
    }
