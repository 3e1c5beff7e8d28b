"""Each case differs from the solved submission, and each attack has evidence that it fired."""

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

SILENT = ("passed", "not written")  # outcomes that need no evidence


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_attack_has_evidence(name: str) -> None:
    case = CASES[name]
    assert case.honest or case.evidence, "no evidence that it has fired"
    wanted = {key for key, outcome in case.outcomes.items() if outcome not in SILENT}
    assert wanted - case.evidence.keys() == set()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_differ_from_the_solution(name: str) -> None:
    solved = {part.file for part in load_parts()}
    for file, content in FUNCTIONS[name].files.items():
        assert file not in solved or content != solve(file)


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_notebook_differs_from_the_solution(name: str) -> None:
    """Each changed cell makes a difference, and so does the edit of the document."""
    case = NOTEBOOKS[name]
    assert case.cells or case.edit
    steps = list(find_steps(case))
    assert all(before != after for before, after in itertools.pairwise(steps))


def find_steps(case: Case) -> Iterator[bytes]:
    """Return the solved notebook, then one for each further cell of a case, then the edited one."""
    cells: dict[str, str] = {}
    plain = dataclasses.replace(case, edit=None)
    yield dataclasses.replace(plain, cells=cells).write_notebook()
    for id, source in case.cells.items():
        cells = {**cells, id: source}
        yield dataclasses.replace(plain, cells=cells).write_notebook()
    if case.edit:
        yield case.write_notebook()


def judge(detail: str, outcome: str = "crashed") -> list[str]:
    """Return the surprises in a verdict on a case that should crash with "fired" as evidence."""
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
def test_broken_attack_is_found(detail: str, outcome: str) -> None:
    assert judge(detail, outcome) != []
