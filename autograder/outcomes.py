"""What grading finds out: six outcomes, a verdict for each test, a grade for each submission."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Grade", "Outcome", "Recognised", "Verdict"]


class Outcome(str, Enum):
    """How a test of one submission ended; there is no seventh way."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_WRITTEN = "not written"
    CRASHED = "crashed"
    LIMIT = "limit"
    GRADERS_FAULT = "grader's fault"


@dataclass(frozen=True)
class Verdict:
    """What one test function, all its cases together, says of one submission.

    Attributes
    ----------
    part : str
        Id in the manifest, "batchnorm.backward", or notebook and cell,
        "05_batchnorm/rung-1".
    name : str
        What the student reads: begins with the part, and tells nothing of a hidden test.
    test : str
        What the teacher reads: the test's own name.
    hidden : bool
        Whether the student may know what was tested.
    possible : float
        What the test is worth; a test that ended by the grader's own fault counts neither here
        nor there.
    outcome : Outcome
    message : str
        What the student reads; for a hidden test one fixed sentence.
    detail : str
        What only the teacher reads.
    given : str
        What was wrong elsewhere, where the test passes with the teacher's function in its place:
        "right, given a right batchnorm_backward".
    share : float
        The share of the points that it earns then.
    """

    part: str
    name: str
    test: str
    hidden: bool
    possible: float
    outcome: Outcome
    message: str = ""
    detail: str = ""
    given: str = ""
    share: float = 0.0

    @property
    def points(self) -> float:
        """Points that were earned."""
        return self.possible * (1 if self.outcome is Outcome.PASSED else self.share)

    @property
    def counts(self) -> bool:
        """Whether there is a verdict at all."""
        return self.outcome is not Outcome.GRADERS_FAULT


@dataclass(frozen=True)
class Recognised:
    """A mistake that explains everything that is wrong with a part.

    Attributes
    ----------
    part : str
    label : str
        What the teacher reads, in a few words.
    hint : str
        What the student reads; empty where the teacher wants none.
    """

    part: str
    label: str
    hint: str


@dataclass(frozen=True)
class Grade:
    """Everything that grading one submission has found out.

    Attributes
    ----------
    student : str
        Name of the zip or folder.
    submission, tests : str
        SHA-256 of what was handed in and of what judged it, hexadecimal.
    seed : int
        Seed of all random inputs.
    isolation : str
        Level of the wall that was really there: "full", "user" or "none".
    graded_at : str
        Time in UTC, ISO 8601.
    seconds : float
        Wall time.
    findings : tuple of str
        What intake noticed, one line each.
    verdicts : tuple of Verdict
        One for each test function and each graded cell.
    mistakes : tuple of Recognised
    """

    student: str
    submission: str
    tests: str
    seed: int
    isolation: str
    graded_at: str
    seconds: float
    findings: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    mistakes: tuple[Recognised, ...] = ()

    @property
    def points(self) -> float:
        """Points that were earned."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def possible(self) -> float:
        """Points of everything that has a verdict."""
        return sum(verdict.possible for verdict in self.verdicts if verdict.counts)

    @property
    def faults(self) -> tuple[Verdict, ...]:
        """Return the verdicts that are none: tests that ended by the grader's own fault."""
        return tuple(verdict for verdict in self.verdicts if not verdict.counts)
