"""Make the files that people read: tables, each student's results.json, written answers.

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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.gradebook.shown import FAULT_SENTENCE, show, show_hidden
from autograder.intake.decoding import show_invisible
from autograder.outcomes import Grade, Outcome, Verdict
from autograder.points.catalogue import WRITTEN
from autograder.scoring.scores import Line, Score

__all__ = [
    "Question",
    "count_mistakes",
    "make_csv",
    "make_mistakes",
    "make_results",
    "make_sheets",
    "safe_folder_name",
]

ANSWER_WIDTH = 96  # a renderer does not wrap literal text
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
CONTROL_IN_LINES = re.compile(r"(?![\t\n])" + CONTROL.pattern)

# Safe as a folder name on every file system: lower case, and neither a Windows device, nor a file
# of the results, nor a name with a digest.
SAFE_NAME = re.compile(r"[a-z0-9]([a-z0-9 ._-]{,48}[a-z0-9_-])?")
RESERVED = re.compile(
    r".*-[0-9a-f]{16}|(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\..*)?"
    r"|(gradebook|mistakes|marks)\..*|written"
)


FIRST_COLUMNS = ("student", "points", "possible", "status")
LAST_COLUMNS = (
    *("total", "of", "waiting", "changes", "name", "email", "section", "handed in", "attempts"),
    *("findings", "seed", "isolation", "graded_at", "submission", "results"),
)


@dataclass(frozen=True)
class Question:
    """One question with a written answer."""

    notebook: str
    cell_id: str  # of the answer
    points: float  # that a full answer is worth
    question: str  # Markdown, as the rubric
    rubric: str

    @property
    def item(self) -> str:
        """The name under which its answers are marked."""
        return f"{self.notebook}/{self.cell_id}"


def make_csv(scores: Sequence[Score]) -> bytes:
    """Return the table of a class, a row a student and a column a part, cell and written answer.

    "points" and "possible" are what the grader computed, and "total" and "of" count the marks and
    corrections of teachers as well, after the late rule. An item without points has an empty cell,
    and so has one that was not handed in or that waits for a mark. So have all points of a
    submission that could not be read: they are not zeros. The column "results" names the folder of
    a student's results.json. The file begins with a byte order mark: without it, Excel on Windows
    reads a CSV in the local 8-bit encoding and garbles names that are not ASCII.
    """
    items = list(dict.fromkeys(line.item.name for score in scores for line in score.lines))
    text = io.StringIO()
    # All texts are quoted: a program that splits at ";" would otherwise make two cells of "a;=1".
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(map(_to_cell, [*FIRST_COLUMNS, *items, *LAST_COLUMNS]))
    for score in scores:
        table.writerow(map(_to_cell, _make_row(score)))
    return text.getvalue().encode("utf-8-sig")


def make_mistakes(grades: Sequence[Grade]) -> bytes:
    """Return how many students made each mistake that was recognised, the most frequent first."""
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(["mistake", "parts", "students"])
    for label, parts, students in count_mistakes(grades):
        table.writerow([_to_cell(label), _to_cell(", ".join(parts)), students])
    return text.getvalue().encode("utf-8-sig")


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


def make_results(score: Score, hints: str) -> bytes:
    """Return a student's score as Gradescope shows it.

    The hidden tests of a part are one entry: it says how many passed, and Gradescope hides even
    that. While a test is hidden, Gradescope also hides the total, so no text here states it.

    Parameters
    ----------
    score : with a grade
    hints : how much a hint says, one of HINT_STEPS
    """
    grade = score.grade
    assert grade is not None
    results = {
        "score": round(score.total, 6),
        "output": "\n".join([*_summarise(grade, hints), *_explain_score(score)]),
        "output_format": "text",  # not HTML: findings quote a student's names
        "visibility": "visible",
        "stdout_visibility": "hidden",  # the grader prints for the teacher
        "tests": [*_make_all_results(grade, hints), *_make_marked(score)],
    }
    return json.dumps(results, ensure_ascii=False).encode("utf-8")


def make_sheets(questions: Sequence[Question], scores: Sequence[Score]) -> dict[str, bytes]:
    """Return one Markdown file a question: what was asked, the rubric, the answers of the class."""
    return {
        f"{one.notebook}-{one.cell_id}.md": _lay_out(one, scores).encode("utf-8")
        for one in questions
    }


def safe_folder_name(student: str) -> str:
    """Return a folder name for a student: never a path, never another student's."""
    if SAFE_NAME.fullmatch(student) and not RESERVED.fullmatch(student):
        return student
    readable = re.sub(r"[^\w -]", "_", unicodedata.normalize("NFC", student))[:40].strip(" -")
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable or 'student'}-{digest[:16]}"


