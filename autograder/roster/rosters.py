"""Read who is enrolled: the list of students that a system exports, or one that a teacher wrote."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.errors import GraderError
from autograder.intake.decoding import one_line, quote
from autograder.roster.columns import ACCEPTED, find_fields, name_system
from autograder.roster.enrolling import Enrolled, enrol
from autograder.roster.people import Person, clean, fold_name, join_name, split_name
from autograder.roster.times import read_time

__all__ = ["HandedInAt", "Roster", "RosterError", "read_roster"]

PACKED, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # .xlsx, .ods and .numbers; .xls
LINES_ABOVE = 10  # that may stand above the names of the columns
SEPARATORS = ",;\t"
# Who has only such roles is no student. An unknown role is one of a student: nobody gets lost.
STAFF = re.compile(
    r"instructors?|teachers?|(non editing|editing) teachers?|teaching assistants?|tas?|readers?"
    r"|managers?|observers?|designers?|trainer in( ohne bearbeitungsrecht)?|manager in|dozent(in)?"
    r"|enseignant|enseignant non éditeur|profesora?|profesor sin permiso de edición"
)
# In a list of participants of Moodle.
LEFT = {"suspended", "inactive", "not current", "inaktiv", "gesperrt", "suspendu", "suspendido"}
NO = {"", "no", "n", "false", "0", "nein", "non"}
NOTHING = {"-", "_", ".", "\u2013", "\u2014"}  # what systems put where a value is missing
# What a spreadsheet makes of a long number: 1.23457E+11, 12345.0. A login may be 73928e05.
REWRITTEN = re.compile(r"\d([.,]\d+)?E\+\d+|\d+\.0", re.I)
FORMULA = re.compile(r'="(.*)"')  # ="00123", which keeps zeros in Excel
TEST_STUDENT = {"student test", "test student"}
TIMES = {
    "Moodle": "Moodle's grading worksheet",
    "Gradescope": "Gradescope's grades",
    "GitHub Classroom": "GitHub Classroom's grades",
}


class RosterError(GraderError):
    """A file is no roster; one line that names the file and says what is accepted."""


@dataclass(frozen=True)
class HandedInAt:
    """When somebody handed in, as the export says."""

    at: datetime  # without a zone where the export states none and the caller gave none
    source: str  # what the time comes from


@dataclass(frozen=True)
class Roster:
    """Everybody enrolled."""

    system: str  # "Canvas", "Moodle", ..., or "list"
    people: tuple[Person, ...]
    problems: tuple[str, ...]  # one line each, with the line number in the file
    handed_in_at: Mapping[str, HandedInAt]  # by the person's key, where the export holds it
    left_out: tuple[str, ...] = ()  # who is listed and no student, one line each


@dataclass(frozen=True)
class _Row:
    """One row of the table below the names of the columns."""

    line: int
    cells: Sequence[str]
    fields: Mapping[str, Sequence[int]]

    def get_all(self, field: str) -> list[str]:
        """Return the values of all columns that hold a field, without those that say nothing."""
        values = [self.cells[i] for i in self.fields.get(field, ()) if i < len(self.cells)]
        return [value for value in map(_clean_cell, values) if value and value not in NOTHING]

    def get(self, field: str) -> str:
        """Return the first of them, "" for none."""
        return next(iter(self.get_all(field)), "")


def read_roster(path: Path, zone: tzinfo | None = None) -> Roster:
    """Read a roster, whichever system wrote it.

    Parameters
    ----------
    path : Path
        A table with separators (comma, semicolon or tab) in UTF-8, UTF-16 or cp1252.
    zone : tzinfo, optional
        That of the course, for times without one.

    Raises
    ------
    RosterError
        It cannot be read, is no such table, lacks the columns or holds nobody.
    """
    shown = quote(path.name)
    text, remarks = _decode(_read_bytes(path, shown), shown)
    system, rows, told = _find_rows(text, shown)
    found: list[Enrolled] = []
    times: dict[int, HandedInAt] = {}  # by line
    problems, left_out = [*remarks, *told], []
    for row in rows:
        if _is_nobody(row, system):
            continue
        person, doubts = _read_person(row, system)
        problems += [f"line {row.line}: {doubt}" for doubt in doubts]
        if _is_staff(role := row.get("role")):
            left_out.append(f"line {row.line}: {person.shown} is {one_line(role, 40)}, no student")
            continue
        found.append(Enrolled(row.line, person))
        if stated := row.get("time") if system in TIMES else "":
            if at := read_time(stated, zone):
                times[row.line] = HandedInAt(at, TIMES[system])
            else:
                problems.append(f"line {row.line}: the time {quote(stated)} was not understood")
    people, keys, more = enrol(found)
    if not people:
        raise RosterError(f"the roster {shown} lists no student; accepted is {ACCEPTED}")
    people = _add_repositories(people, rows, keys)
    # Somebody with two rows, as for two repositories, has handed in at the later time.
    ordered = sorted(times.items(), key=lambda item: item[1].at.timestamp())
    handed_in_at = {keys[line]: time for line, time in ordered if line in keys}
    return Roster(system, people, tuple(problems + more), handed_in_at, tuple(left_out))


def _read_bytes(path: Path, shown: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise RosterError(f"cannot read the roster {shown}: {reason}") from None
    if content.startswith((PACKED, OLD_EXCEL)):
        raise RosterError(
            f"the roster {shown} is a spreadsheet; open it, save it as CSV (UTF-8), and use that"
        )
    return content


def _decode(content: bytes, shown: str) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    remark = f"{shown} is not UTF-8; read as cp1252, so look at names with accents"
    return content.decode("cp1252", "replace"), [remark]


def _find_rows(text: str, shown: str) -> tuple[str, list[_Row], list[str]]:
    """Return the system whose columns the table has, the rows below their names, and problems."""
    for separator in SEPARATORS:
        table = list(_split(text, separator, shown))
        for place, (_, header) in enumerate(table[:LINES_ABOVE]):
            if system := name_system(header):
                fields = find_fields(header)
                below = (_Row(line, cells, fields) for line, cells in table[place + 1 :])
                rows = [row for row in below if any(map(str.strip, row.cells))]
                return system, rows, _check_quotes(text, separator)
    first = next(iter(text.splitlines()), "")
    columns = [clean(cell) for cell in re.split(f"[{SEPARATORS}]", first[:1000])]
    named = ", ".join(quote(column.strip('"')) for column in columns[:12] if column)
    has = f"has the columns {named}" if named else "is empty"
    raise RosterError(f"the roster {shown} {has}; accepted is {ACCEPTED}")


def _split(text: str, separator: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line in which each row begins, and its cells."""
    # A value in quotation marks may hold line ends.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RosterError(
            f"the roster {shown} is damaged in line {reader.line_num}: {error}"
        ) from None


