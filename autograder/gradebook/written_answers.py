"""Collect written answers, which people grade by the rubric."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from assignment.support.project.cells import (
    Located,
    describe_located,
    describe_lost_pictures,
    locate,
)
from assignment.support.project.unwritten import drop_placeholder
from assignment.support.project.writing import write_whole
from autograder.gradebook.pictures import take_pictures
from autograder.gradebook.publishing import Question, safe_folder_name
from autograder.intake.decoding import MAX_TEXT, Cell, cut
from autograder.intake.submissions import Submission
from autograder.master_notebooks import make_outlines, read_master_notebooks
from autograder.outcomes import Answer

__all__ = ["AnswerReader", "read_questions"]

MAX_ANSWER = MAX_TEXT + 1_000  # characters of all its cells, with the names of its pictures
MARKERS = re.compile(r"^### (BEGIN|END) SOLUTION[ \t]*$\n?", re.MULTILINE)


class AnswerReader:
    """Reads the written answers in submissions.

    Pictures in answers are written into the folder at once: a class may hold gigabytes of them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.questions = read_questions()
        masters = read_master_notebooks()
        self.outlines = make_outlines(masters)
        self.given = {
            name: {
                cell.id: cell.source for cell in cells if cell.kind == "markdown" and not cell.tags
            }
            for name, cells in masters.items()
        }

    def read(self, submission: Submission) -> tuple[list[Answer], list[str]]:
        """Return the answers, and a line for each cell that was not found or not by its id."""
        located = {
            name: locate(self.outlines[name], cells)
            for name, cells in submission.notebooks.items()
            if name in self.outlines
        }
        lines: list[str] = []
        answers = [self._read(one, submission, located, lines) for one in self.questions]
        for name, one in located.items():
            cells = submission.notebooks[name]
            lines += describe_located(f"{name}.ipynb", one)
            lines += describe_lost_pictures(f"{name}.ipynb", self.outlines[name], one, cells)
        return answers, lines

    def _read(
        self,
        question: Question,
        submission: Submission,
        located: Mapping[str, Located],
        lines: list[str],
    ) -> Answer:
        notebook, id = question.notebook, question.cell_id
        cells = submission.notebooks.get(notebook, ())
        found = located[notebook].found.get(id) if notebook in located else None
        parts = [cells[place] for place in found.places] if found else []
        parts = [self._leave_given_out(cell, notebook) for cell in parts]
        student = f"{safe_folder_name(submission.student)}-{submission.sha256[:8]}"
        text, files = take_pictures(parts, f"{notebook}-{id}-{student}")
        for name, content in files.items():
            if not (self.folder / name).exists():  # the name says whose it is
                write_whole(self.folder / name, content)
        if len(text) > MAX_ANSWER:
            read = f"only the first {MAX_ANSWER:,} were read"
            lines.append(f"{notebook}.ipynb: the answer {id} has {len(text):,} characters; {read}")
        return Answer(notebook, id, _strip(cut(text, MAX_ANSWER)), (*files,), bool(parts))

    def _leave_given_out(self, cell: Cell, notebook: str) -> Cell:
        """Return a cell without the lines that the course has given it."""
        texts = self.given[notebook]
        text = texts.get(cell.id) or texts.get(cell.other_id) or ""
        given = {line.strip() for line in text.split("\n")}
        lines = [line for line in cell.source.split("\n") if line.strip() not in given]
        return replace(cell, source="\n".join(lines)) if text else cell


def read_questions() -> list[Question]:
    """Read all questions; a question is the cell before the one for its answer."""
    return [
        Question(name, cell.id, cell.points, before.source, _strip(cell.source))
        for name, cells in read_master_notebooks().items()
        for before, cell in itertools.pairwise(cells)
        if "written" in cell.tags
    ]


def _strip(source: str) -> str:
    return drop_placeholder(MARKERS.sub("", source)).strip()
