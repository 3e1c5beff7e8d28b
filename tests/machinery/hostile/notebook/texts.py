"""Written answers that are too long, or hold what is not seen, and text between the cells."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case, Document

__all__ = ["CASES"]


def add_cells(document: Document) -> None:
    """Add very many cells, and as many pictures to one of them."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": "![<img src"}
    pictures = {f"{number}.png": {"image/png": ""} for number in range(50_000)}
    document["cells"] += [{**cell, "attachments": pictures}, *[cell] * 100_000]


CASES = {
    "one_long_line": Case(
        "an answer of one line of 8 MB is cut before anybody wraps it",
        cells={"answer-1": 4_000_000 * "x-"},
        finding="has long cells, which were cut (1, the first: cell ",
        honest=True,
    ),
    "many_pictures_begin": Case(
        "neither is it searched for pictures that never end",
        cells={"answer-2": 800_000 * "<img src "},
        finding="has long cells, which were cut (1, the first: cell ",
        honest=True,
    ),
    "very_many_cells": Case(
        "of 100,000 cells the first are read",
        edit=add_cells,
        finding="has more than 2,000 cells, 20,000 lines or 1,000,000 characters; of its ",
        honest=True,
    ),
    "not_seen": Case(
        "controls that change the order of what is shown are named",
        cells={"answer-3": "full marks \u202e for this \u2069 answer"},
        finding="has cells with characters that are not seen (1, the first is cell ",
        honest=True,
    ),
}
