"""The made-up term: its counts, the names in each system's download, and its bytes."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assignment.support.project.manifest import load_parts
from autograder.gradebook.written_answers import AnswerReader, read_questions
from autograder.intake.classes import find_submissions
from autograder.intake.submissions import read_submission
from autograder.outcomes import Answer
from tests.machinery.students import read_all
from tools.term_class.__main__ import main, write_term
from tools.term_class.people import HandIn, Person, make_term
from tools.term_class.systems import SYSTEMS
from tools.term_class.works import Works
from tools.term_class.zips import SPOILED, pack

STUDENTS, SEED = 12, 1
# What find_submissions makes of each download today: a submission for each folder or file, but all
# attempts in Blackboard's as one. Moodle has a folder for each member of the group.
FOUND = {
    "canvas": 12, "moodle": 13, "gradescope": 12, "github": 12, "blackboard": 12, "plain": 36,
}  # fmt: skip
REASONS = {
    "cut": "damaged or incomplete",
    "encrypted": "is encrypted",
    "web page": "it is a web page",
    "empty": "it is empty",
    "rar": "it is a RAR archive",
}


@pytest.fixture(scope="module", params=SYSTEMS)
def term(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small class from one system."""
    folder = tmp_path_factory.mktemp("term") / str(request.param)
    write(folder, str(request.param))
    return folder


def write(folder: Path, system: str, seed: int = SEED) -> None:
    write_term(folder, make_term(STUDENTS, seed), system, Console(quiet=True))


def read_expected(term: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((term / "expected.json").read_text(encoding="utf-8"))
    return expected


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def list_attempts(expected: dict[str, Any]) -> list[dict[str, Any]]:
    return [attempt for person in expected["people"] for attempt in person.get("attempts", ())]


def test_each_count_of_a_class_of_300_is_as_stated() -> None:
    term = make_term(300, SEED)
    roles = Counter(one.role for one in term.hand_ins)
    assert (len(term.hand_ins), len(term.enrolled), len(term.missing)) == (300, 320, 20)
    assert (roles["late"], roles["unreadable"], roles["appeal"]) == (30, 12, 5)
    assert {roles[role] for role in ("group", "withdrawn", "extended")} == {1}
    assert {one.unreadable for one in term.hand_ins} == {"", *SPOILED}
    names = Counter(person.name for person in term.enrolled_at_start)
    assert sorted(names.values())[-2:] == [1, 2]
    for field in ("login", "email", "id", "sid", "github"):
        assert len({getattr(person, field) for person in term.enrolled_at_start}) == 321
    assert all(list(one.times) == sorted(one.times) for one in term.hand_ins)
    late = [one.role == "late" for one in term.hand_ins if one.time > one.due]
    assert late.count(False) == 1  # within the grace


def test_a_small_class_has_one_of_each_kind(term: Path) -> None:
    counts = read_expected(term)["counts"]
    assert counts["hand_ins"] == counts["enrolled"] - counts["missing"] == STUDENTS
    assert {counts[kind] for kind in ("missing", "withdrawn", "late", "unreadable", "appeals")} == {
        1
    }


def test_the_names_are_read_as_submissions(term: Path) -> None:
    found = find_submissions(term / "submissions")
    assert len(found) == FOUND[term.name]
    expected = read_expected(term)
    paths = {place for attempt in list_attempts(expected) for place in attempt["in_download"]}
    there = [(term / "submissions" / path).exists() for path in paths]
    assert all(there)
    assert len(paths) == (36 if expected["attempts_in_download"] == "all" else FOUND[term.name])


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("canvas", "obrienzoë_LATE_123_801599_hw-2.zip"),
        ("moodle", "Zoë OBrien_123_assignsubmission_file_/hw.zip"),
        ("gradescope", "submission_290000072"),
        ("github", "hw-1-zoe-git"),
        ("blackboard", "HW 1_zoe_attempt_2026-12-01-00-15-00_hw.zip"),
        ("plain", "zoe (2).zip"),
    ],
)
def test_names_are_those_that_the_system_writes(system: str, place: str) -> None:
    zoe = Person("Zoë", "O'Brien", "zoe", "zoe@example.edu", 123, "26-1", "zoe-git")
    late = datetime(2026, 11, 30, 23, 15, tzinfo=timezone.utc)  # Zurich is an hour ahead
    assert SYSTEMS[system].places(HandIn(7, (zoe,), (late, late, late), "hw.zip"), 2) == (place,)


def test_only_what_is_said_to_be_unreadable_is(term: Path) -> None:
    read = [read_submission(one) for one in find_submissions(term / "submissions")]
    (kind,) = {person.get("unreadable") for person in read_expected(term)["people"]} - {None, ""}
    refused = [one.refused for one in read if one.refused]
    assert len(refused) == 1
    assert REASONS[kind] in refused[0]
    sizes = {(len(one.files), len(one.notebooks)) for one in read if not one.refused}
    assert sizes == {(len({part.file for part in load_parts()}), 8)}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_zip_is_refused_for_its_own_reason(kind: str, tmp_path: Path) -> None:
    one = make_term(STUDENTS, SEED).hand_ins[0]
    content = pack(Works(SEED).make(one, 2), one.time)
    (tmp_path / "ana.zip").write_bytes(SPOILED[kind](content))
    assert REASONS[kind] in read_submission(tmp_path / "ana.zip").refused


