"""Results of a made-up class, with rules and points of its own: nothing is judged."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.gradebook.rules_used import keep_rules
from autograder.gradebook.store import Gradebook
from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Attempt, Failure, Grade, Outcome, Verdict
from autograder.points.catalogue import CELLS, FUNCTIONS, WRITTEN, Catalogue, Item
from autograder.roster.people import Person
from autograder.rules.course import parse_course

SEEN = "2026-01-02T03:04:05+00:00"
ITEMS = (
    Item("affine.forward", FUNCTIONS, "01_sgd", 3),
    Item("network.loss", FUNCTIONS, "08_network", 1),
    Item("01_sgd/rung-1", CELLS, "01_sgd", 2),
    Item("01_sgd/answer-1", WRITTEN, "01_sgd", 2),
)
POINTS = {
    ("affine.forward", "test_values", False): 2.0,
    ("affine.forward", "test_secret", True): 1.0,
    ("network.loss", "test_loss", False): 1.0,
    ("01_sgd/rung-1", "rung-1", True): 2.0,
}
WRONG = Failure(
    Outcome.FAILED, "wrong values of out", "x (2, 3)", "[0] = 1", "[0] = 2", "1e+00 relative"
)


def verdict(
    test: str = "test_values", failure: Failure | None = None, given: tuple[str, ...] = ()
) -> Verdict:
    """Return the verdict of a test in POINTS."""
    ((part, _, hidden),) = [key for key in POINTS if key[1] == test]
    name = f"{part}: {'hidden test 1' if hidden else 'Values.'}"
    of_cell = "/" in part
    possible = POINTS[part, test, hidden]
    return Verdict(part, name, test, f"{test} checks.", hidden, possible, of_cell, failure, given)


def grade(student: str = "ana", *failed: Verdict, **more: object) -> Grade:
    """Return a grade in which all other tests passed."""
    other = {one.test: one for one in failed}
    verdicts = tuple(other.get(test) or verdict(test) for _, test, _ in POINTS)
    facts: dict[str, object] = {
        "student": student,
        "submission": f"sha-{student}",
        "tests": "7e57",
        "seed": 7,
        "isolation": "full",
        "graded_at": SEEN,
        "seconds": 0.1,
        "findings": (),
        "notebooks": True,
        "verdicts": verdicts,
    }
    return Grade(**{**facts, **more})  # type: ignore[arg-type]


def fill(
    results: Path,
    *grades: Grade,
    people: Iterable[Person] = (),
    attempts: Iterable[Attempt] | None = None,
    marks: Iterable[Mark] = (),
    answers: Iterable[tuple[str, Answer]] = (),
    rules: str = "",
    points: dict[tuple[str, str, bool], float] | None = None,
) -> Path:
    """Write a gradebook, each grade of another attempt, and return the folder of results."""
    results.mkdir()
    with Gradebook(results / "gradebook.sqlite") as book:
        book.enter_people([*people])
        handed_in = [
            Attempt(one.student, f"{one.student}.zip", one.submission, SEEN) for one in grades
        ]
        for attempt in handed_in if attempts is None else attempts:
            book.enter_attempt(attempt)
        for one in grades:
            book.add(one)
        for submission, answer in answers:
            book.enter_answers(submission, [answer])
        book.add_marks(marks)
        keep_rules(book, parse_course(rules), Catalogue(points or POINTS, ITEMS))
    return results
