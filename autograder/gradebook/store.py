"""The gradebook: every grade ever given, in one SQLite file with one writer.

A grade is entered whole or not at all, and nothing is ever taken out. What is newest for a student
is what counts; the grades before it stay, to be looked up with any SQLite tool. The view `scores`
has each score ever given beside what it hangs on: submission, tests, seed, isolation, time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

from autograder.outcomes import Grade, Outcome, Recognised, Verdict

__all__ = ["Gradebook", "GradebookError"]

VERSION = 2
TABLES = {"grades", "verdicts"}

# The seed is text, because SQLite's integers end at 64 bits and a seed need not.
SCHEMA = f"""
BEGIN;
CREATE TABLE grades (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    submission TEXT NOT NULL,
    tests TEXT NOT NULL,
    seed TEXT NOT NULL,
    isolation TEXT NOT NULL,
    graded_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    findings TEXT NOT NULL,
    mistakes TEXT NOT NULL,
    notebooks INTEGER NOT NULL
);
CREATE INDEX grades_of_a_student ON grades (student);
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    grade INTEGER NOT NULL REFERENCES grades (id),
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    test TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    possible REAL NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    detail TEXT NOT NULL,
    given TEXT NOT NULL,
    share REAL NOT NULL
);
CREATE INDEX verdicts_of_a_grade ON verdicts (grade);
CREATE VIEW scores AS
    SELECT student, part, name, outcome, possible,
        CASE outcome
            WHEN '{Outcome.PASSED.value}' THEN possible
            WHEN '{Outcome.GRADERS_FAULT.value.replace("'", "''")}' THEN NULL
            ELSE share * possible
        END AS points,
        submission, tests, seed, isolation, graded_at
    FROM verdicts JOIN grades ON grades.id = verdicts.grade;
PRAGMA user_version = {VERSION};
COMMIT;
"""

ADD_GRADE = "INSERT INTO grades VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_VERDICT = "INSERT INTO verdicts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
NEWEST = "SELECT * FROM grades WHERE id IN (SELECT max(id) FROM grades GROUP BY student)"
STILL_VALID = """
SELECT * FROM grades
WHERE id = (SELECT max(id) FROM grades WHERE student = :student)
    AND submission = :submission
    AND tests = :tests
    AND isolation = coalesce(:isolation, isolation)
    AND notebooks = coalesce(:notebooks, notebooks)
    AND NOT EXISTS (SELECT 1 FROM verdicts WHERE grade = grades.id AND outcome = :fault)
"""
VERDICTS = "SELECT * FROM verdicts WHERE grade = ? ORDER BY id"


class GradebookError(Exception):
    """The gradebook cannot be used; the message is one line and says what to do."""


class Gradebook:
    """All grades of one --out, open for one run at a time.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made where there is none.

    Raises
    ------
    GradebookError
        If another run has it open, or the file is no gradebook of this version. Such a file is
        left as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._speak_clearly():
            # Transactions are begun by hand; who finds the file locked is told at once.
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            with self._speak_clearly():
                self._open()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let the next run have it."""
        self._connection.close()

    def add(self, grade: Grade) -> None:
        """Enter a grade: all of it or, whenever the process may be killed, nothing."""
        with self._speak_clearly(), self._connection:
            self._connection.execute("BEGIN")
            number = self._connection.execute(ADD_GRADE, _to_grade_row(grade)).lastrowid
            rows = (_to_verdict_row(number, verdict) for verdict in grade.verdicts)
            self._connection.executemany(ADD_VERDICT, rows)

    def find(
        self,
        student: str,
        submission: str,
        tests: str,
        isolation: str | None = None,
        notebooks: bool | None = None,
    ) -> Grade | None:
        """Return the grade that makes grading unnecessary, if there is one.

        That is the student's newest grade, if it is of the very same submission and tests, at
        this level of isolation and with or without notebooks (None: whichever), and no test in it
        ended by the grader's own fault. An older grade does not serve: `grades` would not show it.
        """
        wanted = {
            "student": _to_sql(student),
            "submission": submission,
            "tests": tests,
            "isolation": isolation,
            "notebooks": notebooks,
            "fault": Outcome.GRADERS_FAULT.value,
        }
        with self._speak_clearly():
            row = self._connection.execute(STILL_VALID, wanted).fetchone()
            return None if row is None else self._to_grade(row)

    def grades(self) -> list[Grade]:
        """Return the newest grade of each student, in the order of their names."""
        with self._speak_clearly():
            rows = self._connection.execute(NEWEST).fetchall()
            return sorted((self._to_grade(row) for row in rows), key=lambda grade: grade.student)

    def _open(self) -> None:
        """Lock the file for as long as it is open, and make the tables of a new one."""
        connection = self._connection
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")  # in this mode the end of it frees no lock
        connection.execute("COMMIT")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in names}
        if version == 0 and not tables:
            connection.executescript(SCHEMA)
        elif version != VERSION or tables != TABLES:
            raise GradebookError(
                f"{self._path.name} is no gradebook of this version (it has version {version}, "
                f"this grader writes {VERSION}); it stays as it is, choose another --out"
            )
        # A grade then waits for no disk, which may take longer than grading. A killed process loses
        # nothing; where the power fails, the last grades may be missing and are given again.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _speak_clearly(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = self._path.name
            if "locked" in str(error):
                problem = f"{name} is in use by another run; wait for it or choose another --out"
            elif "not a database" in str(error):
                problem = f"{name} is no gradebook; it stays as it is, choose another --out"
            else:
                problem = f"cannot use {self._path}: {error}; mend that or choose another --out"
            raise GradebookError(problem) from error

    def _to_grade(self, row: tuple[Any, ...]) -> Grade:
        number, *texts, seconds, findings, mistakes, _ = map(_from_sql, row)
        student, submission, tests, seed, isolation, graded_at = texts
        rows = self._connection.execute(VERDICTS, (number,))
        return Grade(
            student,
            submission,
            tests,
            int(seed),
            isolation,
            graded_at,
            seconds,
            tuple(json.loads(findings)),
            tuple(map(_to_verdict, rows)),
            tuple(Recognised(*fields) for fields in json.loads(mistakes)),
        )


def _to_grade_row(grade: Grade) -> tuple[Any, ...]:
    row = (
        grade.student,
        grade.submission,
        grade.tests,
        str(grade.seed),
        grade.isolation,
        grade.graded_at,
        grade.seconds,
        json.dumps(grade.findings, ensure_ascii=False),
        json.dumps([astuple(mistake) for mistake in grade.mistakes], ensure_ascii=False),
        any("/" in verdict.part for verdict in grade.verdicts),  # "05_batchnorm/rung-1": a cell
    )
    return tuple(map(_to_sql, row))


def _to_verdict_row(number: int | None, verdict: Verdict) -> tuple[Any, ...]:
    row = (
        number,
        verdict.part,
        verdict.name,
        verdict.test,
        verdict.hidden,
        verdict.possible,
        verdict.outcome.value,
        verdict.message,
        verdict.detail,
        verdict.given,
        verdict.share,
    )
    return tuple(map(_to_sql, row))


def _to_verdict(row: tuple[Any, ...]) -> Verdict:
    part, name, test, hidden, possible, outcome, *texts = map(_from_sql, row[2:])
    return Verdict(part, name, test, bool(hidden), possible, Outcome(outcome), *texts)


def _to_sql(value: Any) -> Any:
    """Turn a text that SQLite refuses into bytes: a file's name need not be proper Unicode."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def _from_sql(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
