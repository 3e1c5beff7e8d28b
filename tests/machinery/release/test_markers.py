"""Solutions in files and notebooks are replaced by stubs and placeholders."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assignment.support.project.unwritten import PLACEHOLDER
from autograder.release.markers import MarkerError, empty_notebook, empty_parts

SOLVED = '''
def double(x):
    """Return 2 x (part toy.double)."""
    ### BEGIN SOLUTION
    return _add(x, x)
    ### END SOLUTION


### BEGIN SOLUTION
def _add(x, y):
    return x + y


### END SOLUTION


@shapes(x="N")
def halve(x, by=2):
    """Return x / 2 (part toy.halve)."""
    ### BEGIN SOLUTION
    half = x / by
    ### END SOLUTION
    return half
'''
EMPTY = '''
def double(x):
    """Return 2 x (part toy.double)."""
    raise NotImplementedError("toy.double: not written yet, see assignment/toy.py")


@shapes(x="N")
def halve(x, by=2):
    """Return x / 2 (part toy.halve)."""
    raise NotImplementedError("toy.halve: not written yet, see assignment/toy.py")
    return half
'''
MARKED = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
CODE = {"cell_type": "code", "execution_count": 7, "outputs": ["42"]}


def test_stubs_keep_all_but_the_solution() -> None:
    assert empty_parts("assignment/toy.py", SOLVED, {"toy.double", "toy.halve"}) == EMPTY


def test_other_parts_stay_solved() -> None:
    text = empty_parts("assignment/toy.py", SOLVED, {"toy.halve"})
    assert text.count("raise NotImplementedError") == 1
    assert "return _add(x, x)" in text


def test_a_solution_without_a_part_is_an_error() -> None:
    with pytest.raises(MarkerError, match=r"assignment/toy.py: no docstring above the first"):
        empty_parts("assignment/toy.py", SOLVED.replace("(part toy.double)", ""), {"toy.double"})


def test_a_solution_without_an_end_is_an_error() -> None:
    text = SOLVED.replace("### END SOLUTION", "### END", 1)
    with pytest.raises(MarkerError, match=r"begins with 'return _add\(x, x\)' has no end marker"):
        empty_parts("assignment/toy.py", text, {"toy.double"})


def empty(*cells: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a notebook after its solutions were cut out."""
    rows = [{"id": f"cell-{i}", "metadata": {}, **cell} for i, cell in enumerate(cells)]
    notebook = {"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    content = empty_notebook("notebooks/01_toy.ipynb", json.dumps(notebook).encode())
    return list(json.loads(content)["cells"])


def test_a_cell_to_complete_raises_and_names_itself() -> None:
    source = "def f():\n    ### BEGIN SOLUTION\n    y = 1\n    ### END SOLUTION\n    return y"
    (cell,) = empty({**CODE, "metadata": {"tags": ["solution"]}, "source": source.splitlines(True)})
    error = "01_toy/cell-0: not written yet, see notebooks/01_toy.ipynb"
    lines = ["def f():\n", f'    raise NotImplementedError("{error}")\n', "    return y"]
    assert cell["source"] == lines


def test_a_written_answer_becomes_a_placeholder() -> None:
    tagged = {"cell_type": "markdown", "metadata": {"tags": ["written"]}}
    (cell,) = empty({**tagged, "source": MARKED.format("Because\n\nit is.")})
    assert cell["source"] == [PLACEHOLDER]


def test_hidden_cells_outputs_and_foreign_metadata_are_removed() -> None:
    tags = {"tags": ["no-output"], "assignment": {"points": 2}}
    shown = {**CODE, "metadata": {**tags, "author": "me", "collapsed": True}, "source": "x = 1"}
    (cell,) = empty(shown, {**CODE, "metadata": {"tags": ["hidden"]}, "source": "x = 2"})
    left = {"id": "cell-0", "cell_type": "code", "source": ["x = 1"], "metadata": tags}
    assert cell == {**left, "execution_count": None, "outputs": []}


@pytest.mark.parametrize(
    ("kind", "tags", "source"),
    [
        ("code", ["solution"], "x = 1"),
        ("code", [], MARKED.format("x = 1")),
        ("code", ["written"], MARKED.format("x = 1")),
        ("markdown", ["written"], "Because."),
        ("markdown", [], MARKED.format("Because.")),
    ],
)
def test_tags_and_markers_must_agree(kind: str, tags: list[str], source: str) -> None:
    with pytest.raises(MarkerError, match=r"01_toy.ipynb: cell cell-0 needs both the tag"):
        empty({"cell_type": kind, "metadata": {"tags": tags}, "source": source})
