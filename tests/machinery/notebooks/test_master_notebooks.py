"""The grader reads the master notebooks in the same way as nbformat."""

from __future__ import annotations

import json

import nbformat
import pytest

from autograder.master_notebooks import (
    NOTEBOOKS,
    MasterCell,
    parse_cell,
    read_documents,
    read_master_notebooks,
)

STORED = {"id": "rung-1", "cell_type": "code", "metadata": {}, "source": ["x = 1\n", "y = 2"]}
CELL = MasterCell("rung-1", "code", "x = 1\ny = 2", frozenset(), 0)


def test_each_cell_is_read_as_nbformat_reads_it():
    read = read_master_notebooks()
    assert list(read) == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    for name, cells in read.items():
        expected = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
        assert [(cell.id, cell.kind, cell.source) for cell in cells] == [
            (cell.id, cell.cell_type, cell.source) for cell in expected
        ]
        for cell, other in zip(cells, expected):
            assert cell.tags == set(other.metadata.get("tags", []))
            assert cell.points == other.metadata.get("assignment", {"points": 0})["points"]


@pytest.mark.parametrize("source", ["x = 1\ny = 2", ["x = 1\n", "y = 2"]])
def test_a_source_is_one_text_or_lines(source):
    assert parse_cell({**STORED, "source": source}) == CELL


def test_tags_and_points_are_read():
    metadata = {"tags": ["solution", "no-output"], "assignment": {"points": 3}}
    cell = parse_cell({**STORED, "metadata": metadata})
    assert (cell.tags, cell.points) == ({"solution", "no-output"}, 3)


def test_other_folders_can_be_read_too(tmp_path):
    for name in ("b", "a"):
        document = {"cells": [{**STORED, "id": name}], "metadata": {"of": "nobody"}}
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "a.json").write_text("{}")
    documents = read_documents(tmp_path)
    assert list(documents) == ["a", "b"]
    assert documents["a"]["metadata"] == {"of": "nobody"}
    read = read_master_notebooks(tmp_path)
    assert {name: [cell.id for cell in cells] for name, cells in read.items()} == {
        "a": ["a"],
        "b": ["b"],
    }


def test_a_cell_to_complete_without_points_is_named(tmp_path):
    stored = {**STORED, "metadata": {"tags": ["solution"]}}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [stored]}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^a: the cell rung-1 has no points$"):
        read_master_notebooks(tmp_path)
