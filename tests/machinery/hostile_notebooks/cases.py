"""What a hostile or unusual notebook is made of: the solved one, and what deviates in it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from assignment.support.manifest import ROOT

from autograder.markers import HOLE

__all__ = ["LAYERNORM", "WRONG", "Case", "Document", "fill", "solve", "write_notebook"]

Document = dict[str, Any]
LAYERNORM = "06_layernorm"  # its five cells to complete need nothing of the cells above them
# No right answer for the first of them, to stand below whatever tries to earn its points.
WRONG = """
def back_through_out(dout, xhat, gamma):
    return dout, gamma, gamma
"""


@dataclass(frozen=True)
class Case:
    """One notebook that deviates from the solved one.

    Attributes
    ----------
    about : str
        In one sentence what it shows.
    cells : dict
        Cell id to its new source.
    outcomes : dict
        Cell id to its outcome, of those that are not passed.
    edit : function
        Changes the whole document, or returns the file's bytes.
    finding : str
        What one of intake's findings must contain.
    """

    about: str
    cells: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    notebook: str = LAYERNORM
    edit: Callable[[Document], bytes | None] = lambda document: None
    finding: str = ""


def write_notebook(case: Case) -> bytes:
    """Return the bytes of a case's notebook, as a student would hand it in."""
    document = json.loads(json.dumps(_read_released(case.notebook)))
    for cell in document["cells"]:
        cell["source"] = case.cells.get(cell["id"], cell["source"])
    return case.edit(document) or json.dumps(document).encode()


def solve(cell: str, notebook: str = LAYERNORM) -> str:
    """Return the teacher's source of a cell to complete."""
    (source,) = [c["source"] for c in _read_released(notebook)["cells"] if c["id"] == cell]
    return str(source)


def fill(cell: str, body: str, notebook: str = LAYERNORM) -> str:
    """Return a cell with another body, which may be indented in any way, in its hole."""
    lines = body.strip("\n").split("\n")
    depth = len(lines[0]) - len(lines[0].lstrip())

    def indent(hole: re.Match[str]) -> str:
        return "".join(f"{hole[1]}{line[depth:]}".rstrip() + "\n" for line in lines)

    return HOLE.sub(indent, solve(cell, notebook))


@functools.cache
def _read_released(notebook: str) -> Document:
    """Return a notebook as students get it, solved: without the cells that they never see."""
    document = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4)
    shown = [c for c in document.cells if "hidden" not in c.metadata.get("tags", [])]
    return {**document, "cells": [{**cell, "outputs": []} for cell in shown if _is_code(cell)]}


def _is_code(cell: Any) -> bool:
    return bool(cell.cell_type == "code")
