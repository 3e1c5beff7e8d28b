"""Published results show the grades, and no text of a student can distort them."""

from __future__ import annotations

import csv
import io
import json
import os
import unicodedata
from dataclasses import replace

import pytest
from rich.console import Console

from autograder.gradebook.publishing import (
    Question,
    make_csv,
    make_mistakes,
    make_results,
    make_sheets,
    safe_folder_name,
)
from autograder.gradebook.shown import FAULT_SENTENCE
from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Failure, Grade, Outcome, Recognised, Verdict
from autograder.reports.class_page import print_page, print_table
from autograder.roster.people import Person
from autograder.rules.course import EMPTY
from tests.machinery.scored import question, score

PASSED = Verdict("affine.forward", "affine.forward: values", "test_it", "Values.", False, 2.0)
CRASH = Failure(Outcome.CRASHED, "a\n\tb\x07")
FAILED = replace(PASSED, name="affine.forward: shape", failure=CRASH)
SECRET = Failure(Outcome.FAILED, "wrong values of dx", case="x = 1234")
HIDDEN = replace(FAILED, hidden=True, test="test_secret", failure=SECRET)
UNWRITTEN = replace(PASSED, failure=Failure(Outcome.NOT_WRITTEN, "stub"))
FAULT = replace(PASSED, part="sgd.loop", failure=Failure(Outcome.GRADERS_FAULT, "d"))
GRADE = Grade(
    student="ana",
    submission="5ub",
    tests="7e57",
    seed=231,
    isolation="full",
    graded_at="2026-01-02T03:04:05Z",
    seconds=1.5,
    findings=(),
    notebooks=False,
    verdicts=(PASSED, FAILED),
)

UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # categories: control, surrogate, line and paragraph separator
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66"  # the last five are full-width or small forms
BEFORE = ["", " \u200b ", *" \t\r\n\0\x1b\x85\xa0\u3000\u200b\ufeff"]
FORMULAS = [f"{before}{sign}1" for before in BEFORE for sign in SIGNS]
BREAKS = ["a\r\neve,100", 'a",=1', "a\u2028=1", "\ud800=1", "=cmd|' /C calc'!A0", "'=1", ""]


def read_table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def publish_csv(*grades, **more):
    return read_table(make_csv(score(*grades, **more)))


def publish_results(grade, hints="what", **more):
    (one,) = score(grade, **more)
    return json.loads(make_results(one, hints))


def publish_answers(answers, pictures=()):
    asked = Question("01_sgd", "answer-1", 2, "Why?\n```\nopen", "Because.\n# so")
    graded = replace(GRADE, notebooks=True)
    grades = [replace(graded, student=name, submission=f"of {name!a}") for name in answers]
    known = {
        grade.submission: {
            asked.item: Answer("01_sgd", "answer-1", answers[grade.student], pictures)
        }
        for grade in grades
    }
    scores = score(*grades, answers=known, questions=[question()])
    return make_sheets([asked], scores)["01_sgd-answer-1.md"].decode()


def test_the_table_of_a_class():
    ben = replace(
        GRADE, student="Ben", findings=("odd", "strange"), verdicts=(PASSED, FAULT, FAULT)
    )
    header, *rows = publish_csv(GRADE, ben)
    origin = ["231", "full", "2026-01-02T03:04:05Z", "5ub"]
    of_nobody = ["0", "", "", "", "", "", "1"]  # waiting, changes, name, ..., attempts
    assert header[:6] == ["student", "points", "possible", "status", "affine.forward", "sgd.loop"]
    assert header[6:] == [
        *("total", "of", "waiting", "changes", "name", "email", "section", "handed in", "attempts"),
        "findings",
        "seed",
        "isolation",
        "graded_at",
        "submission",
        "results",
    ]
    of_ben = [*origin, safe_folder_name("Ben")]
    again = "grade again: 2 tests ended by the grader's own fault"
    assert rows == [
        ["Ben", "2.0", "2.0", again, "2.0", "", "2.0", "2.0", *of_nobody, "odd; strange", *of_ben],
        ["ana", "2.0", "6.0", "ok", "2.0", "", "2.0", "6.0", *of_nobody, "", *origin, "ana"],
    ]


