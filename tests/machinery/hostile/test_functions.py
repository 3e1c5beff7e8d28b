"""Hostile and unusual functions: each case gets its outcomes, and its neighbours full marks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from autograder.gradebook.publishing import safe_folder_name
from tests.machinery.hostile.hand_in import FUNCTIONS
from tests.machinery.hostile.harness import NEIGHBOURS, Run
from tests.machinery.hostile.python.hidden import CHOOSES, TELLS
from tests.machinery.hostile.verdicts import find_surprises, list_losses


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_get_what_they_earn(name: str, functions: Run) -> None:
    case, grade = FUNCTIONS[name], functions.grades[name]
    assert list(find_surprises(case, grade.verdicts)) == [], case.about
    assert any(case.finding in finding for finding in ("", *grade.findings)), grade.findings


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbour_gets_full_marks(name: str, functions: Run) -> None:
    grade = functions.grades[name]
    assert list_losses(grade.verdicts) == []
    assert grade.points == grade.possible == 100


def read_results(run: Run, name: str) -> dict[str, Any]:
    """Return what a student gets to read, without its first line, which has the time."""
    grade = run.grades[name]
    path = run.out / safe_folder_name(grade.student) / "results.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {**results, "output": results["output"].split("\n")[1:]}


def test_no_public_text_tells_of_hidden_inputs(functions: Run) -> None:
    verdicts = [v for v in functions.grades[TELLS].verdicts if v.part == "affine.backward"]
    shapes = re.compile(r"\(\d+(, \d+)+\)")  # of inputs of hidden tests
    told = {v.hidden for v in verdicts if v.failure and shapes.search(v.failure.problem)}
    assert told == {True}, "a public test says what a hidden test has handed in"


def test_results_do_not_depend_on_the_mistake_in_hidden_tests(functions: Run) -> None:
    one, other = (read_results(functions, name) for name in CHOOSES)
    assert one == other
    assert one["score"] < 100
