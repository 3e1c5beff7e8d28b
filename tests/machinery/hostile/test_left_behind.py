"""Both classes: the level of isolation, what hangs, and what is left behind."""

from __future__ import annotations

from collections import Counter

import pytest

from autograder.judging.subject import TIMEOUTS_ALLOWED
from tests.machinery.hostile.harness import Run


@pytest.fixture(params=["functions", "notebooks"])
def run(request: pytest.FixtureRequest) -> Run:
    """Return one class after the other."""
    graded: Run = request.getfixturevalue(request.param)
    return graded


def test_every_score_was_graded_at_level_full(run: Run) -> None:
    assert {grade.isolation for grade in run.grades.values()} == {"full"}
    assert sorted(run.grades) == sorted(run.names)
    assert not [name for name, grade in run.grades.items() if grade.faults]


def test_nothing_is_left_running(run: Run) -> None:
    assert run.left_running == []


def test_nothing_was_written_elsewhere(run: Run) -> None:
    assert run.changed == []


def test_nothing_hangs_more_than_twice(run: Run) -> None:
    """A part may reach its time limit twice; its other tests are then not tried."""
    hung = Counter(
        (name, verdict.part)
        for name, grade in run.grades.items()
        for verdict in grade.verdicts
        if verdict.failure is not None
        and verdict.failure.problem.startswith("stopped: no answer within")
    )
    assert len(hung) > 3
    assert {place: count for place, count in hung.items() if count > TIMEOUTS_ALLOWED} == {}


def test_results_stay_small(run: Run) -> None:
    """A submission cannot make results long."""
    large = [path for path in run.out.rglob("*") if path.is_file() and path.parent != run.out]
    assert [str(path) for path in large if path.stat().st_size > 500_000] == []
