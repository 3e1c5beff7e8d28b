"""Why a student has this score: the facts, and a page that shows them to the teacher."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder.gradebook.shown import find_hint
from autograder.intake.decoding import one_line
from autograder.outcomes import Attempt, Grade, Outcome, Verdict
from autograder.points.catalogue import CELLS, FUNCTIONS, WRITTEN
from autograder.rules.course import Course
from autograder.scoring.scores import Line, Score

__all__ = ["describe_failure", "explain_failure", "explain_score", "print_line", "print_score"]
__all__ += ["print_wrapped"]

KINDS = {FUNCTIONS: "functions", CELLS: "completed cells", WRITTEN: "written answers"}
FACTS = ("case", "expected", "got", "error", "where", "file_problem", "advice")
MOST_LETTERS = 300  # of one fact on the page; JSON has all of it
INDENT = 4
UNWRITTEN = Outcome.NOT_WRITTEN.value


def explain_score(score: Score, course: Course) -> dict[str, Any]:
    """Return all that a score follows from, as plain data for JSON."""
    grade, person = score.grade, score.person
    return {
        "student": score.student,
        "name": person.name,
        "email": person.email,
        "section": person.section,
        "status": score.status,
        "refused": grade.refused if grade else "",
        "attempts": [_explain_attempt(one, score.attempt) for one in score.attempts],
        "findings": list(grade.findings) if grade else [],
        "total": score.total,
        "possible": score.possible,
        "earned": score.earned,
        "waiting": len(score.waiting),
        "late": score.lateness.reason if score.lateness else "",
        "left_out": list(score.left_out),
        "seed": grade.seed if grade else None,
        "isolation": grade.isolation if grade else "",
        "graded_at": grade.graded_at if grade else "",
        "again": _write_command(score.attempt, grade) if grade else "",
        "items": [_explain_line(line, grade, course) for line in score.lines],
    }


def _explain_attempt(attempt: Attempt, counting: Attempt | None) -> dict[str, Any]:
    return {
        "file": attempt.file,
        "at": attempt.at,
        "clock": attempt.clock,
        "seen": attempt.seen,
        "late": attempt.late,
        "number": attempt.number,
        "submission": attempt.submission,
        "counts": attempt is counting,
    }


def _explain_line(line: Line, grade: Grade | None, course: Course) -> dict[str, Any]:
    item, mark = line.item, line.mark
    verdicts = [one for one in grade.verdicts if one.part == item.name] if grade else []
    lost = [one for one in verdicts if one.failure is not None]
    mistakes = [one for one in grade.mistakes if one.part == item.name] if grade else []
    hints = [find_hint(verdict, grade, course.hints) for verdict in lost] if grade else []
    again = f"pytest --part {item.name} --seed {grade.seed}" if grade and lost else ""
    return {
        "item": item.name,
        "kind": item.kind,
        "points": line.points,
        "possible": line.possible,
        "computed": line.computed,
        "mark": {"points": mark.points, "comment": mark.comment, "by": mark.by} if mark else None,
        "waits": line.waits,
        "answer_changed": line.has_changed,
        "mistake": next((one.label for one in mistakes), ""),
        "hint": next(filter(None, hints), ""),
        "tests": len(verdicts),
        "lost": [explain_failure(verdict) for verdict in lost],
        "again": again if item.kind == FUNCTIONS else "",
    }


def explain_failure(verdict: Verdict) -> dict[str, Any]:
    """Return how a test failed, as plain data."""
    failure = verdict.failure
    assert failure is not None
    return {
        "test": verdict.test,
        "checks": verdict.sentence,
        "hidden": verdict.hidden,
        "points": verdict.points,
        "possible": verdict.possible if verdict.counts else 0.0,
        "outcome": verdict.outcome.value,
        "handed_in": not verdict.missing,
        "problem": failure.problem,
        **{name: getattr(failure, name) for name in FACTS},
        "given": list(verdict.given),
    }


def _write_command(attempt: Attempt | None, grade: Grade) -> str:
    file = shlex.quote(one_line(attempt.file)) if attempt and attempt.file else "FILE"
    less = "" if grade.notebooks else " --no-notebooks"
    return f"python -m autograder grade {file} --out NEW --seed {grade.seed}{less}"


# Printing


def print_score(facts: dict[str, Any], console: Console) -> None:
    """Print the facts about a score: first the sum, then each item with lost points."""
    _print_person(facts, console)
    _print_sum(facts, console)
    lists: dict[str, list[str]] = {"waiting for a mark": [], "not handed in": [], "not written": []}
    for item in facts["items"]:
        if what := _find_list(item):
            lists[what].append(item["item"])
        elif _is_telling(item):
            _print_item(item, console)
    for what, names in lists.items():
        if names and not (facts["refused"] and what != "waiting for a mark"):
            print_line(f"\n{what}: {len(names)}", console, "bold")
            _print_names(names, console)
    if facts["again"]:
        told = "to judge all of it again, in the folder of submissions"
        print_line(f"\n{told}:\n  {facts['again']}", console)
    if any(item["again"] and not _find_list(item) for item in facts["items"]):
        told = "pytest runs what is in assignment/, without the wall: put the student's files there"
        print_wrapped(f"{told} first, in a copy of this project, if you trust them.", console)


def _print_person(facts: dict[str, Any], console: Console) -> None:
    names = dict.fromkeys(filter(None, (facts["name"], facts["student"], facts["email"])))
    section = [f"section {facts['section']}"] if facts["section"] else []
    print_line(", ".join(one_line(text) for text in [*names, *section]), console, "bold")
    print_line(f"status: {one_line(facts['status'])}", console)
    for attempt in facts["attempts"]:
        when = f"handed in {attempt['at']}" if attempt["at"] else f"first read {attempt['seen']}"
        clock = f" ({attempt['clock']})" if attempt["at"] and attempt["clock"] else ""
        late = ", marked as late" if attempt["late"] else ""
        counts = "counts" if attempt["counts"] else "does not count"
        file = attempt["file"] or "a file whose name is not known"
        print_line(one_line(f"attempt: {file}, {when}{clock}{late}: {counts}", 400), console)
    if facts["findings"]:
        print_line("files as read:", console)
    for finding in facts["findings"]:
        print_wrapped(one_line(finding, 400), console)


def _print_sum(facts: dict[str, Any], console: Console) -> None:
    total = f"{facts['total']:g}"
    if facts["refused"] and not facts["total"]:
        total = "none (nothing could be read)"
    print_line(f"\ntotal {total} of {facts['possible']:g}", console, "bold")
    for kind, name in KINDS.items():
        items = [item for item in facts["items"] if item["kind"] == kind]
        if not items:
            continue
        points = sum(item["points"] or 0 for item in items)
        waiting = sum(item["waits"] for item in items)
        wait = f", {waiting} wait{'s' * (waiting == 1)} for a mark" if waiting else ""
        possible = sum(item["possible"] for item in items)
        print_line(f"  {name:<16}{points:>7g} of {possible:g}{wait}", console)
    for item in facts["items"]:
        if item["mark"] and item["kind"] != WRITTEN:
            print_wrapped(f"{item['item']}: {_tell_mark(item)}", console, indent=2)
    if facts["late"]:
        cost = facts["total"] - facts["earned"]
        print_wrapped(facts["late"] + (f" ({cost:+g})" if cost else ""), console, indent=2)
    for name in facts["left_out"]:
        print_wrapped(f"does not count, for anybody: {one_line(name)}", console, indent=2)


def _find_list(item: dict[str, Any]) -> str:
    """Return under which heading the name of an item is enough, "" if there is more to tell."""
    if item["waits"]:
        return "waiting for a mark"
    lost = item["lost"]
    if not lost or item["mark"] or len(lost) < item["tests"]:
        return ""
    if all(not one["handed_in"] for one in lost):
        return "not handed in"
    return "not written" if all(one["outcome"] == UNWRITTEN for one in lost) else ""


def _print_names(names: Sequence[str], console: Console) -> None:
    """Print names of items, those of cells after the name of their notebook."""
    notebooks: dict[str, list[str]] = {}
    for name in names:
        notebook, slash, cell = name.rpartition("/")
        notebooks.setdefault(notebook + slash, []).append(cell)
    for notebook, cells in notebooks.items():
        print_wrapped(f"{notebook} {', '.join(cells)}".strip(), console)


def _is_telling(item: dict[str, Any]) -> bool:
    """Say whether there is more to tell of an item than its points."""
    return bool(item["lost"] or item["mark"] or item["answer_changed"])


def _print_item(item: dict[str, Any], console: Console) -> None:
    points = "no points" if item["points"] is None else f"{item['points']:g}"
    print_line(f"\n{item['item']}: {points} of {item['possible']:g}", console, "bold")
    if item["mark"]:
        print_wrapped(_tell_mark(item), console)
    if item["answer_changed"]:
        print_wrapped("the answer has changed since it was marked", console)
    if item["mistake"]:
        print_wrapped(f"mistake: {one_line(item['mistake'])}", console)
    if item["hint"]:
        print_wrapped(f"hint that the student reads: {one_line(item['hint'], 600)}", console)
    for tests in _group(item["lost"]):
        _print_tests(tests, console)
    if item["again"]:
        print_line(f"  {item['again']}", console)


def _tell_mark(item: dict[str, Any]) -> str:
    mark = item["mark"]
    by = f" by {mark['by']}" if mark["by"] else ""
    why = f": {mark['comment']}" if mark["comment"] else ""
    if item["kind"] == WRITTEN:
        return one_line(f"marked{by}{why or ', without a comment'}", 1000)
    computed = "no points" if item["computed"] is None else f"{item['computed']:g}"
    return one_line(f"corrected{by} from {computed} to {mark['points']:g}{why}", 1000)


def _group(lost: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Put tests together that failed in the same way, such as those of an unwritten function."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for test in lost:
        told = [test[name] for name in ("outcome", "problem", "given", *FACTS)]
        groups.setdefault(repr(told), []).append(test)
    return [*groups.values()]


def _print_tests(tests: Sequence[dict[str, Any]], console: Console) -> None:
    """Print tests, and below them how all of them failed."""
    for test in tests:
        lost = test["points"] - test["possible"]
        hidden = ", hidden" if test["hidden"] else ""
        print_line(f"  {lost or 0:>5g} {test['test']}{hidden}", console)
    for line in describe_failure(tests[0]):
        print_wrapped(line, console, INDENT + 4)


def describe_failure(test: dict[str, Any]) -> list[str]:
    """Say in lines how a test failed: what was wrong, expected and got, and for which inputs."""
    facts = {name: _shorten(test[name]) for name in ("problem", *FACTS)}
    lines = [f"{test['outcome']}: {facts['problem']}"]
    both = [f"{name} {facts[name]}" for name in ("expected", "got") if facts[name]]
    lines.append(", ".join(both))
    lines.append("; ".join(filter(None, (facts["case"], facts["error"]))))
    lines += [facts["where"], facts["file_problem"], facts["advice"]]
    if test["given"]:
        lines.append(f"right, given a right {' and '.join(test['given'])}")
    return [line for line in lines if line]


def _shorten(text: str) -> str:
    return one_line(" ".join(text.split()), MOST_LETTERS)


def print_line(text: str, console: Console, style: str = "") -> None:
    """Print a line that is not broken, so that it can be copied."""
    console.print(Text(text, style), soft_wrap=True)


def print_wrapped(text: str, console: Console, indent: int = INDENT) -> None:
    """Print a text in lines that fit into the terminal, the later ones further in."""
    width = max(console.width, 2 * indent + 20)
    first, later = " " * indent, " " * (indent + 2)
    for line in textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    ):
        print_line(line, console)
