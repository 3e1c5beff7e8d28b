"""Write the files that people read: tables, each student's results.json, written answers.

Any text may come from a student and is treated as hostile: it must not become a formula in a table,
a heading in a document, or a path that leaves the folder.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assignment.support.project.writing import write_whole
from autograder.gradebook.shown import FAULT_SENTENCE, show, show_hidden
from autograder.intake.decoding import show_invisible
from autograder.outcomes import Grade, Outcome, Verdict

__all__ = [
    "Question",
    "count_mistakes",
    "safe_folder_name",
    "write_csv",
    "write_mistakes",
    "write_results",
    "write_written_answers",
]

ANSWER_WIDTH = 96  # a renderer does not wrap literal text
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
CONTROL_IN_LINES = re.compile(r"(?![\t\n])" + CONTROL.pattern)

# Safe as a folder name on every file system: lower case, and neither a Windows device, nor a file
# of the results, nor a name with a digest.
SAFE_NAME = re.compile(r"[a-z0-9]([a-z0-9 ._-]{,48}[a-z0-9_-])?")
RESERVED = re.compile(
    r".*-[0-9a-f]{16}|(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\..*)?|(gradebook|mistakes)\..*|written"
)


@dataclass(frozen=True)
class Question:
    """One question with written answers, those of the class."""

    notebook: str
    cell_id: str  # of the answer
    points: float  # that a full answer is worth
    question: str  # Markdown, as the rubric
    rubric: str
    answers: Mapping[str, str]  # student -> answer, "" where there is none
    pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)  # student -> files' names
    missing: frozenset[str] = frozenset()  # students in whose notebook there was no such cell


def write_csv(grades: Sequence[Grade], path: Path) -> None:
    """Write the table of a class, a row a student and a column a part.

    A part without a verdict has an empty cell, and so has one that was not handed in. So have all
    points of a submission that could not be read: they are not zeros. The column "results" names
    the folder of a student's results.json. The file begins with a byte order mark: without it,
    Excel on Windows reads a CSV in the local 8-bit encoding and garbles names that are not ASCII.
    """
    parts = list(dict.fromkeys(verdict.part for grade in grades for verdict in grade.verdicts))
    first = ["student", "points", "possible", "status"]
    last = ["findings", "seed", "isolation", "graded_at", "submission", "results"]
    text = io.StringIO()
    # All texts are quoted: a program that splits at ";" would otherwise make two cells of "a;=1".
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(map(_to_cell, [*first, *parts, *last]))
    for grade in grades:
        table.writerow(map(_to_cell, _make_row(grade, parts)))
    _write(path, text.getvalue().encode("utf-8-sig"))


def write_mistakes(grades: Sequence[Grade], path: Path) -> None:
    """Write how many students made each mistake that was recognised, the most frequent first."""
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(["mistake", "parts", "students"])
    for label, parts, students in count_mistakes(grades):
        table.writerow([_to_cell(label), _to_cell(", ".join(parts)), students])
    _write(path, text.getvalue().encode("utf-8-sig"))


def count_mistakes(grades: Sequence[Grade]) -> list[tuple[str, list[str], int]]:
    """Return each mistake, the parts that it broke, and how many students made it.

    A student who lost several parts by one mistake counts once.
    """
    parts: dict[str, dict[str, None]] = {}
    students: Counter[str] = Counter()
    for grade in grades:
        explained = [one for one in grade.mistakes if one.label]
        students.update({one.label for one in explained})
        for one in explained:
            parts.setdefault(one.label, {})[one.part] = None
    ranked = sorted(students, key=lambda label: (-students[label], label))
    return [(label, [*parts[label]], students[label]) for label in ranked]


def write_results(grade: Grade, path: Path) -> None:
    """Write a grade as Gradescope shows it to the student.

    The hidden tests of a part are one entry: it says how many passed, and Gradescope hides even
    that. While a test is hidden, Gradescope also hides the total, so no text here states it.
    """
    results = {
        "score": round(grade.points, 6),
        "output": _summarise(grade),
        "output_format": "text",  # not HTML: findings quote a student's names
        "visibility": "visible",
        "stdout_visibility": "hidden",  # the grader prints for the teacher
        "tests": _make_all_results(grade),
    }
    text = json.dumps(results, ensure_ascii=False)
    _write(path, text.encode("utf-8"))


def write_written_answers(answers: Mapping[tuple[str, str], Question], folder: Path) -> None:
    """Write one Markdown file a question: what was asked, the rubric, the answers of the class."""
    for question in answers.values():
        name = f"{question.notebook}-{question.cell_id}.md"
        _write(folder / name, _lay_out(question).encode("utf-8"))


def safe_folder_name(student: str) -> str:
    """Return a folder name for a student: never a path, never another student's."""
    if SAFE_NAME.fullmatch(student) and not RESERVED.fullmatch(student):
        return student
    readable = re.sub(r"[^\w -]", "_", unicodedata.normalize("NFC", student))[:40].strip(" -")
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable or 'student'}-{digest[:16]}"


def _make_row(grade: Grade, parts: Sequence[str]) -> list[str | float | None]:
    points: dict[str, float] = {}
    for verdict in grade.verdicts:
        if verdict.counts and not verdict.missing and not grade.refused:
            points[verdict.part] = points.get(verdict.part, 0.0) + verdict.points
    return [
        grade.student,
        None if grade.refused else grade.points,
        grade.possible,
        _tell_status(grade),
        *(points.get(part) for part in parts),
        "; ".join(grade.findings),
        grade.seed,
        grade.isolation,
        grade.graded_at,
        grade.submission,
        safe_folder_name(grade.student),
    ]


