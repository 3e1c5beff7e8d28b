"""A whole term without judging: who has handed in what and when, marks, rules, and new points."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.__main__ import main
from autograder.enrolment import find_owners, make_attempts
from autograder.gradebook.store import Gradebook
from autograder.intake.classes import find_submissions
from autograder.intake.submissions import hash_submission
from autograder.outcomes import Answer, Attempt, Failure, Grade, Outcome, Verdict
from autograder.points.catalogue import CELLS, Catalogue, read_catalogue
from autograder.results import ResultsError, assign, find_course, load_known, rescore
from autograder.roster.rosters import read_roster
from autograder.scoring.scores import find_candidates
from tools.term_class.__main__ import write_term
from tools.term_class.people import make_term
from tools.term_class.systems import SYSTEMS

STUDENTS = 12


def make_known(term: Path, out: Path) -> tuple[Any, list[str]]:
    """Enter a term into a gradebook, as grade does before it judges."""
    submissions = term / "submissions"
    with Gradebook(out / "gradebook.sqlite") as book:
        course = find_course(book, None, submissions)
        roster = read_roster(term / "roster.csv", course.time_zone)
        book.enter_people(roster.people)
        found = find_submissions(submissions)
        owned, problems = find_owners(found, submissions, roster.people, {}, course.time_zone)
        for one in owned:
            sha256 = hash_submission(one.handed_in)
            for attempt in make_attempts(one, sha256, roster.handed_in_at):
                book.enter_attempt(attempt)
        return load_known(book, course), problems


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_tells_who_has_handed_in_what_and_when(system, tmp_path):
    term = tmp_path / "term"
    write_term(term, make_term(STUDENTS, 1), system, Console(quiet=True))
    expected = json.loads((term / "expected.json").read_text(encoding="utf-8"))
    known, problems = make_known(term, tmp_path)
    assert all("is nobody's in the roster" in problem for problem in problems)
    candidates = find_candidates(known)
    compared = 0
    for person in expected["people"]:
        # A file that names only one of a group, or the team, is settled by the teacher.
        if person["status"] == "withdrawn" or person.get("group"):
            continue
        dated = candidates.get(person["student"], [])
        if person["status"] != "handed in":
            assert not dated
            continue
        ((attempt, lateness),) = dated
        (files,) = [
            one["in_download"] for one in person["attempts"] if one["number"] == person["counts"]
        ]
        assert any(attempt.file.split("/")[0] == name.split("/")[0] for name in files)
        assert bool(lateness.late_by) == person["is_late"]
        assert lateness.accepted == person["accepted"]
        compared += 1
    assert compared > STUDENTS / 2


# Results that are written anew from what is stored


def make_grade(student: str, catalogue: Catalogue, lost: dict[str, Verdict]) -> Grade:
    """Return a grade in which all tests have passed but some."""
    verdicts = []
    cells = {item.name for item in catalogue.items if item.kind == CELLS}
    for (part, test, hidden), points in catalogue.tests.items():
        verdict = Verdict(part, f"{part}: {test}", test, "It.", hidden, points, part in cells)
        verdicts.append(lost.get(test, verdict) if test in lost else verdict)
    how = ("231", "full", "2026-01-02T03:04:05+00:00", 1.0)
    return Grade(student, f"of {student}", "7e57", int(how[0]), *how[1:], (), True, tuple(verdicts))


@pytest.fixture
def out(tmp_path):
    """Return results of two students: ana has lost a test of affine.forward, and ben nothing."""
    catalogue = read_catalogue()
    key = next(key for key in catalogue.tests if key[0] == "affine.forward")
    failure = Failure(Outcome.FAILED, "wrong values")
    lost = Verdict(key[0], "values", key[1], "It.", key[2], catalogue.tests[key], failure=failure)
    folder = tmp_path / "out"
    folder.mkdir()
    with Gradebook(folder / "gradebook.sqlite") as book:
        for student in ("ana", "ben"):
            attempt = Attempt(
                student, f"{student}.zip", f"of {student}", "2026-01-02T03:04:05+00:00"
            )
            book.enter_attempt(attempt)
            book.add(make_grade(student, catalogue, {key[1]: lost} if student == "ana" else {}))
            answers = [Answer("01_minibatch_sgd", "answer-1", f"of {student}")]
            book.enter_answers(f"of {student}", answers)
    (tmp_path / "lost.txt").write_text(key[1])
    rescore(folder)
    return folder


def read_rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def write_course(out: Path, text: str) -> Path:
    path = out.parent / "course.toml"
    path.write_text(text)
    return path


def test_a_voided_test_is_left_out_or_given_to_all(out):
    before = read_rows(out / "gradebook.csv")
    lost = (out.parent / "lost.txt").read_text()
    points = float(before["ben"]["points"]) - float(before["ana"]["points"])
    assert points > 0
    rescore(out, write_course(out, f'[voided]\n{lost} = "leave out"'))
    after = read_rows(out / "gradebook.csv")
    assert after["ana"]["points"] == after["ben"]["points"] == before["ana"]["points"]
    assert float(after["ana"]["possible"]) == float(before["ana"]["possible"]) - points
    assert "does not count, for anybody" in after["ana"]["changes"]
    write_course(out, f'[voided]\n{lost} = "give to all"')
    rescore(out)  # the file is known from the run before
    after = read_rows(out / "gradebook.csv")
    assert after["ana"]["points"] == after["ben"]["points"] == before["ben"]["points"]


def test_weights_change_what_a_part_counts(out):
    before = read_rows(out / "gradebook.csv")["ben"]
    rescore(out, write_course(out, '[weights]\n"affine.forward" = 3\nwritten = 0'))
    after = read_rows(out / "gradebook.csv")["ben"]
    part = float(before["affine.forward"])
    assert float(after["affine.forward"]) == 3 * part
    assert float(after["points"]) == float(before["points"]) + 2 * part
    assert float(before["of"]) - float(after["of"]) == pytest.approx(56 - 2 * part)


def test_a_name_in_the_rules_that_names_nothing_is_told(out):
    written = rescore(out, write_course(out, '[voided]\ntest_nothing = "leave out"'))
    (line,) = [one for one in written.remarks if "test_nothing" in one]
    assert line.startswith("course.toml, line 2, voided.test_nothing: ")


def test_what_is_typed_survives_and_counts(out):
    path = out / "marks.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert text.count("01_minibatch_sgd/answer-1") == 2
    path.write_text(
        text.replace("answer-1,,", "answer-1,1.5,", 1).replace('answer-1",,', 'answer-1",1.5,', 1)
    )
    assert "1.5" in path.read_text()
    rescore(out)
    row = read_rows(out / "gradebook.csv")["ana"]
    assert row["01_minibatch_sgd/answer-1"] == "1.5"
    assert "1.5" in path.read_text(encoding="utf-8-sig")
    path.unlink()  # by mistake
    rescore(out)
    assert read_rows(out / "gradebook.csv")["ana"]["01_minibatch_sgd/answer-1"] == "1.5"
    assert "1.5" in path.read_text(encoding="utf-8-sig")


def test_a_bad_row_is_told_with_its_line_and_blocks_nothing(out):
    path = out / "marks.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines.append('"ben","","affine.forward",99,2,"why","kim","",""')
    lines.append('"nobody","","affine.forward",1,2,"why","kim","",""')
    lines.append('"ben","","affine.backward",1,3,"why","kim","",""')
    path.write_text("\n".join(lines))
    told = [one for one in rescore(out).remarks if one.startswith("marks.csv, line ")]
    assert len(told) == 2
    assert told[0].startswith(f"marks.csv, line {len(lines) - 2}: 99 points")
    assert told[1].startswith(f"marks.csv, line {len(lines) - 1}: ")
    assert float(read_rows(out / "gradebook.csv")["ben"]["affine.backward"]) == 1


def test_a_file_that_was_changed_by_hand_is_kept(out):
    sheet = "written/01_minibatch_sgd-answer-1.md"
    for name in ("gradebook.csv", sheet, "ana/results.json"):
        path = out / name
        path.write_text(path.read_text(encoding="utf-8") + "typed")
        if name == sheet:  # which is written again only if an answer has changed
            rescore(out)
            assert path.read_text(encoding="utf-8").endswith("typed")
            with Gradebook(out / "gradebook.sqlite") as book:
                book.enter_answers("of ana", [Answer("01_minibatch_sgd", "answer-1", "new")])
        written = rescore(out)
        kept = path.with_name(f"{path.stem}.kept-1{path.suffix}")
        assert kept.read_text(encoding="utf-8").endswith("typed")
        assert not path.read_text(encoding="utf-8").endswith("typed")
        assert any(name in remark for remark in written.remarks)
    assert not any("kept" in remark for remark in rescore(out).remarks)


def test_marks_in_the_sheets_of_an_older_grader_are_kept(out):
    """It did not note what it had written, and its sheets were where people typed."""
    sheet = out / "written" / "01_minibatch_sgd-answer-1.md"
    sheet.write_text("MARK ana 2 of 2")
    with Gradebook(out / "gradebook.sqlite") as book:
        book.remember("published", "{}")
        book.remember("sheets", "")
    assert any("kept-1.md" in remark for remark in rescore(out).remarks)
    assert sheet.with_name(f"{sheet.stem}.kept-1.md").read_text() == "MARK ana 2 of 2"
    assert "## Answer of ana" in sheet.read_text(encoding="utf-8")


def test_a_file_that_is_settled_goes_with_its_grade(out):
    written, before = assign(out, "ana.zip", ["zoe"])
    assert before == ["ana"]
    rows = read_rows(out / "gradebook.csv")
    assert set(rows) == {"zoe", "ben"}
    assert float(rows["zoe"]["points"]) > 100
    assert [score.student for score in written.scores] == ["ben", "zoe"]
    with pytest.raises(ResultsError, match=r"do you mean 'ben\.zip'"):
        assign(out, "be.zip", ["zoe"])


def test_commands_that_need_results_say_where_there_are_none(tmp_path, capsys):
    for command in (["rescore", "nowhere"], ["assign", "nowhere", "a.zip", "ana"]):
        assert main(command) == 2
        assert capsys.readouterr().err.startswith("there is no gradebook in nowhere")
    assert main(["show", str(tmp_path), "ana"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_faulty_course_file_changes_nothing(out, capsys):
    before = (out / "gradebook.csv").read_bytes()
    path = write_course(out, "hints = 1\ndeu = 2")
    assert main(["rescore", str(out), "--course", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "course.toml, line 1, hints",
        "course.toml, line 2, deu",
    ]
    assert (out / "gradebook.csv").read_bytes() == before


def test_the_title_stands_above_the_page(out, capsys):
    path = write_course(out, 'title = "Nets [bold]"')
    assert main(["rescore", str(out), "--course", str(path)]) == 0
    printed = capsys.readouterr().out
    assert printed.index("Nets [bold]\n") < printed.index("2 students: 2 handed in")


def test_results_can_be_moved(out, tmp_path):
    rescore(out, write_course(out, 'hints = "none"'))
    other = Path(shutil.move(out, tmp_path / "moved"))
    assert rescore(other).scores
    (tmp_path / "course.toml").unlink()
    with pytest.raises(ResultsError, match="is gone: put it back, or name the file by --course"):
        rescore(other)
