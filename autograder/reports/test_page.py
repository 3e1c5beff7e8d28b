"""Who failed a test, and how: the facts, and a page that shows them to the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder.intake.decoding import one_line
from autograder.outcomes import Grade, Outcome, Verdict
from autograder.reports.student_page import (
    describe_failure,
    explain_failure,
    print_line,
    print_wrapped,
)
from autograder.scoring.scores import Known, Score

__all__ = ["explain_test", "print_test"]

NOT_HANDED_IN = "not handed in"  # no outcome of its own, but no wrong answer
OUTCOMES = [one.value for one in Outcome]


def explain_test(name: str, known: Known, scores: Sequence[Score]) -> dict[str, Any]:
    """Return who failed a test, or the tests of a part or cell, as plain data for JSON.

    The verdicts are those of the attempts that count, as they were stored: a test that is left out
    of all totals has them, too.
    """
    tests: dict[tuple[str, str, bool], dict[str, Any]] = {}
    problems: dict[tuple[str, str], dict[str, Any]] = {}
    for score in scores:
        for verdict in _find_verdicts(name, known, score):
            key = verdict.part, verdict.test, verdict.hidden
            counts = tests.setdefault(key, _begin_test(verdict))["counts"]
            outcome = NOT_HANDED_IN if verdict.missing else verdict.outcome.value
            counts[outcome] += 1
            if verdict.failure is None:
                continue
            problem = verdict.failure.problem
            found = {"outcome": outcome, "problem": problem, "students": []}
            told = {"student": score.student, "name": score.person.name, "part": verdict.part}
            students = problems.setdefault((outcome, problem), found)["students"]
            students.append({**told, **explain_failure(verdict)})
    ranked = sorted(problems.values(), key=lambda one: (-_count(one), one["problem"]))
    return {"name": name, "tests": [*tests.values()], "problems": ranked}


def _find_verdicts(name: str, known: Known, score: Score) -> list[Verdict]:
    attempt = score.attempt
    grade: Grade | None = known.grades.get((score.student, attempt.submission)) if attempt else None
    if grade is None or grade.refused:
        return []
    return [verdict for verdict in grade.verdicts if name in (verdict.test, verdict.part)]


def _begin_test(verdict: Verdict) -> dict[str, Any]:
    return {
        "part": verdict.part,
        "test": verdict.test,
        "hidden": verdict.hidden,
        "checks": verdict.sentence,
        "possible": verdict.possible,
        "counts": dict.fromkeys([*OUTCOMES, NOT_HANDED_IN], 0),
    }


def _count(problem: dict[str, Any]) -> int:
    return len({one["student"] for one in problem["students"]})


def print_test(facts: dict[str, Any], console: Console) -> None:
    """Print how often a test ended in which way, and a line a student for each problem."""
    if not facts["tests"]:
        print_line(f"nobody has a verdict of {one_line(facts['name'])}", console)
    for test in facts["tests"]:
        hidden = ", hidden" if test["hidden"] else ""
        points = f"{test['possible']:g} point{'s' * (test['possible'] != 1)}"
        print_line(f"{test['part']}, {test['test']}{hidden}, {points}", console, "bold")
        counts = [f"{count} {what}" for what, count in test["counts"].items() if count]
        print_wrapped(", ".join(counts), console)
    for problem in facts["problems"]:
        count = _count(problem)
        students = f"{count} student{'s' * (count != 1)}"
        said = one_line(" ".join(problem["problem"].split()), 300)
        console.print()
        print_wrapped(f"{students}, {problem['outcome']}: {said}", console, 0)
        lines = [_tell_student(of_student) for of_student in _group(problem["students"])]
        if not any(how for _, how in lines):  # nothing more to tell than the names
            print_wrapped(", ".join(who for who, _ in lines), console)
            continue
        for who, how in lines:
            line = f"    {who:<20} {how}".rstrip()
            console.print(Text(line), no_wrap=True, overflow="ellipsis")


def _group(failed: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Put those of one student together."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in failed:
        groups.setdefault(one["student"], []).append(one)
    return [*groups.values()]


def _tell_student(failed: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """Say who failed a test and how or, if they are several, which ones."""
    first = failed[0]
    how = describe_failure(first)[1:]  # without the problem itself
    if len(failed) > 1:
        same_test = len({one["test"] for one in failed}) == 1
        names = ", ".join(one["part" if same_test else "test"] for one in failed)
        how = [f"{len(failed)} tests: {names}"]
    return one_line(first["name"] or first["student"], 30), "; ".join(how)
