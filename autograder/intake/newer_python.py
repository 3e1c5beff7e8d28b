"""Say of sources which the grader's Python cannot read that a newer one can."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable

from assignment.support.project.newer_python import name_syntax, write_version

__all__ = ["HAS", "find_newer"]

MAX_SOURCE = 50_000  # characters; Python's parser takes quadratic time for some texts
# Python normalizes a name, which takes quadratic time as well.
LONG_NAME = re.compile(r"[^\x00-\x7f]{200}")
HAS = f"the grader has Python {write_version(sys.version_info[:2])}"


def find_newer(sources: Iterable[tuple[str, str]]) -> list[str]:
    """Return a remark about newer syntax; each source has a label, which may be ""."""
    for label, source in sources:
        line, text = _find_error(source)
        newer = name_syntax(text)
        if newer and newer[1] > sys.version_info[:2]:
            where = f"{label}, line {line}" if label else f"line {line}"
            what, version = newer
            return [f"needs Python {write_version(version)} for {what} in {where}; {HAS}"]
    return []


def _find_error(source: str) -> tuple[int, str]:
    """Return number and text of the line that cannot be read; (0, "") where all can be."""
    if len(source) > MAX_SOURCE or LONG_NAME.search(source):
        return 0, ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        lines = source.split("\n")
        number = error.lineno or 0
        return number, lines[number - 1] if 0 < number <= len(lines) else ""
    except (ValueError, RecursionError, MemoryError):
        pass
    return 0, ""
