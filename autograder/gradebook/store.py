"""The gradebook: every grade ever given, in one SQLite file with one writer.

A grade is entered whole or not at all, and is never deleted. A student's newest grade counts; older
ones can be looked up with any SQLite tool. The view `scores` lists each score ever given with its
submission, tests, seed, isolation and time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import Field, asdict, fields
from pathlib import Path
from typing import Any

from autograder.outcomes import Failure, Grade, Outcome, Recognised, Verdict

__all__ = ["Gradebook", "GradebookError"]

VERSION = 4
TABLES = {"grades", "verdicts"}

# A column for each field of Grade and Verdict, see there for their meaning. Numbers and texts are
# stored as they are, anything else as JSON; the seed is text, as it may exceed SQLite's 64 bits.
# The outcome, also part of the failure, has its own column for SQL queries.
OF_GRADE = [field for field in fields(Grade) if field.name != "verdicts"]
OF_VERDICT = fields(Verdict)
SQL_TYPES = {"float": "REAL", "bool": "INTEGER"}  # TEXT for all others


def _declare(columns: Iterable[Field[Any]]) -> str:
    return ", ".join(f"{c.name} {SQL_TYPES.get(str(c.type), 'TEXT')} NOT NULL" for c in columns)


SCHEMA = f"""
CREATE TABLE grades (id INTEGER PRIMARY KEY, {_declare(OF_GRADE)});
CREATE INDEX grades_of_a_student ON grades (student);
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    grade INTEGER NOT NULL REFERENCES grades (id),
    outcome TEXT NOT NULL,
    {_declare(OF_VERDICT)}
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
"""
# Up to version 3, the reason why a submission was unreadable was only the first finding.
REFUSED = """CASE WHEN json_extract(findings, '$[0]') LIKE 'cannot read submission %'
    THEN json_extract(findings, '$[0]') ELSE '' END"""
FROM_VERSION_3 = f"""
ALTER TABLE grades ADD COLUMN refused TEXT NOT NULL DEFAULT '';
ALTER TABLE grades ADD COLUMN python TEXT NOT NULL DEFAULT '';
UPDATE grades SET refused = {REFUSED};
PRAGMA user_version = {VERSION};
"""
# Version 2 kept texts instead of facts. It had no `sentence`, which says what the test checks. Its
# `given` was "right, given a right f and g": the wrong functions' names begin at character 22.
FROM_VERSION_2 = f"""
DROP VIEW scores;
DROP INDEX grades_of_a_student;
DROP INDEX verdicts_of_a_grade;
ALTER TABLE grades RENAME TO old_grades;
ALTER TABLE verdicts RENAME TO old_verdicts;
{SCHEMA}
INSERT INTO grades SELECT
    id, student, submission, tests, seed, isolation, graded_at, seconds, findings, notebooks,
    (SELECT json_group_array(json_object(
        'part', json_extract(value, '$[0]'),
        'label', json_extract(value, '$[1]'),
        'hint', json_extract(value, '$[2]')
    )) FROM json_each(mistakes)),
    {REFUSED}, ''
FROM old_grades;
INSERT INTO verdicts SELECT
    id, grade, outcome, part, name, test, '', hidden, possible, instr(part, '/') > 0,
    CASE outcome WHEN '{Outcome.PASSED.value}' THEN 'null' ELSE json_object(
        'outcome', outcome, 'problem', CAST(detail AS TEXT), 'habit', json('[]')
    ) END,
    CASE given WHEN '' THEN '[]' ELSE json_array(substr(given, 22)) END,
    share
