"""Results of grading: what was handed in, a verdict for each test, a grade for each submission."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timezone

from assignment.support.testing.failures import Failure, Outcome

__all__ = [
    "EXPLAINABLE",
    "HINT_STEPS",
    "Answer",
    "Attempt",
    "Failure",
    "Grade",
    "Outcome",
    "Recognised",
    "Verdict",
    "write_now",
]

HINT_STEPS = ("none", "where", "what", "how")  # each adds to the one before
EXPLAINABLE = (Outcome.FAILED, Outcome.CRASHED)  # by a mistake in the part itself


@dataclass(frozen=True)
class Attempt:
    """Something that a student has handed in; each change of it is another attempt."""

    student: str
    file: str  # its path in the folder of submissions
    submission: str  # SHA-256 of what was handed in, hexadecimal
    seen: str  # when the grader first read it, UTC, ISO 8601
    at: str = ""  # when it was handed in, ISO 8601 with the offset from UTC; "" if unknown
    clock: str = ""  # where that time comes from
    late: bool = False  # whether the system that received it says that it was late
    number: int = 0  # which attempt it is, as far as the system says

    @property
    def time(self) -> datetime | None:
        """When it was handed in, None if unknown."""
        return datetime.fromisoformat(self.at) if self.at else None


@dataclass(frozen=True)
class Answer:
    """A written answer in a submission."""

    notebook: str
    cell: str  # id of its cell
    text: str  # with the names of its pictures; "" if nothing was written
    pictures: tuple[str, ...] = ()  # names of files
    found: bool = True  # whether the notebook had such a cell

    @property
    def item(self) -> str:
        """The name under which it is marked, such as "05_batchnorm/answer-1"."""
        return f"{self.notebook}/{self.cell}"

    @property
    def digest(self) -> str:
        """What tells this answer from another one."""
        content = "\n".join((self.text, *self.pictures))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:8]


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
    # For the student, from public tests alone: where to look, what is wrong there, how to correct
    # it. Empty if there is no hint.
    hints: tuple[str, ...] = ()

    def word(self, step: str) -> str:
        """Return the hint up to one of HINT_STEPS: each step adds a sentence."""
        return " ".join(filter(None, self.hints[: HINT_STEPS.index(step)]))


@dataclass(frozen=True)
class Grade:
    """The result of grading one submission."""

    student: str  # name of the zip or folder
    submission: str  # SHA-256 of what was handed in, hexadecimal
    tests: str  # SHA-256 of all that the verdicts depend on
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
    def status(self) -> str:
        """What a teacher should know before the points, "ok" for nothing."""
        if self.refused:
            return f"unreadable: {self.refused}"
        if self.faults:
            return f"grade again: {self.fault_note}"
        if self.is_unwritten:
            return "nothing written"
        return self.missing_note or "ok"

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


def write_now() -> str:
    """Return the time in the form in which it is stored: UTC, ISO 8601."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