REFUSED = "cannot read submission 'ana.zip': it is not a zip; ask the student to zip it again"


def test_what_cannot_be_read_is_no_zero():
    grade = replace(GRADE, refused=REFUSED, verdicts=(UNWRITTEN,))
    header, row = publish_csv(grade)
    cells = dict(zip(header, row))
    assert (cells["points"], cells["affine.forward"]) == ("", "")
    assert cells["status"] == f"unreadable: {REFUSED}"
    first = publish_results(grade)["output"].split("\n")[0]
    assert first == f"Nothing could be read of what you handed in: {REFUSED}"


def test_nothing_written_is_told_from_wrong():
    _, unwritten, wrong, mixed = publish_csv(
        replace(GRADE, student="a", verdicts=(UNWRITTEN, UNWRITTEN)),
        replace(GRADE, student="b", verdicts=(FAILED,)),
        replace(GRADE, student="c", verdicts=(FAILED, UNWRITTEN)),
    )
    assert unwritten[1:4] == ["0.0", "4.0", "nothing written"]
    assert (wrong[3], mixed[3]) == ("ok", "ok")


def test_results_name_the_python_of_the_grader():
    output = publish_results(replace(GRADE, python="3.12"))["output"]
    assert output.startswith("Graded with seed 231, isolation full, Python 3.12, at 2026-")


def test_a_part_with_no_points_shows_0():
    header, row = publish_csv(replace(GRADE, verdicts=(FAILED,)))
    assert dict(zip(header, row))["affine.forward"] == "0.0"


def test_what_was_not_handed_in_is_not_taken_for_wrong():
    missing = replace(FAILED, failure=Failure(Outcome.NOT_WRITTEN, "no such cell", missing=True))
    cell = replace(missing, part="05/rung-1", hidden=True, of_cell=True)
    grade = replace(GRADE, notebooks=True, verdicts=(PASSED, cell))
    header, row = publish_csv(grade)
    assert dict(zip(header, row))["05/rung-1"] == ""
    assert dict(zip(header, row))["status"] == "1 cell not handed in"
    results = publish_results(grade)
    assert "Not found in your notebooks: 1 cell not handed in." in results["output"]
    assert "not handed in, not as wrong" in results["tests"][1]["output"]


def test_rounding_errors_are_not_published():
    grade = replace(GRADE, verdicts=(replace(PASSED, possible=0.1),) * 3)  # .1 + .1 + .1 != .3
    assert publish_csv(grade)[1][1] == "0.3"
    assert publish_results(grade)["score"] == 0.3


def test_a_mistake_counts_once_per_student():
    def make(student, *mistakes):
        recognised = tuple(Recognised(part, label, ("hint",)) for part, label in mistakes)
        return replace(GRADE, student=student, mistakes=recognised)

    sign, formula = "sign of dx", "=1"
    ana = make("ana", ("bn.backward", sign), ("bn.backward_alt", sign), ("sgd.loop", formula))
    ben = make("ben", ("bn.backward", sign), ("sgd.loop", ""))  # that has only a hint
    header, *rows = read_table(make_mistakes([ana, ben, GRADE]))
    assert header == ["mistake", "parts", "students"]
    assert rows == [[sign, "bn.backward, bn.backward_alt", "2"], ["'=1", "sgd.loop", "1"]]