FROM old_verdicts;
DROP TABLE old_verdicts;
DROP TABLE old_grades;
"""
OLDER = {2: FROM_VERSION_2, 3: FROM_VERSION_3}
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
    """All grades in one --out folder, in a file that only one run at a time can open.

    Raises
    ------
    GradebookError
        Another run has it open, or it is not a gradebook of this version; it is left as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explain_errors():
            # No implicit transactions, and no waiting for a locked file.
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
        try:
            with self._explain_errors():
                self._open()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and unlock it."""
        self._connection.close()

    def add(self, grade: Grade) -> None:
        """Enter a grade: all of it or, if the process is killed meanwhile, nothing."""
        with self._explain_errors(), self._connection:
            self._connection.execute("BEGIN")
            row = {column.name: getattr(grade, column.name) for column in OF_GRADE}
            number = self._insert("grades", {**row, "seed": str(grade.seed)})
            for verdict in grade.verdicts:
                row = {column.name: getattr(verdict, column.name) for column in OF_VERDICT}
                row |= {"grade": number, "outcome": verdict.outcome.value}
                self._insert("verdicts", row)

    def _insert(self, table: str, row: dict[str, Any]) -> int | None:
        """Add a row and return its number."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        values = [_to_sql(value) for value in row.values()]
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        return self._connection.execute(statement, values).lastrowid

    def find(
        self,
        student: str,
        submission: str,
        tests: str,
        isolation: str | None = None,
        notebooks: bool | None = None,
    ) -> Grade | None:
        """Return the student's newest grade if it makes grading unnecessary.

        It must be of the same submission and tests, at this level of isolation and with or without
        notebooks (None: any), and no test in it may have ended by the grader's own fault. Older
        grades are not considered: `grades` would not return them.
        """
        wanted = {
            "student": _to_sql(student),
            "submission": submission,
            "tests": tests,
            "isolation": isolation,
            "notebooks": notebooks,
            "fault": Outcome.GRADERS_FAULT.value,
        }
        with self._explain_errors():
            row = self._connection.execute(STILL_VALID, wanted).fetchone()
            return None if row is None else self._to_grade(row)

    def grades(self) -> list[Grade]:
        """Return the newest grade of each student, in the order of their names."""
        with self._explain_errors():
            rows = self._connection.execute(NEWEST).fetchall()
            return sorted((self._to_grade(row) for row in rows), key=lambda grade: grade.student)

    def _open(self) -> None:
        """Lock the file until it is closed, and create the tables of a new one."""
        connection = self._connection
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")  # in this mode COMMIT keeps the lock
        connection.execute("COMMIT")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in names}
        if version == 0 and not tables:
            connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        elif version in OLDER and tables == TABLES:
            connection.executescript(f"BEGIN; {OLDER[version]} COMMIT;")
        elif version != VERSION or tables != TABLES:
            raise GradebookError(
                f"{self._path.name} is not a gradebook of this version (it has version {version}, "
                f"this grader writes {VERSION}); it was left as it is, choose another --out"
            )
        # No grade waits for the disk, which may take longer than grading. A killed process loses
        # nothing. After a power failure, the last grades may be missing and are graded again.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _explain_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = self._path.name
            if "locked" in str(error):
                problem = f"{name} is in use by another run; wait for it or choose another --out"
            elif "not a database" in str(error):
                problem = f"{name} is not a gradebook; it was left as it is, choose another --out"
            else:
                problem = f"cannot use {self._path}: {error}; fix that or choose another --out"
            raise GradebookError(problem) from error

    def _to_grade(self, row: sqlite3.Row) -> Grade:
        found = {column.name: _from_sql(row[column.name]) for column in OF_GRADE}
        found["seed"] = int(found["seed"])
        found["findings"] = tuple(json.loads(found["findings"]))
        found["notebooks"] = bool(found["notebooks"])
        found["mistakes"] = tuple(Recognised(**one) for one in json.loads(found["mistakes"]))
        verdicts = self._connection.execute(VERDICTS, (row["id"],))
        return Grade(**found, verdicts=tuple(map(_to_verdict, verdicts)))


def _to_verdict(row: sqlite3.Row) -> Verdict:
    found = {column.name: _from_sql(row[column.name]) for column in OF_VERDICT}
    found |= {name: bool(found[name]) for name in ("hidden", "of_cell")}
    failure = json.loads(found["failure"])
    found["failure"] = Failure.from_plain(failure) if failure else None
    found["given"] = tuple(json.loads(found["given"]))
    return Verdict(**found)


def _to_sql(value: Any) -> Any:
    """Return a number, a text, or JSON.

    A text with lone surrogates, as in names of files, becomes bytes: SQLite refuses it.
    """
    if isinstance(value, Failure):
        value = json.dumps(value.to_plain(), ensure_ascii=False)
    elif value is None or isinstance(value, tuple):
        value = json.dumps(value, default=asdict, ensure_ascii=False)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def _from_sql(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
