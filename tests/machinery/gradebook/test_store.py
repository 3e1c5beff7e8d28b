"""The gradebook returns grades as stored, stores each completely or not, and serves one run."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from assignment.support.project.manifest import ROOT
from autograder.gradebook.store import Gradebook, GradebookError
from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Attempt, Failure, Grade, Outcome, Recognised, Verdict
from autograder.roster.people import Person

PASSED = Verdict("affine.forward", "affine.forward: values", "test_it", "Values.", False, 2.0)
FAILED = replace(PASSED, hidden=True, failure=Failure(Outcome.FAILED, "wrong", got="x = 3"))
FAULT = replace(PASSED, failure=Failure(Outcome.GRADERS_FAULT))
GRADE = Grade(
    student="ana",
    submission="5ub",
    tests="7e57",
    seed=231,
    isolation="full",
    graded_at="2026-01-02T03:04:05Z",
    seconds=0.1,
    findings=(),
    notebooks=False,
    verdicts=(PASSED, FAILED),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gradebook.sqlite"


def write(path, *grades):
    with Gradebook(path) as book:
        for grade in grades:
            book.add(grade)


def read(path):
    with Gradebook(path) as book:
        return book.grades()


def find(path, **other):
    wanted = {"student": "ana", "submission": "5ub", "tests": "7e57"} | other
    with Gradebook(path) as book:
        return book.find(**wanted)


def select(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def invent_text(dice):
    """Return random text with NUL, quotes, emoji and lone surrogates."""
    characters = (dice.randrange(128), dice.randrange(0xD800, 0xE000), dice.randrange(0x110000))
    text = "".join(chr(dice.choice(characters)) for _ in range(dice.randrange(20)))
    return text + "'\0\ud83d\ude00"


def invent_failure(dice):
    outcome = dice.choice(list(Outcome))
    if outcome is Outcome.PASSED:
        return None
    habit = (invent_text(dice),)
    return Failure(outcome, invent_text(dice), got=invent_text(dice), habit=habit, by_check=False)


@pytest.mark.parametrize("seed", range(20))
def test_a_grade_comes_back_exactly(path, seed):
    dice = random.Random(seed)
    verdicts = tuple(
        Verdict(
            part=f"part.{number}",
            name=invent_text(dice),
            test="test_it",
            sentence=invent_text(dice),
            hidden=dice.random() < 0.5,
            possible=dice.random(),
            of_cell=dice.random() < 0.5,
            failure=invent_failure(dice),
            given=(invent_text(dice), invent_text(dice)),
            share=dice.random(),
        )
        for number in range(30)
    )
    grade = replace(
        GRADE,
        student=invent_text(dice),
        seed=dice.getrandbits(128),
        seconds=dice.random(),
        findings=(invent_text(dice), invent_text(dice)),
        verdicts=verdicts,
        mistakes=(Recognised("affine.forward", invent_text(dice), (invent_text(dice),)),),
    )
    write(path, grade)
    assert read(path) == [grade]


def test_the_newest_grade_of_a_submission_counts_and_older_ones_stay(path):
    newer = replace(GRADE, graded_at="1999")  # a clock can go wrong
    resubmitted = replace(GRADE, submission="new")
    other = replace(GRADE, student="Zoe")
    write(path, GRADE, resubmitted, newer, other)
    assert read(path) == [other, resubmitted, newer]
    with Gradebook(path) as book:
        assert book.grades({("ana", "new")}) == [resubmitted]
    assert select(path, "SELECT count(*) FROM grades") == [(4,)]


def test_a_stored_grade_is_found(path):
    write(path, GRADE, replace(GRADE, student="zoe", submission="other"))
    assert find(path) == GRADE
    assert find(path, isolation="full", notebooks=False) == GRADE


@pytest.mark.parametrize(
    "other",
    [
        {"student": "an"},
        {"submission": "other"},
        {"tests": "other"},
        {"isolation": "none"},
        {"notebooks": True},
    ],
    ids=str,
)
def test_a_grade_with_another_key_is_not_found(path, other):
    write(path, GRADE)
    assert find(path, **other) is None


def test_a_grade_with_notebooks_is_not_used_for_a_run_without(path):
    grade = replace(GRADE, notebooks=True)
    write(path, grade)
    assert find(path, notebooks=True) == grade
    assert find(path, notebooks=False) is None


def test_a_graders_fault_is_graded_again(path):
    """Even if an older grade has no fault, because only the newest grade is shown."""
    write(path, GRADE, replace(GRADE, verdicts=(PASSED, FAULT)))
    assert find(path) is None


def test_only_the_newest_grade_of_a_submission_is_found(path):
    write(path, GRADE, replace(GRADE, tests="new"))
    assert find(path) is None
    with Gradebook(path) as book:
        assert book.find_tests("ana", "5ub") == "new"
        assert book.find_tests("ana", "other") == ""


def test_a_score_is_stored_with_its_conditions(path):
    write(path, replace(GRADE, verdicts=(PASSED, FAILED, FAULT)))
    rows = select(path, "SELECT points, submission, tests, seed, isolation, graded_at FROM scores")
    origin = ("5ub", "7e57", "231", "full", "2026-01-02T03:04:05Z")
    assert rows == [(2.0, *origin), (0, *origin), (None, *origin)]


def test_a_text_is_never_sql(path):
    grade = replace(GRADE, student="'; DROP TABLE verdicts; --")
    write(path, grade)
    assert find(path, student=grade.student) == grade


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from autograder.gradebook.store import Gradebook
from tests.machinery.gradebook.test_store import GRADE, PASSED

class Death:
    part = "affine.backward"

    @property
    def name(self):
        os.kill(os.getpid(), signal.SIGKILL)

many = [replace(PASSED, sentence="x" * 1000)] * 20_000  # more than SQLite keeps in memory
with Gradebook(Path(sys.argv[1])) as book:
    book.add(replace(GRADE, student="ben"))
    book.add(replace(GRADE, verdicts=(*many, Death())))
"""


