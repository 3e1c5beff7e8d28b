"""Results of grading: a verdict for each test, a grade for each submission."""

from __future__ import annotations

from dataclasses import dataclass

from assignment.support.testing.failures import Failure, Outcome

__all__ = ["EXPLAINABLE", "Failure", "Grade", "Outcome", "Recognised", "Verdict"]

EXPLAINABLE = (Outcome.FAILED, Outcome.CRASHED)  # by a mistake in the part itself


@dataclass(frozen=True)
class Verdict:
    """The result of one test function, over all its cases, for one submission."""

    part: str  # "batchnorm.backward" as in the manifest, or the cell "05_batchnorm/rung-1"
    name: str  # for students: the part, and the sentence or "hidden test 2"
    test: str  # the function's own name, or the cell's id
    sentence: str  # what the test checks
    hidden: bool  # whether students may not know what was tested
    possible: float  # points
    of_cell: bool = False  # whether it judges a completed cell of a notebook
    failure: Failure | None = None  # why the test did not pass
    given: tuple[str, ...] = ()  # wrong functions: with the teacher's in their place it passes
    share: float = 0.0  # of its points, that it earns by that

    @property
    def outcome(self) -> Outcome:
        """How the test ended."""
        return Outcome.PASSED if self.failure is None else self.failure.outcome

    @property
    def points(self) -> float:
        """Points that were earned."""
        return self.possible * (1 if self.failure is None else self.share)

    @property
    def missing(self) -> bool:
        """Whether what it judges was not handed in, which is no wrong answer."""
        return self.failure is not None and self.failure.missing

    @property
    def counts(self) -> bool:
        """Whether it counts: a test that ended by the grader's own fault does not."""
        return self.outcome is not Outcome.GRADERS_FAULT


@dataclass(frozen=True)
class Recognised:
    """A mistake that explains everything, or all public tests, that is wrong with a part."""

    part: str
    label: str  # for the teacher, in a few words; "" if it does not explain the hidden tests
    hint: str  # for the student, from public tests alone; "" if there is none


@dataclass(frozen=True)
class Grade:
    """The result of grading one submission."""

    student: str  # name of the zip or folder
    submission: str  # SHA-256 of what was handed in, hexadecimal
    tests: str  # SHA-256 of all files that decide a score
    seed: int  # of all random inputs
    isolation: str  # level of the wall
    graded_at: str  # UTC, ISO 8601
    seconds: float  # wall time
    findings: tuple[str, ...]  # what intake noticed, one line each
    notebooks: bool  # whether cells were graded besides functions
    verdicts: tuple[Verdict, ...]  # one for each test function and each graded cell
    mistakes: tuple[Recognised, ...] = ()
    refused: str = ""  # why nothing could be read of it, one line
    python: str = ""  # version that the grader ran, such as "3.12"

    @property
    def points(self) -> float:
        """Points that were earned."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def possible(self) -> float:
        """Points of everything that has a verdict."""
        return sum(verdict.possible for verdict in self.verdicts if verdict.counts)

    @property
    def is_unwritten(self) -> bool:
        """Whether no test has found anything but what was given."""
        return {verdict.outcome for verdict in self.verdicts} == {Outcome.NOT_WRITTEN}

    @property
    def missing_note(self) -> str:
        """How many cells to complete were not found in what was handed in, "" for none."""
        count = sum(verdict.missing for verdict in self.verdicts)
        return f"{count} cell{'s' * (count > 1)} not handed in" if count else ""

    @property
    def faults(self) -> tuple[Verdict, ...]:
        """Tests that ended by the grader's own fault."""
        return tuple(verdict for verdict in self.verdicts if not verdict.counts)

    @property
    def fault_note(self) -> str:
        """How many tests ended by the grader's own fault, in words."""
        count = len(self.faults)
        return f"{'one test' if count == 1 else f'{count} tests'} ended by the grader's own fault"
