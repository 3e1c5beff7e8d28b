"""Hostile, broken and unusual notebooks, graded as one class behind the wall.

Each hands in one notebook that deviates and one that is solved. The functions are left out: they
have tests of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT
from autograder.gradebook.store import Gradebook
from autograder.notebooks.skeletons import read_skeletons
from autograder.outcomes import Grade, Verdict
from tests.machinery.hostile_notebooks import attacks, documents, processes, styles
from tests.machinery.hostile_notebooks.cases import Case, fill, write_notebook
from tests.machinery.hostile_notebooks.grade import SECONDS
from tests.machinery.notebooks.hidden_cell_variants import RIGHT
from tests.machinery.test_hostile import find_traces, grade, read_all

CASES: dict[str, Case] = {
    **processes.CASES,
    **documents.CASES,
    **attacks.CASES,
    **styles.CASES,
}
NAMES = sorted(CASES)
NEIGHBOURS = {  # which of the right bodies each of them writes, if any
    "neighbour-a": None,
    "neighbour-b": 0,
    "neighbour-m": -1,
    "neighbour-n": None,
    "neighbour-y": 0,
    "neighbour-z": -1,
}
HONEST = "08_hyperparameters"  # the other notebook of each case
SKELETONS = {skeleton.name: skeleton for skeleton in read_skeletons()}
DRIVER = "tests.machinery.hostile_notebooks.grade"
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", flags=re.S)


@dataclass(frozen=True)
class Run:
    """The class as it was graded, and what it has left behind."""

    grades: dict[str, Grade]
    left_running: list[str]
    changed: list[str]
    out: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Grade every case once, with honest neighbours before, between and after them."""
    folder = tmp_path_factory.mktemp("hostile-notebooks")
    for number, name in enumerate(line_up()):
        hand_in(name, folder / "class" / f"{number:03}-{name}" / "notebooks")
    before = {**read_all(ROOT), **read_all(folder / "class")}
    left_running = grade(folder / "class", folder / "out", DRIVER)
    after = {**read_all(ROOT), **read_all(folder / "class")}
    changed = [str(p) for p in before.keys() | after.keys() if before.get(p) != after.get(p)]
    with Gradebook(folder / "out" / "gradebook.sqlite") as book:
        grades = {grade.student[4:]: grade for grade in book.grades()}
    return Run(grades, left_running, changed + find_traces(folder), folder / "out")


def line_up() -> list[str]:
    """Return the order of the class: submissions are judged by name."""
    neighbours, half = list(NEIGHBOURS), len(NAMES) // 2
    return [*neighbours[:2], *NAMES[:half], *neighbours[2:4], *NAMES[half:], *neighbours[4:]]


def hand_in(name: str, folder: Path) -> None:
    """Write the notebooks of one of the class."""
    folder.mkdir(parents=True)
    if name in NEIGHBOURS:
        cases = [write_in_style(notebook, NEIGHBOURS[name]) for notebook in SKELETONS]
    else:
        cases = [CASES[name], Case("", notebook=HONEST)]
    for case in cases:
        (folder / f"{case.notebook}.ipynb").write_bytes(write_notebook(case))


def write_in_style(notebook: str, which: int | None) -> Case:
    """Return a notebook with right answers, the teacher's or one of the others."""
    holes = [hole.id for hole in SKELETONS[notebook].holes if which is not None]
    cells = {id: fill(id, RIGHT[f"{notebook}/{id}"][which or 0], notebook) for id in holes}
    return Case("", cells, notebook=notebook)


def find_verdicts(grade: Grade, *notebooks: str) -> list[Verdict]:
    """Return the verdicts on the cells of some notebooks."""
    return [v for v in grade.verdicts if v.part.split("/")[0] in notebooks]


def list_failures(verdicts: list[Verdict]) -> list[str]:
    """Return a line for each that is not passed."""
    return [f"{v.part}: {v.outcome.value}: {v.detail}" for v in verdicts if not v.points]


@pytest.mark.parametrize("name", NAMES)
def test_notebook_gets_what_it_earns(name: str, run: Run) -> None:
    case, grade = CASES[name], run.grades[name]
    verdicts = find_verdicts(grade, case.notebook)
    got = {v.test: v.outcome.value for v in verdicts if v.outcome.value != "passed"}
    assert got == case.outcomes, (case.about, list_failures(verdicts))
    assert any(case.finding in finding for finding in ("", *grade.findings)), grade.findings


@pytest.mark.parametrize("name", NAMES)
def test_its_other_notebook_gets_full_marks(name: str, run: Run) -> None:
    verdicts = find_verdicts(run.grades[name], HONEST)
    assert len(verdicts) == len(SKELETONS[HONEST].holes)
    assert list_failures(verdicts) == []


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbour_gets_full_marks(name: str, run: Run) -> None:
    verdicts = find_verdicts(run.grades[name], *SKELETONS)
    assert len(verdicts) == 31
    assert list_failures(verdicts) == []


def test_every_score_was_got_at_level_full(run: Run) -> None:
    assert {grade.isolation for grade in run.grades.values()} == {"full"}
    assert len(run.grades) == len(NAMES) + len(NEIGHBOURS)
    assert not [name for name, grade in run.grades.items() if grade.faults]


def test_nothing_is_left_running(run: Run) -> None:
    assert run.left_running == []


def test_nothing_was_written_elsewhere(run: Run) -> None:
    assert run.changed == []


def test_nobody_took_long(run: Run) -> None:
    """No case has more than two cells that reach their limit."""
    slow = {name: g.seconds for name, g in run.grades.items() if g.seconds > 5 * SECONDS}
    assert slow == {}


def test_no_solution_can_be_read(run: Run) -> None:
    """Neither a function's nor a cell's, nor what the hidden cells print."""
    secrets = set(find_solution_lines())
    assert len(secrets) > 100
    readable = [*run.out.glob("*/results.json"), run.out / "gradebook.csv"]
    assert len(readable) == len(run.grades) + 1
    for path in readable:
        text = path.read_text(encoding="utf-8")
        assert not [line for line in secrets if json.dumps(line)[1:-1] in text or line in text]


def find_solution_lines() -> Iterator[str]:
    """Return the lines of the teacher's solutions that are long enough to be told apart."""
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "assignment").glob("*.py")]
    sources += [hole.source for skeleton in SKELETONS.values() for hole in skeleton.holes]
    for source in sources:
        for body in SOLUTION.findall(source):
            yield from (line.strip() for line in body.split("\n") if len(line.strip()) > 20)
    for skeleton in SKELETONS.values():
        for hole in skeleton.holes:
            yield from (line for line in hole.judged_by.split("\n") if len(line) > 50)
