"""The table of points: a test earns its points if all its cases ran and passed."""

from types import SimpleNamespace

import pytest

from assignment.support.testing.failures import Failure, Outcome
from assignment.support.testing.plugin import PartScores

PART = "affine.forward"


@pytest.fixture
def scores():
    """Two cases of one test that is worth 2 points, collected and not run."""
    scores = PartScores()
    marker = SimpleNamespace(args=(PART,), kwargs={"points": 2.0})
    for case in ("test_it[1]", "test_it[2]"):
        item = SimpleNamespace(nodeid=case, get_closest_marker=lambda name: marker)
        scores.add(item)
    return scores


def report(scores, case, outcome="passed", when="call"):
    failure = Failure(Outcome.FAILED, "why").to_plain()
    facts = [("failure", failure), ("message", "why")] if outcome == "failed" else []
    scores.pytest_runtest_logreport(
        SimpleNamespace(
            nodeid=case,
            when=when,
            passed=outcome == "passed",
            user_properties=[("part", PART), *facts],
        )
    )


def test_cases_that_did_not_run_earn_nothing(scores):
    assert (scores.scores[PART].points_got, scores.scores[PART].points_possible) == (0, 2)


def test_points_need_every_case(scores):
    report(scores, "test_it[1]")
    assert scores.scores[PART].points_got == 0
    report(scores, "test_it[2]")
    assert scores.scores[PART].points_got == 2


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_failure_in_any_phase_costs_the_points(scores, when):
    report(scores, "test_it[1]")
    report(scores, "test_it[2]")
    report(scores, "test_it[2]", "failed", when)
    assert scores.scores[PART].points_got == 0
    assert scores.scores[PART].message == "why"


def test_only_a_setup_earns_nothing(scores):
    for case in ("test_it[1]", "test_it[2]"):
        report(scores, case, when="setup")
    assert scores.scores[PART].points_got == 0
