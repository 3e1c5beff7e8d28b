"""What holds of both classes: who judged them, how long it took, and what is left of them."""

from __future__ import annotations

import pytest

from tests.machinery.hostile.grade import SECONDS
from tests.machinery.hostile.harness import Run

LIMITS = {"functions": 8, "notebooks": 5}  # times the limit of one test or cell that a case takes


@pytest.fixture(params=["functions", "notebooks"])
def run(request: pytest.FixtureRequest) -> Run:
    """Return one class after the other."""
    graded: Run = request.getfixturevalue(request.param)
    return graded


def test_every_score_was_got_at_level_full(run: Run) -> None:
    assert {grade.isolation for grade in run.grades.values()} == {"full"}
    assert sorted(run.grades) == sorted(run.names)
    assert not [name for name, grade in run.grades.items() if grade.faults]


def test_nothing_is_left_running(run: Run) -> None:
    assert run.left_running == []


def test_nothing_was_written_elsewhere(run: Run) -> None:
    assert run.changed == []


def test_nobody_took_long(run: Run) -> None:
    """A part or cell may reach its time limit twice; importing a file may do so once."""
    most = LIMITS[run.kind] * SECONDS[run.kind]
    assert {name: g.seconds for name, g in run.grades.items() if g.seconds > most} == {}


def test_results_stay_small(run: Run) -> None:
    """Whatever a submission says, nobody has to scroll through it."""
    large = [path for path in run.out.rglob("*") if path.is_file() and path.parent != run.out]
    assert [str(path) for path in large if path.stat().st_size > 500_000] == []
