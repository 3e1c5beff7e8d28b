"""Describe exceptions of student code: the message, the line and the file."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from assignment.support.project.manifest import GIVEN_FILES
from assignment.support.testing.advice import find_advice

__all__ = [
    "PACKAGE",
    "PROBLEM",
    "explain_import",
    "find_line",
    "find_problem",
    "warn_of_import",
    "write_exception",
    "write_rows",
]

PACKAGE = "assignment"
PROBLEM = "__problem__"  # attribute of a student's module: the first problem at its import
MAX_LINE = 100
MAX_TEXT = 4_000  # characters of a message that are looked at
FIX_LINE = "Python stops there when a notebook imports the file: fix or remove that line"
PYTESTS_WORDS = {
    "pytest: reading from stdin while output is captured.*": "input() cannot read anything",
    r"(?<!\s)\s*Use -v to get more diff": "",  # from where the blanks begin: takes linear time
}


def write_rows(problem: str, rows: Mapping[str, str]) -> str:
    """Write a message: the problem, and below it a row for each text that is not ""."""
    return "\n".join([problem, *(f"  {name:<9} {text}" for name, text in rows.items() if text)])


def write_exception(type_name: str, text: str) -> str:
    """Write the type and message of an exception, without what pytest has added."""
    text = text[:MAX_TEXT]
    for pattern, instead in PYTESTS_WORDS.items():
        text = re.sub(pattern, instead, text)
    return type_name if text in ("", "None") else f"{type_name}: {text}"  # exit() says "None"


def explain_import(error: BaseException, file: str) -> str:
    """Return in one line why a file of the student, or one statement in it, cannot be imported."""
    if isinstance(error, SyntaxError) and Path(error.filename or file).name == file:
        where = f"{file}, line {error.lineno}" if error.lineno else file
        return f"Python cannot read {PACKAGE}/{where}: {error.msg}{_append(error.text or '')}"
    numbers = [number for name, _, number in _find_frames(error) if name == file]
    where = f", line {numbers[-1]}" if numbers else ""
    text = write_exception(type(error).__name__, f"{error}").split("\n")[0]
    return f"{PACKAGE}/{file} cannot be imported{where}: {text}"


def warn_of_import(problem: str) -> str:
    """Write the import problem of a file, whose functions may all be defined, and how to fix it."""
    return write_rows(problem, {"hint": find_advice("CannotUse", problem) or FIX_LINE})


def find_line(error: BaseException) -> str | None:
    """Return the last line of student code in the traceback of an exception.

    Returns
    -------
    line : str or None
        "assignment/affine.py, line 30: out = x @ w"; "" if ``shapes`` refused the arguments before
        the first line; None if no student function was called.
    """
    line = None
    for name, frame, number in _find_frames(error):
        if name not in GIVEN_FILES:
            source = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
            line = f"{PACKAGE}/{name}, line {number}{_append(source)}"
        elif name == "contracts.py":
            line = line or ""
    return line


def find_problem(error: BaseException) -> str:
    """Return why the file that raised an exception cannot be imported; "" if it can."""
    frames = [frame for name, frame, _ in _find_frames(error) if name not in GIVEN_FILES]
    return str(frames[-1].f_globals.get(PROBLEM, "")) if frames else ""


def _find_frames(error: BaseException) -> Iterator[tuple[str, FrameType, int]]:
    """Yield file name, frame and line number of each frame from a file directly in assignment/."""
    for frame, number in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.parent.name == PACKAGE:
            yield path.name, frame, number


def _append(source: str) -> str:
    source = source.strip()
    return f": {source[:MAX_LINE]}" if source else ""
