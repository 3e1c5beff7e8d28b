"""The gradebook: everything that is known of a class, in one SQLite file with one writer.

A grade is entered whole or not at all, and is never deleted. Of one submission a student's newest
grade counts; older ones can be looked up with any SQLite tool. The view `scores` lists each score
ever given with its submission, tests, seed, isolation and time. Other programs can read the file
while a run writes to it.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import Field, asdict, replace
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.gradebook.schema import (
    OF_ATTEMPT,
    OF_GRADE,
    OF_PERSON,
    OF_VERDICT,
    VERSION,
    migrate,
)
from autograder.marks.marks import Mark
from autograder.outcomes import (
    Answer,
    Attempt,
    Failure,
    Grade,
    Outcome,
    Recognised,
    Verdict,
    write_now,
)
from autograder.roster.people import Person

__all__ = ["Gradebook", "GradebookError"]

WAITING_S = 10
NEWEST = """
SELECT * FROM grades WHERE id IN (SELECT max(id) FROM grades GROUP BY student, submission)
ORDER BY student, id
"""
STILL_VALID = """
SELECT * FROM grades
WHERE id = (SELECT max(id) FROM grades WHERE student = :student AND submission = :submission)
    AND tests = :tests
    AND isolation = coalesce(:isolation, isolation)
    AND notebooks = coalesce(:notebooks, notebooks)
    AND NOT EXISTS (SELECT 1 FROM verdicts WHERE grade = grades.id AND outcome = :fault)
