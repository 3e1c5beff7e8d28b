"""Both classes: the level of isolation, the time that grading took, and what is left behind."""

from __future__ import annotations

import pytest

from tests.machinery.hostile.grade import SECONDS
from tests.machinery.hostile.harness import NEIGHBOURS, Run

HONEST = {"functions": 0.5, "notebooks": 2}  # seconds that an honest submission may take
LIMITS = {"functions": 8, "notebooks": 5}  # times the limit of one test or cell that a case takes


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


def test_nobody_took_long(run: Run) -> None:
    """A part or cell may reach its time limit twice; the import of a file may reach it once.

    On a busy machine all take longer, the honest neighbours in the same class as well.
    """
    honest = max(run.grades[name].seconds for name in NEIGHBOURS)
    most = LIMITS[run.kind] * SECONDS[run.kind] * max(1, honest / HONEST[run.kind])
    assert {name: g.seconds for name, g in run.grades.items() if g.seconds > most} == {}


def test_results_stay_small(run: Run) -> None:
    """A submission cannot make results long."""
    large = [path for path in run.out.rglob("*") if path.is_file() and path.parent != run.out]
    assert [str(path) for path in large if path.stat().st_size > 500_000] == []
