"""Hostile and unusual functions: each case gets its outcomes, and its neighbours full marks."""

from __future__ import annotations

import pytest

from tests.machinery.hostile.hand_in import FUNCTIONS
from tests.machinery.hostile.harness import NEIGHBOURS, Run
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