@pytest.mark.parametrize("name", FORMULAS + BREAKS, ids=ascii)
def test_no_name_becomes_a_formula_or_a_row(name):
    table = publish_csv(replace(GRADE, student=name, isolation=name))
    assert [len(row) for row in table] == [len(table[0])] * 2
    for cell in (cell for row in table for cell in row):
        assert not UNSEEN & set(map(unicodedata.category, cell))
        seen = unicodedata.normalize("NFKC", cell).strip(" \u200b\ufeff")
        assert seen[:1] not in set("=+-@")


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200b", "\u3164", "\U000e0041"])
def test_nothing_is_published_that_is_not_seen(capsys, letter):
    """A control of direction, for example, would show the points of a row as another's."""
    crash = replace(FAILED, failure=Failure(Outcome.CRASHED, f"ValueError: {letter}0 points"))
    grade = replace(GRADE, student=f"a{letter}b", findings=(f"c{letter}",), verdicts=(crash,))
    shown = f"<U+{ord(letter):04X}>"
    _, row = publish_csv(grade)
    assert row[0] == f"a{shown}b"
    assert f"c{shown}" in row
    results = json.dumps(publish_results(grade), ensure_ascii=False)
    assert letter not in results
    assert results.count(shown) == 2
    print_page(score(grade, grade), (), Console())
    print_table(score(grade), "name", Console(width=200))
    printed = capsys.readouterr().out
    assert letter not in printed
    assert shown in printed


def test_an_honest_name_stays_as_it_is():
    assert publish_csv(replace(GRADE, student="Émile O'Neill-=, 張"))[1][0] == "Émile O'Neill-=, 張"


def test_numbers_are_numbers_and_texts_are_quoted():
    content = make_csv(score(replace(GRADE, student="a;=1")))
    assert content.startswith(b"\xef\xbb\xbf")  # for Excel on Windows to read UTF-8
    assert b'\r\n"a;=1",2.0,4.0,"ok",2.0,2.0,4.0,0,"","",' in content


# The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/ ("Output format").
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
NUMBER = (int, float)
TOP_KEYS = {
    "score": lambda value: type(value) in NUMBER,
    "output": lambda value: type(value) is str,
    "output_format": FORMATS.__contains__,
    "visibility": VISIBILITIES.__contains__,
    "stdout_visibility": VISIBILITIES.__contains__,
    "tests": lambda value: type(value) is list,
}
TEST_KEYS = {
    "name": lambda value: type(value) is str,
    "score": lambda value: type(value) in NUMBER,
    "max_score": lambda value: type(value) in NUMBER,
    "status": {"passed", "failed"}.__contains__,
    "output": lambda value: type(value) is str,
    "output_format": FORMATS.__contains__,
    "visibility": VISIBILITIES.__contains__,
}


def test_results_follow_the_format_of_gradescope():
    results = publish_results(replace(GRADE, verdicts=(PASSED, FAILED, HIDDEN, FAULT)))
    assert all(TOP_KEYS[key](value) for key, value in results.items())
    assert results.keys() == TOP_KEYS.keys()
    for test in results["tests"]:
        assert test.keys() == TEST_KEYS.keys()
        assert all(TEST_KEYS[key](value) for key, value in test.items())


def test_results_of_an_ordinary_grade():
    results = publish_results(GRADE)
    assert results["score"] == 2
    common = {"max_score": 2, "output_format": "text", "visibility": "visible"}
    output = "affine.forward: a\n\tb"
    assert results["tests"] == [
        {"name": PASSED.name, "score": 2, "status": "passed", "output": "", **common},
        {"name": FAILED.name, "score": 0, "status": "failed", "output": output, **common},
    ]


@pytest.mark.parametrize("outcome", Outcome)
def test_a_hidden_test_shows_one_fixed_sentence(outcome):
    failure = None if outcome is Outcome.PASSED else replace(SECRET, outcome=outcome)
    hidden = replace(HIDDEN, failure=failure)
    text = json.dumps(publish_results(replace(GRADE, verdicts=(hidden,))))
    assert "test_secret" not in text
    assert "1234" not in text
    (test,) = json.loads(text)["tests"]
    assert test["visibility"] == "hidden"
    assert test["status"] == ("passed" if outcome is Outcome.PASSED else "failed")


