"""Cells of hostile notebooks: what they do, answer, and tell of what they have done."""

from __future__ import annotations

import functools
import re
from typing import Any

import nbformat

from assignment.support.project.manifest import ROOT
from autograder.release.markers import HOLE
from tests.machinery.notebooks.test_hidden_cells import run as print_results

__all__ = [
    "ALL_FAILED",
    "ALL_OTHER",
    "FAILED",
    "LAYERNORM",
    "OLD",
    "OTHER",
    "RIGHT",
    "TOLD",
    "WITNESS",
    "WRONG",
    "attack",
    "fill",
    "in_call",
    "in_cell",
    "read_released",
    "solve_cell",
    "succeed_if",
    "told",
    "told_in_call",
    "told_in_cell",
]

LAYERNORM = "06_layernorm"  # its five cells to complete need nothing of the cells above them
HOLES = ("rung-1", "rung-2", "rungs-5-6", "notes-formula", "per-image")
# No right answer for the first of them, to stand below whatever tries to earn its points.
WRONG = """
def back_through_out(dout, xhat, gamma):
    return dout, gamma, gamma
"""
# The last cell, in place of a right answer: it tells what a cell above has done, and counts as not
# written. It names no variable, or what the other cell has to say would be run once more.
WITNESS = {"per-image": "raise NotImplementedError(f\"fired: {globals().get('fired')}\")"}
TOLD = {"per-image": "not written"}
OTHER = "other numbers"  # what is said of a wrong answer
FAILED = {"rung-1": "failed", **TOLD}
# Right cells below a wrong one fail only where its attack has fired, and lasts.
ALL_FAILED = dict.fromkeys(HOLES, "failed")
ALL_OTHER = dict.fromkeys(HOLES, OTHER)


def attack(code: str) -> dict[str, str]:
    """Return a cell with a wrong answer below some code."""
    return {"rung-1": code.strip("\n") + "\n" + WRONG}


def told(cells: dict[str, str], fired: str) -> dict[str, str]:
    """Return cells of which the first says what it has done, and the last tells this."""
    return {**cells, "rung-1": f"{cells['rung-1']}\nfired = {fired}", **WITNESS}


def succeed_if(condition: str) -> dict[str, str]:
    """Return a cell with a wrong answer, and a right one in the case that an attack works."""
    lines = RIGHT.replace("\n", "\n    ")
    return {"rung-1": f"{condition}\n{WRONG}\nif worked:\n    {lines}"}


def in_call(code: str) -> dict[str, str]:
    """Return a cell whose function does something else, and then returns the right answer."""
    return {"rung-1": RIGHT.replace("    ### BEGIN", f"    {code}\n    ### BEGIN")}


def in_cell(code: str) -> dict[str, str]:
    """Return a cell that does something, and then defines the right function."""
    return {"rung-1": f"{code}\n\n\n{RIGHT}"}


def told_in_call(code: str, fired: str) -> dict[str, str]:
    """Return a function that does something and says so, and a cell that tells this."""
    return {**in_call(f"{code}; globals().update(fired={fired!r})"), **WITNESS}


def told_in_cell(code: str) -> dict[str, str]:
    """Return a cell that does something and says so in ``fired``, and one that tells this."""
    return {**in_cell(code), **WITNESS}


def solve_cell(cell: str, notebook: str = LAYERNORM) -> str:
    """Return the teacher's source of a cell to complete."""
    (source,) = [c["source"] for c in read_released(notebook)["cells"] if c["id"] == cell]
    return str(source)


def fill(cell: str, body: str, notebook: str = LAYERNORM) -> str:
    """Return a cell with another body, which may be indented in any way, in its hole."""
    lines = body.strip("\n").split("\n")
    depth = len(lines[0]) - len(lines[0].lstrip())

    def indent(hole: re.Match[str]) -> str:
        return "".join(f"{hole[1]}{line[depth:]}".rstrip() + "\n" for line in lines)

    return HOLE.sub(indent, solve_cell(cell, notebook))


@functools.cache
def read_released(notebook: str) -> dict[str, Any]:
    """Return a notebook as students get it, solved: without the cells that they never see."""
    document = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4)
    shown = [c for c in document.cells if "hidden" not in c.metadata.get("tags", [])]
    return {**document, "cells": [{**cell, "outputs": []} for cell in shown if _is_code(cell)]}


def _is_code(cell: Any) -> bool:
    return bool(cell.cell_type == "code")


# What a released notebook might hold, or that of somebody who was graded with another seed.
OLD = repr(print_results("06_layernorm/rung-1", 231))  # type: ignore[no-untyped-call]
RIGHT = solve_cell("rung-1")
