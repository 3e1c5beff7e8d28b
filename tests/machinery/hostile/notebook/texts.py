"""Written answers that are too long, or hold what is not seen, and far too many cells."""

from __future__ import annotations

from collections.abc import Callable

from tests.machinery.hostile.cases import Case, Document

__all__ = ["CASES"]

CUT = "has long cells, which were cut (1, the first: cell "


def answer(source: str) -> Callable[[Document], None]:
    """Return what adds a written answer to a notebook."""
    cell = {"cell_type": "markdown", "id": "answer-1", "metadata": {}, "source": source}
    return lambda document: document["cells"].append(cell)


def add_cells(document: Document) -> None:
    """Add very many cells, and as many pictures to the first of them."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": "![<img src"}
    pictures = {f"{number}.png": {"image/png": ""} for number in range(50_000)}
    document["cells"] += [{**cell, "attachments": pictures}, *[cell] * 100_000]


CASES = {
    "one_long_line": Case(
        "an answer of one line of 8 MB is cut before anybody wraps it",
        edit=answer(4_000_000 * "x-"),
        finding=CUT,
        honest=True,
    ),
    "pictures_without_end": Case(
        "neither is it searched for pictures that begin and never end",
        edit=answer(800_000 * "<img src "),
        finding=CUT,
        honest=True,
    ),
    "very_many_cells": Case(
        "of 100,000 cells and 50,000 pictures the first are read",
        edit=add_cells,
        finding="has more than 2,000 cells, 20,000 lines or 1,000,000 characters; of its ",
        honest=True,
    ),
    "not_seen": Case(
        "controls that change the order of what is shown are named",
        edit=answer("full marks \u202e for this \u2069 answer"),
        finding="has cells with characters that are not seen (1, the first is cell ",
        honest=True,
    ),
}