def test_a_graders_fault_comes_first_and_costs_nothing():
    results = publish_results(replace(GRADE, verdicts=(PASSED, FAULT)))
    first, second = results["tests"]
    assert (first["score"], first["max_score"], first["status"]) == (0, 0, "failed")
    assert first["output"] == FAULT_SENTENCE
    assert FAULT_SENTENCE in results["output"]
    assert (results["score"], second["max_score"]) == (2, 2)


def read_outputs(results):
    return [test["output"] for test in results["tests"]]


def test_a_hint_stands_below_each_failed_test_of_its_part():
    hint = Recognised("affine.forward", "label", ("Look there.", "It is this.", "Do that."))
    missing = replace(PASSED, failure=Failure(Outcome.NOT_WRITTEN, "affine.forward: later"))
    other = replace(FAILED, part="sgd.loop")
    verdicts = (PASSED, FAILED, HIDDEN, missing, other)
    grade = replace(GRADE, verdicts=verdicts, mistakes=(hint,))
    outputs = read_outputs(publish_results(grade))
    line = "\n  hint      Look there. It is this."
    has_hint = [output.endswith(line) for output in outputs]
    assert has_hint == [False, True, False, False, False]  # the fourth is hidden
    outputs = read_outputs(publish_results(grade, hints="none"))
    assert not any("hint" in output for output in outputs)


@pytest.mark.parametrize(("share", "end"), [(1, ""), (0.5, ": 50% of the points")])
def test_follow_through_marks_get_a_line(share, end):
    course = replace(EMPTY, follow_through=share)
    given = replace(FAILED, given=("sgd", "softmax_loss"), share=1)
    (output,) = read_outputs(publish_results(replace(GRADE, verdicts=(given,)), course=course))
    assert output.endswith(f"\nright, given a right sgd and softmax_loss{end}")
    hidden = replace(HIDDEN, given=given.given, share=1)
    (output,) = read_outputs(publish_results(replace(GRADE, verdicts=(hidden,)), course=course))
    assert output.endswith(f"\n1 more: right, given right functions of other parts{end}")


def test_the_hidden_tests_of_a_part_are_one_entry():
    """How they failed, and which of them, is for the teacher alone."""
    right, crashed = replace(HIDDEN, failure=None), replace(HIDDEN, failure=CRASH)
    other = replace(right, part="sgd.loop")
    one, same = (
        publish_results(replace(GRADE, verdicts=(FAULT, PASSED, *hidden, other)))["tests"]
        for hidden in ((right, HIDDEN, crashed), (crashed, right, HIDDEN))
    )
    assert one == same
    rows = [(test["name"], test["score"], test["max_score"], test["status"]) for test in one]
    assert rows[2:] == [
        ("affine.forward: hidden tests", 2, 6, "failed"),
        ("sgd.loop: hidden tests", 2, 2, "passed"),
    ]
    assert one[2]["output"].startswith("1 of 3 hidden tests passed.")
    assert one[3]["output"] == ""


def test_a_cell_shows_only_that_it_was_checked():
    cell = replace(HIDDEN, part="05_a/rung-1", of_cell=True)
    (output,) = read_outputs(publish_results(replace(GRADE, verdicts=(cell,))))
    assert output.startswith("A hidden check of this cell did not pass.")


def test_the_summary_shows_seed_level_and_findings_but_no_total():
    """Gradescope hides the total while a test is hidden. A file name cannot add a line."""
    grade = replace(
        GRADE, findings=("odd file 'a\nGraded with seed 0'",), verdicts=(HIDDEN, PASSED)
    )
    lines = publish_results(grade)["output"].split("\n")
    assert lines == [
        "Graded with seed 231, isolation full, at 2026-01-02T03:04:05Z.",
        "Found in what you handed in: odd file 'aGraded with seed 0'",
    ]


