"""Build the cells of hostile notebooks: attacks, answers, and reports of what an attack did."""

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

LAYERNORM = "06_layernorm"  # its five cells to complete do not depend on the cells above them
HOLES = ("rung-1", "rung-2", "rungs-5-6", "notes-formula", "per-image")
# A wrong answer for the first of these cells, to put below an attack that tries to earn its points.
WRONG = """
def back_through_out(dout, xhat, gamma):
    return dout, gamma, gamma
"""
# The last cell, in place of a right answer: it reports what a cell above has done, and counts as
# not written. It names no variable, because the grader would rerun the statement that binds it.
WITNESS = {"per-image": "raise NotImplementedError(f\"fired: {globals().get('fired')}\")"}
TOLD = {"per-image": "not written"}
OTHER = "other numbers"  # part of the message about a wrong answer
FAILED = {"rung-1": "failed", **TOLD}
# Right cells below a wrong one fail only if its attack has fired and still has an effect.
ALL_FAILED = dict.fromkeys(HOLES, "failed")
ALL_OTHER = dict.fromkeys(HOLES, OTHER)


def attack(code: str) -> dict[str, str]:
    """Return a cell with some code and a wrong answer below it."""
    return {"rung-1": code.strip("\n") + "\n" + WRONG}


def told(cells: dict[str, str], fired: str) -> dict[str, str]:
    """Return cells of which the first records what it did, and the last reports it."""
    return {**cells, "rung-1": f"{cells['rung-1']}\nfired = {fired}", **WITNESS}


def succeed_if(condition: str) -> dict[str, str]:
    """Return a cell with a wrong answer, and a right one if the attack worked."""
    lines = RIGHT.replace("\n", "\n    ")
    return {"rung-1": f"{condition}\n{WRONG}\nif worked:\n    {lines}"}


def in_call(code: str) -> dict[str, str]:
    """Return a cell whose function runs some code, and then returns the right answer."""
    return {"rung-1": RIGHT.replace("    ### BEGIN", f"    {code}\n    ### BEGIN")}


def in_cell(code: str) -> dict[str, str]:
    """Return a cell that runs some code, and then defines the right function."""
    return {"rung-1": f"{code}\n\n\n{RIGHT}"}


def told_in_call(code: str, fired: str) -> dict[str, str]:
    """Return a cell whose function runs some code and records it, and a cell that reports it."""
    return {**in_call(f"{code}; globals().update(fired={fired!r})"), **WITNESS}


def told_in_cell(code: str) -> dict[str, str]:
    """Return a cell that runs some code and sets ``fired``, and a cell that reports it."""
    return {**in_cell(code), **WITNESS}


def solve_cell(cell: str, notebook: str = LAYERNORM) -> str:
    """Return the teacher's source of a cell to complete."""
    (source,) = [c["source"] for c in read_released(notebook)["cells"] if c["id"] == cell]
    return str(source)


def fill(cell: str, body: str, notebook: str = LAYERNORM) -> str:
    """Return a cell with its solution replaced by another body, indented in any way."""
    lines = body.strip("\n").split("\n")
    depth = len(lines[0]) - len(lines[0].lstrip())

    def indent(hole: re.Match[str]) -> str:
        return "".join(f"{hole[1]}{line[depth:]}".rstrip() + "\n" for line in lines)

    return HOLE.sub(indent, solve_cell(cell, notebook))


@functools.cache
def read_released(notebook: str) -> dict[str, Any]:
    """Return a solved notebook in the form that students get, without hidden cells."""
    document = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4)
    shown = [c for c in document.cells if "hidden" not in c.metadata.get("tags", [])]
    return {**document, "cells": [{**cell, "outputs": []} for cell in shown if _is_code(cell)]}


def _is_code(cell: Any) -> bool:
    return bool(cell.cell_type == "code")


# Results for another seed, which a student could know.
OLD = repr(print_results("06_layernorm/rung-1", 231))  # type: ignore[no-untyped-call]
RIGHT = solve_cell("rung-1")
