"""Writes marks.csv anew, with all that a person has typed."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assignment.support.project.writing import write_whole
from autograder.intake.decoding import quote
from autograder.marks.cells import guard, guard_lines, read_number, tidy, write_number
from autograder.marks.marks import NOW, Key, Mark, find_marked
from autograder.marks.rows import Located, Names, locate
from autograder.marks.tables import LineOfTable, Table, Unreadable, load, make_table, read_table

__all__ = ["CHANGED", "Row", "Updated", "update_marks"]

CHANGED = "the answer has changed since this mark: look again, then empty this cell"
LOCKS = {".~lock.{}#": "LibreOffice", "~${}": "Excel"}
MOST_TRIES = 10
MOST_NAMED = 5
ROUNDING = 1e-6


@dataclass(frozen=True)
class Row:
    """A row that should be in marks.csv."""

    student: str
    name: str  # full name, "" if it is not known
    item: str
    possible: float
    answer: str = ""  # a digest of the answer as it is now, "" for none
    note: str = ""  # what to say of it; that the answer has changed is said anyway


@dataclass(frozen=True)
class Updated:
    """What was done to marks.csv."""

    added: int = 0  # rows
    confirmed: tuple[Key, ...] = ()  # marks that hold for a later answer: the note was emptied
    changed: tuple[Key, ...] = ()  # marks of answers that have changed
    problems: tuple[str, ...] = ()  # one line each


def update_marks(
    path: Path,
    rows: Sequence[Row],
    history: Mapping[Key, Mark],
    find_student: Callable[[str], str | None],
) -> Updated:
    """Write marks.csv with these rows and with all that was typed. Raises nothing.

    Each row that is there stays where it is, with its text. The columns name, of, answer and note
    are the grader's own. Rows that are lacking are added behind the others. A row with a mark that
    was read earlier comes back if it has vanished. What was there before lies in marks.csv.before
    if more has changed than that rows were added.

    Parameters
    ----------
    path : Path
        The file. There need not be one.
    rows : sequence of Row
        The rows that should be there.
    history : mapping of (student, item) to Mark
        The newest mark that was read for each.
    find_student : function of a text
        Returns the student whom a text names, as for `read_marks`.
    """
    try:
        for _ in range(MOST_TRIES):
            before = load(path)
            after, updated = _renew(before, path.name, rows, history, find_student)
            if after == before:
                return updated
            if program := _find_lock(path):
                done = "close it and run the same command again; nothing was lost"
                problem = f"{path.name} is open in {program}: {done}"
                return replace(updated, added=0, problems=(problem,))
            if _replace(path, before, after):
                return updated
    except Unreadable as error:
        return Updated(problems=(f"{path.name} {error}",))
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        return Updated(problems=(f"{path.name} {reason}; it is as it was",))
    return Updated(problems=(f"{path.name} changes all the time: run the same command again",))


def _renew(
    before: bytes | None,
    file: str,
    rows: Sequence[Row],
    history: Mapping[Key, Mark],
    find_student: Callable[[str], str | None],
) -> tuple[bytes, Updated]:
    """Return the new content of the file, and what has changed."""
    expected = {(row.student, row.item): row for row in rows}
    # Students of earlier marks as well, who may have left the class since.
    students = {key[0]: "" for key in history} | {row.student: row.name for row in rows}
    items = dict.fromkeys(key[1] for key in (*expected, *history))
    names = Names(students, items, find_student)
    table = make_table() if before is None else read_table(before, names.knows)
    present, changed, confirmed = _renew_rows(table, locate(table, names), expected, history)
    marked = [key for key, mark in history.items() if mark.points is not None]
    lacking = {key for key in (*expected, *marked) if key not in present}
    unclear = sorted({key[0] for key in lacking if not names.can_name(key[0])})
    lacking = {key for key in lacking if key[0] not in unclear}
    table.append(
        [
            _make_cells(key, expected.get(key), history.get(key), table.decimal)
            for key in sorted(lacking, key=_sort_key)
        ]
    )
    problems = _tell_vanished(file, [key for key in marked if key in lacking], history)
    for student in unclear:
        problems.append(f"{file} has no rows of {quote(student)}: no row could name just this one")
    content, remarks = _encode(table, file)
    return content, Updated(
        added=len(lacking),
        confirmed=tuple(confirmed),
        changed=tuple(changed),
        problems=(*problems, *remarks),
    )


def _renew_rows(
    table: Table,
    located: Sequence[Located],
    expected: Mapping[Key, Row],
    history: Mapping[Key, Mark],
) -> tuple[set[Key], list[Key], list[Key]]:
    """Set the grader's own cells; return what rows name, changed answers, confirmed marks.

    A row with a fault stays as it is, so that its cells still show what has happened to it.
    """
    present: set[Key] = set()
    changed: list[Key] = []
    confirmed: list[Key] = []
    renewed: list[tuple[LineOfTable, dict[str, str]]] = []
    for one in located:
        key = (one.student or "", one.item or "")
        present.add(key)
        if one.fault or key not in expected:
            continue
        marked, is_confirmed = find_marked(table, one.row, history.get(key))
        cells = _renew_cells(table, one.row, expected[key], marked)
        renewed.append((one.row, cells))
        changed += [key] if cells["note"] == CHANGED else []
        confirmed += [key] if is_confirmed and tidy(table.get(one.row, "points")) else []
    # Only now: that a note is empty says nothing if its column was lacking.
    table.add_missing_columns()
    for row, cells in renewed:
        table.change(row, cells)
    return present, changed, confirmed


def _renew_cells(table: Table, line: LineOfTable, row: Row, marked: str) -> dict[str, str]:
    """Return the grader's own cells of a row in which this answer was marked."""
    answer, note = _compare_answers(marked if tidy(table.get(line, "points")) else "", row)
    values = {"answer": guard(answer), "note": guard(note)}
    if row.name:
        values["name"] = guard(row.name)
    of = read_number(table.get(line, "of"))
    if of is None or abs(of - row.possible) > ROUNDING:
        values["of"] = write_number(row.possible, table.decimal)
    return values


