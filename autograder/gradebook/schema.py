"""What the gradebook's tables are, and how an older gradebook becomes one of this version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from autograder.outcomes import Attempt, Grade, Outcome, Verdict
from autograder.roster.people import Person

__all__ = ["OF_ATTEMPT", "OF_GRADE", "OF_PERSON", "OF_VERDICT", "TABLES", "VERSION", "migrate"]

VERSION = 5

# A column for each field of these classes, see there for their meaning. Numbers and texts are
# stored as they are, anything else as JSON; the seed is text, as it may exceed SQLite's 64 bits.
# The outcome, also part of the failure, has its own column for SQL queries.
OF_GRADE = [field for field in fields(Grade) if field.name != "verdicts"]
OF_VERDICT = fields(Verdict)
OF_ATTEMPT = fields(Attempt)
OF_PERSON = fields(Person)
SQL_TYPES = {"float": "REAL", "bool": "INTEGER", "int": "INTEGER"}  # TEXT for all others


def _declare(columns: Iterable[Field[Any]]) -> str:
    types = {"seed": "TEXT"}
    return ", ".join(
        f"{c.name} {types.get(c.name) or SQL_TYPES.get(str(c.type), 'TEXT')} NOT NULL"
        for c in columns
    )


GRADES = f"""
CREATE TABLE grades (id INTEGER PRIMARY KEY, {_declare(OF_GRADE)});
CREATE INDEX grades_of_a_student ON grades (student, submission);
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
"""
# What the grader must know of a class besides the grades. No mark is ever deleted: the newest of a
# student and an item counts. A setting is a text or JSON.
OF_A_CLASS = f"""
CREATE TABLE people (place INTEGER PRIMARY KEY, {_declare(OF_PERSON)});
CREATE UNIQUE INDEX people_by_student ON people (student);
CREATE TABLE attempts (id INTEGER PRIMARY KEY, {_declare(OF_ATTEMPT)});
CREATE UNIQUE INDEX attempts_by_file ON attempts (file, submission, student);
CREATE TABLE settled (file TEXT PRIMARY KEY, students TEXT NOT NULL);
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    submission TEXT NOT NULL,
    notebook TEXT NOT NULL,
    cell TEXT NOT NULL,
    text TEXT NOT NULL,
    pictures TEXT NOT NULL,
    found INTEGER NOT NULL
);
CREATE INDEX answers_of_a_submission ON answers (submission);
CREATE TABLE marks (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    item TEXT NOT NULL,
    points REAL,
    comment TEXT NOT NULL,
    by TEXT NOT NULL,
    answer TEXT NOT NULL,
    read_at TEXT NOT NULL
);
CREATE INDEX marks_of_a_student ON marks (student, item);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
SCHEMA = f"{GRADES} {OF_A_CLASS} PRAGMA user_version = {VERSION};"
TABLES = {"grades", "verdicts", "people", "attempts", "settled", "answers", "marks", "settings"}
OLDER_TABLES = {"grades", "verdicts"}
# Up to version 4, who had handed in what was in the grades alone. The newest run's seed becomes
# that of the folder.
FROM_VERSION_4 = f"""
{OF_A_CLASS}
INSERT INTO attempts (student, file, submission, seen, at, clock, late, number)
    SELECT student, '', submission, min(graded_at), '', '', 0, 0 FROM grades
    GROUP BY student, submission;
INSERT INTO settings SELECT 'seed', seed FROM grades ORDER BY id DESC LIMIT 1;
DROP INDEX grades_of_a_student;
CREATE INDEX grades_of_a_student ON grades (student, submission);
UPDATE grades SET mistakes = (SELECT json_group_array(json_object(
    'part', json_extract(value, '$.part'),
    'label', json_extract(value, '$.label'),
    'hints', json_array('', json_extract(value, '$.hint'), '')
)) FROM json_each(mistakes));
PRAGMA user_version = {VERSION};
"""
# Up to version 3, the reason why a submission was unreadable was only the first finding.
REFUSED = """CASE WHEN json_extract(findings, '$[0]') LIKE 'cannot read submission %'
    THEN json_extract(findings, '$[0]') ELSE '' END"""
FROM_VERSION_3 = f"""
ALTER TABLE grades ADD COLUMN refused TEXT NOT NULL DEFAULT '';
ALTER TABLE grades ADD COLUMN python TEXT NOT NULL DEFAULT '';
UPDATE grades SET refused = {REFUSED};
"""
# Version 2 kept texts instead of facts. It had no `sentence`, which says what the test checks. Its
# `given` was "right, given a right f and g": the wrong functions' names begin at character 22.
FROM_VERSION_2 = f"""
DROP VIEW scores;
DROP INDEX grades_of_a_student;
DROP INDEX verdicts_of_a_grade;
ALTER TABLE grades RENAME TO old_grades;
ALTER TABLE verdicts RENAME TO old_verdicts;
{GRADES}
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
STEPS = {2: FROM_VERSION_2, 3: FROM_VERSION_3, 4: FROM_VERSION_4}
# Which steps lead from an older version to this one.
OLDER = {2: (2, 4), 3: (3, 4), 4: (4,)}


def migrate(connection: sqlite3.Connection, path: Path | None) -> bool:
    """Create the tables of a new gradebook, or bring an older one up to this version.

    An older one is first copied to a file beside it, such as gradebook.version-4.sqlite. Without a
    path, it is a copy itself.

    Returns
    -------
    is_usable : bool
        Whether it is a gradebook of this version now; if not, it was left as it is.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    tables = {name for (name,) in names}
    if version == 0 and not tables:
        connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    elif version in OLDER and tables == OLDER_TABLES:
        if path is not None:
            _back_up(connection, path.with_name(f"{path.stem}.version-{version}{path.suffix}"))
        steps = " ".join(STEPS[number] for number in OLDER[version])
        connection.executescript(f"BEGIN; {steps} COMMIT;")
    else:
        return version == VERSION and tables == TABLES
    return True


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the database to a file, whole or not at all; keep an earlier copy."""
    if path.exists():
        return
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as copy:
        connection.backup(copy)
    unfinished.replace(path)