def _tell_status(grade: Grade) -> str:
    if grade.refused:
        return f"unreadable: {grade.refused}"
    if grade.faults:
        return f"grade again: {grade.fault_note}"
    if grade.is_unwritten:
        return "nothing written"
    return grade.missing_note or "ok"


def _to_cell(value: str | float | None) -> str | float | None:
    """Return a number rounded, and a text so that no spreadsheet takes it for a formula."""
    if isinstance(value, float):
        return round(value, 6)  # ten times 0.1 is 1
    if not isinstance(value, str):
        return value
    text = _clean(value)
    # NFKC turns wide and small signs, which also begin formulas in Excel, into ASCII.
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf").lstrip()
    return f"'{text}" if seen.startswith(("=", "+", "-", "@")) else text


def _summarise(grade: Grade) -> str:
    python = f", Python {grade.python}" if grade.python else ""
    how = f"seed {grade.seed}, isolation {grade.isolation}{python}"
    lines = [f"Graded with {how}, at {grade.graded_at}."]
    if grade.refused:
        lines.insert(0, f"Nothing could be read of what you handed in: {_clean(grade.refused)}")
    if grade.faults:
        lines.append(f"Tests without a verdict: {len(grade.faults)}. {FAULT_SENTENCE}")
    if grade.missing_note:
        lines.append(f"Not found in your notebooks: {grade.missing_note}.")
    lines += [f"Found in what you handed in: {_clean(finding)}" for finding in grade.findings]
    lines += [f"Hint for {one.part}: {one.hint}" for one in grade.mistakes if one.hint]
    return "\n".join(lines)


def _make_all_results(grade: Grade) -> list[dict[str, Any]]:
    results = [_make_result(verdict, grade) for verdict in grade.faults]
    counting = [verdict for verdict in grade.verdicts if verdict.counts]
    for part in dict.fromkeys(verdict.part for verdict in counting):
        of_part = [verdict for verdict in counting if verdict.part == part]
        hidden = [verdict for verdict in of_part if verdict.hidden and not verdict.of_cell]
        shown = [verdict for verdict in of_part if not verdict.hidden or verdict.of_cell]
        results += [_make_result(verdict, grade) for verdict in shown]
        results += [_make_hidden_result(part, hidden)] if hidden else []
    return results


def _make_hidden_result(part: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    all_passed = all(verdict.outcome is Outcome.PASSED for verdict in verdicts)
    return {
        "name": f"{part}: hidden tests",
        "score": sum(verdict.points for verdict in verdicts),
        "max_score": sum(verdict.possible for verdict in verdicts),
        "status": "passed" if all_passed else "failed",
        "output": show_hidden(verdicts),
        "output_format": "text",
        "visibility": "hidden",
    }


def _make_result(verdict: Verdict, grade: Grade) -> dict[str, Any]:
    return {
        "name": _clean(verdict.name),
        "score": verdict.points,
        "max_score": verdict.possible if verdict.counts else 0.0,
        "status": "passed" if verdict.outcome is Outcome.PASSED else "failed",
        "output": _clean(show(verdict, grade), CONTROL_IN_LINES),
        "output_format": "text",
        "visibility": "hidden" if verdict.hidden else "visible",
    }


def _lay_out(question: Question) -> str:
    """Return the document of one question.

    Answers are indented code blocks: nothing in them is Markdown or HTML. The teacher's texts are
    block quotes, so that a code fence left open in one ends with it.
    """
    blocks = [f"# {question.notebook}, {question.cell_id}", f"Points: {question.points:g}"]
    blocks += ["## Question", _quote(question.question)]
    blocks += ["## Rubric", _quote(question.rubric)]
    without: list[str] = []
    missing: list[str] = []
    for student, answer in sorted(question.answers.items()):
        if _clean(answer).strip():
            blocks += [f"## Answer of {_escape(student)}", _make_literal(answer)]
            blocks += [f"![{name}](<{name}>)" for name in question.pictures.get(student, ())]
        else:
            (missing if student in question.missing else without).append(_escape(student))
    if missing:
        blocks += [f"Not handed in, no such cell: {', '.join(missing)}"]
    if without:
        blocks += [f"No answer: {', '.join(without)}"]
    return "\n\n".join(blocks) + "\n"


def _quote(markdown: str) -> str:
    return "\n".join(f"> {line}" for line in _clean(markdown, CONTROL_IN_LINES).split("\n"))


def _make_literal(answer: str) -> str:
    lines = []
    for line in answer.splitlines():
        lines += textwrap.wrap(_clean(line, CONTROL_IN_LINES), ANSWER_WIDTH) or [""]
    # Not textwrap.indent, which does not indent a line of wide spaces: Markdown takes that for a
    # paragraph, and the indented line after it for text, not code.
    return "\n".join(f"    {line}" for line in lines)


def _escape(name: str) -> str:
    """Return a name with the special characters of Markdown escaped."""
    return re.sub(r"([\\`*_\[\]<>&#~$|!])", r"\\\1", _clean(name))


def _clean(text: str, control: re.Pattern[str] = CONTROL) -> str:
    """Return text without control characters, line ends and lone surrogates.

    What is not seen, or changes the order in which other characters are seen, becomes its number.
    """
    return show_invisible(control.sub("", text))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
