"""Command line of the assignment: python -m assignment check, submit and cheat-sheet."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

CHECK_HELP = """\
Runs the public tests on your saved files, and shows for each part what is wrong and its points.
PART is a part, such as "batchnorm.backward", or a group of parts, such as "batchnorm"; the default
is all parts.

  python -m assignment check                      all parts, and the next one to do
  python -m assignment check batchnorm.backward   one part, in about a second
  pytest --part batchnorm.backward -s             the same, with what your code prints

The exit code is 0 if all tested parts pass, 1 if not or if Python cannot import one of their
files, and 2 if nothing could be tested.
"""
SUBMIT_HELP = """\
Writes NAME.zip into this folder: your files in assignment/ and your notebooks, without outputs.
NAME is the name that the teacher knows you by; the default is your login name. Shows what goes in,
what stays out, and what is not done yet: you may hand in an unfinished assignment.

  python -m assignment submit ana    writes ana.zip

The exit code is 1 if nothing was written: a file is missing, or cannot be read by Python.
"""
CHEAT_SHEET_HELP = """\
Writes docs/cheat-sheet.md: each line of the lecture notes, beside what your notebooks measured. The
numbers are those that the last cells of your notebooks printed, so run the notebooks and save them
before; an earlier page is replaced. Shows which notebooks have no summary yet.

  python -m assignment cheat-sheet

The exit code is 1 if the page could not be written.
"""
NAME = re.compile(r"[^\W_][\w .+@-]*")
MAX_NAME = 60


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _make_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt as error:
        print(f"\n{error or 'stopped'}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as head, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if said := _explain(error):
            print(said, file=sys.stderr)
            return 2
        raise


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m assignment", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    raw = argparse.RawDescriptionHelpFormatter
    check = commands.add_parser(
        "check", help="test what you have written", description=CHECK_HELP, formatter_class=raw
    )
    check.add_argument("parts", nargs="*", metavar="PART", help="what to test; by default all")
    check.add_argument("--json", action="store_true", help="print the result for other programs")
    check.add_argument(
        "--seed", type=_read_seed, default=231, help="of the random inputs (default: %(default)s)"
    )
    check.set_defaults(run=_check)
    submit = commands.add_parser(
        "submit", help="write the zip to hand in", description=SUBMIT_HELP, formatter_class=raw
    )
    submit.add_argument("name", nargs="?", metavar="NAME", type=_read_name, help="for the zip")
    submit.set_defaults(run=_submit)
    cheat_sheet = commands.add_parser(
        "cheat-sheet",
        help="write one page: what your notebooks measured",
        description=CHEAT_SHEET_HELP,
        formatter_class=raw,
    )
    cheat_sheet.set_defaults(run=_write_cheat_sheet)
    return parser


def _read_seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def _read_name(text: str) -> str:
    name = text.removesuffix(".zip")
    if not NAME.fullmatch(name) or name != name.rstrip(" ."):
        rule = "use letters, digits, - and _, and begin with a letter or digit"
        raise argparse.ArgumentTypeError(f"{text!r} is not a name: {rule}")
    if len(name) > MAX_NAME:
        raise argparse.ArgumentTypeError(f"{text!r} is too long: at most {MAX_NAME} characters")
    return name


def _check(options: argparse.Namespace) -> int:
    from assignment.support.project.manifest import UnknownPart, select_parts

    try:
        select_parts(options.parts)
    except UnknownPart as error:
        print(error, file=sys.stderr)
        return 2
    from assignment.support.commands.check import check_parts  # imports NumPy and pytest

    return check_parts(options.parts, options.seed, options.json)


def _submit(options: argparse.Namespace) -> int:
    from assignment.support.commands.submit import SubmitError, submit

    try:
        submit(options.name, Path.cwd())
    except SubmitError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _write_cheat_sheet(_: argparse.Namespace) -> int:
    from assignment.support.commands.cheat_sheet import write_cheat_sheet

    return write_cheat_sheet()


def _prepare() -> None:
    """Print any text, show colours on Windows, and stop at Ctrl-C whatever the code catches."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if os.name == "nt":
        os.system("")  # afterwards old consoles show colours
    signal.signal(signal.SIGINT, _stop)


def _stop(*_: Any) -> None:
    """Stop at Ctrl-C; if the student's code catches it, the next Ctrl-C ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    raise KeyboardInterrupt


def _explain(error: Exception) -> str:
    """Say in one line why a command could not run; "" if only a traceback helps."""
    if hiding := _find_hiding(error):
        return f"{hiding.name} in this folder hides the real {hiding.stem}: rename it"
    package = str(getattr(error, "name", None)).split(".")[0]
    if isinstance(error, ModuleNotFoundError) and package != "assignment":
        return f"this Python has no {package}: pip install -r requirements.txt"
    said = f"the given code cannot run: {type(error).__name__}: {error}"
    try:
        from assignment.support.project.pristine import find_changes  # importing support warned

        return said if find_changes() else ""
    except Exception:
        return f"{said}; copy assignment/support/ again from the zip that the course gave you"


def _find_hiding(error: Exception) -> Path | None:
    """Return a file in this folder that was imported instead of the real module of that name."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    files += [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    mine = [Path(file) for file in files if file and Path(file).parent == Path.cwd()]
    known = {"numpy", "pytest", *sys.stdlib_module_names}
    return next((path for path in mine if path.stem in known), None)


if __name__ == "__main__":
    _prepare()
    sys.exit(main())
