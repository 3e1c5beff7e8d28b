"""How one case of a test ended, with the two outcomes that only the grader knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assignment.support.testing.failures import Failure, Outcome, classify, find_raised
from assignment.support.testing.loading import CannotUse
from autograder.protocol.wire import WireError
from autograder.wall.handle import Crashed, LimitReached

__all__ = ["CaseResult", "ChangedTest", "judge_error"]


@dataclass(frozen=True)
class CaseResult:
    """How one case ended."""

    failure: Failure | None = None  # why it did not pass
    broke_worker: bool = False  # whether its worker cannot go on
    timed_out: bool = False  # whether the test itself took too long to check the answers

    @property
    def outcome(self) -> Outcome:
        """PASSED, or the outcome of the failure."""
        return Outcome.PASSED if self.failure is None else self.failure.outcome


class ChangedTest(Exception):
    """A test depends on something besides the seed and the answers that it gets."""


def judge_error(error: BaseException, asked: bool) -> CaseResult:
    """Return how a case ended by an error: the grader's fault if no student code was called."""
    if isinstance(error, (LimitReached, WireError, Crashed)):
        limit = isinstance(error, LimitReached)
        outcome = Outcome.LIMIT if limit else Outcome.CRASHED
        return CaseResult(Failure(outcome, f"stopped: {error}"), broke_worker=not limit)
    of_student = isinstance(error, CannotUse) or find_raised(error) is not None
    if not of_student and (not asked or isinstance(error, ChangedTest)):
        problem = f"{type(error).__name__}: {error}"
        return CaseResult(Failure(Outcome.GRADERS_FAULT, problem))
    failure = classify(error)
    if isinstance(error, MemoryError) and of_student:
        problem = f"out of memory: {failure.problem}"
        failure = replace(failure, outcome=Outcome.LIMIT, problem=problem)
    return CaseResult(failure)
