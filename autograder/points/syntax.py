"""Python source as verdicts depend on it: without comments, layout and the points of tests."""

from __future__ import annotations

import ast
from typing import Any, TypeGuard

__all__ = ["is_mark", "write_syntax"]

MARK = ast.dump(ast.parse("pytest.mark.part", mode="eval").body)


def is_mark(node: ast.AST) -> TypeGuard[ast.Call]:
    """Say whether this is a call of ``pytest.mark.part``."""
    func = getattr(node, "func", None)
    return isinstance(func, ast.Attribute) and func.attr == "part" and ast.dump(func) == MARK


def write_syntax(source: str | bytes) -> str:
    """Return the syntax tree of a source as text, without positions and the points of marks.

    ast.dump would write other texts under other versions of Python, because of fields that are
    empty: these are left out here. So a new Python does not change what is said of each file.

    Raises
    ------
    SyntaxError, ValueError
        Python cannot read it.
    """
    words: list[str] = []
    _write(ast.parse(source), words)
    return " ".join(words)


def _write(node: Any, words: list[str]) -> None:
    if isinstance(node, ast.AST):
        words.append(f"{type(node).__name__}(")
        for name, value in ast.iter_fields(node):
            if name == "keywords" and is_mark(node):
                value = [keyword for keyword in value if keyword.arg != "points"]
            if isinstance(node, ast.JoinedStr):  # Python 3.12 ends some with an empty text
                value = [one for one in value if getattr(one, "value", None) != ""]
            if value is not None and value != []:
                words.append(name)
                _write(value, words)
        words.append(")")
    elif isinstance(node, list):
        words.append("[")
        for one in node:
            _write(one, words)
        words.append("]")
    else:
        words.append(ascii(node))  # repr depends on the version of Unicode
