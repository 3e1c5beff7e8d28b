"""Hostile and unusual notebooks: each case gets its outcomes, and its neighbours full marks.

Each case hands in one notebook that differs and one that is solved. Functions are left out: they
have their own tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from assignment.support.project.manifest import ROOT
from autograder.outcomes import Grade, Verdict
from tests.machinery.hostile.hand_in import HONEST, NOTEBOOKS, SKELETONS
from tests.machinery.hostile.harness import NEIGHBOURS, Run
from tests.machinery.hostile.verdicts import find_surprises, list_losses

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", flags=re.S)


def find_verdicts(grade: Grade, *notebooks: str) -> list[Verdict]:
    """Return the verdicts on the cells of some notebooks."""
    return [v for v in grade.verdicts if v.part.split("/")[0] in notebooks]


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_notebook_gets_what_it_earns(name: str, notebooks: Run) -> None:
    case, grade = NOTEBOOKS[name], notebooks.grades[name]
    assert list(find_surprises(case, find_verdicts(grade, case.notebook))) == [], case.about
    assert any(case.finding in finding for finding in ("", *grade.findings)), grade.findings


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_its_other_notebook_gets_full_marks(name: str, notebooks: Run) -> None:
    verdicts = find_verdicts(notebooks.grades[name], HONEST)
    assert len(verdicts) == len(SKELETONS[HONEST].holes)
    assert list_losses(verdicts) == []


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbour_gets_full_marks(name: str, notebooks: Run) -> None:
    verdicts = find_verdicts(notebooks.grades[name], *SKELETONS)
    assert len(verdicts) == 31
    assert list_losses(verdicts) == []


def test_no_solution_can_be_read(notebooks: Run) -> None:
    """No line of a function, of a cell, or of what the hidden cells print."""
    secrets = set(find_solution_lines())
    assert len(secrets) > 100
    readable = [*notebooks.out.glob("*/results.json"), notebooks.out / "gradebook.csv"]
    assert len(readable) == len(notebooks.grades) + 1
    for path in readable:
        text = path.read_text(encoding="utf-8")
        assert not [line for line in secrets if json.dumps(line)[1:-1] in text or line in text]


def find_solution_lines() -> Iterator[str]:
    """Return the lines of the teacher's solutions that are too long to occur by chance."""
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "assignment").glob("*.py")]
    sources += [hole.source for skeleton in SKELETONS.values() for hole in skeleton.holes]
    for source in sources:
        for body in SOLUTION.findall(source):
            yield from (line.strip() for line in body.split("\n") if len(line.strip()) > 20)
    for skeleton in SKELETONS.values():
        for hole in skeleton.holes:
            yield from (line for line in hole.judged_by.split("\n") if len(line) > 50)
