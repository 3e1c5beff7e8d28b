"""Keep what may change afterwards: rules and points of the last results, what verdicts depend on.

So it can be said later why somebody has a score, and what has changed between two results.
"""

from __future__ import annotations

import json
from dataclasses import astuple, replace

from autograder.gradebook.store import Gradebook
from autograder.points.catalogue import Catalogue, Item
from autograder.points.dependencies import Dependencies
from autograder.rules.course import EMPTY, Course, parse_course

__all__ = ["keep_digests", "keep_rules", "recall_digests", "recall_rules"]

NAME = "rules used"  # of the setting
DEPENDENCIES = "dependencies"  # how the names of such settings begin


def keep_rules(book: Gradebook, course: Course, catalogue: Catalogue) -> None:
    """Remember by what rules and points results are written."""
    kept = {
        "file": course.file,
        "text": course.text,
        "hints": course.hints,  # these two may be options of one run
        "follow_through": course.follow_through,
        "tests": [[*key, points] for key, points in catalogue.tests.items()],
        "items": [astuple(item) for item in catalogue.items],
    }
    text = json.dumps(kept)
    if book.recall(NAME) != text:
        book.remember(NAME, text)


def keep_digests(book: Gradebook, dependencies: Dependencies) -> None:
    """Remember what verdicts with this digest depend on."""
    book.remember(f"{DEPENDENCIES} {dependencies.digest}", json.dumps({**dependencies.digests}))


def recall_digests(book: Gradebook, tests: str) -> dict[str, str]:
    """Return what a grade with this digest depends on; empty if nobody has kept it."""
    return dict(json.loads(book.recall(f"{DEPENDENCIES} {tests}") or "{}"))


def recall_rules(book: Gradebook) -> tuple[Course, Catalogue] | None:
    """Return by what rules and points the results were written; None if nobody has kept them."""
    text = book.recall(NAME)
    if not text:
        return None
    kept = json.loads(text)
    course = parse_course(kept["text"], kept["file"]) if kept["text"] else EMPTY
    course = replace(course, hints=kept["hints"], follow_through=kept["follow_through"])
    tests = {(part, test, hidden): points for part, test, hidden, points in kept["tests"]}
    return course, Catalogue(tests, tuple(Item(*item) for item in kept["items"]))
