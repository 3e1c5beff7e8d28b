"""Compare the verdicts on a case with the expected ones, and require evidence that it fired."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assignment.support.testing.failures import write_failure
from autograder.outcomes import Verdict
from tests.machinery.hostile.cases import Case

__all__ = ["find_key", "find_surprises", "list_losses"]

# Errors of an attack that uses names which no longer exist: it then tests nothing.
BROKEN = re.compile(
    "ImportError|ModuleNotFoundError|AttributeError|NameError|SyntaxError|cannot be imported"
)
NOT_TRIED = "not tried"  # how the text begins after two time limits


def find_key(verdict: Verdict) -> str:
    """Return the key of a verdict in a case: the part, or the id of the cell."""
    return verdict.test if verdict.of_cell else verdict.part


def list_losses(verdicts: Iterable[Verdict]) -> list[str]:
    """Return a line for each verdict that did not pass."""
    return [f"{v.test}: {v.outcome.value}: {read(v)}" for v in verdicts if not v.points]


def read(verdict: Verdict) -> str:
    """Return the whole text for the teacher about why a test did not pass."""
    failure = verdict.failure
    return "" if failure is None else write_failure(failure, verdict.part, verdict.sentence, 0)


def find_surprises(case: Case, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what differs from the expectation: outcomes, points, evidence that a case fired."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(find_key(verdict), []).append(verdict)
    expected = {**case.outcomes, **case.points, **case.evidence}
    yield from (f"there is no {key}" for key in expected.keys() - groups.keys())
    for key, group in groups.items():
        yield from _compare_results(case, key, group)
        yield from _find_silence(key, group, case.evidence.get(key, ""))


def _compare_results(case: Case, key: str, verdicts: list[Verdict]) -> Iterator[str]:
    """Compare the outcomes of whole parts, and the points where a part is passed in part."""
    if key in case.points:
        points = sum(verdict.points for verdict in verdicts)
        if points != case.points[key]:
            yield f"{key}: {points} points instead of {case.points[key]}"
        return
    wanted = case.outcomes.get(key, "passed")
    for v in verdicts:
        if v.outcome.value != wanted:
            yield f"{v.test}: {v.outcome.value}, not {wanted}: {read(v)[:500]}"


def _find_silence(key: str, verdicts: list[Verdict], evidence: str) -> Iterator[str]:
    """Yield verdicts whose text lacks the evidence, or shows that the attack is broken."""
    lost = [read(v) for v in verdicts if v.failure is not None]
    lost = [text for text in lost if NOT_TRIED not in text.split("\n")[0]]
    if evidence and not lost:
        yield f"{key}: nothing that could show {evidence}"
    for text in lost:
        if not re.search(evidence, text, re.DOTALL):
            yield f"{key}: {evidence} is not in {text[:500]}"
        if any(word not in evidence for word in BROKEN.findall(text)):
            yield f"{key}: the attack itself seems broken: {text[:500]}"
