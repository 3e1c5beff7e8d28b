"""Right answers in other styles get full marks with any seed.

One seed runs here; python -m tests.machinery.grading.many_seeds 100 tries more.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.gradebook.store import Gradebook
from tests.machinery.grading.many_seeds import STYLES, Failure, copy_answers, run_tests

SEEDS = (7,)
BROKEN = """
def test_that_fails():
    assert 1 == 2, "one is not two"
"""


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a class with one student of each style."""
    folder = tmp_path_factory.mktemp("styles") / "class"
    for style in STYLES:
        copy_answers(style, folder / style)
    return folder


@pytest.mark.parametrize("seed", SEEDS)
def test_every_style_gets_full_marks(seed: int, submissions: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autograder", "grade", str(submissions), f"--seed={seed}"]
    command += ["--out", str(tmp_path), "--no-notebooks", "--require-isolation", "none"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(tmp_path / "gradebook.sqlite") as book:
        grades = book.grades()
    lost = [(g.student, v) for g in grades for v in g.verdicts if v.points < v.possible]
    assert lost == []
    assert {g.student: (g.points, g.possible) for g in grades} == dict.fromkeys(STYLES, (100, 100))


@pytest.mark.parametrize("style", STYLES)
def test_a_style_has_its_own_version_of_every_file(style: str, submissions: Path) -> None:
    for part in load_parts():
        source = (submissions / style / "assignment" / part.file).read_text(encoding="utf-8")
        solved = (ROOT / "assignment" / part.file).read_text(encoding="utf-8")
        assert (source == solved) == (style == "master"), part.file


# python -m tests.machinery.grading.many_seeds


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a project for the style "plain", without tests."""
    for name in ("public", "hidden"):
        (tmp_path / "plain" / "tests" / name).mkdir(parents=True)
    (tmp_path / "plain" / "conftest.py").write_text(
        'def pytest_addoption(parser):\n    parser.addoption("--seed")\n', encoding="utf-8"
    )
    return tmp_path


def test_many_seeds_names_the_test_that_fails(project: Path) -> None:
    path = project / "plain" / "tests" / "public" / "test_it.py"
    path.write_text(BROKEN, encoding="utf-8")
    (failure,) = run_tests(project, "plain", 3)
    assert isinstance(failure, Failure)
    assert (failure.style, failure.seed) == ("plain", 3)
    assert failure.test == "tests/public/test_it.py::test_that_fails"
    assert "one is not two" in failure.message


def test_many_seeds_fails_if_there_are_no_tests(project: Path) -> None:
    with pytest.raises(RuntimeError, match="plain, seed 3: pytest ended with 5"):
        run_tests(project, "plain", 3)
