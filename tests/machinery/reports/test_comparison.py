"""compare says whose total differs between two results, and why."""

from __future__ import annotations

import json

import pytest

from autograder.__main__ import main
from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Attempt, Failure, Outcome
from tests.machinery.reports.filled import POINTS, SEEN, WRONG, fill, grade, verdict

FAILED = verdict("test_values", WRONG)
KEY = "affine.forward", "test_values", False


@pytest.fixture
def compare(tmp_path, capsys):
    """Compare two results, and return the exit code, the page and the facts."""

    def run():
        sides = [str(tmp_path / name) for name in ("a", "b")]
        code = main(["compare", *sides])
        page = capsys.readouterr().out
        assert main(["compare", *sides, "--json"]) == code
        return code, page, json.loads(capsys.readouterr().out)

    return run


def get_reasons(facts, student="ana"):
    (found,) = [one for one in facts["students"] if one["student"] == student]
    return {reason.pop("kind"): reason for reason in found["reasons"]}


def test_equal_results_differ_in_nothing(tmp_path, compare):
    for name in ("a", "b"):
        fill(tmp_path / name, grade("ana", FAILED), grade("ben"))
    code, page, facts = compare()
    assert (code, page) == (0, "0 of 2 totals changed\n")
    assert facts["students"] == []


def test_other_verdicts_are_named_and_the_largest_change_is_first(tmp_path, compare):
    secret = verdict("test_secret", WRONG)
    fill(tmp_path / "a", grade("ana"), grade("ben", FAILED), grade("cleo"))
    fill(tmp_path / "b", grade("ana", secret), grade("ben"), grade("cleo"))
    code, page, facts = compare()
    assert code == 1
    assert page.splitlines() == [
        "     +2  ben              4 -> 6: test_values failed -> passed",
        "     -1  ana              6 -> 5: test_secret passed -> failed",
        "2 of 3 totals changed",
    ]
    (test,) = get_reasons(facts)["verdicts"]["tests"]
    assert (test["before"], test["after"], test["points"]) == ("passed", "failed", [1, 0])


def test_another_submission_is_named(tmp_path, compare):
    fill(tmp_path / "a", grade("ana", FAILED))
    attempts = [Attempt("ana", "new.zip", "other", SEEN)]
    fill(tmp_path / "b", grade("ana", submission="other"), attempts=attempts)
    _, page, facts = compare()
    assert "other submission (ana.zip -> new.zip); test_values failed -> passed" in page
    assert get_reasons(facts)["submission"] == {"before": "ana.zip", "after": "new.zip"}


def test_other_points_of_tests_are_told_by_part(tmp_path, compare):
    fill(tmp_path / "a", grade("ana"))
    fill(tmp_path / "b", grade("ana"), points={**POINTS, KEY: 4.0})
    code, page, facts = compare()
    assert code == 1
    assert "+2  ana              6 -> 8: test_values: possible 2 -> 4\n" in page
    assert get_reasons(facts).keys() == {"points"}


def test_marks_and_corrections_are_told(tmp_path, compare):
    answers = [("sha-ana", Answer("01_sgd", "answer-1", "because"))]
    fill(tmp_path / "a", grade("ana"), answers=answers)
    marks = [
        Mark("ana", "01_sgd/answer-1", 1.5, "good", "kim"),
        Mark("ana", "affine.forward", 1, "copied", "kim"),
    ]
    fill(tmp_path / "b", grade("ana"), answers=answers, marks=marks)
    _, page, facts = compare()
    assert "-0.5  ana              6 -> 5.5: affine.forward marked none -> 1 by kim, " in page
    assert "01_sgd/answer-1 marked none -> 1.5 by kim" in page
    assert len(get_reasons(facts)["marks"]["items"]) == 2


def test_another_comment_alone_is_a_difference(tmp_path, compare):
    for name, comment in (("a", "good"), ("b", "very good")):
        mark = Mark("ana", "affine.forward", 3, comment, "kim")
        fill(tmp_path / name, grade("ana"), marks=[mark])
    code, page, _ = compare()
    assert code == 1
    assert "affine.forward has another comment" in page
    assert page.endswith("0 of 1 totals changed; 1 more differs with the same total\n")