"""
VERDICTS = "SELECT * FROM verdicts WHERE grade = ? ORDER BY id"
ATTEMPTS = "SELECT * FROM attempts ORDER BY student, at, number, id"
SAME_ATTEMPT = "submission = :submission AND student = :student AND file IN (:file, '')"
NEWEST_MARKS = "SELECT * FROM marks WHERE id IN (SELECT max(id) FROM marks GROUP BY student, item)"


class GradebookError(GraderError):
    """The gradebook cannot be used; the message is one line and says what to do."""


class Gradebook:
    """All that is known of a class, in a file that many can read and one run can write.

    Parameters
    ----------
    path : Path
    to_read : bool
        Whether only to read it, which is possible while another run writes.

    Raises
    ------
    GradebookError
        Another run writes to it, or it is not a gradebook of this version; it is left as it is.
    """

    def __init__(self, path: Path, to_read: bool = False) -> None:
        self._path = path
        self._lock = -1
        with self._explain_errors():
            if to_read and not path.is_file():
                raise GradebookError(f"there is no {path}: name the folder of an earlier --out")
            # No implicit transactions. Others may read, for which a write waits.
            address = _find_address(path, to_read)
            self._connection = sqlite3.connect(
                address, timeout=WAITING_S, isolation_level=None, uri=True
            )
            self._connection.row_factory = sqlite3.Row
        try:
            with self._explain_errors():
                self._open(to_read)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and let others write to it."""
        self._connection.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def add(self, grade: Grade, students: Collection[str] = ()) -> None:
        """Enter a grade: all of it or, if the process is killed meanwhile, nothing.

        Parameters
        ----------
        grade : Grade
        students : all whose work it is, if they are several
        """
        with self._write():
            for student in students or [grade.student]:
                self._insert_grade(replace(grade, student=student))

    def _insert_grade(self, grade: Grade) -> None:
        row = _make_row(OF_GRADE, grade)
        number = self._insert("grades", {**row, "seed": str(grade.seed)})
        for verdict in grade.verdicts:
            row = _make_row(OF_VERDICT, verdict)
            row |= {"grade": number, "outcome": verdict.outcome.value}
            self._insert("verdicts", row)

    def find(
        self,
        student: str,
        submission: str,
        tests: str,
        isolation: str | None = None,
        notebooks: bool | None = None,
    ) -> Grade | None:
        """Return the student's newest grade of a submission if it makes grading unnecessary.

        It must have been given by the same tests, at this level of isolation and with or without
        notebooks (None: any), and no test in it may have ended by the grader's own fault.
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

    def find_tests(self, student: str, submission: str) -> str:
        """Return the digest of what the newest grade of a submission depends on, "" without one."""
        where = "WHERE student = ? AND submission = ? ORDER BY id DESC"
        found = self._select(f"SELECT tests FROM grades {where}", _to_sql(student), submission)
        return str(found[0]["tests"]) if found else ""

    def grades(self, wanted: Collection[tuple[str, str]] | None = None) -> list[Grade]:
        """Return the newest grade of each submission of each student, in the order of their names.

        Parameters
        ----------
        wanted : pairs of a student and a submission, None for all
        """
        with self._explain_errors():
            rows = self._connection.execute(NEWEST).fetchall()
            keys = [(_from_sql(row["student"]), row["submission"]) for row in rows]
            chosen = [
                row for row, key in zip(rows, keys, strict=True) if wanted is None or key in wanted
            ]
            return sorted(map(self._to_grade, chosen), key=lambda grade: grade.student)

    def enter_people(self, people: Sequence[Person]) -> None:
        """Replace the list of those who are enrolled; who is no longer in it has withdrawn."""
        known = {person.student: person for person in people}
        gone = [replace(one, withdrawn=True) for one in self.people() if one.student not in known]
        with self._write():
            self._connection.execute("DELETE FROM people")
            for person in [*people, *gone]:
                self._insert("people", _make_row(OF_PERSON, person))

    def people(self) -> list[Person]:
        """Return who is or was enrolled, in the order of the roster."""
        rows = self._select("SELECT * FROM people ORDER BY place")
        return [Person(**_read_row(OF_PERSON, row)) for row in rows]

    def enter_attempt(self, attempt: Attempt) -> None:
        """Enter what a student has handed in; an attempt that is known keeps its first time."""
        row = _make_row(OF_ATTEMPT, attempt)
        with self._write():
            known = self._select(f"SELECT id FROM attempts WHERE {SAME_ATTEMPT}", row)
            if not known:
                self._insert("attempts", row)
                return
            columns = ", ".join(f"{name} = :{name}" for name in row if name != "seen")
            statement = f"UPDATE attempts SET {columns} WHERE id = :id"
            self._connection.execute(statement, {**row, "id": known[0]["id"]})

    def attempts(self) -> list[Attempt]:
        """Return all attempts of all students, those of one from the first to the last."""
        return [Attempt(**_read_row(OF_ATTEMPT, row)) for row in self._select(ATTEMPTS)]

    def hand_over(self, file: str, students: Sequence[str]) -> list[str]:
        """Make a file the work of these students, whoever had it before; return who that was.

        Grades and marks go with it: nothing is judged or marked again.
        """
        attempts = [one for one in self.attempts() if one.file == file]
        before = list(dict.fromkeys(one.student for one in attempts))
        with self._write():
            row = {"file": _to_sql(file), "students": json.dumps(students)}
            self._connection.execute(
                "INSERT OR REPLACE INTO settled VALUES (:file, :students)", row
            )
            for one in attempts:
                for new in students:
                    if new != one.student:
                        self._copy(one, new)
                if one.student not in students:
                    self._connection.execute(
                        "DELETE FROM attempts WHERE file = :file AND student = :student",
                        _make_row(OF_ATTEMPT, one),
                    )
        return [one for one in before if one not in students]

    def _copy(self, attempt: Attempt, student: str) -> None:
        """Give a student the grades and marks of another one's attempt."""
        row = _make_row(OF_ATTEMPT, replace(attempt, student=student))
        if not self._select(f"SELECT id FROM attempts WHERE {SAME_ATTEMPT}", row):
            self._insert("attempts", row)
        for grade in self.grades({(attempt.student, attempt.submission)}):
            if not self.find_tests(student, attempt.submission):
                self._insert_grade(replace(grade, student=student))
        marked = {key[1] for key in self.marks() if key[0] == student}
        for mark in self.marks().values():
            if mark.student == attempt.student and mark.item not in marked:
                self._insert_mark(replace(mark, student=student))

    def settled(self) -> dict[str, tuple[str, ...]]:
        """Return the students of each file for which a teacher has settled whose it is."""
        rows = self._select("SELECT * FROM settled")
        return {_from_sql(row["file"]): tuple(json.loads(row["students"])) for row in rows}

    def enter_answers(self, submission: str, answers: Iterable[Answer]) -> None:
        """Enter the written answers of a submission in place of those that were read before."""
        with self._write():
            self._connection.execute("DELETE FROM answers WHERE submission = ?", (submission,))
            for answer in answers:
                row = {name: _to_sql(value) for name, value in vars(answer).items()}
                self._insert("answers", {"submission": submission, **row})

    def answers(self) -> dict[str, dict[str, Answer]]:
        """Return the written answers: submission -> item -> answer."""
        found: dict[str, dict[str, Answer]] = {}
        for row in self._select("SELECT * FROM answers ORDER BY id"):
            pictures = tuple(json.loads(row["pictures"]))
            text, is_found = _from_sql(row["text"]), bool(row["found"])
            answer = Answer(row["notebook"], row["cell"], text, pictures, is_found)
            found.setdefault(row["submission"], {})[answer.item] = answer
        return found

    def add_marks(self, marks: Iterable[Mark]) -> None:
        """Enter marks that differ from those that are known."""
        known = self.marks()
        with self._write():
            for mark in marks:
                before = known.get((mark.student, mark.item))
                is_empty = mark.points is None and not mark.comment
                if before != replace(mark, note="") and not (before is None and is_empty):
                    self._insert_mark(mark)

    def _insert_mark(self, mark: Mark) -> None:
        names = ("student", "item", "points", "comment", "by", "answer")
        row = {name: getattr(mark, name) for name in names}
        row = {name: value if value is None else _to_sql(value) for name, value in row.items()}
        self._insert("marks", {**row, "read_at": write_now()})

    def marks(self) -> dict[tuple[str, str], Mark]:
        """Return the newest mark for each student and item, also those that were taken back."""
        found = {}
        for row in self._select(NEWEST_MARKS):
            texts = [_from_sql(row[name]) for name in ("comment", "by", "answer")]
            mark = Mark(_from_sql(row["student"]), _from_sql(row["item"]), row["points"], *texts)
            found[mark.student, mark.item] = mark
        return found

    def remember(self, name: str, value: str) -> None:
        """Keep a setting of this folder of results."""
        with self._write():
            row = name, _to_sql(value)
            self._connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", row)

    def recall(self, name: str) -> str:
        """Return a setting of this folder of results, "" if it has none."""
        found = self._select("SELECT value FROM settings WHERE name = ?", name)
        return str(_from_sql(found[0]["value"])) if found else ""

    def _open(self, to_read: bool) -> None:
        """Lock the file for one writer, and create the tables of a new one."""
        connection = self._connection
        # Before anything is written: a file that is no gradebook is left as it is.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not to_read:
            self._lock_file()
        elif version != VERSION:
            connection = self._copy_to_memory()
        if not migrate(connection, None if to_read else self._path):
            raise GradebookError(
                f"{self._path.name} is not a gradebook of this version (it has version {version}, "
                f"this grader writes {VERSION}); it was left as it is, choose another --out"
            )
        if to_read:
            connection.execute("PRAGMA query_only = 1")
            return
        # No grade waits for the disk, which may take longer than grading. A killed process loses
        # nothing. After a power failure, the last grades may be missing and are graded again.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    def _copy_to_memory(self) -> sqlite3.Connection:
        """Go on with a copy, which can be brought up to this version, and return it."""
        copy = sqlite3.connect(":memory:", isolation_level=None)
        copy.row_factory = sqlite3.Row
        with closing(self._connection) as connection:
            self._connection = copy
            connection.backup(copy)
        return copy

    def _lock_file(self) -> None:
        """Keep other runs from writing until this file is closed or the process ends."""
        path = self._path.with_name(f".{self._path.name}.lock")
        try:
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GradebookError(
                f"{self._path.name} is in use by another run; wait for it or choose another --out"
            ) from None
        except OSError as error:
            raise GradebookError(
                f"cannot use {path}: {error.strerror}; fix that or choose another --out"
            ) from None

    @contextmanager
    def _write(self) -> Iterator[None]:
        """Enter all or, if something fails or the process is killed, nothing."""
        with self._explain_errors(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield

    def _insert(self, table: str, row: Mapping[str, Any]) -> int | None:
        """Add a row and return its number."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        return self._connection.execute(statement, [*row.values()]).lastrowid

    def _select(self, query: str, *values: Any) -> list[sqlite3.Row]:
        named = values[0] if len(values) == 1 and isinstance(values[0], dict) else values
        with self._explain_errors():
            return self._connection.execute(query, named).fetchall()

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
        found = _read_row(OF_GRADE, row)
        found["seed"] = int(found["seed"])
        found["mistakes"] = tuple(
            Recognised(one["part"], one["label"], tuple(one["hints"]))
            for one in json.loads(row["mistakes"])
        )
        verdicts = self._connection.execute(VERDICTS, (row["id"],))
        return Grade(**found, verdicts=tuple(map(_to_verdict, verdicts)))


def _find_address(path: Path, to_read: bool) -> str:
    """Return a URI under which SQLite opens the file.

    It makes files beside it, even to read. Where that is forbidden, nobody else can write, either.
    """
    has_newer = path.with_name(f"{path.name}-wal").exists()
    is_fixed = to_read and not has_newer and not os.access(path.absolute().parent, os.W_OK)
    return path.absolute().as_uri() + ("?immutable=1" if is_fixed else "")


def _make_row(columns: Iterable[Field[Any]], record: Any) -> dict[str, Any]:
    """Return a record as a row of the table for its class."""
    return {column.name: _to_sql(getattr(record, column.name)) for column in columns}


def _read_row(columns: Iterable[Field[Any]], row: sqlite3.Row) -> dict[str, Any]:
    """Return the fields of a record that was stored by `_make_row`."""
    found = {}
    for column in columns:
        value = _from_sql(row[column.name])
        if column.type == "bool":
            value = bool(value)
        elif str(column.type).startswith("tuple"):
            value = tuple(json.loads(value))
        found[column.name] = value
    return found


def _to_verdict(row: sqlite3.Row) -> Verdict:
    # Most verdicts are of passed tests: a class has a hundred thousand of them.
    failure, given = row["failure"], row["given"]
    known = None if failure == "null" else json.loads(_from_sql(failure))
    return Verdict(
        part=_from_sql(row["part"]),
        name=_from_sql(row["name"]),
        test=_from_sql(row["test"]),
        sentence=_from_sql(row["sentence"]),
        hidden=bool(row["hidden"]),
        possible=row["possible"],
        of_cell=bool(row["of_cell"]),
        failure=Failure.from_plain(known) if known else None,
        given=() if given == "[]" else tuple(json.loads(_from_sql(given))),
        share=row["share"],
    )


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
