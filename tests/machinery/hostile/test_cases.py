"""What each case says of itself: it deviates, and an attack can be seen to have fired."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import pytest

from assignment.support.project.manifest import load_parts
from autograder.outcomes import Failure, Outcome, Verdict
from tests.machinery.hostile.cases import Case, solve
from tests.machinery.hostile.hand_in import CASES, FUNCTIONS, NOTEBOOKS
from tests.machinery.hostile.verdicts import find_surprises

SILENT = ("passed", "not written")  # what a part may be without a text that the case knows


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_attack_leaves_a_mark(name: str) -> None:
    case = CASES[name]
    assert case.honest or case.evidence, "nothing shows that it has fired"
    wanted = {key for key, outcome in case.outcomes.items() if outcome not in SILENT}
    assert wanted - case.evidence.keys() == set()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_deviate(name: str) -> None:
    solved = {part.file for part in load_parts()}
    for file, content in FUNCTIONS[name].files.items():
        assert file not in solved or content != solve(file)


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_notebook_deviates(name: str) -> None:
    """In each cell, and in what an edit changes, which fires where the file is written."""
    case = NOTEBOOKS[name]
    assert case.cells or case.edit
    steps = list(find_steps(case))
    assert all(before != after for before, after in itertools.pairwise(steps))


def find_steps(case: Case) -> Iterator[bytes]:
    """Return the solved notebook, that with each further cell of a case, and the edited one."""
    cells: dict[str, str] = {}
    plain = dataclasses.replace(case, edit=None)
    yield dataclasses.replace(plain, cells=cells).write_notebook()
    for id, source in case.cells.items():
        cells = {**cells, id: source}
        yield dataclasses.replace(plain, cells=cells).write_notebook()
    if case.edit:
        yield case.write_notebook()


def judge(detail: str, outcome: str = "crashed") -> list[str]:
    """Return what is surprising in a verdict on a case that should crash and say "fired"."""
    failure = None if outcome == "passed" else Failure(Outcome(outcome), detail)
    verdict = Verdict("part", "part: test", "test", "It.", False, 1.0, failure=failure)
    case = Case("", outcomes={"part": "crashed"}, evidence={"part": "fired"})
    return list(find_surprises(case, [verdict]))


def test_attack_that_has_fired_is_no_surprise() -> None:
    assert judge("ValueError: fired") == []


@pytest.mark.parametrize(
    ("detail", "outcome"),
    [
        ("ModuleNotFoundError: No module named 'autograder.worker'", "crashed"),
        ("NameError: name 'fired' is not defined", "crashed"),
        ("part: assignment/affine.py cannot be imported, line 3: fired", "crashed"),
        ("ValueError: something else", "crashed"),
        ("", "passed"),
        ("fired", "failed"),
        ("not tried: two tests took too long", "crashed"),
    ],
)
def test_attack_that_is_broken_is_seen(detail: str, outcome: str) -> None:
    assert judge(detail, outcome) != []
