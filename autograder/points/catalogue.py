"""The points of each test, cell and written answer, as the master copy has them now."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assignment.support.project.manifest import ROOT, load_parts
from autograder.master_notebooks import MasterCell, read_master_notebooks
from autograder.outcomes import Verdict
from autograder.points.marks import PointsError, read_marks

__all__ = ["CELLS", "FUNCTIONS", "WRITTEN", "Catalogue", "Item", "read_catalogue", "repoint"]

FUNCTIONS, CELLS, WRITTEN = "functions", "cells", "written"  # kinds of items

Key = tuple[str, str, bool]  # of a verdict: its part, its test, and whether that is hidden


@dataclass(frozen=True)
class Item:
    """What has points of its own: a part, a cell to complete, or a written answer."""

    name: str  # "affine.forward" as in the manifest, or "05_batchnorm/answer-1"
    kind: str  # "functions", "cells" or "written"
    notebook: str  # "05_batchnorm"
    possible: float  # points


@dataclass(frozen=True)
class Catalogue:
    """The points that everything has now."""

    tests: Mapping[Key, float]  # of functions and of cells
    items: tuple[Item, ...]  # in the order of the lessons


def read_catalogue(root: Path = ROOT) -> Catalogue:
    """Read all points from the source of the tests and from the master notebooks.

    Raises
    ------
    PointsError
        It is not clear how many points a test, a cell or an answer has.
    """
    tests: dict[Key, float] = {}
    for key, points in _read_tests(root):
        if key in tests:
            where = f"tests/{'hidden' if key[2] else 'public'}"
            raise PointsError(f"{where}: two files have {key[1]} for {key[0]}: rename one")
        tests[key] = points
    try:
        masters = read_master_notebooks(root / "notebooks")
    except ValueError as error:
        raise PointsError(f"notebooks: {error}") from None
    parts = {part.id: part.notebook for part in load_parts()}
    possible: dict[str, float] = {}
    for (part, test, hidden), points in tests.items():
        if part not in parts:
            where = f"tests/{'hidden' if hidden else 'public'}, {test}"
            raise PointsError(f"{where}: no part {part} in assignment/manifest.toml")
        possible[part] = possible.get(part, 0.0) + points
    items: list[Item] = []
    for name in sorted({*parts.values(), *masters}):
        tested = [part for part in parts if parts[part] == name and part in possible]
        items += [Item(part, FUNCTIONS, name, possible[part]) for part in tested]
        items += _read_cells(name, masters.get(name, ()))
    for item in items:
        if item.kind == CELLS:
            tests[item.name, item.name.partition("/")[2], True] = item.possible
    return Catalogue(tests, tuple(items))


def _read_tests(root: Path) -> Iterator[tuple[Key, float]]:
    for folder in ("public", "hidden"):
        for path in sorted((root / "tests" / folder).glob("test_*.py")):
            marks = read_marks(path, path.relative_to(root).as_posix())
            for (part, test), points in marks.items():
                yield (part, test, folder == "hidden"), points


def _read_cells(notebook: str, cells: Sequence[MasterCell]) -> Iterator[Item]:
    """Yield the cells that a hidden one judges, and the answers, in the order of the notebook."""
    code = [cell for cell in cells if cell.kind == "code"]
    judged = {
        cell.id
        for cell, following in itertools.pairwise(code)
        if "solution" in cell.tags and "hidden" in following.tags
    }
    for cell in cells:
        kind = CELLS if cell.id in judged else WRITTEN if "written" in cell.tags else ""
        if kind:
            name, points = f"{notebook}/{cell.id}", cell.points
            if type(points) not in (int, float) or not 0 < points < math.inf:
                raise PointsError(f"{name}: points must be a positive number, not {points!r}")
            yield Item(name, kind, notebook, float(points))


def repoint(verdicts: Sequence[Verdict], catalogue: Catalogue) -> tuple[Verdict, ...]:
    """Return verdicts with the points that their tests have now.

    A verdict of a test that the catalogue does not know keeps its points: such a grade is judged
    again, since tests are among its dependencies.
    """
    tests = catalogue.tests
    return tuple(
        one
        if (points := tests.get((one.part, one.test, one.hidden), one.possible)) == one.possible
        else replace(one, possible=points)
        for one in verdicts
    )
