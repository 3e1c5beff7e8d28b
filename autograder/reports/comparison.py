"""Compare two results of a class: whose total differs, by how much, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from rich.console import Console

from autograder.intake.decoding import one_line
from autograder.outcomes import Verdict
from autograder.points.dependencies import explain_change
from autograder.reports.student_page import print_line
from autograder.rules.course import Course
from autograder.scoring.scores import Line, Score

__all__ = ["Side", "compare", "print_comparison"]

MOST_NAMED = 3  # tests or items in a line; JSON has all of them
Key = tuple[str, str, bool]  # part, test, whether it is hidden


@dataclass(frozen=True)
class Side:
    """One of two results."""

    name: str
    scores: Sequence[Score]
    course: Course
    # What grades depend on: digest of all -> name of a file -> its digest.
    dependencies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def compare(before: Side, after: Side) -> dict[str, Any]:
    """Return all differences, as plain data for JSON.

    Students are sorted by the size of the change of their total, the largest first.
    """
    old = {score.student: score for score in before.scores}
    new = {score.student: score for score in after.scores}
    pairs = [(old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])]
    students = [_compare_scores(*pair) for pair in pairs]
    found = [one for one in students if one["reasons"] or one["before"] != one["after"]]
    found.sort(key=lambda one: (-abs(one["change"]), one["student"].casefold()))
    return {
        "a": before.name,
        "b": after.name,
        "rules": list(_compare_rules(before.course, after.course)),
        "judging": list(_compare_judging(before, after)),
        "students": found,
        "changed": sum(bool(one["change"]) for one in found),
        "of": len(pairs),
    }


def _compare_rules(before: Course, after: Course) -> Iterator[str]:
    """Yield a line for each rule that differs."""
    for one in fields(Course):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if not one.compare or old == new:
            continue
        if isinstance(old, Mapping):
            for key in sorted({*old, *new}):
                if old.get(key) != new.get(key):
                    yield f"{one.name}, {key}: {_show(old.get(key))} -> {_show(new.get(key))}"
        elif one.name == "late":
            for rule in fields(old):
                values = getattr(old, rule.name), getattr(new, rule.name)
                if values[0] != values[1]:
                    yield f"late.{rule.name}: {_show(values[0])} -> {_show(values[1])}"
        else:
            yield f"{one.name}: {_show(old)} -> {_show(new)}"


def _compare_judging(before: Side, after: Side) -> Iterator[str]:
    """Yield a line for each difference in what verdicts depend on besides the submission."""
    for name, what in (("seed", "seeds"), ("isolation", "isolation"), ("python", "Python")):
        old, new = (
            sorted({str(getattr(one.grade, name)) for one in side.scores if one.grade})
            for side in (before, after)
        )
        if old and new and old != new:
            yield f"{what}: {', '.join(old)} -> {', '.join(new)}"
    first, *others = {one.grade.tests for one in before.scores if one.grade} or {""}
    second, *more = {one.grade.tests for one in after.scores if one.grade} or {""}
    if not first or not second:
        return
    if not others and not more and first != second:
        digests = before.dependencies.get(first, {}), after.dependencies.get(second, {})
        yield explain_change(*digests) or "what verdicts depend on has changed"
    elif {first, *others} != {second, *more}:
        yield "what verdicts depend on has changed for some"


def _show(value: Any) -> str:
    return "none" if value in (None, "") else one_line(str(value), 80)


def _compare_scores(before: Score | None, after: Score | None) -> dict[str, Any]:
    """Return how two scores of a student differ; one may be missing."""
    either = after or before
    assert either is not None
    old, new = _find_total(before), _find_total(after)
    change = round((new or 0) - (old or 0), 6)
    reasons: list[dict[str, Any]] = []
    if before is None or after is None:
        reasons.append({"kind": "only in B" if before is None else "only in A"})
    else:
        reasons += _find_reasons(before, after)
        if change and not reasons:
            reasons.append({"kind": "rules"})
    return {
        "student": either.student,
        "name": either.person.name,
        "before": old,
        "after": new,
        "possible": [one.possible if one else None for one in (before, after)],
        "change": change,
        "reasons": reasons,
    }


def _find_total(score: Score | None) -> float | None:
    """Return a total, None where there is nothing to count."""
    return round(score.total, 6) if score is not None and score.has_total else None


def _find_reasons(before: Score, after: Score) -> Iterator[dict[str, Any]]:
    """Yield each fact that differs between two scores of a student."""
    old, new = before.attempt, after.attempt
    if (old and old.submission) != (new and new.submission):
        told = [one.file if one else "nothing that counts" for one in (old, new)]
        yield {"kind": "submission", "before": told[0], "after": told[1]}
    tests = list(_compare_verdicts(before, after))
    verdicts = [one for one in tests if one["before"] != one["after"]]
    points = [one for one in tests if one["before"] == one["after"]]
    if verdicts:
        yield {"kind": "verdicts", "tests": verdicts}
    if points:
        yield {"kind": "points", "tests": points}
    lines = {line.item.name: line for line in before.lines}
    others = {line.item.name: line for line in after.lines}
    names = dict.fromkeys([*lines, *others])
    marks = [_compare_marks(name, lines.get(name), others.get(name)) for name in names]
    if found := [one for one in marks if one["before"] != one["after"]]:
        yield {"kind": "marks", "items": found}
    untested = [_compare_possible(name, lines.get(name), others.get(name)) for name in names]
    explained = {one["part"] for one in tests}
    if found := [
        one for one in untested if one["before"] != one["after"] and one["item"] not in explained
    ]:
        yield {"kind": "points of items", "items": found}
    late = [one.lateness.reason if one.lateness else "" for one in (before, after)]
    if late[0] != late[1] and not (old is None or new is None):
        yield {"kind": "lateness", "before": late[0], "after": late[1]}
    if before.status != after.status:
        yield {"kind": "status", "before": before.status, "after": after.status}


def _compare_verdicts(before: Score, after: Score) -> Iterator[dict[str, Any]]:
    """Yield each test with another outcome, or with other points."""
    if before.grade is None or after.grade is None:
        return
    old = {_key(one): one for one in before.grade.verdicts}
    new = {_key(one): one for one in after.grade.verdicts}
    for key in dict.fromkeys([*old, *new]):
        first, second = old.get(key), new.get(key)
        told = [
            _tell_outcome(first, second, before.left_out),
            _tell_outcome(second, first, after.left_out),
        ]
        points = [one.points if one else None for one in (first, second)]
        possible = [one.possible if one else None for one in (first, second)]
        if told[0] != told[1] or points[0] != points[1] or possible[0] != possible[1]:
            part, test, hidden = key
            facts: dict[str, Any] = {"part": part, "test": test, "hidden": hidden}
            facts |= {"before": told[0], "after": told[1]}
            yield {**facts, "points": points, "possible": possible}


def _key(verdict: Verdict) -> Key:
    return verdict.part, verdict.test, verdict.hidden


def _tell_outcome(verdict: Verdict | None, other: Verdict | None, left_out: Sequence[str]) -> str:
    """Say how a test ended or, if one side has no verdict that counts, why."""
    if verdict is None:
        return "left out" if other is not None and other.name in left_out else "no such test"
    if verdict.missing:
        return "not handed in"
    given = f", right given a right {' and '.join(verdict.given)}" if verdict.given else ""
    return f"{verdict.outcome.value}{given}"


def _compare_marks(name: str, before: Line | None, after: Line | None) -> dict[str, Any]:
    return {"item": name, "before": _tell_mark(before), "after": _tell_mark(after)}


def _tell_mark(line: Line | None) -> dict[str, Any] | None:
    mark = line.mark if line else None
    return {"points": mark.points, "comment": mark.comment, "by": mark.by} if mark else None


def _compare_possible(name: str, before: Line | None, after: Line | None) -> dict[str, Any]:
    old, new = (line.possible if line else None for line in (before, after))
    return {"item": name, "before": old, "after": new}


# Printing


def print_comparison(facts: dict[str, Any], console: Console) -> None:
    """Print what differs for all, a line a student, and how many have changed."""
    for line in facts["rules"]:
        print_line(f"rules: {one_line(line)}", console)
    for line in facts["judging"]:
        print_line(f"judged with: {one_line(line, 400)}", console)
    for student in facts["students"]:
        who = one_line(student["student"], 40)
        reasons = "; ".join(_tell_reason(one) for one in student["reasons"])
        change = f"{student['change']:+g}" if student["change"] else "0"
        totals = f"{_tell_total(student['before'])} -> {_tell_total(student['after'])}"
        print_line(f"{change:>7}  {who:<16} {totals}: {one_line(reasons, 600)}", console)
    same = len(facts["students"]) - facts["changed"]
    more = f"; {same} more differ{'s' * (same == 1)} with the same total" if same else ""
    print_line(f"{facts['changed']} of {facts['of']} totals changed{more}", console, "bold")


def _tell_total(total: float | None) -> str:
    return "none" if total is None else f"{total:g}"


def _tell_reason(reason: dict[str, Any]) -> str:
    kind = reason["kind"]
    if kind == "verdicts":
        return _tell_tests(reason["tests"])
    if kind == "points":
        return _tell_points(reason["tests"])
    if kind == "marks":
        return _list([_tell_marks(one) for one in reason["items"]])
    if kind == "points of items":
        changes = [(one["item"], one["before"], one["after"]) for one in reason["items"]]
        return _list([f"{item} of {_tell_total(a)} -> {_tell_total(b)}" for item, a, b in changes])
    if kind == "submission":
        return f"other submission ({reason['before']} -> {reason['after']})"
    if kind == "rules":
        return "other rules"
    if "before" in reason:
        return f"{kind}: {reason['before'] or 'none'} -> {reason['after'] or 'none'}"
    return str(kind)


def _tell_tests(tests: Sequence[dict[str, Any]]) -> str:
    """Name tests, those with the same change of outcome together."""
    changes: dict[str, list[str]] = {}
    for one in tests:
        name = one["part"] if "/" in one["part"] else one["test"]  # that of a cell
        changes.setdefault(f"{one['before']} -> {one['after']}", []).append(name)
    return ", ".join(f"{_list(names)} {change}" for change, names in changes.items())


def _tell_points(tests: Sequence[dict[str, Any]]) -> str:
    """Name tests that earn something else, and those with other possible points, part by part."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in tests:
        fact = "points" if one["possible"][0] == one["possible"][1] else "possible"
        groups.setdefault((fact, one["part"]), []).append(one)
    told = []
    for (fact, part), found in sorted(groups.items()):
        old, new = (sum(values) for values in zip(*(one[fact] for one in found), strict=True))
        what = found[0]["test"] if len(found) == 1 else f"{len(found)} tests of {part}"
        word = "earned" if fact == "points" else "possible"
        told.append(f"{what}: {word} {old:g} -> {new:g}")
    return _list(told)


def _tell_marks(item: dict[str, Any]) -> str:
    told = []
    for mark in (item["before"], item["after"]):
        by = f" by {mark['by']}" if mark and mark["by"] else ""
        told.append(f"{_tell_total(mark['points'])}{by}" if mark else "none")
    if told[0] == told[1]:
        return f"{item['item']} has another comment"
    return f"{item['item']} marked {told[0]} -> {told[1]}"


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
