"""The sample class: its files, and the grades that the grader gives it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.gradebook.store import Gradebook
from autograder.outcomes import Grade, Outcome
from tests.machinery.students import read_all
from tools.sample_class import CLASS, SampleError, main, make_sample_class, replace_once

ALL = {part.id: part.points for part in load_parts()}
FIRST_HALF = ("affine", "loss", "sgd", "activations", "preprocessing", "initialization")
CLEOS_PARTS = {id for id in ALL if id.startswith(FIRST_HALF)} | {"batchnorm.forward"}
FINNS_LOSSES = {"preprocessing.standardize": ALL["preprocessing.standardize"] - 0.25}
# layernorm.backward because its cache is wrong
DANS_PARTS = ("batchnorm.backward", "layernorm.forward", "layernorm.backward")
DANS_LOSSES = {**{id: ALL[id] for id in DANS_PARTS}, **FINNS_LOSSES}
POINTS = {
    "ana": 100,
    "ben": 100,
    "cleo": sum(ALL[id] for id in CLEOS_PARTS),
    "dan": 100 - sum(DANS_LOSSES.values()),
    "eve": ALL["affine.forward"] + ALL["affine.backward"],
    "finn": 100 - sum(FINNS_LOSSES.values()),
    "gus": 0,
    "hana": 0,
}
Grades = dict[str, Grade]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the class."""
    folder = tmp_path_factory.mktemp("sample") / "class"
    make_sample_class(folder)
    return folder


@pytest.fixture(scope="module")
def grades(folder: Path) -> Grades:
    """Grade the class once, in its own process because the grader replaces imports."""
    out = folder.parent / "out"
    command = [sys.executable, "-m", "autograder", "grade", str(folder), "--out", str(out)]
    command += ["--no-notebooks", "--seed=231", "--require-isolation", "none"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(out / "gradebook.sqlite") as book:
        return {grade.student: grade for grade in book.grades()}


def find_losses(grade: Grade) -> dict[str, float]:
    """Return the lost points of each part that has lost some."""
    losses: dict[str, float] = {}
    for verdict in grade.verdicts:
        if verdict.points < verdict.possible:
            losses[verdict.part] = losses.get(verdict.part, 0) + verdict.possible - verdict.points
    return losses


def find_outcomes(grade: Grade, group: str) -> set[Outcome]:
    """Return the outcomes of the tests of some parts."""
    return {verdict.outcome for verdict in grade.verdicts if verdict.part.startswith(group)}


@pytest.mark.parametrize("student", POINTS)
def test_each_student_gets_the_right_points(student: str, grades: Grades) -> None:
    assert grades.keys() == POINTS.keys()
    grade = grades[student]
    assert (grade.points, grade.possible) == (POINTS[student], 100), find_losses(grade)


def test_missing_work_costs_only_its_parts_and_is_not_written(grades: Grades) -> None:
    assert find_losses(grades["cleo"]) == {id: p for id, p in ALL.items() if id not in CLEOS_PARTS}
    for student in ("cleo", "hana"):
        outcomes = find_outcomes(grades[student], "") - {Outcome.PASSED}
        assert outcomes == {Outcome.NOT_WRITTEN}


def test_mistakes_cost_only_their_own_parts(grades: Grades) -> None:
    assert find_losses(grades["dan"]) == DANS_LOSSES
    given = {verdict.part for verdict in grades["dan"].verdicts if verdict.given}
    assert given == {"network.loss"}  # with layer norm
    assert find_losses(grades["finn"]) == FINNS_LOSSES


def test_cheating_earns_nothing(grades: Grades) -> None:
    assert "affine.forward" not in find_losses(grades["eve"])
    assert find_outcomes(grades["eve"], "loss.") == {Outcome.FAILED}
    assert find_outcomes(grades["eve"], "sgd.") == {Outcome.CRASHED}


def test_a_damaged_zip_is_reported(grades: Grades) -> None:
    assert "damaged" in grades["gus"].refused


def test_the_class_is_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "class"
    for _ in range(2):  # the second time it replaces the first
        make_sample_class(again)
    assert read_all(again) == read_all(folder)
    assert {path.name for path in again.iterdir()} == set(CLASS)


def test_finns_zip_is_from_macos_and_a_windows_editor(folder: Path) -> None:
    with zipfile.ZipFile(folder / "finn.zip") as archive:
        assert "__MACOSX/assignment/._sgd.py" in archive.namelist()
        source = archive.read("assignment/activations.py")
    assert source.count(b"\r\n") == source.count(b"\n") > 0
    assert b"\r\n\t" in source
    assert b"    " not in source


def test_no_foreign_folder_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("ten years", encoding="utf-8")
    assert main([str(tmp_path)]) == 2
    assert "holds 'thesis.txt'; name a folder that is new or empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("text", ["y = 2\n", "x = 1\nx = 1\n"])
def test_an_edit_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(SampleError, match=r"affine.py has 'x = 1' \d times, not once"):
        replace_once("assignment/affine.py", text, "x = 1\n", "x = 2\n")