def test_the_files_have_the_time_of_their_attempt(term: Path) -> None:
    for attempt in list_attempts(read_expected(term)):
        stated = datetime.fromisoformat(attempt["time"].replace("Z", "+00:00"))
        for place in attempt["in_download"]:
            path = term / "submissions" / place
            files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
            assert {os.stat(file).st_mtime for file in files} == {stated.timestamp()}


def test_the_roster_lists_who_is_enrolled(term: Path) -> None:
    now, start = (read_table(term / name) for name in ("roster.csv", "roster-start.csv"))
    gone = [row for row in start if row not in now]
    assert len(gone) == len(start) - len(now) == 1
    people = read_expected(term)["people"]
    (withdrawn,) = [p for p in people if p["status"] == "withdrawn"]
    assert withdrawn["student"] in gone[0].values()
    listed = {value for row in now for value in row.values()}
    enrolled = [p["student"] for p in people if p is not withdrawn]
    assert len(enrolled) == STUDENTS + 1
    assert listed.issuperset(enrolled)


def test_each_mark_is_of_a_question_or_corrects_a_part(term: Path) -> None:
    marks, people = read_table(term / "marks-typed.csv"), read_expected(term)["people"]
    possible = {f"{q.notebook}/{q.cell_id}": q.points for q in read_questions()}
    possible |= {part.id: part.points for part in load_parts()}
    assert all(0 <= float(mark["points"]) <= possible[mark["item"]] for mark in marks)
    assert {mark["student"] for mark in marks} <= {person["student"] for person in people}
    appeals = {
        (m["student"], m["item"]) for m in marks if m["comment"].startswith("appeal accepted: ")
    }
    corrected = {(p["student"], item) for p in people for item in p.get("corrected", ())}
    assert appeals == corrected
    assert len(appeals) == 1


def test_later_attempts_hold_more_and_answers_are_found() -> None:
    works, term = Works(SEED), make_term(STUDENTS, SEED)
    one = term.find("")
    stubs = [b"".join(works.make(one, i).values()).count(b"not written yet") for i in range(3)]
    assert stubs[0] > stubs[1] > stubs[2] > 0


def test_written_answers_are_found_by_their_id(tmp_path: Path) -> None:
    write(tmp_path / "term", "canvas")
    reader = AnswerReader(tmp_path)
    answers: list[Answer] = []
    for found in find_submissions(tmp_path / "term" / "submissions"):
        read, told = reader.read(read_submission(found))
        assert told == []
        answers += read
    assert 0 < sum(not one.text for one in answers) < len(answers) / 3
    assert any(one.pictures for one in answers)


def test_an_appeal_is_about_a_part_that_is_wrong() -> None:
    works, term = Works(SEED), make_term(STUDENTS, SEED)
    one = term.find("appeal")
    part = works.find_appeal(one)
    files = works.make(one, 2)
    (source,) = [text.decode() for name, text in files.items() if name.endswith(f"/{part.file}")]
    known = [works.functions[name] for name in part.functions]
    assert any(text in source for piece in known for text in piece.wrong)
    assert not all(piece.right in source for piece in known)


def test_the_same_seed_gives_the_same_bytes_and_times(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "other")]
    for folder, seed in zip(folders, (SEED, SEED, SEED + 1)):
        write(folder, "canvas", seed)
    files, again, other = map(read_all, folders)
    assert files == again
    assert files.keys() != other.keys()
    times = [{name: os.stat(f / name).st_mtime for name in submissions(f)} for f in folders[:2]]
    assert times[0] == times[1]


def submissions(term: Path) -> list[str]:
    return [path.relative_to(term).as_posix() for path in (term / "submissions").iterdir()]


def test_no_foreign_folder_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "roster.csv").write_text("a real one", encoding="utf-8")
    assert main([str(tmp_path), "--students", "12"]) == 2
    assert "holds another class; name a folder that is new or empty" in capsys.readouterr().err
    (tmp_path / "thesis.txt").write_text("ten years", encoding="utf-8")
    assert main([str(tmp_path), "--students", "12"]) == 2
    assert "holds 'thesis.txt'" in capsys.readouterr().err
    assert (tmp_path / "roster.csv").read_text(encoding="utf-8") == "a real one"


def test_an_earlier_term_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in ("1", "2"):
        assert main([str(tmp_path / "term"), "--students", "12", "--seed", seed]) == 0
    assert "12 who handed in, 1 who did not" in capsys.readouterr().out
    assert read_expected(tmp_path / "term")["seed"] == 2


def test_help_names_the_files_and_a_bad_number_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "expected.json" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["somewhere", "--students", "3"])
    assert "'3' is no number from 12 to 5,000" in capsys.readouterr().err
