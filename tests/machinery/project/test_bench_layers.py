"""The table of the layer benchmark: its rows, missing packages, and when a goal is reached."""

import sys

import numpy as np
import pytest

from tools.bench import __main__ as bench
from tools.bench import activations, normalization, training
from tools.bench.timing import Case, measure, share_of_time, times_faster

NOT_INSTALLED = {"torch": "torch not installed", "numpy-ml": "numpy-ml not installed"}


def print_tiny_run(monkeypatch, capsys):
    """Return the output of a tiny run without torch and numpy-ml."""
    for package in ("torch", "numpy_ml"):
        monkeypatch.setitem(sys.modules, package, None)
    for name in bench.ONE_THREAD:
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(training, "NUM_TRIALS", 4)
    monkeypatch.setattr(training, "STEPS_PER_TRIAL", 1)
    assert bench.main(["--seconds", "0.001"]) == 0
    return capsys.readouterr().out


def test_every_case_has_its_row_and_a_verdict(monkeypatch, capsys):
    table, last_lines = print_tiny_run(monkeypatch, capsys).split("noise:")
    rows = [line.strip() for line in table.splitlines() if "<= " in line or ">= " in line]
    modules = (training, normalization, activations)
    cases = [case for module in modules for case in module.list_cases()]
    assert len(rows) == len(cases)
    for row, case in zip(rows, cases):
        assert all(text in row for text in (case.what, case.size, case.other, str(case.goal)))
        assert row.endswith(NOT_INSTALLED.get(case.other, ("reached", "missed"))), row
    assert f"numpy {np.__version__}" in last_lines
    assert "cores" in last_lines


@pytest.mark.parametrize("other", [[np.ones(3)], [np.ones(2) * 1.01], [np.array([1, np.nan])]])
def test_different_results_are_not_compared(other):
    case = Case("f", "2", "g", share_of_time(1), lambda: (lambda: [np.ones(2)], lambda: other))
    assert measure(case, seconds=0.001).problem == "the results differ"


def test_goals_judge_the_ratio_they_name():
    assert share_of_time(0.95).judge(ours_s=9, other_s=10) == (0.9, True)
    assert share_of_time(0.95).judge(ours_s=10, other_s=10) == (1, False)
    assert times_faster(2).judge(ours_s=2, other_s=5) == (2.5, True)
    assert times_faster(2).judge(ours_s=3, other_s=5) == (5 / 3, False)


def test_seconds_must_be_positive(capsys):
    with pytest.raises(SystemExit):
        bench.main(["--seconds", "0"])
    assert "--seconds is 0, use a number above 0" in capsys.readouterr().err
