"""Find syntax that an older Python cannot read, by what a line looks like."""

from __future__ import annotations

import re

__all__ = ["OLDEST", "name_syntax", "write_version"]

OLDEST = (3, 10)  # for which the course is written
NESTED = r"""[fF][rR]?(["'])(?:(?!\1)[^{\n])*\{[^}\n]*"""  # an f-string up to within its braces
SYNTAX = {
    r"\s*except\s*\*": ("except*", (3, 11)),
    r"[^#'\"]*\w\[[^]#]*(?<![\w)\]] )(?<![\w)\]])\*\w": ("a star in an index", (3, 11)),
    r"\s*(async\s+)?(def|class)\s+\w+\s*\[": ("type parameters", (3, 12)),
    r"\s*type\s+\w+\s*(\[.*\]\s*)?=": ("a type statement", (3, 12)),
    rf".*{NESTED}(\1[^}}\n]*|\\[^}}\n]*)\}}": ("an f-string with its own quotes inside", (3, 12)),
    r"[^#'\"]*\b[tT][rR]?[\"']": ("a t-string", (3, 14)),
}


def name_syntax(line: str) -> tuple[str, tuple[int, int]] | None:
    """Return what is newer than the oldest Python in a line, and since which version it is read."""
    for pattern, found in SYNTAX.items():
        if re.match(pattern, line):
            return found
    return None


def write_version(version: tuple[int, ...]) -> str:
    """Write a version of Python, such as "3.12"."""
    return f"{version[0]}.{version[1]}"
