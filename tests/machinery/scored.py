"""Scores of made-up grades, with the points that their verdicts have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Attempt, Grade
from autograder.points.catalogue import CELLS, FUNCTIONS, WRITTEN, Catalogue, Item
from autograder.roster.people import Person
from autograder.rules.course import EMPTY, Course
from autograder.scoring.scores import Known, Score, score_class

SEEN = "2026-01-02T03:04:05+00:00"


def attempt_of(grade: Grade, **more: object) -> Attempt:
    """Return the attempt that a grade judges."""
    return Attempt(grade.student, f"{grade.student}.zip", grade.submission, SEEN, **more)  # type: ignore[arg-type]


def score(
    *grades: Grade,
    course: Course = EMPTY,
    people: Iterable[Person] = (),
    attempts: Iterable[Attempt] | None = None,
    marks: Iterable[Mark] = (),
    answers: Mapping[str, Mapping[str, Answer]] | None = None,
    questions: Iterable[Item] = (),
) -> list[Score]:
    """Return the scores of a class in which each grade is of another attempt."""
    verdicts = [verdict for grade in grades for verdict in grade.verdicts]
    possible: dict[str, float] = {}
    tests = {}
    for verdict in verdicts:
        tests.setdefault((verdict.part, verdict.test, verdict.hidden), verdict.possible)
    for (part, _, _), points in tests.items():
        possible[part] = possible.get(part, 0) + points
    kinds = {v.part: CELLS if v.of_cell else FUNCTIONS for v in verdicts}
    items = [Item(part, kinds[part], "05_batchnorm", points) for part, points in possible.items()]
    known = Known(
        people=tuple(people),
        attempts=tuple(map(attempt_of, grades) if attempts is None else attempts),
        grades={(grade.student, grade.submission): grade for grade in grades},
        answers=answers or {},
        marks={(mark.student, mark.item): mark for mark in marks},
        course=course,
    )
    return score_class(known, Catalogue(tests, (*items, *questions)))


def question(cell: str = "answer-1", points: float = 2, notebook: str = "01_sgd") -> Item:
    """Return a question with a written answer."""
    return Item(f"{notebook}/{cell}", WRITTEN, notebook, points)