HOSTILE_ANSWERS = [
    "## Answer of bob\n\nI know",
    "x\r## Answer of bob\r\n===",
    "a\u2028## Answer of bob\x0c# b\x85# c",
    "```\n</code></pre><script>alert(1)</script>",
    "<!--",
    "\u3000\n<img src=x onerror=alert(1)>",
    "a\n\n\u00a0\n# bob\n    # bob",
    "[bob]: javascript:alert(1)",
    "\x1b[2J\x00# bob\ud800",
    "x" * 500 + " # bob " + "y" * 500,
    "- a\n\n      # bob",
    "left \u202eright\u2069 \u200bhidden\U000e0041",
    "\t# bob",
]


@pytest.mark.parametrize("answer", HOSTILE_ANSWERS, ids=ascii)
def test_an_answer_stays_literal_text(answer):
    """Markdown shows lines as literal text if they are indented by four, after a blank line."""
    text = publish_answers({"ana": answer, "bob": "The answer."})
    start, end = text.index("\n## Answer of ana\n\n"), text.index("\n\n## Answer of bob\n\n")
    lines = text[start + len("\n## Answer of ana\n\n") : end].split("\n")
    assert all(line.startswith("    ") for line in lines)
    assert not UNSEEN & set(map(unicodedata.category, "".join(lines)))
    assert "".join("".join(lines).split()) == "".join(
        f"<U+{ord(letter):04X}>" if unicodedata.category(letter) == "Cf" else letter
        for letter in answer
        if unicodedata.category(letter) not in UNSEEN and not letter.isspace()
    )


def test_a_question_with_its_answers():
    text = publish_answers(
        {"zoe": "Yes.\r\n\n  No.\rYes.", "ben": " \n\u00a0", "ana": "", "bob": "1 < 2"}
    )
    assert text == (
        "# 01_sgd, answer-1\n\nPoints: 2\n\n"
        "This file is for reading: type marks into marks.csv.\n\n"
        "## Question\n\n> Why?\n> ```\n> open\n\n"
        "## Rubric\n\n> Because.\n> # so\n\n"
        "## Answer of bob\n\n    1 < 2\n\n"
        "## Answer of zoe\n\n    Yes.\n    \n      No.\n    Yes.\n\n"
        "No answer: ana, ben\n"
    )


def test_a_name_cannot_make_a_heading():
    text = publish_answers({"<b>`a_b`\n## Answer of [bob](x) &amp;": "Hm.", "x\n# y": ""})
    headings = [line for line in text.split("\n") if line.startswith("#")]
    assert headings[3:] == [r"## Answer of \<b\>\`a\_b\`\#\# Answer of \[bob\](x) \&amp;"]
    assert text.endswith("\nNo answer: x\\# y\n")


PLAIN_NAMES = ["ana", "ana_silva", "7", "garcia.maria-2", "late 123_456", "a" * 50, "console"]
WAYS_OUT = ["", ".", "..", "../x", "a/../b", "/etc", "a\\b", "C:x", ".hidden", "~", "-rf", "%2e"]
ENDS = ["a.", "a ", " a", "a\0b", "a\n", "x..", "a*b", "a:b", "a" * 51, "a" * 5000, "\u5f35" * 200]
DEVICES = ["con", "con.txt", "nul .txt", "com1", "lpt9.a.b", "COM\xb9", "conin$"]
LETTERS = ["Ana", "ANA", "\xe9mile", "e\u0301mile", "\udcff", "\udcfe", "\U0001f600" * 200]
OCCUPIED = ["written", "gradebook.csv", "gradebook.sqlite-journal", "ana-0123456789abcdef"]
CHANGED_NAMES = [*WAYS_OUT, *ENDS, *DEVICES, *LETTERS, *OCCUPIED]


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_a_plain_name_is_its_own_folder(name):
    assert safe_folder_name(name) == name


