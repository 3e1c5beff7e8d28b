"""Decide why a test did not pass, and keep the reason as facts for students and teachers.

Other modules show a failure with ``write_failure``, or read its single facts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any

from assignment.support.project.unwritten import read_stub
from assignment.support.testing.advice import find_advice
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse
from assignment.support.testing.messages import find_line, find_problem, write_exception, write_rows

__all__ = [
    "DEFAULT_SEED",
    "Failure",
    "Outcome",
    "Raised",
    "classify",
    "find_raised",
    "write_failure",
]

DEFAULT_SEED = 231
MAX_TEXT = 2000  # characters of one fact, which a student's code may have made long


class Outcome(str, Enum):
    """How a test ended; only the grader uses the last two."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_WRITTEN = "not written"
    CRASHED = "crashed"
    LIMIT = "limit"
    GRADERS_FAULT = "grader's fault"


@dataclass(frozen=True)
class Failure:
    """Why a test did not pass.

    Attributes
    ----------
    outcome : Outcome
    problem : str
        What is wrong: "wrong values of dx", "ValueError: operands could not be broadcast".
    case, expected, got, error : str
        Facts of a failed check: inputs, expected and actual result, size of the difference.
    where : str
        The student's line: "assignment/affine.py, line 30: out = x @ w".
    file_problem : str
        Why Python cannot import the file of that line; "" if it can.
    advice : str
        What to write instead.
    unwritten : str
        Id of the part whose stub was called.
    habit : tuple of str
        What a function does wrong for any values, see ``CheckFailed``; or ("old name", advice).
    missing : bool
        Whether it was not handed in: no such cell. Nobody may take that for a wrong answer.
    by_check : bool
        Whether a check or student code raised the error. If not, it was a bare assert or an error
        in the test itself, and pytest's traceback says more.
    """

    outcome: Outcome
    problem: str = ""
    case: str = ""
    expected: str = ""
    got: str = ""
    error: str = ""
    where: str = ""
    file_problem: str = ""
    advice: str = ""
    unwritten: str = ""
    habit: tuple[str, ...] = ()
    by_check: bool = True
    missing: bool = False

    def __post_init__(self) -> None:
        """Shorten long texts, which a student's code may have written."""
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is str:
                object.__setattr__(self, field.name, value[:MAX_TEXT])

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Failure:
        """Restore a failure from the plain data that ``to_plain`` returned."""
        fixed = {"outcome": Outcome(plain["outcome"]), "habit": tuple(plain["habit"])}
        return cls(**{**plain, **fixed})

    def to_plain(self) -> dict[str, Any]:
        """Return the fields as strings, lists and booleans, for JSON and pytest reports."""
        return {**asdict(self), "outcome": self.outcome.value, "habit": list(self.habit)}

    @property
    def summary(self) -> str:
        """The problem in one line."""
        return self.problem.split("\n")[0]


@dataclass(frozen=True)
class Raised:
    """An exception of student code, as text, because it may come from another process.

    Attributes
    ----------
    name, text : str
        Its type and its message.
    where, file_problem : str
        As in Failure.
    """

    name: str
    text: str
    where: str = ""
    file_problem: str = ""


def classify(error: BaseException) -> Failure:
    """Return the failure for an exception that ended a test."""
    if isinstance(error, CheckFailed):
        facts = error.problem, error.case, error.expected, error.got, error.error
        return Failure(Outcome.FAILED, *facts, habit=error.habit)
    if isinstance(error, CannotUse):
        advice = find_advice("CannotUse", str(error)) or ""
        outcome = Outcome.NOT_WRITTEN if error.is_absent else Outcome.CRASHED
        return Failure(outcome, str(error), advice=advice)
    raised = find_raised(error)
    if raised is None:
        said = write_exception(type(error).__name__, str(error))
        return Failure(Outcome.FAILED, said, by_check=False)
    if isinstance(error, NotImplementedError):
        text = str(error) or "not written yet"
        return Failure(Outcome.NOT_WRITTEN, text, unwritten=read_stub(text))
    return _classify_crash(raised)


def _classify_crash(raised: Raised) -> Failure:
    text = raised.text
    old_name = find_advice(raised.name, text)
    if old_name:
        text = text.split("\n")[0]  # the rest is NumPy's longer advice
    return Failure(
        Outcome.CRASHED,
        write_exception(raised.name, text),
        where=raised.where,
        file_problem=raised.file_problem,
        advice=old_name or find_advice("CannotUse", raised.file_problem) or "",
        habit=("old name", old_name) if old_name else (),
    )


def find_raised(error: BaseException) -> Raised | None:
    """Return the exception as raised by student code, or None if other code raised it."""
    raised: Any = getattr(error, "raised", None)
    if isinstance(raised, Raised):  # raised in a worker, behind the wall
        return raised
    line = find_line(error)
    if line is None:
        return None
    return Raised(type(error).__name__, str(error), line, find_problem(error))


def write_failure(failure: Failure, part_id: str, check: str, seed: int) -> str:
    """Write the message about a failure that a student reads.

    Parameters
    ----------
    check : str
        What the test checks, in a sentence.
    seed : int
        Seed of the test's random inputs.
    """
    if not failure.by_check:
        return f"{part_id}: {check}\n  {failure.problem}"
    if failure.unwritten:  # the text names the missing part, which may be another one
        return failure.problem
    rows = {"case": failure.case, "expected": failure.expected, "got": failure.got}
    rows |= {"error": failure.error, "at": failure.where, "file": failure.file_problem}
    rows |= {"hint": failure.advice}
    if failure.outcome is Outcome.FAILED:
        again = f"pytest --part {part_id}" + (f" --seed {seed}" if seed != DEFAULT_SEED else "")
        rows = {"check": check, **rows, "seed": str(seed), "again": again}
    return write_rows(f"{part_id}: {failure.problem}", rows)
