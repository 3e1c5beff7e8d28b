"""Find syntax that an older Python cannot read, by what a line looks like."""

from __future__ import annotations

import ast
import re
import sys

__all__ = ["OLDEST", "explain_newer", "find_too_new", "name_syntax", "write_version"]

OLDEST = (3, 10)  # for which the course is written
WRITE_OLD = f"the grader may have {OLDEST[0]}.{OLDEST[1]}, write it in the older way"
MAX_LINE = 300  # characters; the patterns take far more than linear time
# An f-string up to within its braces.
NESTED = r"""(?<!\w)[rR]?[fF][rR]?(["'])(?:(?!\1)[^{\n]|\{\{)*\{(?!\{)[^}\n]*"""
# The nodes in whose first line such syntax stands.
MAY_BE_NEWER = {"ExceptHandler", "FunctionDef", "AsyncFunctionDef", "ClassDef", "TypeAlias"}
MAY_BE_NEWER |= {"JoinedStr", "TemplateStr", "Subscript"}
SYNTAX = {
    r"\s*except\s*\*": ("except*", (3, 11)),
    r"[^#'\"]*\w\[([^]#]*, *)?\*\w": ("a star in an index", (3, 11)),
    r"\s*(async\s+)?(def|class)\s+\w+\s*\[": ("type parameters", (3, 12)),
    r"\s*type\s+\w+\s*(\[.*\]\s*)?=": ("a type statement", (3, 12)),
    rf".*{NESTED}(\1[^}}\n]*|\\[^}}\n]*)\}}": ("an f-string with its own quotes inside", (3, 12)),
    r"[^#'\"]*\b[tT][rR]?[\"']": ("a t-string", (3, 14)),
}


def name_syntax(line: str) -> tuple[str, tuple[int, int]] | None:
    """Return what is newer than the oldest Python in a line, and since which version it is read."""
    for pattern, found in SYNTAX.items():
        if len(line) <= MAX_LINE and re.match(pattern, line):
            return found
    return None


def explain_newer(line: str) -> str:
    """Say what to do about a line that a newer Python than this one can read, "" of others."""
    found = name_syntax(line)
    if not found or found[1] <= sys.version_info[:2]:
        return ""
    what, version = found
    return f"{what} needs Python {write_version(version)}; {WRITE_OLD}"


def find_too_new(content: bytes, tree: ast.AST) -> list[str]:
    """Say what in a file, which this Python can read, the oldest one cannot: one line at most."""
    rows = content.decode("utf-8", "replace").splitlines()
    nodes = [node for node in ast.walk(tree) if type(node).__name__ in MAY_BE_NEWER]
    for number in sorted(getattr(node, "lineno", 0) for node in nodes):
        if found := name_syntax(rows[number - 1]) if 0 < number <= len(rows) else None:
            what, version = found
            where = f"for {what} in line {number}"
            return [f"needs Python {write_version(version)} {where}: {WRITE_OLD}"]
    return []


def write_version(version: tuple[int, ...]) -> str:
    """Write a version of Python, such as "3.12"."""
    return f"{version[0]}.{version[1]}"