@pytest.mark.parametrize("name", CHANGED_NAMES, ids=lambda name: ascii(name[:30]))
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    folder = safe_folder_name(name)
    assert folder != name
    (tmp_path / folder).mkdir()
    assert os.listdir(tmp_path) == [folder]
    assert not set(folder) & set('/\\:*?"<>|.\0\n$%~')
    assert folder.strip(" -") == folder
    assert len(folder.encode()) < 200


def test_different_students_get_different_folders():
    """Even if a name imitates an escaped one, or a file system ignores case or accents."""
    names = {*PLAIN_NAMES, *CHANGED_NAMES}
    names |= {safe_folder_name(name) for name in names}
    folders = [unicodedata.normalize("NFKC", safe_folder_name(name)).casefold() for name in names]
    assert len(set(folders)) == len(names)


# What a teacher has typed, and the rules of the course


def explain(*grades, **more):
    header, row = publish_csv(*grades, **more)
    return dict(zip(header, row))


def test_a_mark_of_a_written_answer_counts():
    answers = {"5ub": {"01_sgd/answer-1": Answer("01_sgd", "answer-1", "Because.")}}
    asked = {"answers": answers, "questions": [question(points=2)]}
    graded = replace(GRADE, notebooks=True)
    row = explain(graded, **asked)
    assert (row["total"], row["of"], row["waiting"]) == ("2.0", "6.0", "1")
    assert row["01_sgd/answer-1"] == ""
    mark = Mark("ana", "01_sgd/answer-1", 1.5, "no reason", "kim")
    row = explain(graded, **asked, marks=[mark])
    assert (row["total"], row["points"], row["waiting"]) == ("3.5", "2.0", "0")
    results = publish_results(graded, **asked, marks=[mark])
    assert results["score"] == 3.5
    assert results["tests"][-1] == {
        "name": "01_sgd/answer-1: marked",
        "score": 1.5,
        "max_score": 2,
        "status": "failed",
        "output": "no reason",
        "output_format": "text",
        "visibility": "visible",
    }


def test_a_changed_answer_is_told_from_the_marked_one():
    old, new = (Answer("01_sgd", "answer-1", text) for text in ("old", "new"))
    mark = Mark("ana", "01_sgd/answer-1", 1.5, "", "kim", answer=old.digest)
    graded = replace(GRADE, notebooks=True)
    for answer, told in ((old, ""), (new, "the answer has changed since it was marked")):
        answers = {"5ub": {old.item: answer}}
        row = explain(graded, answers=answers, questions=[question()], marks=[mark])
        assert row["changes"].endswith(told)
        assert bool(row["changes"]) == bool(told)
        assert row["01_sgd/answer-1"] == "1.5"


def test_a_correction_says_by_whom_and_why():
    mark = Mark("ana", "affine.forward", 4.0, "appeal accepted", "kim")
    row = explain(GRADE, marks=[mark])
    assert (row["points"], row["total"], row["affine.forward"]) == ("2.0", "4.0", "4.0")
    assert row["changes"] == "affine.forward: corrected by kim from 2 to 4: appeal accepted"
    assert publish_results(GRADE, marks=[mark])["score"] == 4


def test_who_has_handed_in_nothing_has_a_row_without_points():
    rows = publish_csv(GRADE, people=[Person("zoe", "Zoe Z.", "zoe@x.org"), Person("ana")])
    row = dict(zip(rows[0], rows[1]))
    assert [row[name] for name in ("student", "points", "total", "status", "results")] == [
        *("zoe", "", "", "not handed in", "")
    ]
    assert (row["name"], row["email"], row["attempts"]) == ("Zoe Z.", "zoe@x.org", "0")
    assert rows[2][0] == "ana"
    (gone,) = score(people=[Person("zoe", withdrawn=True)])
    assert gone.status == "withdrawn"


def test_who_is_not_in_the_roster_is_told():
    rows = publish_csv(GRADE, people=[Person("zoe")])
    assert [(row[0], row[3]) for row in rows[1:]] == [
        ("zoe", "not handed in"),
        ("ana", "not in the roster"),
    ]
