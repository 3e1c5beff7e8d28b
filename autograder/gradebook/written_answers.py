"""Collect written answers, which people grade by the rubric."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
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

__all__ = ["AnswerSheet", "read_questions"]

MAX_ANSWER = MAX_TEXT + 1_000  # characters of all its cells, with the names of its pictures
MARKERS = re.compile(r"^### (BEGIN|END) SOLUTION[ \t]*$\n?", re.MULTILINE)


class AnswerSheet:
    """The questions of all notebooks, and the answers of the class so far.

    Pictures in answers are written into the folder at once: a class may hold gigabytes of them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.questions = {(q.notebook, q.cell_id): q for q in read_questions()}
        masters = read_master_notebooks()
        self.outlines = make_outlines(masters)
        self.given = {
            name: {
                cell.id: cell.source for cell in cells if cell.kind == "markdown" and not cell.tags
            }
            for name, cells in masters.items()
        }
        self.answers: dict[tuple[str, str], dict[str, str]] = {key: {} for key in self.questions}
        self.pictures: dict[tuple[str, str], dict[str, list[str]]] = {
            key: {} for key in self.questions
        }
        self.missing: dict[tuple[str, str], set[str]] = {key: set() for key in self.questions}

    def enter(self, submission: Submission) -> list[str]:
        """Add the answers of a submission; say which cells were not found, or not by their id."""
        located = {
            name: locate(self.outlines[name], cells)
            for name, cells in submission.notebooks.items()
            if name in self.outlines
        }
        lines: list[str] = []
        for key in self.questions:
            cells = submission.notebooks.get(key[0], ())
            lines += self._enter_answer(key, submission.student, cells, located.get(key[0]))
        for name, one in located.items():
            cells = submission.notebooks[name]
            lines += describe_located(f"{name}.ipynb", one)
            lines += describe_lost_pictures(f"{name}.ipynb", self.outlines[name], one, cells)
        return lines

    def _enter_answer(
        self,
        key: tuple[str, str],
        student: str,
        cells: Sequence[Cell],
        located: Located | None,
    ) -> Iterator[str]:
        notebook, id = key
        found = located.found.get(id) if located else None
        parts = [cells[place] for place in found.places] if found else []
        parts = [self._leave_given_out(cell, notebook) for cell in parts]
        if not parts:
            self.missing[key].add(student)
        stem = f"{notebook}-{id}-{safe_folder_name(student)}"
        text, files = take_pictures(parts, stem)
        for name, content in files.items():
            write_whole(self.folder / name, content)
        if len(text) > MAX_ANSWER:
            read = f"only the first {MAX_ANSWER:,} were read"
            yield f"{notebook}.ipynb: the answer {id} has {len(text):,} characters; {read}"
        self.answers[key][student] = _strip(cut(text, MAX_ANSWER))
        self.pictures[key][student] = [*files]

    def _leave_given_out(self, cell: Cell, notebook: str) -> Cell:
        """Return a cell without the lines that the course has given it."""
        texts = self.given[notebook]
        text = texts.get(cell.id) or texts.get(cell.other_id) or ""
        given = {line.strip() for line in text.split("\n")}
        lines = [line for line in cell.source.split("\n") if line.strip() not in given]
        return replace(cell, source="\n".join(lines)) if text else cell

    def complete(self) -> dict[tuple[str, str], Question]:
        """Return the questions with the answers."""
        return {
            key: replace(
                q,
                answers=self.answers[key],
                pictures=self.pictures[key],
                missing=frozenset(self.missing[key]),
            )
            for key, q in self.questions.items()
        }


def read_questions() -> list[Question]:
    """Read all questions; a question is the cell before the one for its answer."""
    return [
        Question(name, cell.id, cell.points, before.source, _strip(cell.source), {})
        for name, cells in read_master_notebooks().items()
        for before, cell in itertools.pairwise(cells)
        if "written" in cell.tags
    ]


def _strip(source: str) -> str:
    return drop_placeholder(MARKERS.sub("", source)).strip()