def _check_quotes(text: str, separator: str) -> list[str]:
    """Return a line about the first quotation mark without another: rows may be lost by it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error:
        last = max(line, reader.line_num)
        lines = f"lines {line} to {last} were" if last > line else "it was"
        return [f"line {line}: a quotation mark is missing or too many, so {lines} read as one row"]
    return []


def _clean_cell(cell: str) -> str:
    text = clean(cell)
    if found := FORMULA.fullmatch(text):
        text = found[1]
    return text.removeprefix("'").strip()


def _is_nobody(row: _Row, system: str) -> bool:
    """Say whether a row of Canvas is of no person: points possible, test student, or empty."""
    if system != "Canvas":
        return False
    if not any(row.get(field) for field in ("id", "login")):
        written = next((row.cells[i] for i in row.fields["student"] if i < len(row.cells)), "")
        is_indented = written.startswith("  ")  # so are "Points Possible" in all languages
        return not row.get("student") or is_indented or fold_name(written) == "points possible"
    return fold_name(row.get("student")) in TEST_STUDENT and not row.get_all("id")[1:]


def _is_staff(role: str) -> bool:
    parts = [fold_name(part) for part in re.split(r"[,;]", role) if part.strip()]
    return bool(parts) and all(map(STAFF.fullmatch, parts))


def _read_person(row: _Row, system: str) -> tuple[Person, list[str]]:
    """Return the person in a row, whose key is only that in a column "student", and doubts."""
    doubts: list[str] = []
    name, sort_name = _read_name(row, system)
    email, *others = _read_emails(row, doubts) or [""]
    logins = [_drop_number_sign(login, system) for login in row.get_all("login")]
    ids, file_id = _read_ids(row, system, doubts)
    key = _read_key(row, doubts) if system == "list" else ""
    if key and "@" in key:
        email = email or key
    elif key:
        logins.insert(0, key)
    identifier = row.get("identifier") if system == "GitHub Classroom" else ""
    if "@" in identifier:
        email = email or identifier
    elif identifier:
        ids.append(identifier)
        if not name and " " in identifier and not re.search(r"\d", identifier):
            name, sort_name = _arrange(identifier)
    between = "$" if system == "GitHub Classroom" else "[;,]"  # one group, whatever its name
    groups = [part.strip() for text in row.get_all("group") for part in re.split(between, text)]
    person = Person(
        key,
        name,
        email,
        next(iter(logins), ""),
        tuple(dict.fromkeys([*ids, *logins[1:], *others])),
        " and ".join(dict.fromkeys(row.get_all("section"))),
        tuple(dict.fromkeys(filter(None, groups))),
        _is_withdrawn(row, system),
        sort_name,
        file_id,
    )
    expects_name = system != "GitHub Classroom" and {"name", "first", "last"} & set(row.fields)
    if expects_name and not name and (known := email or person.login or " ".join(ids[:1])):
        doubts.append(f"there is no name; the person is listed as {quote(known)}")
    return person, doubts


def _read_name(row: _Row, system: str) -> tuple[str, str]:
    """Return a name as "Jane Doe" and, where the roster tells the last name, "Doe, Jane"."""
    if system == "Canvas":
        return _arrange(row.get("student"))
    first, last = row.get("first"), row.get("last")
    if first or last:
        return join_name(first, last)
    return _arrange(row.get("name"))


def _arrange(name: str) -> tuple[str, str]:
    first, last = split_name(name)
    return join_name(first, last) if last else (name, "")


def _drop_number_sign(value: str, system: str) -> str:
    return value.removeprefix("#") if system == "Brightspace" else value


def _read_emails(row: _Row, doubts: list[str]) -> list[str]:
    emails = []
    for email in row.get_all("email"):
        if re.fullmatch(r"[^\s@]+@[^\s@]+", email):
            emails.append(email)
        else:
            doubts.append(f"{quote(email)} is no e-mail address")
    return emails


def _read_ids(row: _Row, system: str, doubts: list[str]) -> tuple[list[str], str]:
    """Return the ids in a row, and that by which the system names files."""
    ids = []
    for id in row.get_all("id"):
        if not _is_rewritten(id, doubts):
            ids.append(_drop_number_sign(id, system))
    number = ""
    if system == "Canvas":
        place = min(row.fields.get("id", [0]))
        number = _clean_cell(row.cells[place]) if place < len(row.cells) else ""
    elif system == "Gradescope":
        number = row.get("submission")
    elif system == "Moodle" and (found := re.search(r"\d+$", row.get("identifier"))):
        number = found[0]
        ids.append(number)
    return ids, f"{system} {number}" if number else ""


def _read_key(row: _Row, doubts: list[str]) -> str:
    key = row.get("student")
    return "" if _is_rewritten(key, doubts) else key


def _is_rewritten(id: str, doubts: list[str]) -> bool:
    if not REWRITTEN.fullmatch(id):
        return False
    doubts.append(
        f"a spreadsheet has rewritten the id {quote(id)}, so it matches nothing; "
        "export the roster again, and use that file before a spreadsheet has saved it"
    )
    return True


def _is_withdrawn(row: _Row, system: str) -> bool:
    if system == "Blackboard":
        return row.get("availability").casefold() == "no"
    if system == "Moodle" and "time" not in row.fields:  # else the status is of the submission
        return fold_name(row.get("status")) in LEFT
    # A date or a reason stands for yes.
    return row.get("withdrawn").casefold() not in NO


def _add_repositories(
    people: Sequence[Person], rows: Sequence[_Row], keys: Mapping[int, str]
) -> tuple[Person, ...]:
    """Return people with their repositories of GitHub Classroom, those of several as a group."""
    owners: dict[str, set[str]] = {}
    for row in rows:
        if (name := row.get("repository").rpartition("/")[2]) and row.line in keys:
            owners.setdefault(name, set()).add(keys[row.line])
    own: dict[str, list[str]] = {}
    shared: dict[str, list[str]] = {}
    for name, students in owners.items():
        for student in students:
            (shared if len(students) > 1 else own).setdefault(student, []).append(name)
    return tuple(
        replace(
            person,
            ids=(*person.ids, *own.get(person.student, ())),
            groups=(*person.groups, *shared.get(person.student, ())),
        )
        for person in people
    )
