"""Solution markers: replace what stands between them with stubs and placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from assignment.support.project.unwritten import PLACEHOLDER, write_stub
from autograder.errors import GraderError
from autograder.master_notebooks import MasterCell, parse_cell

__all__ = ["HOLE", "MARKER", "MarkerError", "empty_notebook", "empty_parts"]

HOLE = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION(?:\n|\Z)", re.S | re.M)
MARKER = re.compile(r"(BEGIN|END) SOLUTION", re.IGNORECASE)
HELPER = re.compile(r"\s*(@|def |class )")  # a hole that begins so holds helper functions
PART = re.compile(r"\(part ([\w.]+)\)")  # in a docstring, above the hole
TOO_MANY_BLANK_LINES = re.compile(r"\n{4,}")
KEPT_OF_NOTEBOOK = ("kernelspec", "language_info")
KEPT_OF_CELL = ("assignment", "jupyter", "tags")  # jupyter: whether the source is folded


class MarkerError(GraderError):
    """Markers are missing or misplaced: the file and the problem, in one line."""


def empty_parts(name: str, text: str, part_ids: Collection[str]) -> str:
    """Return a Python file of the assignment without the solutions of some parts.

    Helper functions are cut out if the part of the docstring above them is.

    Parameters
    ----------
    name : str
        For the message of the stubs, for example "assignment/affine.py".
    text : str
        The solved file.
    part_ids : collection of str
        The parts to cut out, for example "affine.forward".

    Raises
    ------
    MarkerError
        No docstring above a hole names its part, or a solution has no end marker.
    """

    def replace(hole: re.Match[str]) -> str:
        _require_end(name, hole)
        above = PART.findall(text[: hole.start()])
        if not above:
            raise MarkerError(f"{name}: no docstring above the first solution names its part")
        if above[-1] not in part_ids:
            return hole[0]
        return "" if HELPER.match(hole[2]) else _make_stub(hole[1], above[-1], name)

    return TOO_MANY_BLANK_LINES.sub("\n\n\n", HOLE.sub(replace, text))


def empty_notebook(name: str, content: bytes) -> bytes:
    """Return a notebook as students get it.

    Cells to complete raise and answers are empty; hidden cells and outputs are removed, and all
    metadata that the course does not use.

    Parameters
    ----------
    name : str
        For the message of the stubs, for example "notebooks/01_minibatch_sgd.ipynb".
    content : bytes
        The solved notebook.

    Raises
    ------
    MarkerError
        A cell is tagged as solution or written answer but has no markers, or the other way round;
        or a solution has no end marker.
    """
    notebook = json.loads(content)
    cells = [cell for cell in notebook["cells"] if "hidden" not in parse_cell(cell).tags]
    notebook["cells"] = [_empty_cell(name, cell) for cell in cells]
    notebook["metadata"] = _keep(notebook["metadata"], KEPT_OF_NOTEBOOK)
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)  # as Jupyter does
    return f"{text}\n".encode()


def _empty_cell(name: str, stored: dict[str, Any]) -> dict[str, Any]:
    cell = parse_cell(stored)
    source = cell.source
    if cell.tags & {"solution", "written"} or HOLE.search(source):
        source = _empty_source(name, cell)
    return {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": _keep(stored["metadata"], KEPT_OF_CELL),
        "source": source.splitlines(keepends=True),
        **({"execution_count": None, "outputs": []} if cell.kind == "code" else {}),
    }


def _empty_source(name: str, cell: MasterCell) -> str:
    tag = "solution" if cell.kind == "code" else "written"
    if tag not in cell.tags or not HOLE.search(cell.source):
        both = f"the tag {tag!r} and the markers ### BEGIN SOLUTION and ### END SOLUTION"
        raise MarkerError(f"{name}: cell {cell.id} needs both {both}")
    for hole in HOLE.finditer(cell.source):
        _require_end(name, hole)
    if tag == "written":
        return HOLE.sub(PLACEHOLDER, cell.source)
    part = f"{name.split('/')[-1].removesuffix('.ipynb')}/{cell.id}"
    return HOLE.sub(lambda hole: _make_stub(hole[1], part, name), cell.source)


def _require_end(name: str, hole: re.Match[str]) -> None:
    if MARKER.search(hole[2]):
        line = hole[2].strip().split("\n")[0].strip()
        raise MarkerError(f"{name}: the solution that begins with {line!r} has no end marker")


def _make_stub(indent: str, part: str, name: str) -> str:
    return f'{indent}raise NotImplementedError("{write_stub(part, name)}")\n'


def _keep(metadata: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key in keys}
