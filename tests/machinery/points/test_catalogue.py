"""The points read from files are those of the collected tests, and verdicts get them."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.gradebook.written_answers import read_questions
from autograder.notebooks.skeletons import describe_holes, read_skeletons
from autograder.outcomes import Failure, Outcome, Verdict
from autograder.points.catalogue import Catalogue, Item, read_catalogue, repoint
from autograder.points.marks import PointsError
from autograder.session.collecting import run_session
from autograder.settings import Settings
from tests.machinery.bank.test_bank import run_elsewhere

LOST = Failure(Outcome.FAILED)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


def collect_verdicts() -> list[Verdict]:
    """Return the verdicts for a right submission."""
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory() as folder:
        run_session(
            Settings(1), Path(folder), lambda found: verdicts.extend(t.verdict for t in found.tests)
        )
    return verdicts


def test_tests_and_cells_have_the_points_that_the_grader_collects(catalogue):
    verdicts = run_elsewhere(collect_verdicts)
    verdicts += [verdict for one in read_skeletons() for verdict in describe_holes(one)]
    collected = {(one.part, one.test, one.hidden): one.possible for one in verdicts}
    assert len(collected) == len(verdicts)
    assert catalogue.tests == collected


def test_items_are_parts_cells_and_questions_in_the_order_of_the_lessons(catalogue):
    names = {
        kind: [item.name for item in catalogue.items if item.kind == kind]
        for kind in ("functions", "cells", "written")
    }
    assert names["functions"] == [part.id for part in load_parts()]
    assert names["cells"] == [one.part for all in read_skeletons() for one in describe_holes(all)]
    assert names["written"] == [f"{one.notebook}/{one.cell_id}" for one in read_questions()]
    notebooks = [item.notebook for item in catalogue.items]
    assert notebooks == sorted(notebooks)
    possible = {item.name: item.possible for item in catalogue.items}
    assert {part.id: part.points for part in load_parts()}.items() <= possible.items()
    questions = {f"{one.notebook}/{one.cell_id}": one.points for one in read_questions()}
    assert questions.items() <= possible.items()
    assert all(type(item.possible) is float for item in catalogue.items)


# Small projects


def write_project(root: Path, cells: list[dict], **files: str) -> Path:
    for folder in ("notebooks", "tests/public", "tests/hidden"):
        (root / folder).mkdir(parents=True)
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks" / "05_batchnorm.ipynb").write_text(json.dumps(document), encoding="utf-8")
    for name, source in files.items():
        (root / "tests" / f"{name.replace('_', '/test_')}.py").write_text(source, encoding="utf-8")
    return root


def make_cell(id: str, tags: list[str], points: object = None, kind: str = "code") -> dict:
    source = f"def {id.partition('-')[0]}():\n    ### BEGIN SOLUTION\n    pass"
    metadata: dict = {"tags": tags} | ({"assignment": {"points": points}} if points else {})
    return {"id": id, "cell_type": kind, "metadata": metadata, "source": source}


def mark(part: str, points: str, test: str) -> str:
    return f'@pytest.mark.part("{part}", points={points})\ndef {test}():\n    pass\n'


RUNG = [make_cell("rung", ["solution"], 3), make_cell("rung-judged", ["hidden"])]


def test_what_a_small_project_has(tmp_path):
    cells = [make_cell("title", []), *RUNG, make_cell("answer", ["written"], 1.5, "markdown")]
    cells += [make_cell("shown", ["solution"], 1), make_cell("far", [], 1)]
    source = mark("batchnorm.forward", "2", "test_a") + mark("affine.forward", "0", "test_b")
    root = write_project(
        tmp_path / "project",
        cells,
        public_one=source,
        hidden_one=mark("batchnorm.forward", "0.5", "test_a"),
    )
    assert read_catalogue(root) == Catalogue(
        {
            ("batchnorm.forward", "test_a", False): 2,
            ("affine.forward", "test_b", False): 0,
            ("batchnorm.forward", "test_a", True): 0.5,
            ("05_batchnorm/rung", "rung", True): 3,
        },
        (
            Item("affine.forward", "functions", "01_minibatch_sgd", 0),
            Item("batchnorm.forward", "functions", "05_batchnorm", 2.5),
            Item("05_batchnorm/rung", "cells", "05_batchnorm", 3),
            Item("05_batchnorm/answer", "written", "05_batchnorm", 1.5),
        ),
    )


@pytest.mark.parametrize("points", ["2", -1, True, [2]])
def test_points_of_a_cell_are_a_positive_number(points, tmp_path):
    cells = [make_cell("answer", ["written"], points, "markdown")]
    with pytest.raises(PointsError) as caught:
        read_catalogue(write_project(tmp_path / "project", cells))
    where = "05_batchnorm/answer: points must be a positive number"
    assert str(caught.value) == f"{where}, not {points!r}"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"public_one": mark("norm", "1", "test_a")}, "tests/public, test_a: no part norm in "),
        (
            {name: mark("affine.forward", "1", "test_a") for name in ("hidden_a", "hidden_b")},
            "tests/hidden: two files have test_a for affine.forward: rename one",
        ),
        (
            {"hidden_one": mark("affine.forward", "ONE", "test_a")},
            "tests/hidden/test_one.py, line ",
        ),
    ],
)
def test_what_is_not_clear_is_said(files, said, tmp_path):
    with pytest.raises(PointsError) as caught:
        read_catalogue(write_project(tmp_path / "project", RUNG, **files))
    assert str(caught.value).startswith(said)


def test_a_cell_without_points_is_said(tmp_path):
    cells = [make_cell("rung", ["solution"])]
    with pytest.raises(PointsError, match="05_batchnorm: the cell rung has no points"):
        read_catalogue(write_project(tmp_path / "project", cells))


def test_a_project_without_notebooks_has_points_of_functions(tmp_path):
    for folder in ("public", "hidden"):
        shutil.copytree(ROOT / "tests" / folder, tmp_path / "tests" / folder)
    items = read_catalogue(tmp_path).items
    assert {item.kind for item in items} == {"functions"}
    assert sum(item.possible for item in items) == 100


# Verdicts


def test_stored_verdicts_get_the_points_of_today():
    tests = {("a.b", "test_x", False): 3.0, ("a.b", "test_x", True): 5.0, ("05/c", "c", True): 2.0}
    passed = Verdict("a.b", "values", "test_x", "It.", False, 1)
    lost = replace(passed, hidden=True, failure=LOST, given=("f",), share=0.5)
    cell = Verdict("05/c", "c", "c", "completed cell", True, 2, of_cell=True)
    unknown = replace(passed, test="test_y")
    now = repoint([passed, lost, cell, unknown], Catalogue(tests, ()))
    assert now == (replace(passed, possible=3), replace(lost, possible=5), cell, unknown)
    assert [verdict.points for verdict in now] == [3, 2.5, 2, 1]


def test_points_that_are_the_same_cost_nothing(catalogue):
    """So a class of 300 with 257 verdicts each is done in much less than a second."""
    verdicts = [
        Verdict(part, part, test, "It.", hidden, points)
        for (part, test, hidden), points in catalogue.tests.items()
    ]
    assert all(one is other for one, other in zip(verdicts, repoint(verdicts, catalogue)))
