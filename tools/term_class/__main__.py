"""The command line: write a term into a folder, and say how long it took and how large it is."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track

from autograder.release.building import ReleaseError, renew_folder, write_files
from autograder.release.markers import MarkerError
from tools.sample_class import SampleError, refuse_strangers
from tools.term_class.people import ATTEMPTS, FEWEST, HandIn, Term, make_term
from tools.term_class.systems import SYSTEMS, System
from tools.term_class.tables import MADE_BY, make_course, make_expected, make_marks
from tools.term_class.works import Works
from tools.term_class.zips import SPOILED, pack

__all__ = ["main", "write_term"]

OWN = (
    *("submissions", "roster.csv", "roster-start.csv", "course.toml", "marks-typed.csv"),
    *("expected.json", "groups.csv", "grades.csv"),
)
MOST = 5_000  # students

DESCRIPTION = """\
Make up a class with a whole term's worth of trouble, as one system would give it to a teacher, to
try the grader on. Most students have written right, wrong and missing functions, cells and answers
in all eight notebooks, in three attempts."""
EPILOG = """\
The folder then holds

  submissions/      what the system's download of all submissions holds when it is unpacked
  roster.csv        who is enrolled, as the system exports it
  roster-start.csv  the same before one student withdrew
  course.toml       the due date, a late rule, one extension, one voided test
  marks-typed.csv   points that a teacher has typed for written answers, and appeals
  expected.json     what must come out: who is missing, late, unreadable; which attempt counts
  groups.csv, grades.csv  from Canvas and GitHub: who is in a group, when each handed in

Of 300 students who hand in, 30 are late, 12 have files that cannot be read, 5 appeal, 2 have one
name, one withdraws, one has an extension; two hand in together; 20 more are enrolled and hand in
nothing. Other sizes are scaled. Only Blackboard's download and plain files hold all attempts; the
others hold the latest. The same seed gives the same files and times, as long as the course, Python
and zlib stay the same.

The exit code is 0, or 2 if the folder cannot be written: nothing but an earlier term is replaced.

examples:
  python -m tools.term_class build/term
  python -m tools.term_class build/small --students 12 --system moodle --seed 7
  python -m autograder grade build/term/submissions --out build/results"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the term that the command line asks for, and return the exit code."""
    options = _parse(arguments)
    console = Console(stderr=True)
    began = time.monotonic()
    try:
        term = make_term(options.students, options.seed)
        write_term(options.folder, term, options.system, console)
    except (MarkerError, ReleaseError, SampleError, OSError) as error:
        print(f"cannot write the term: {error}", file=sys.stderr)
        return 2
    seconds = time.monotonic() - began
    size = sum(path.stat().st_size for path in options.folder.rglob("*") if path.is_file())
    what = f"{len(term.hand_ins)} who handed in, {len(term.missing)} who did not"
    print(f"wrote {options.folder}: {what}; {size / 1e6:.0f} MB in {seconds:.1f} s")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.term_class",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to write the term")
    parser.add_argument(
        "--students",
        type=_read_count,
        default=300,
        metavar="N",
        help=f"who hand in, {FEWEST} to {MOST:,}; a group counts once (default: 300)",
    )
    parser.add_argument(
        "--system",
        choices=SYSTEMS,
        default="canvas",
        help="whose names, roster and times (default: canvas)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="for another class (default: 1)"
    )
    return parser.parse_args(arguments)


def _read_count(text: str) -> int:
    if not text.isdecimal() or not FEWEST <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {FEWEST} to {MOST:,}")
    return int(text)


def write_term(folder: Path, term: Term, name: str, console: Console) -> None:
    """Write a term into its own folder; replace an earlier one.

    Raises
    ------
    SampleError
        The folder holds something else.
    """
    _refuse_foreign(folder)
    system, works = SYSTEMS[name], Works(term.seed)
    tables = {
        "roster.csv": system.make_roster(term.enrolled, term),
        "roster-start.csv": system.make_roster(term.enrolled_at_start, term),
        "course.toml": make_course(system, term),
        "marks-typed.csv": make_marks(system, term, works),
        "expected.json": make_expected(name, system, term, works),
        **system.make_others(term),
    }
    with renew_folder(folder) as new:
        write_files(new, {path: text.encode() for path, text in tables.items()})
        hand_ins = track(term.hand_ins, "writing submissions", console=console, transient=True)
        for one in hand_ins:
            for path, files, when in _list_files(system, one, works):
                _write(new / "submissions" / path, files, when)


def _refuse_foreign(folder: Path) -> None:
    """Refuse to replace what this tool has not written: a real class has files of these names."""
    refuse_strangers(folder, OWN)
    if not folder.exists() or not os.listdir(folder):
        return
    try:
        made_by = json.loads((folder / "expected.json").read_bytes())["made_by"]
    except (OSError, ValueError, KeyError, TypeError):
        made_by = ""
    if made_by != MADE_BY:
        raise SampleError(f"{folder} holds another class; name a folder that is new or empty")


def _list_files(
    system: System, one: HandIn, works: Works
) -> Iterator[tuple[str, dict[str, bytes], datetime]]:
    """Yield what to write for a student: a path, the files below it, and their time.

    The path itself is a file where "" is the only one below it.
    """
    for attempt in range(ATTEMPTS):
        places = system.places(one, attempt)
        if not places:
            continue
        files, when = works.make(one, attempt), one.times[attempt]
        spoils = one.unreadable and attempt == ATTEMPTS - 1
        if spoils or not system.unpacks:
            content = pack(files, when)
            content = SPOILED[one.unreadable](content) if spoils else content
            files = {one.upload if system.unpacks else "": content}
        for place in places:
            yield place, files, when


def _write(target: Path, files: dict[str, bytes], when: datetime) -> None:
    for name, content in files.items():
        path = target / name if name else target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (when.timestamp(), when.timestamp()))


if __name__ == "__main__":
    sys.exit(main())
