"""Read the scores of a class from a folder of results, and write nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GraderError
from autograder.gradebook.rules_used import recall_digests, recall_rules
from autograder.gradebook.store import Gradebook
from autograder.points.catalogue import Catalogue, read_catalogue
from autograder.results import find_course, load_known
from autograder.rules.course import Course
from autograder.scoring.scores import Known, Score, score_class

__all__ = ["Class", "ReadingError", "read_class"]


class ReadingError(GraderError):
    """What was asked for is not in the results; the message is one line."""


@dataclass(frozen=True)
class Class:
    """The scores of a class, and what they follow from."""

    known: Known
    catalogue: Catalogue
    scores: tuple[Score, ...]
    # What the grades depend on: digest of all -> name of a file -> its digest.
    dependencies: Mapping[str, Mapping[str, str]]

    @property
    def course(self) -> Course:
        """The rules."""
        return self.known.course


def read_class(results: Path) -> Class:
    """Read the scores of a class, also while it is being graded.

    Rules and points are those by which its results were last written.

    Parameters
    ----------
    results : a folder of results, or the gradebook in it

    Raises
    ------
    GradebookError, CourseError, ResultsError, ReadingError
        There is no gradebook, it cannot be read, or the rules have faults.
    """
    path = results / "gradebook.sqlite" if results.is_dir() else results
    if not path.is_file():
        raise ReadingError(f"there is no gradebook in {results}: name the folder of an --out")
    with Gradebook(path, to_read=True) as book:
        course, catalogue = recall_rules(book) or (find_course(book, None), read_catalogue())
        known = load_known(book, course)
        tests = {grade.tests for grade in known.grades.values()}
        dependencies = {one: recall_digests(book, one) for one in tests}
    return Class(known, catalogue, tuple(score_class(known, catalogue)), dependencies)
