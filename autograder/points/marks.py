"""The parts and points in the marks of a file of tests, which is not imported."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.errors import GraderError
from autograder.points.syntax import is_mark

__all__ = ["PointsError", "read_marks"]

PLAIN = 'write @pytest.mark.part("affine.forward", points=0.5), with a plain text and number'


class PointsError(GraderError):
    """It is not clear how many points something has; the message is one line."""


def read_marks(path: Path, name: str) -> dict[tuple[str, str], float]:
    """Return the points of each test function of a file, by part and test.

    A mark stands in a decorator of the test, or in what the file assigns to a name that the
    decorator uses. Other ways to make a mark are refused, since its points would not be seen.

    Parameters
    ----------
    name : how errors name the file

    Raises
    ------
    PointsError
        A test has no mark, or its part or points are no plain text and number.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise PointsError(f"{name}: Python cannot read it: {error}") from None
    assigned = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    points: dict[tuple[str, str], float] = {}
    used: list[ast.Call] = []
    for test in ast.walk(tree):
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test"):
            marks = [m for one in test.decorator_list for m in _find_marks(one, assigned, set())]
            own = _read_test(test, marks, name)
            if own.keys() & points.keys():
                raise PointsError(f"{name}, line {test.lineno}: a second {test.name}: rename it")
            points |= own
            used += marks
    for node in ast.walk(tree):
        if is_mark(node) and node not in used:
            what = f"no decorator of a test uses this mark as it stands: {PLAIN}"
            raise PointsError(f"{name}, line {node.lineno}: {what}")
    return points


def _read_test(
    test: ast.FunctionDef, marks: Sequence[ast.Call], name: str
) -> dict[tuple[str, str], float]:
    """Return the points of a test in each part that its marks name."""
    if not marks:
        raise PointsError(f"{name}, line {test.lineno}: {test.name} has no mark: {PLAIN}")
    points: dict[tuple[str, str], float] = {}
    for mark in marks:
        part, number = _read_mark(mark, name)
        if points.setdefault((part, test.name), number) != number:
            several = f"{test.name} has several numbers of points in {part}"
            raise PointsError(f"{name}, line {mark.lineno}: {several}: choose one")
    return points


def _find_marks(
    node: ast.AST, assigned: Mapping[str, ast.AST], seen: set[str]
) -> Iterator[ast.Call]:
    """Yield the marks in an expression, and in what the names in it were assigned."""
    for inner in ast.walk(node):
        if is_mark(inner):
            yield inner
        elif isinstance(inner, ast.Name) and inner.id in assigned and inner.id not in seen:
            seen.add(inner.id)
            yield from _find_marks(assigned[inner.id], assigned, seen)


def _read_mark(mark: ast.Call, name: str) -> tuple[str, float]:
    match mark:
        case ast.Call(
            args=[ast.Constant(value=str(part))],
            keywords=[
                ast.keyword(arg="points", value=ast.Constant(value=float(points) | int(points)))
            ],
        ) if type(points) is not bool and math.isfinite(points):
            return part, float(points)
    raise PointsError(f"{name}, line {mark.lineno}: {ast.unparse(mark)}: {PLAIN}")
