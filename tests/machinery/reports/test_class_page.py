"""The page about a class fits on a screen, and puts first what a teacher must see first."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime, timezone

from rich.console import Console

from autograder.outcomes import Failure, Grade, Outcome, Recognised, Verdict
from autograder.reports.class_page import LOOKS_SHOWN, print_page, print_table
from autograder.roster.people import Person
from autograder.rules.course import EMPTY
from tests.machinery.scored import attempt_of, score

PASSED = Verdict("affine.forward", "affine.forward: values", "test_it", "It.", False, 2.0)
FAILED = replace(PASSED, failure=Failure(Outcome.FAILED, "wrong"))
FAULT = replace(PASSED, failure=Failure(Outcome.GRADERS_FAULT, f"Error: \x1b{99 * 'a'}\nmore"))
UNWRITTEN = replace(PASSED, failure=Failure(Outcome.NOT_WRITTEN, "stub"))
GRADE = Grade("ana", "5ub", "7e57", 1, "full", "2026", 1.5, (), False, (PASSED,))


def grade(student, *verdicts, **more):
    return replace(GRADE, student=student, submission=f"of {student}", verdicts=verdicts, **more)


def read_page(*grades, width=80, remarks=(), **more):
    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False)
    print_page(score(*grades, **more), remarks, console)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_the_first_line_counts_the_class():
    grades = [
        grade("ana", PASSED),
        grade("ben", FAILED, refused="cannot read submission 'ben.zip': it is empty"),
        grade("cleo", UNWRITTEN),
        grade("dan", FAULT),
    ]
    people = [Person(name, f"{name.title()} X.") for name in ("ana", "ben", "cleo", "dan", "eve")]
    late = replace(attempt_of(grades[0]), at="2026-01-03T00:00:00+00:00", clock="Moodle")
    course = replace(EMPTY, due=datetime(2026, 1, 2, tzinfo=timezone.utc))
    attempts = [late, *map(attempt_of, grades[1:])]
    first, missing, *_ = read_page(*grades, people=people, attempts=attempts, course=course)
    assert first == (
        "5 students: 4 handed in, 1 not handed in, 1 late, 1 unreadable, and so without points, "
        "1 nothing written, 1 with the grader's own faults"
    )
    assert missing == "not handed in: Eve X."


def test_a_fault_comes_first_with_its_test_and_reason():
    grades = [grade("ana", FAILED, findings=("odd",)), grade("zoe", FAULT, FAULT)]
    lines = read_page(*grades, width=240)
    looks = lines[next(i for i, line in enumerate(lines) if line.startswith("to look at")) + 1 :]
    what = f"first affine.forward: values (Error: \\x1b{68 * 'a'}…)"
    assert looks[0] == f"zoe  2 tests ended by the grader's own fault, {what}"
    assert looks[1] == "ana  odd; 1 of 1 tests not passed"


def test_a_large_class_still_fits_on_a_page():
    grades = [grade(f"student-{i:03}", FAILED, findings=("odd",)) for i in range(300)]
    lines = read_page(*grades, remarks=["a remark"])
    assert lines[0] == "a remark"
    assert len(lines) < 60
    assert sum(line.startswith("student-") for line in lines) == LOOKS_SHOWN
    assert f"to look at ({LOOKS_SHOWN} of 300, `show` says more):" in lines


def test_the_histogram_counts_everybody_once():
    grades = [
        grade(f"s{i}", *(PASSED if i % 3 > n else FAILED for n in range(2))) for i in range(9)
    ]
    lines = read_page(*grades)
    rows = [re.fullmatch(r" *\S+ to \S+ +(\d+) ?█*▏?", line) for line in lines]
    counts = [int(row[1]) for row in rows if row]
    assert len(counts) == 10
    assert sum(counts) == 9
    assert any(line.startswith("points of ") and "median" in line for line in lines)


def test_a_long_mistake_continues_below_its_first_line():
    label = "affine_backward: " + 6 * "words of it " + "[0]"
    one = grade("gus", FAILED, mistakes=(Recognised("affine.backward", label),))
    lines = read_page(one)
    assert lines[-2].startswith("    1  affine_backward: words of it ")
    assert lines[-1] == "       it words of it [0], in affine.backward"


def test_the_table_has_a_line_a_student_in_the_order_asked_for():
    grades = [
        grade("ben", PASSED),
        grade("ana", FAILED),
        grade("cleo", PASSED, findings=("x" * 99,)),
    ]
    found = {}
    for order in ("name", "points", "status"):
        text = io.StringIO()
        print_table(score(*grades), order, Console(file=text, width=80))
        lines = text.getvalue().splitlines()
        assert len(lines) == 4
        found[order] = [line.split()[0] for line in lines[1:]]
    assert found["name"] == ["ana", "ben", "cleo"]
    assert found["points"] == ["ana", "ben", "cleo"]