def run(script, path):
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_whole_grades(path):
    assert run(KILLED, path).returncode == -signal.SIGKILL
    written = sum(file.stat().st_size for file in path.parent.iterdir())
    assert written > 10_000_000  # part of an unfinished grade was already on disk
    assert read(path) == [replace(GRADE, student="ben")]
    write(path, GRADE)
    assert [grade.student for grade in read(path)] == ["ana", "ben"]


SECOND = """
import pathlib, sys
from autograder.gradebook.store import Gradebook
Gradebook(pathlib.Path(sys.argv[1]))
"""


def test_a_second_run_is_told_to_wait(path):
    write(path, GRADE)
    with Gradebook(path) as book:
        with pytest.raises(GradebookError) as caught:
            Gradebook(path)
        stderr = run(SECOND, path).stderr
        book.add(replace(GRADE, student="ben"))
    message = "gradebook.sqlite is in use by another run; wait for it or choose another --out"
    assert str(caught.value) == message
    assert stderr.endswith(f"GradebookError: {message}\n")
    assert len(read(path)) == 2


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE grades (student); PRAGMA user_version = 99",
        "CREATE TABLE grades (student); PRAGMA user_version = 1",
        "CREATE TABLE grades (student); CREATE TABLE verdicts (part); PRAGMA user_version = 99",
        "CREATE TABLE recipes (cake); PRAGMA user_version = 0",
        "PRAGMA user_version = 99",
    ],
)
def test_a_foreign_database_is_not_changed(path, script):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    before = path.read_bytes()
    with pytest.raises(GradebookError, match=r"^gradebook.sqlite is not a gradebook of this .*$"):
        Gradebook(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello", b"x" * 10_000], ids=len)
def test_a_file_that_is_no_database_is_not_changed(path, content):
    path.write_bytes(content)
    with pytest.raises(GradebookError, match=r"^gradebook.sqlite is not a gradebook; .*$"):
        Gradebook(path)
    assert path.read_bytes() == content


def test_a_missing_folder_gives_a_clear_message(tmp_path):
    with pytest.raises(GradebookError, match=r"^cannot use .*gradebook.sqlite: unable to open.*$"):
        Gradebook(tmp_path / "missing" / "gradebook.sqlite")


VERSION_2 = """
CREATE TABLE grades (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, submission TEXT NOT NULL, tests TEXT NOT NULL,
    seed TEXT NOT NULL, isolation TEXT NOT NULL, graded_at TEXT NOT NULL, seconds REAL NOT NULL,
    findings TEXT NOT NULL, mistakes TEXT NOT NULL, notebooks INTEGER NOT NULL
);
CREATE INDEX grades_of_a_student ON grades (student);
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY, grade INTEGER NOT NULL REFERENCES grades (id), part TEXT NOT NULL,
    name TEXT NOT NULL, test TEXT NOT NULL, hidden INTEGER NOT NULL, possible REAL NOT NULL,
    outcome TEXT NOT NULL, message TEXT NOT NULL, detail TEXT NOT NULL, given TEXT NOT NULL,
    share REAL NOT NULL
);
CREATE INDEX verdicts_of_a_grade ON verdicts (grade);
CREATE VIEW scores AS SELECT * FROM verdicts;
PRAGMA user_version = 2;
INSERT INTO grades VALUES
    (7, 'ana', '5ub', '7e57', '231', 'full', '2026-01-02T03:04:05Z', 0.1, '["odd"]',
    '[["affine.forward", "label", "hint"]]', 1);
INSERT INTO verdicts VALUES
    (1, 7, 'affine.forward', 'affine.forward: values', 'test_it', 0, 2.0, 'passed', '', '', '', 0),
    (2, 7, 'affine.forward', 'affine.forward: more', 'test_more', 1, 1.0, 'failed', 'm', 'why',
    'right, given a right f and g', 0.5),
    (3, 7, '05_batchnorm/rung-1', '05_batchnorm/rung-1: completed cell', 'rung-1', 1, 2.0,
    'not written', 'm', 'no such cell', '', 0);
"""


def test_a_gradebook_of_version_2_is_taken_over(path):
    """Its grades and follow-through marks stay; the texts for students are lost."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_2)
    (grade,) = read(path)
    failed = Failure(Outcome.FAILED, "why")
    missing = Failure(Outcome.NOT_WRITTEN, "no such cell")
    part, cell = "affine.forward", "05_batchnorm/rung-1"
    assert grade == replace(
        GRADE,
        findings=("odd",),
        notebooks=True,
        mistakes=(Recognised(part, "label", ("", "hint", "")),),
        verdicts=(
            replace(PASSED, sentence=""),
            Verdict(
                part,
                f"{part}: more",
                "test_more",
                "",
                True,
                1.0,
                failure=failed,
                given=("f and g",),
                share=0.5,
            ),
            Verdict(cell, f"{cell}: completed cell", "rung-1", "", True, 2.0, True, missing),
        ),
    )
    write(path, GRADE)
    assert read(path) == [GRADE]
    assert select(path, "SELECT count(*), sum(points) FROM scores") == [(5, 4.5)]


TO_VERSION_4 = """
DROP TABLE people; DROP TABLE attempts; DROP TABLE settled; DROP TABLE answers; DROP TABLE marks;
DROP TABLE settings; DROP INDEX grades_of_a_student;
CREATE INDEX grades_of_a_student ON grades (student);
UPDATE grades SET mistakes = '[{"part": "affine.forward", "label": "label", "hint": "hint"}]';
PRAGMA user_version = 4;
"""
TO_VERSION_3 = f"""
{TO_VERSION_4}
UPDATE grades SET mistakes = '[]';
ALTER TABLE grades DROP COLUMN refused;
ALTER TABLE grades DROP COLUMN python;
PRAGMA user_version = 3;
"""


def test_a_gradebook_of_version_3_is_taken_over(path):
    """What could not be read was then the first finding."""
    refused = "cannot read submission 'ben.zip': it is not a zip; ask the student to zip it again"
    ben = replace(GRADE, student="ben", findings=(refused, "odd"))
    write(path, replace(GRADE, findings=("odd",)), ben)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_VERSION_3)
    assert read(path) == [replace(GRADE, findings=("odd",)), replace(ben, refused=refused)]
    write(path, replace(ben, refused="", python="3.12"))
    assert [grade.python for grade in read(path)] == ["", "3.12"]


def test_a_gradebook_of_version_4_is_taken_over(path):
    """Who has handed in, and the seed of the newest run, are known from the grades."""
    write(path, replace(GRADE, seed=7), replace(GRADE, student="ben"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_VERSION_4)
        before = [*connection.iterdump()]
    with Gradebook(path) as book:
        assert [grade.mistakes[0].word("what") for grade in book.grades()] == ["hint", "hint"]
        attempts = [(one.student, one.submission, one.seen) for one in book.attempts()]
        assert attempts == [(name, "5ub", GRADE.graded_at) for name in ("ana", "ben")]
        assert book.recall("seed") == "231"
    copy = path.with_name("gradebook.version-4.sqlite")
    with closing(sqlite3.connect(copy)) as connection:
        assert [*connection.iterdump()] == before
    assert select(copy, "PRAGMA user_version") == [(4,)]


def test_who_only_reads_leaves_an_older_gradebook_as_it_is(path):
    write(path, GRADE)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_VERSION_4)
    before = path.read_bytes()
    with Gradebook(path, to_read=True) as book:
        assert [grade.student for grade in book.grades()] == ["ana"]
        with pytest.raises(GradebookError, match="readonly"):
            book.add(GRADE)
    assert path.read_bytes() == before
    assert not path.with_name("gradebook.version-4.sqlite").exists()


def test_a_gradebook_in_a_write_protected_folder_can_be_read(path, monkeypatch):
    write(path, GRADE)
    asked = []
    monkeypatch.setattr(os, "access", lambda *asking: asked.append(asking))
    with Gradebook(path, to_read=True) as book:
        assert book.grades() == [GRADE]
        assert [one.name for one in path.parent.iterdir() if one.name.endswith("-shm")] == []
    assert asked == [(path.parent, os.W_OK)]


def test_who_only_reads_writes_nothing_into_an_empty_file(path):
    path.touch()
    with Gradebook(path, to_read=True) as book:
        assert book.grades() == []
    assert path.read_bytes() == b""


def test_a_copy_of_an_older_gradebook_is_not_replaced(path):
    copy = path.with_name("gradebook.version-4.sqlite")
    copy.write_text("kept")
    write(path, GRADE)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_VERSION_4)
    assert [grade.student for grade in read(path)] == ["ana"]
    assert copy.read_text() == "kept"


# What is known of a class besides its grades


ATTEMPT = Attempt("ana", "ana.zip", "5ub", "2026-01-02T03:04:05+00:00")
MARK = Mark("ana", "05_batchnorm/answer-1", 1.5, "good, but no reason", "kim", "a1b2")


def test_others_read_while_a_run_writes(path):
    with Gradebook(path) as book:
        book.add(GRADE)
        with Gradebook(path, to_read=True) as other:
            assert other.grades() == [GRADE]
            with pytest.raises(GradebookError, match="readonly"):
                other.add(GRADE)
        assert select(path, "SELECT count(*) FROM grades") == [(1,)]
        book.add(replace(GRADE, student="ben"))


def test_reading_creates_no_gradebook(path):
    with pytest.raises(GradebookError, match=r"^there is no .*gradebook\.sqlite: name the folder"):
        Gradebook(path, to_read=True)
    assert not path.exists()


def test_an_attempt_keeps_the_time_at_which_it_was_first_seen(path):
    later = replace(ATTEMPT, seen="2026-02-01T00:00:00+00:00", at="2026-01-01T00:00:00+01:00")
    changed = replace(ATTEMPT, submission="new")
    with Gradebook(path) as book:
        for attempt in (ATTEMPT, later, changed, ATTEMPT):
            book.enter_attempt(attempt)
        assert sorted(book.attempts(), key=lambda one: one.submission) == [ATTEMPT, changed]


def test_what_is_handed_over_keeps_its_grades_and_marks(path):
    with Gradebook(path) as book:
        book.enter_attempt(ATTEMPT)
        book.add(GRADE)
        book.add_marks([MARK])
        assert book.hand_over("ana.zip", ["jane", "john"]) == ["ana"]
        assert {one.student for one in book.attempts()} == {"jane", "john"}
        grades = book.grades()
        assert {one.student for one in grades} >= {"jane", "john"}
        assert {(one.submission, one.points) for one in grades} == {("5ub", GRADE.points)}
        assert book.marks()["jane", MARK.item] == replace(MARK, student="jane")
        assert book.settled() == {"ana.zip": ("jane", "john")}


def test_who_is_added_to_a_group_gets_its_grade_and_nobody_loses_it(path):
    with Gradebook(path) as book:
        book.enter_attempt(ATTEMPT)
        book.add(GRADE)
        book.add_marks([MARK])
        assert book.hand_over("ana.zip", ["ana", "john"]) == []
        assert {one.student for one in book.attempts()} == {"ana", "john"}
        assert [one.student for one in book.grades()] == ["ana", "john"]
        assert {key[0] for key in book.marks()} == {"ana", "john"}


def test_who_is_no_longer_in_the_roster_has_withdrawn(path):
    ana, ben = Person("ana", "Ana A."), Person("ben", "Ben B.", ids=("7",), groups=("red",))
    with Gradebook(path) as book:
        book.enter_people([ana, ben])
        book.enter_people([ben])
        assert book.people() == [ben, replace(ana, withdrawn=True)]
        book.enter_people([ana, ben])
        assert book.people() == [ana, ben]


def test_answers_of_a_submission_replace_those_of_an_earlier_run(path):
    old = Answer("05_batchnorm", "answer-1", "old", ("a.png",))
    new = replace(old, text="new \ud83d", pictures=(), found=False)
    with Gradebook(path) as book:
        book.enter_answers("5ub", [old])
        book.enter_answers("other", [old])
        book.enter_answers("5ub", [new])
        assert book.answers() == {"5ub": {new.item: new}, "other": {old.item: old}}
    assert old.digest != new.digest


def test_the_newest_mark_counts_and_older_ones_stay(path):
    taken_back = replace(MARK, points=None)
    with Gradebook(path) as book:
        book.add_marks([MARK, replace(MARK, student="ben")])
        book.add_marks([MARK, taken_back])
        assert book.marks()["ana", MARK.item] == taken_back
    assert select(path, "SELECT count(*) FROM marks") == [(3,)]


def test_settings_are_kept(path):
    with Gradebook(path) as book:
        assert book.recall("seed") == ""
        book.remember("seed", "5")
        book.remember("seed", "6")
        assert book.recall("seed") == "6"