def test_lateness_and_rules_are_told(tmp_path, compare):
    attempts = [Attempt("ana", "a.zip", "sha-ana", SEEN, "2026-03-03T10:00:00+01:00", "Canvas")]
    due = "due = 2026-03-02T10:00:00+01:00\n"
    fill(tmp_path / "a", grade("ana"), attempts=attempts, rules=f"{due}late.percent_per_day = 10")
    fill(tmp_path / "b", grade("ana"), attempts=attempts, rules=f"{due}late.percent_per_day = 50")
    _, page, facts = compare()
    assert "rules: late.percent_per_day: 10.0 -> 50.0\n" in page
    assert "-2.4  ana              5.4 -> 3: lateness: " in page
    assert get_reasons(facts).keys() == {"lateness"}


@pytest.mark.parametrize(
    ("rules", "total", "why"),
    [
        ('voided.test_values = "leave out"', 4, "test_values failed -> left out"),
        ('voided.test_values = "give to all"', 6, "test_values: earned 0 -> 2"),
        ('weights."affine.forward" = 2', 5, "2 tests of affine.forward: possible 3 -> 6"),
        ("weights.written = 2", 4, "01_sgd/answer-1 of 2 -> 4"),
    ],
)
def test_other_rules_show_in_what_they_change(tmp_path, compare, rules, total, why):
    fill(tmp_path / "a", grade("ana", FAILED))
    fill(tmp_path / "b", grade("ana", FAILED), rules=rules)
    code, page, facts = compare()
    assert code == 1
    assert len(facts["rules"]) == 1
    assert why in page
    (ana,) = facts["students"]
    assert (ana["before"], ana["after"]) == (4, total)


def test_the_share_of_follow_through_is_told(tmp_path, compare):
    given = verdict("test_loss", WRONG, ("affine_forward",))
    fill(tmp_path / "a", grade("ana", given))
    fill(tmp_path / "b", grade("ana", given), rules="follow_through = 0.5")
    _, page, _ = compare()
    assert "6 -> 5.5: test_loss: earned 1 -> 0.5\n" in page


def test_who_is_in_one_of_them_alone_is_listed(tmp_path, compare):
    fill(tmp_path / "a", grade("ana"), grade("ben"))
    fill(tmp_path / "b", grade("ben"), grade("cleo"))
    _, page, facts = compare()
    assert "-6  ana              6 -> none: only in A\n" in page
    assert "+6  cleo             none -> 6: only in B\n" in page
    assert (facts["changed"], facts["of"]) == (2, 3)


def test_another_seed_alone_is_said_but_no_difference(tmp_path, compare):
    fill(tmp_path / "a", grade("ana", seed=7))
    fill(tmp_path / "b", grade("ana", seed=8))
    code, page, _ = compare()
    assert (code, page) == (0, "judged with: seeds: 7 -> 8\n0 of 1 totals changed\n")


def test_what_could_not_be_read_is_no_zero(tmp_path, compare):
    unwritten = Failure(Outcome.NOT_WRITTEN)
    failed = [verdict(name, unwritten) for _, name, _ in POINTS]
    fill(tmp_path / "a", grade("ana", *failed, refused="no zip"))
    fill(tmp_path / "b", grade("ana", *failed))
    code, page, facts = compare()
    assert code == 1
    assert "none -> 0: status: unreadable: no zip -> nothing written" in page
    assert facts["students"][0]["before"] is None


def test_gradebooks_can_be_compared_themselves(tmp_path, capsys):
    paths = [fill(tmp_path / name, grade("ana")) / "gradebook.sqlite" for name in ("a", "b")]
    assert main(["compare", *map(str, paths)]) == 0


def test_what_is_no_gradebook_ends_in_one_line(tmp_path, capsys):
    results = fill(tmp_path / "a", grade("ana"))
    (tmp_path / "text").write_text("no gradebook")
    for path in (tmp_path / "gone", tmp_path / "text"):
        assert main(["compare", str(results), str(path)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_names_of_students_are_shown_as_text(tmp_path, compare):
    evil = "[bold]x[/bold]\x1b[2J\u202e"
    fill(tmp_path / "a", grade(evil, FAILED))
    fill(tmp_path / "b", grade(evil))
    _, page, _ = compare()
    assert "[bold]x[/bold]\\x1b[2J<U+202E>" in page
    assert "\x1b" not in page


def test_the_help_documents_exit_codes_and_keys(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["compare", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for text in ("exit code: 0", "1 if something does", "2 if", "reasons", "judging", "possible"):
        assert text in said


def test_both_arguments_are_needed(tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(tmp_path)])
    assert ended.value.code == 2
