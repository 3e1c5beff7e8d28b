"""Grade the two hostile classes once each: one of functions, one of notebooks."""

from __future__ import annotations

import pytest

from tests.machinery.hostile import hand_in
from tests.machinery.hostile.harness import Run, grade_all


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Grade every case that hands in functions."""
    folder = tmp_path_factory.mktemp("hostile-functions")
    return grade_all("functions", sorted(hand_in.FUNCTIONS), hand_in.write_functions, folder)


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Grade every case that hands in a notebook."""
    folder = tmp_path_factory.mktemp("hostile-notebooks")
    return grade_all("notebooks", sorted(hand_in.NOTEBOOKS), hand_in.write_notebooks, folder)
