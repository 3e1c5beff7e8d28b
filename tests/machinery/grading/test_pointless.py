"""Functions that compute nothing earn nothing, in public and hidden tests and in second tries."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from assignment.support.project.manifest import ROOT
from tests.machinery.grading.pointless import SUBMISSIONS

SEED = 231


@pytest.fixture(scope="module")
def earned() -> dict[str, dict[str, float]]:
    """Return for each submission the points of the tests that it passes."""
    command = [sys.executable, "-m", "tests.machinery.grading.pointless", str(SEED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_what_computes_nothing_earns_nothing(
    name: str, earned: dict[str, dict[str, float]]
) -> None:
    assert earned[name] == {}