def _compare_answers(marked: str, row: Row) -> tuple[str, str]:
    """Return the cells answer and note."""
    if not marked or not row.answer or marked == row.answer:
        return marked or row.answer, row.note
    return f"{marked}{NOW}{row.answer}", CHANGED


def _make_cells(key: Key, row: Row | None, mark: Mark | None, decimal: str) -> dict[str, str]:
    """Return the cells of a row that was lacking, with the mark that was read earlier."""
    cells = {"student": guard(key[0]), "item": guard(key[1])}
    if mark is not None:
        cells["comment"], cells["by"] = guard_lines(mark.comment), guard_lines(mark.by)
        cells["answer"] = guard(mark.answer)
        if mark.points is not None:
            cells["points"] = write_number(mark.points, decimal)
    if row is not None:
        is_marked = mark is not None and mark.points is not None
        answer, note = _compare_answers(mark.answer if mark and is_marked else "", row)
        cells |= {"name": guard(row.name), "answer": guard(answer), "note": guard(note)}
        cells["of"] = write_number(row.possible, decimal)
    return cells


def _sort_key(key: Key) -> tuple[list[tuple[int, str]], str, str]:
    """Sort by item and then student, "answer-2" before "answer-10"."""
    pieces = re.findall(r"\d+|\D+", key[1])
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pieces], key[0].casefold(), key[0]


def _tell_vanished(file: str, vanished: Sequence[Key], history: Mapping[Key, Mark]) -> list[str]:
    if not vanished:
        return []
    named = [
        f"{quote(student)} {item} ({history[student, item].points:g} points)"
        for student, item in vanished[:MOST_NAMED]
    ]
    more = len(vanished) - MOST_NAMED
    rows = ", ".join([*named, *([f"and {more:,} more"] if more > 0 else [])])
    what = f"rows with marks had vanished and were written back: {rows}"
    return [f"{file}: {what}. To take a mark back, empty its points"]


def _encode(table: Table, file: str) -> tuple[bytes, list[str]]:
    """Return the content of the file, in UTF-8 if its encoding lacks a character."""
    try:
        return table.encode(), []
    except UnicodeEncodeError as error:
        lacking = quote(error.object[error.start : error.start + 1])
        old, table.encoding, table.mark = table.encoding, "utf-8", codecs.BOM_UTF8
        return table.encode(), [
            f"{file} was saved as {old}, which lacks {lacking}: it is UTF-8 now"
        ]


def _find_lock(path: Path) -> str:
    """Return the program in which the file is open, with the file that says so, "" for none."""
    for pattern, program in LOCKS.items():
        lock = path.with_name(pattern.format(path.name))
        if lock.exists():
            return f"{program} (if not, delete {lock.name})"
    return ""


def _replace(path: Path, before: bytes | None, after: bytes) -> bool:
    """Write the file if it still holds what was read; keep that if more than rows was added."""
    if before is not None and not after.startswith(before):
        write_whole(path.with_name(f"{path.name}.before"), before)
    # A link stays one, as to a folder that is synchronised.
    target = Path(os.path.realpath(path))
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=target.parent) as scratch:
        unfinished = Path(scratch) / target.name
        unfinished.write_bytes(after)
        if before is not None:
            shutil.copymode(target, unfinished)  # others who mark may write it, too
        if load(path) != before:
            return False
        os.replace(unfinished, target)
    return True
