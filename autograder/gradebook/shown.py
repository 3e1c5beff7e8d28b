"""Decide what a student may read of a verdict, in every format."""

from __future__ import annotations

from collections.abc import Sequence

from assignment.support.testing.failures import Failure, write_failure
from autograder.outcomes import EXPLAINABLE, Grade, Verdict

__all__ = ["FAULT_SENTENCE", "find_hint", "show", "show_hidden"]

FAULT_SENTENCE = (
    "This is the grader's fault, not yours: it costs no points, and the teacher has been told."
)
HIDDEN_SENTENCE = "They check what the docstring says, on other inputs than the public tests."
CELL_SENTENCE = (
    "A hidden check of this cell did not pass. It calls what the cell defines, as its docstring "
    "says, on inputs that are new in each grading run."
)
MISSING_SENTENCE = (
    "This cell was not found in what you handed in: it counts as not handed in, not as wrong."
)
MAX_TEXT = 4000  # characters


def show(verdict: Verdict, grade: Grade, hints: str) -> str:
    """Return what a student reads of a public test or a cell, "" if it passed.

    For a cell it is one sentence, whatever the outcome.
    """
    if verdict.failure is None:
        return ""
    if not verdict.counts:
        return FAULT_SENTENCE
    lines = [_describe(verdict, verdict.failure, grade.seed)[:MAX_TEXT]]
    if hint := find_hint(verdict, grade, hints):
        lines.append(f"  hint      {hint}")
    if verdict.given:
        given = f"right, given a right {' and '.join(verdict.given)}"
        lines.append(given + _tell_share(verdict))
    return "\n".join(lines)


def show_hidden(verdicts: Sequence[Verdict]) -> str:
    """Return what a student reads of all hidden tests of a part, "" if they passed.

    It depends on how many passed, and on nothing else that happened in them: a function can choose
    by its inputs how it fails, and which others it calls.
    """
    passed = sum(verdict.failure is None for verdict in verdicts)
    if passed == len(verdicts):
        return ""
    lines = [f"{passed} of {len(verdicts)} hidden tests passed. {HIDDEN_SENTENCE}"]
    if given := [verdict for verdict in verdicts if verdict.given]:
        right = f"{len(given)} more: right, given right functions of other parts"
        lines.append(right + _tell_share(given[0]))
    return "\n".join(lines)


def _tell_share(verdict: Verdict) -> str:
    return "" if verdict.share == 1 else f": {verdict.share:.0%} of the points"


def find_hint(verdict: Verdict, grade: Grade, hints: str) -> str:
    """Return the hint for a verdict, "" if no recognised mistake explains it."""
    if verdict.outcome not in EXPLAINABLE:
        return ""
    return next((one.word(hints) for one in grade.mistakes if one.part == verdict.part), "")


def _describe(verdict: Verdict, failure: Failure, seed: int) -> str:
    if verdict.missing:
        return MISSING_SENTENCE
    if verdict.of_cell:
        return CELL_SENTENCE
    return write_failure(failure, verdict.part, verdict.sentence, seed)
