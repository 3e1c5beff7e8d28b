"""The teacher's notebooks: the cells to complete, and the hidden cells that judge them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from assignment.support.project.unwritten import DEFINED
from autograder.intake.decoding import Cell
from autograder.master_notebooks import MasterCell, read_master_notebooks
from autograder.outcomes import Verdict

__all__ = ["Hole", "Skeleton", "describe_holes", "read_skeletons", "write_graded"]


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

    @property
    def solved(self) -> list[Cell]:
        """The teacher's cells as a submission."""
        return [Cell(cell, "code", source) for cell, source in self.cells]

    @property
    def given(self) -> list[str]:
        """The sources of the cells that students do not complete."""
        completed = {hole.id for hole in self.holes} | {self.parameters}
        return [source for cell, source in self.cells if cell not in completed]

    def fill(self, sources: Mapping[str, str], seed: int) -> list[tuple[str, str]]:
        """Return the cells with these sources in the holes, and with this seed."""
        missing = {hole.id: "" for hole in self.holes}  # not the teacher's solution
        filled = [(cell, {**missing, **sources}.get(cell, source)) for cell, source in self.cells]
        return [
            (cell, f"{source}\nseed = {seed}" if cell == self.parameters else source)
            for cell, source in filled
        ]

    def find_sources(self, cells: Sequence[Cell]) -> dict[str, str]:
        """Return a student's source for each hole, found by cell id or by the name it defines."""
        code = [cell for cell in reversed(cells) if cell.kind == "code"]  # the first of an id wins
        by_id = {cell.id: cell.source for cell in code}
        by_name = {n: c.source for c in code if not c.id for n in DEFINED.findall(c.source)[:1]}
        found = {}
        for hole in self.holes:
            names = [name for name in DEFINED.findall(hole.source)[:1] if name in by_name]
            if hole.id in by_id or names:
                found[hole.id] = by_id[hole.id] if hole.id in by_id else by_name[names[0]]
        return found


def read_skeletons() -> list[Skeleton]:
    """Read all notebooks of the assignment."""
    return [_make_skeleton(name, cells) for name, cells in read_master_notebooks().items()]


def _make_skeleton(name: str, cells: Sequence[MasterCell]) -> Skeleton:
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
    )


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
