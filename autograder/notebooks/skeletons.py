"""The teacher's notebooks: the cells to complete, and the hidden cells that judge them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from assignment.support.project.cells import Located, Outlined, get_source, locate
from autograder.intake.decoding import Cell
from autograder.master_notebooks import MasterCell, make_outlines, read_master_notebooks
from autograder.outcomes import Verdict
from autograder.teacher.given import GivenCells

__all__ = [
    "Answered",
    "Hole",
    "Skeleton",
    "describe_holes",
    "read_given",
    "read_skeletons",
    "write_graded",
]


@dataclass(frozen=True)
class Hole:
    """A cell to complete, and the hidden cell that judges it."""

    id: str
    source: str
    points: float
    judged_by: str


@dataclass(frozen=True)
class Skeleton:
    """The teacher's notebook: its code cells in order, solved, without the hidden ones."""

    name: str
    cells: tuple[tuple[str, str], ...]
    parameters: str
    holes: tuple[Hole, ...]
    outline: tuple[Outlined, ...]

    @property
    def solved(self) -> list[Cell]:
        """The teacher's cells as a submission."""
        return [Cell(cell, "code", source) for cell, source in self.cells]

    @property
    def keys(self) -> dict[str, str]:
        """The name that each cell to complete defines, by the id of the cell."""
        return {one.id: one.key for one in self.outline}

    @property
    def given(self) -> list[str]:
        """The sources of the cells that students do not complete."""
        completed = {hole.id for hole in self.holes} | {self.parameters}
        return [source for cell, source in self.cells if cell not in completed]

    def fill(self, answered: Answered, seed: int) -> dict[str, Any]:
        """Return what the kernel must know: these sources in the holes, this seed, and own code."""
        missing = {hole.id: "" for hole in self.holes}  # not the teacher's solution
        sources = {**missing, **answered.sources}
        cells = [
            (cell, f"{source}\nseed = {seed}" if cell == self.parameters else source)
            for cell, source in ((cell, sources.get(cell, source)) for cell, source in self.cells)
        ]
        return {"cells": cells, "own": answered.own, "above": dict(answered.located.above)}

    def fill_solved(self, seed: int) -> dict[str, Any]:
        """Return the solved notebook, with this seed."""
        return self.fill(self.answer(self.solved), seed)

    def answer(self, cells: Sequence[Cell]) -> Answered:
        """Return what a student's cells put into the holes, and the student's own code."""
        located = locate(self.outline, cells)
        found = {hole.id: located.found[hole.id] for hole in self.holes if hole.id in located.found}
        sources = {id: get_source(one, cells, self.keys[id]) for id, one in found.items()}
        return Answered(sources, [cells[place].source for place in located.own], located)


@dataclass(frozen=True)
class Answered:
    """What a student has made of a notebook."""

    sources: dict[str, str]  # by the id of a cell to complete
    own: list[str]  # the student's own code: in further cells, and in changed given ones
    located: Located


def read_skeletons() -> list[Skeleton]:
    """Read all notebooks of the assignment."""
    masters = read_master_notebooks()
    outlines = make_outlines(masters)
    return [_make_skeleton(name, cells, outlines[name]) for name, cells in masters.items()]


def _make_skeleton(name: str, cells: Sequence[MasterCell], outline: Sequence[Outlined]) -> Skeleton:
    code = [cell for cell in cells if cell.kind == "code"]
    holes = [
        Hole(cell.id, cell.source, cell.points, following.source)
        for cell, following in itertools.pairwise(code)
        if "solution" in cell.tags and "hidden" in following.tags
    ]
    return Skeleton(
        name,
        tuple((cell.id, cell.source) for cell in code if "hidden" not in cell.tags),
        next(cell.id for cell in code if "parameters" in cell.tags),
        tuple(holes),
        tuple(outline),
    )


def read_given(skeletons: Sequence[Skeleton], seed: int) -> GivenCells:
    """Return the solved notebooks, to compute what given cells do with the teacher's functions."""
    notebooks = {one.name: dict(one.fill_solved(seed)["cells"]) for one in skeletons}
    completed = {one.name: frozenset(hole.id for hole in one.holes) for one in skeletons}
    return GivenCells(notebooks, completed)


def write_graded(skeletons: Sequence[Skeleton], folder: Path) -> None:
    """Write a notebook of each skeleton for nbval: each hole, then the cell that judges it."""
    for skeleton in skeletons:
        cells = []
        for hole in skeleton.holes:
            for source in (hole.source, hole.judged_by):
                cells.append(nbformat.v4.new_code_cell(source, execution_count=1))
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, folder / f"{skeleton.name}.ipynb")


def describe_holes(skeleton: Skeleton) -> list[Verdict]:
    """Return for each hole the verdict for a right cell."""
    sentence = "completed cell"
    parts = [(f"{skeleton.name}/{hole.id}", hole) for hole in skeleton.holes]
    return [
        Verdict(part, f"{part}: {sentence}", hole.id, sentence, True, hole.points, of_cell=True)
        for part, hole in parts
    ]
