"""How one case of a test ended, and what each way of ending counts as."""

from __future__ import annotations

from dataclasses import dataclass

from assignment.support.testing.advice import find_advice
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse
from assignment.support.testing.messages import describe_exception
from autograder.outcomes import Outcome
from autograder.protocol.wire import WireError
from autograder.wall.handle import Crashed, LimitReached

__all__ = ["GRADERS_SENTENCE", "MAX_TEXT", "CaseResult", "ChangedTest", "classify"]

GRADERS_SENTENCE = "This is the grader's own fault. It costs no points; the teacher is told."
MAX_TEXT = 4000


@dataclass(frozen=True)
class CaseResult:
    """How one case of a test ended: its outcome, what the student reads, what the teacher reads."""

    outcome: Outcome
    message: str = ""
    detail: str = ""
    broke_worker: bool = False
    problem: str = ""  # of a check that did not hold, in a few words

    def __post_init__(self) -> None:
        """Cut what a submission may have made long."""
        object.__setattr__(self, "message", self.message[:MAX_TEXT])
        object.__setattr__(self, "detail", self.detail[:MAX_TEXT])


class ChangedTest(Exception):
    """A test that is not a function of the seed and of the answers that it gets."""


def classify(error: BaseException, text: str, asked: bool, part: str = "") -> CaseResult:
    """Say how a case ended that did not pass.

    Parameters
    ----------
    text : what pytest says of it
    asked : whether any student code had been asked; where none was, the fault is the grader's
    part : what the message about an exception begins with
    """
    if isinstance(error, (LimitReached, WireError, Crashed)):
        limit = isinstance(error, LimitReached)
        outcome = Outcome.LIMIT if limit else Outcome.CRASHED
        return CaseResult(outcome, f"stopped: {error}", broke_worker=not limit)
    if isinstance(error, CannotUse):
        return CaseResult(Outcome.NOT_WRITTEN if error.is_absent else Outcome.CRASHED, text)
    student_type = getattr(error, "student_type", None)
    if student_type is None:
        detail = f"{type(error).__name__}: {error}"
        if not asked or isinstance(error, ChangedTest):
            return CaseResult(Outcome.GRADERS_FAULT, GRADERS_SENTENCE, detail)
        problem = error.problem if isinstance(error, CheckFailed) else ""
        return CaseResult(Outcome.FAILED, text, detail, problem=problem)
    if isinstance(error, NotImplementedError):
        return CaseResult(Outcome.NOT_WRITTEN, text)
    line, problem = (getattr(error, f"student_{name}", "") for name in ("line", "problem"))
    described = describe_exception(student_type, str(error), line, problem)
    if isinstance(error, MemoryError):
        return CaseResult(Outcome.LIMIT, f"more memory than there is\n  {described}")
    message = f"{part}: {described}" if part else described
    return CaseResult(Outcome.CRASHED, message, problem=find_advice(student_type, str(error)) or "")
