"""show says why a student has a score, and who failed a test."""

from __future__ import annotations

import json

import pytest

from autograder.__main__ import main
from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Attempt, Failure, Outcome, Recognised
from autograder.roster.people import Person
from tests.machinery.reports.filled import SEEN, WRONG, fill, grade, verdict

ANA = Person("ana", "Ana María Ruiz", "ana@uni.edu", "aruiz", ("1234",), "section B")
HIDDEN = verdict(
    "test_secret", Failure(Outcome.CRASHED, "ValueError: no", where="affine.py, line 3")
)
UNWRITTEN = Failure(Outcome.NOT_WRITTEN, "not written yet")
MISSING = Failure(Outcome.NOT_WRITTEN, "no such cell", missing=True)


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def show(capsys):
    def run(*words):
        code = main(["show", *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def read(show, *words):
    code, out, err = show(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def list_files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_page_tells_all_that_a_score_follows_from(tmp_path, show):
    failed = [verdict("test_values", WRONG), HIDDEN]
    given = verdict("test_loss", WRONG, ("affine_forward",))
    results = fill(
        tmp_path / "results",
        grade(
            "ana",
            *failed,
            given,
            findings=("notebooks/ is missing",),
            mistakes=(Recognised("affine.forward", "wrong axis", ("Look at the sum.", "Axis.")),),
        ),
        people=[ANA],
        attempts=[
            Attempt("ana", "old.zip", "older", SEEN, "2026-03-01T10:00:00+01:00", "Canvas"),
            Attempt("ana", "a b.zip", "sha-ana", SEEN, "2026-03-03T10:00:00+01:00", "Moodle"),
        ],
        marks=[
            Mark("ana", "01_sgd/answer-1", 1.5, "no reason", "kim", "0ld"),
            Mark("ana", "01_sgd/rung-1", 1, "appeal", "kim"),
        ],
        answers=[("sha-ana", Answer("01_sgd", "answer-1", "because"))],
        rules="due = 2026-03-02T10:00:00+01:00\nlate.percent_per_day = 10\nfollow_through = 0.5",
    )
    code, out, err = show(results, "ANA@uni.edu")
    assert (code, err) == (0, "")
    for text in (
        "Ana María Ruiz, ana, ana@uni.edu, section section B",
        "attempt: old.zip, handed in 2026-03-01T10:00:00+01:00 (Canvas): does not count",
        "attempt: a b.zip, handed in 2026-03-03T10:00:00+01:00 (Moodle): counts",
        "    notebooks/ is missing",
        "total 2.7 of 8",
        "corrected by kim from 2 to 1: appeal",
        "marked by kim: no reason",
        "the answer has changed since it was marked",
        "mistake: wrong axis",
        "hint that the student reads: Look at the sum. Axis.",
        "affine.forward: 0 of 3",
        "     -2 test_values\n        failed: wrong values of out\n"
        "        expected [0] = 1, got [0] = 2\n        x (2, 3); 1e+00 relative",
        "     -1 test_secret, hidden\n        crashed: ValueError: no\n        affine.py, line 3",
        "   -0.5 test_loss",
        "right, given a right affine_forward",
        "pytest --part affine.forward --seed 7",
        "python -m autograder grade 'a b.zip' --out NEW --seed 7",
        "10 % of the points less",
        "(-0.3)",
    ):
        assert text in out
    lines = [line for line in out.splitlines() if "attempt:" not in line]
    assert max(map(len, lines)) <= 80


def test_json_has_the_same_facts(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana", HIDDEN), people=[ANA])
    facts = read(show, results, "ana")
    assert (facts["total"], facts["possible"], facts["seed"]) == (5, 8, 7)
    items = {item["item"]: item for item in facts["items"]}
    (lost,) = items["affine.forward"]["lost"]
    assert (lost["test"], lost["hidden"], lost["outcome"]) == ("test_secret", True, "crashed")
    assert (lost["points"], lost["possible"], lost["where"]) == (0, 1, "affine.py, line 3")
    assert items["affine.forward"]["again"] == "pytest --part affine.forward --seed 7"
    assert [one["counts"] for one in facts["attempts"]] == [True]


def test_functions_alone_are_judged_again_if_only_they_were(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana", notebooks=False))
    again = "python -m autograder grade ana.zip --out NEW --seed 7 --no-notebooks"
    assert read(show, results, "ana")["again"] == again


def test_all_keys_of_the_json_stand_in_the_help(tmp_path, show, capsys):
    results = fill(tmp_path / "results", grade("ana", HIDDEN))
    facts = read(show, results, "ana")
    test = read(show, results, "--test", "test_secret")
    item = next(item for item in facts["items"] if item["lost"])
    with pytest.raises(SystemExit) as ended:
        main(["show", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for table in (facts, facts["attempts"][0], item, item["lost"][0], test, *test["problems"]):
        for key in table:
            assert key in said, key
    assert "exit code" in said


def test_what_was_not_written_or_not_handed_in_is_listed_in_short(tmp_path, show):
    failed = [verdict("test_loss", UNWRITTEN), verdict("rung-1", MISSING)]
    results = fill(
        tmp_path / "results",
        grade("ana", *failed),
        answers=[("sha-ana", Answer("01_sgd", "answer-1", "because"))],
    )
    _, out, _ = show(results, "ana")
    assert "waiting for a mark: 1\n    01_sgd/ answer-1" in out
    assert "not handed in: 1\n    01_sgd/ rung-1" in out
    assert "not written: 1\n    network.loss" in out
    assert "test_loss" not in out


def test_a_part_of_which_one_test_met_a_stub_is_shown_in_full(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana", verdict("test_values", UNWRITTEN)))
    _, out, _ = show(results, "ana")
    assert "affine.forward: 1 of 3\n     -2 test_values\n        not written: " in out


def test_who_has_handed_in_nothing_has_a_page(tmp_path, show):
    results = fill(tmp_path / "results", grade("ben"), people=[ANA])
    code, out, _ = show(results, "1234")
    assert code == 0
    assert "status: not handed in" in out
    assert "again" not in out


def test_what_could_not_be_read_is_no_zero(tmp_path, show):
    failed = [verdict(name, UNWRITTEN) for name in ("test_values", "test_secret", "test_loss")]
    results = fill(tmp_path / "results", grade("ana", *failed, refused="it is no zip"))
    _, out, _ = show(results, "ana")
    assert "status: unreadable: it is no zip" in out
    assert "total none (nothing could be read) of 8" in out
    assert "not written" not in out


@pytest.mark.parametrize("name", ["ana", "ANA", "ana maría ruiz", "Ana@uni.edu", "aruiz", "1234"])
def test_a_student_is_found_by_any_name(tmp_path, show, name):
    results = fill(tmp_path / "results", grade("ana"), grade("ben"), people=[ANA])
    assert read(show, results, name)["student"] == "ana"


def test_a_gradebook_can_be_named_itself(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana"))
    assert read(show, results / "gradebook.sqlite", "ana")["student"] == "ana"


def test_who_is_not_known_is_told_near_names(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana"), grade("zoe"))
    code, out, err = show(results, "anna")
    assert (code, out) == (2, "")
    assert err == "there is no student 'anna' in these results; do you mean ana?\n"


def test_a_name_of_two_is_not_guessed(tmp_path, show):
    people = [Person("jd1", "Jo Doe"), Person("jd2", "Jo Doe")]
    results = fill(tmp_path / "results", people=people)
    code, _, err = show(results, "jo doe")
    assert code == 2
    assert err == "'jo doe' may be Jo Doe (jd1); Jo Doe (jd2): write the name in brackets\n"


def test_without_a_gradebook_one_line_says_so(tmp_path, show):
    code, _, err = show(tmp_path, "ana")
    assert code == 2
    assert err == f"there is no gradebook in {tmp_path}: name the folder of an --out\n"


def test_text_of_students_is_shown_as_text(tmp_path, show):
    evil = "[bold]x[/bold] \x1b[2J \u202e"
    failed = verdict("test_values", Failure(Outcome.CRASHED, evil, got=evil, where=evil))
    name = f"eve{evil}"
    results = fill(tmp_path / "results", grade(name, failed, findings=(evil,)))
    for words in ((name,), ("--test", "test_values")):
        code, out, _ = show(results, *words)
        assert code == 0
        assert "[bold]x[/bold] \\x1b[2J <U+202E>" in out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_reading_changes_no_file(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana", HIDDEN))
    before = list_files(results)
    show(results, "ana")
    show(results, "--test", "test_secret")
    assert list_files(results) == before


# Who failed a test


def test_the_most_frequent_problem_comes_first(tmp_path, show):
    results = fill(
        tmp_path / "results",
        grade("ana", verdict("test_values", UNWRITTEN)),
        grade("ben", verdict("test_values", WRONG)),
        grade("cleo", verdict("test_values", WRONG)),
        grade("dan", verdict("test_values", Failure(Outcome.LIMIT, "took too long"))),
        grade("eve", verdict("test_values", Failure(Outcome.GRADERS_FAULT, "broke"))),
        grade("finn", verdict("test_values", Failure(Outcome.CRASHED, "ValueError"))),
        grade("gus"),
    )
    facts = read(show, results, "--test", "test_values")
    (test,) = facts["tests"]
    assert test["counts"] == {
        "passed": 1,
        "failed": 2,
        "not written": 1,
        "crashed": 1,
        "limit": 1,
        "grader's fault": 1,
        "not handed in": 0,
    }
    first = facts["problems"][0]
    assert (first["outcome"], first["problem"]) == ("failed", "wrong values of out")
    assert [one["student"] for one in first["students"]] == ["ben", "cleo"]
    _, out, _ = show(results, "--test", "test_values")
    assert "1 passed, 2 failed, 1 not written, 1 crashed, 1 limit, 1 grader's fault" in out
    assert "2 students, failed: wrong values of out\n    ben                  expected" in out


def test_of_a_part_a_student_has_one_line_a_problem(tmp_path, show):
    failed = [verdict("test_values", UNWRITTEN), verdict("test_secret", UNWRITTEN)]
    results = fill(tmp_path / "results", grade("ana", *failed), grade("ben"))
    _, out, _ = show(results, "--test", "affine.forward")
    assert "affine.forward, test_secret, hidden, 1 point\n    1 passed, 1 not written" in out
    assert out.endswith(
        "1 student, not written: not written yet\n"
        "    ana                  2 tests: test_values, test_secret\n"
    )


def test_names_stand_in_a_line_if_there_is_no_more_to_tell(tmp_path, show):
    failed = verdict("test_values", UNWRITTEN)
    results = fill(tmp_path / "results", grade("ana", failed), grade("ben", failed))
    _, out, _ = show(results, "--test", "test_values")
    assert out.endswith("2 students, not written: not written yet\n    ana, ben\n")


def test_a_cell_that_was_not_handed_in_is_not_wrong(tmp_path, show):
    results = fill(tmp_path / "results", grade("ana", verdict("rung-1", MISSING)))
    (test,) = read(show, results, "--test", "01_sgd/rung-1")["tests"]
    assert (test["counts"]["not handed in"], test["counts"]["not written"]) == (1, 0)


def test_a_test_that_is_left_out_can_be_looked_at(tmp_path, show):
    rules = 'voided.test_values = "leave out"'
    results = fill(tmp_path / "results", grade("ana", verdict("test_values", WRONG)), rules=rules)
    assert len(read(show, results, "--test", "test_values")["problems"]) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test_value", "there is no test, part or cell 'test_value'; do you mean test_values or "),
        ("01_sgd/answer-1", "01_sgd/answer-1 is a written answer, which has no test: "),
    ],
)
def test_a_name_that_is_no_test_is_refused(tmp_path, show, name, said):
    code, _, err = show(fill(tmp_path / "results", grade("ana")), "--test", name)
    assert code == 2
    assert err.startswith(said)
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["ana", "--test", "test_values"]])
def test_either_a_student_or_a_test_is_named(tmp_path, words):
    with pytest.raises(SystemExit) as ended:
        main(["show", str(tmp_path), *words])
    assert ended.value.code == 2
