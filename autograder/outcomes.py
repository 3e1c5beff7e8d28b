"""What grading finds out: a verdict for each test, a grade for each submission."""

from __future__ import annotations

from dataclasses import dataclass

from assignment.support.testing.failures import Failure, Outcome

__all__ = ["EXPLAINABLE", "Failure", "Grade", "Outcome", "Recognised", "Verdict"]

EXPLAINABLE = (Outcome.FAILED, Outcome.CRASHED)  # by a mistake in the part itself


@dataclass(frozen=True)
class Verdict:
    """What one test function, all its cases together, says of one submission.

    Attributes
    ----------
    part : str
        Id in the manifest, "batchnorm.backward", or notebook and cell, "05_batchnorm/rung-1".
    name : str
        Of the verdict, for students too: begins with the part, and tells nothing of a hidden test.
    test : str
        The test's own name, for the teacher.
    sentence : str
        What the test checks.
    hidden : bool
        Whether the student may not know what was tested.
    possible : float
        What the test is worth; a test that ended by the grader's own fault counts neither for nor
        against the student.
    of_cell : bool
        Whether it judges a completed cell of a notebook.
    failure : Failure or None
        Why the test did not pass.
    given : tuple of str
        The wrong functions with whose right versions in their place the test passes.
    share : float
        The share of the points that it earns then.
    """

    part: str
    name: str
    test: str
    sentence: str
    hidden: bool
    possible: float
    of_cell: bool = False
    failure: Failure | None = None
    given: tuple[str, ...] = ()
    share: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """How the test ended."""
        return Outcome.PASSED if self.failure is None else self.failure.outcome

    @property
    def points(self) -> float:
        """Points that were earned."""
        return self.possible * (1 if self.failure is None else self.share)

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
    notebooks : bool
        Whether cells were graded besides functions.
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
    notebooks: bool
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
        """Tests that ended by the grader's own fault, and so have no verdict."""
        return tuple(verdict for verdict in self.verdicts if not verdict.counts)
