"""What a student reads of a test that did not pass, in the words that the grader uses, too."""

from __future__ import annotations

from dataclasses import dataclass

from assignment.support.testing.advice import find_advice
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse
from assignment.support.testing.messages import (
    describe_exception,
    find_line,
    find_problem,
    write_exception,
    write_rows,
)

__all__ = [
    "CRASHED",
    "DEFAULT_SEED",
    "FAILED",
    "NOT_WRITTEN",
    "PASSED",
    "Explanation",
    "explain_failure",
]

DEFAULT_SEED = 231
PASSED, FAILED, CRASHED, NOT_WRITTEN = "passed", "failed", "crashed", "not written"


@dataclass(frozen=True)
class Explanation:
    """How a test ended that did not pass.

    Attributes
    ----------
    status : str
        FAILED, CRASHED or NOT_WRITTEN.
    message : str
        All that the student reads; it begins with the part.
    says_all : bool
        Whether a traceback would add nothing.
    """

    status: str
    message: str
    says_all: bool = True

    @property
    def note(self) -> str:
        """The message in one line."""
        return self.message.split("\n")[0 if self.says_all else 1].strip()


def explain_failure(error: BaseException, part_id: str, sentence: str, seed: int) -> Explanation:
    """Say how a test ended that has raised something.

    Parameters
    ----------
    sentence : str
        What the test checks.
    seed : int
        Of its inputs.
    """
    if isinstance(error, CheckFailed):
        again = f"pytest --part {part_id}" + (f" --seed {seed}" if seed != DEFAULT_SEED else "")
        rows = {"check": sentence, **error.rows, "seed": str(seed), "again": again}
        return Explanation(FAILED, write_rows(f"{part_id}: {error.problem}", rows))
    if isinstance(error, NotImplementedError):
        return Explanation(NOT_WRITTEN, str(error) or f"{part_id}: not written yet")
    if isinstance(error, CannotUse):
        advice = find_advice("CannotUse", str(error))
        message = write_rows(f"{part_id}: {error}", {"hint": advice} if advice else {})
        return Explanation(NOT_WRITTEN if error.is_absent else CRASHED, message)
    name, line = type(error).__name__, find_line(error)
    if line is not None:
        described = describe_exception(name, str(error), line, find_problem(error))
        return Explanation(CRASHED, f"{part_id}: {described}")
    message = f"{part_id}: {sentence}\n  {write_exception(name, str(error))}"
    return Explanation(FAILED, message, says_all=False)
