"""The teacher's notebooks: their cells with tags and points."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assignment.support.project.cells import GIVEN, SOLUTION, WRITTEN, Outlined, digest
from assignment.support.project.manifest import ROOT

__all__ = [
    "NOTEBOOKS",
    "MasterCell",
    "make_outlines",
    "parse_cell",
    "read_documents",
    "read_master_notebooks",
]

NOTEBOOKS = ROOT / "notebooks"
DEFINED = re.compile(r"^(?:def|class) +(\w+)", re.M)


@dataclass(frozen=True)
class MasterCell:
    """One cell of a notebook of the course."""

    id: str
    kind: str  # "code" or "markdown"
    source: str
    tags: frozenset[str]  # "solution", "hidden", "written", "parameters" and such
    points: float  # for completing or answering it, 0 for any other cell


def read_master_notebooks(folder: Path = NOTEBOOKS) -> dict[str, tuple[MasterCell, ...]]:
    """Return the cells of each notebook by its name, "01_minibatch_sgd", in the order of names."""
    documents = read_documents(folder).items()
    notebooks = {name: tuple(map(parse_cell, document["cells"])) for name, document in documents}
    for name, cell in ((name, cell) for name, cells in notebooks.items() for cell in cells):
        if cell.tags & {"solution", "written"} and not cell.points:
            raise ValueError(f"{name}: the cell {cell.id} has no points")
    return notebooks


def make_outlines(notebooks: Mapping[str, Sequence[MasterCell]]) -> dict[str, list[Outlined]]:
    """Return what must be known of each notebook to find its cells in a student's."""
    return {
        name: [_outline(cell) for cell in cells if "hidden" not in cell.tags]
        for name, cells in notebooks.items()
    }


def _outline(cell: MasterCell) -> Outlined:
    if "solution" in cell.tags and cell.kind == "code":
        above = cell.source.partition("### BEGIN SOLUTION")[0]
        return Outlined(cell.id, SOLUTION, DEFINED.findall(above)[-1])
    return Outlined(cell.id, WRITTEN if "written" in cell.tags else GIVEN, digest(cell.source))


def read_documents(folder: Path = NOTEBOOKS) -> dict[str, dict[str, Any]]:
    """Return the notebooks as stored, for code that rewrites them."""
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.ipynb"))}


def parse_cell(stored: Mapping[str, Any]) -> MasterCell:
    """Return a cell from Jupyter's JSON, where a source is one text or a list of lines."""
    metadata = stored["metadata"]
    tags = frozenset(metadata.get("tags", ()))
    points = metadata.get("assignment", {}).get("points", 0)
    source = "".join(stored["source"])
    return MasterCell(stored["id"], stored["cell_type"], source, tags, points)
