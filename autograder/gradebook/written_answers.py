"""Collect written answers, which people grade by the rubric."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from assignment.support.project.unwritten import PLACEHOLDER
from autograder.gradebook.publishing import Question
from autograder.intake.submissions import Submission
from autograder.master_notebooks import read_master_notebooks

__all__ = ["AnswerSheet", "read_questions"]

MARKERS = re.compile(r"^### (BEGIN|END) SOLUTION[ \t]*$\n?", re.MULTILINE)


class AnswerSheet:
    """The questions of all notebooks, and the answers of the class so far."""

    def __init__(self) -> None:
        self.questions = {(q.notebook, q.cell_id): q for q in read_questions()}
        self.answers: dict[tuple[str, str], dict[str, str]] = {key: {} for key in self.questions}

    def enter(self, submission: Submission) -> None:
        """Add the answers of a submission."""
        for (notebook, cell_id), answers in self.answers.items():
            cells = submission.notebooks.get(notebook, ())
            texts = [cell.source for cell in cells if cell.id == cell_id]
            answers[submission.student] = _strip(texts[0]) if texts else ""

    def complete(self) -> dict[tuple[str, str], Question]:
        """Return the questions with the answers."""
        return {key: replace(q, answers=self.answers[key]) for key, q in self.questions.items()}


def read_questions() -> list[Question]:
    """Read all questions; a question is the cell before the one for its answer."""
    return [
        Question(name, cell.id, cell.points, before.source, _strip(cell.source), {})
        for name, cells in read_master_notebooks().items()
        for before, cell in itertools.pairwise(cells)
        if "written" in cell.tags
    ]


def _strip(source: str) -> str:
    return MARKERS.sub("", source).replace(PLACEHOLDER, "").strip()