def _make_row(score: Score) -> list[str | float | None]:
    grade, person = score.grade, score.person
    of_grader = [line for line in score.lines if line.item.kind != WRITTEN]
    is_read = grade is not None and not grade.refused
    points = sum(line.computed or 0.0 for line in of_grader) if is_read else None
    told = [grade.seed, grade.isolation, grade.graded_at] if grade else [None, "", ""]
    return [
        score.student,
        points,
        sum(line.possible for line in of_grader),
        score.status,
        *(line.points for line in score.lines),
        score.total if score.has_total else None,
        score.possible,
        len(score.waiting),
        "; ".join(_explain_score(score)),
        person.name,
        person.email,
        person.section,
        score.attempt.at if score.attempt else "",
        len(score.attempts),
        "; ".join(grade.findings if grade else ()),
        *told,
        score.attempt.submission if score.attempt else "",
        safe_folder_name(score.student) if grade else "",
    ]


def _explain_score(score: Score) -> list[str]:
    """Say what besides the tests has changed a score, a line each."""
    lines = []
    if score.lateness is not None and score.lateness.reason:
        lines.append(score.lateness.reason)
    for line in score.corrected:
        lines.append(f"{line.item.name}: {_tell_correction(line)}")
    for line in score.lines:
        if line.has_changed:
            lines.append(f"{line.item.name}: the answer has changed since it was marked")
    lines += [f"{name}: does not count, for anybody" for name in score.left_out]
    return lines


def _tell_correction(line: Line) -> str:
    assert line.mark is not None
    computed = "no points" if line.computed is None else f"{line.computed:g}"
    by = f" by {_clean(line.mark.by)}" if line.mark.by else ""
    why = f": {_clean(line.mark.comment)}" if line.mark.comment else ""
    return f"corrected{by} from {computed} to {line.points:g}{why}"


def _make_marked(score: Score) -> list[dict[str, Any]]:
    """Return the entries for what a teacher has typed: marks of written answers, corrections."""
    return [
        {
            "name": f"{line.item.name}: {'marked' if line.item.kind == WRITTEN else 'corrected'}",
            "score": line.points,
            "max_score": line.possible,
            "status": "passed" if line.points == line.possible else "failed",
            "output": _clean(line.mark.comment, CONTROL_IN_LINES),
            "output_format": "text",
            "visibility": "visible",
        }
        for line in score.lines
        if line.mark is not None
    ]


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


def _summarise(grade: Grade, hints: str) -> list[str]:
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
    worded = [(one.part, one.word(hints)) for one in grade.mistakes]
    return [*lines, *(f"Hint for {part}: {hint}" for part, hint in worded if hint)]


def _make_all_results(grade: Grade, hints: str) -> list[dict[str, Any]]:
    results = [_make_result(verdict, grade, hints) for verdict in grade.faults]
    by_part: dict[str, list[Verdict]] = {}
    for verdict in grade.verdicts:
        if verdict.counts:
            by_part.setdefault(verdict.part, []).append(verdict)
    for part, of_part in by_part.items():
        hidden = [verdict for verdict in of_part if verdict.hidden and not verdict.of_cell]
        shown = [verdict for verdict in of_part if not verdict.hidden or verdict.of_cell]
        results += [_make_result(verdict, grade, hints) for verdict in shown]
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


def _make_result(verdict: Verdict, grade: Grade, hints: str) -> dict[str, Any]:
    return {
        "name": _clean(verdict.name),
        "score": verdict.points,
        "max_score": verdict.possible if verdict.counts else 0.0,
        "status": "passed" if verdict.outcome is Outcome.PASSED else "failed",
        "output": _clean(show(verdict, grade, hints), CONTROL_IN_LINES),
        "output_format": "text",
        "visibility": "hidden" if verdict.hidden else "visible",
    }


def _lay_out(question: Question, scores: Sequence[Score]) -> str:
    """Return the document of one question.

    Answers are indented code blocks: nothing in them is Markdown or HTML. The teacher's texts are
    block quotes, so that a code fence left open in one ends with it.
    """
    blocks = [f"# {question.notebook}, {question.cell_id}", f"Points: {question.points:g}"]
    blocks += ["This file is for reading: type marks into marks.csv."]
    blocks += ["## Question", _quote(question.question)]
    blocks += ["## Rubric", _quote(question.rubric)]
    without: list[str] = []
    missing: list[str] = []
    for score in sorted(scores, key=lambda score: score.student):
        answer = score.answers.get(question.item)
        if answer is not None and _clean(answer.text).strip():
            blocks += [f"## Answer of {_escape(score.student)}", _make_literal(answer.text)]
            blocks += [f"![{name}](<{name}>)" for name in answer.pictures]
        elif score.grade is not None:
            found = answer is not None and answer.found
            (without if found else missing).append(_escape(score.student))
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
