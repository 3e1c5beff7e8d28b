"""The form of an expression: independent of names, layout, and the order of terms."""

from __future__ import annotations

import ast
import builtins
import functools
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import Any

__all__ = ["find_forms"]

KEPT = {"np", *dir(builtins)}  # names that mean the same everywhere
OPERATIONS = (
    *(ast.Call, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Subscript, ast.IfExp),
    ast.comprehension,
)
SUBSTANCE = 3  # operations in an expression; smaller expressions are too common


@functools.cache
def find_forms(text: str) -> dict[str, str]:
    """Return the larger expressions in a text that may hold Python: form -> expression.

    Expressions have the same form if they differ only in variable names, spaces, brackets, the
    order of keywords, terms or factors, or in 2 for 2.0.
    """
    forms = {}
    for snippet in _find_snippets(text):
        for node in ast.walk(_parse(snippet)):
            if isinstance(node, ast.expr) and _weigh(node) >= SUBSTANCE:
                forms[repr(_number(_outline(node), {}))] = ast.unparse(node)
    return forms


def _find_snippets(text: str) -> Iterator[str]:
    """Find what may be Python: the text, fenced and quoted pieces, comments, single lines."""
    text = re.sub(r"^[%!].*", "", text, flags=re.M)  # IPython's magics
    yield text
    yield from re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.M | re.S)
    yield from re.findall(r"`+([^`\n]+)`+", text)
    for comment in re.findall(r"(?:^ *#.*\n?)+", text, re.M):
        yield re.sub(r"^ *#+ ?", "", comment, flags=re.M)
    yield from re.findall(r'"""(.*?)"""', text, re.S)
    for line in text.split("\n"):
        yield line.strip().lstrip("#>-* ").rstrip(":")


def _parse(snippet: str) -> ast.AST:
    """Return the tree of a snippet, as the body of a function; an empty one if it has no syntax."""
    inside = textwrap.indent(textwrap.dedent(snippet), " ")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about backslashes in prose
            return ast.parse(f"async def f():\n{inside}")
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _weigh(node: ast.AST) -> int:
    """Return the number of operations; the sign of a number is none."""
    operations = [inner for inner in ast.walk(node) if isinstance(inner, OPERATIONS)]
    return sum(not isinstance(getattr(o, "operand", None), ast.Constant) for o in operations)


def _outline(node: Any) -> Any:
    """Return a tree as nested tuples, with terms, factors and keywords sorted."""
    if isinstance(node, ast.Name):
        return ("Kept" if node.id in KEPT else "Name", node.id)
    if isinstance(node, ast.Constant):
        is_number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        return ("Constant", repr(float(node.value) if is_number else node.value))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return ("Sum", *sorted(_find_terms(node, 1), key=_blank))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return ("Product", *sorted(map(_outline, _find_factors(node)), key=_blank))
    if isinstance(node, ast.AST):
        fields = [value for name, value in ast.iter_fields(node) if name not in ("ctx", "kind")]
        return (type(node).__name__, *map(_outline, fields))
    if isinstance(node, list):
        items = map(_outline, node)
        return tuple(sorted(items, key=repr) if _are_keywords(node) else items)
    return repr(node)


def _are_keywords(nodes: list[Any]) -> bool:
    return bool(nodes) and all(isinstance(node, ast.keyword) for node in nodes)


def _find_terms(node: ast.expr, sign: int) -> Iterator[tuple[int, Any]]:
    """Find the terms of a sum, each with its sign 1 or -1."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from _find_terms(node.left, sign)
        yield from _find_terms(node.right, sign if isinstance(node.op, ast.Add) else -sign)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from _find_terms(node.operand, -sign)
    else:
        yield (sign, _outline(node))


def _find_factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _find_factors(node.left)
        yield from _find_factors(node.right)
    else:
        yield node


def _blank(outline: Any) -> str:
    return re.sub(r"\('Name', '\w+'\)", "_", repr(outline))


def _number(outline: Any, names: dict[str, int]) -> Any:
    """Return an outline with names replaced by numbers, in the order of their occurrence."""
    if not isinstance(outline, tuple):
        return outline
    if outline[:1] == ("Name",):
        return ("Name", names.setdefault(outline[1], len(names)))
    return tuple(_number(part, names) for part in outline)
