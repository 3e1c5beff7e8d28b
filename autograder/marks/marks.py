"""Marks and corrections that a teacher has typed into marks.csv: reads and checks each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from autograder.intake.decoding import one_line, quote
from autograder.marks.cells import (
    BadPoints,
    is_error_value,
    read_number,
    read_points,
    tidy,
    unguard,
)
from autograder.marks.rows import Located, Names, locate
from autograder.marks.tables import EIGHT_BIT, LineOfTable, Table, Unreadable, load, read_table

__all__ = ["NOW", "Key", "Mark", "Read", "find_marked", "read_marks"]

Key = tuple[str, str]  # student, item
NOW = " now "  # between the digests of the answer that was marked and of the one that is there
OTHER_FILES = re.compile(r"marks\b.*\.(csv|xlsx?|ods|numbers|tsv|txt)", re.IGNORECASE)
LINE_ENDS = re.compile(r"\r\n?")


@dataclass(frozen=True)
class Mark:
    """One row of marks.csv: the points of a student for an item."""

    student: str
    item: str  # "05_batchnorm/answer-1", or a part or cell that is corrected: "affine.forward"
    points: float | None  # None: waits for a mark, or a mark was taken back
    comment: str = ""
    by: str = ""  # who marked
    answer: str = ""  # a digest of the answer that was marked, "" for none
    note: str = ""  # what the grader says of the row


@dataclass(frozen=True)
class Read:
    """What is in marks.csv."""

    marks: tuple[Mark, ...] = ()  # at most one for a student and item, in the order of the file
    problems: tuple[str, ...] = ()  # one line for each row that cannot count, or is doubtful
    held: frozenset[Key] = frozenset()  # what rows name that cannot count: no mark is known


def read_marks(
    path: Path,
    possible: Mapping[str, float],
    find_student: Callable[[str], str | None],
    *,
    students: Mapping[str, str] = MappingProxyType({}),
    computed: Collection[str] = (),
    history: Mapping[Key, Mark] = MappingProxyType({}),
) -> Read:
    """Read marks.csv; a row that cannot be used costs no other row. Raises nothing.

    Parameters
    ----------
    path : Path
        The file. There need not be one.
    possible : mapping of str to float
        The points that are possible for each item.
    find_student : function of a text
        Returns the student whom an e-mail address, a login or a full name names, None if it names
        nobody or several.
    students : mapping of str to str
        The full name of each student, "" where it is not known.
    computed : collection of str
        Items whose points are computed: a correction counts only with a comment and with who
        made it.
    history : mapping of (student, item) to Mark
        Marks that were read earlier. They know which answer was marked if its column was deleted.
    """
    problems = _name_other_files(path)
    try:
        data = load(path)
        if data is None:
            return Read(problems=tuple(problems))
        # Whoever has left the class keeps their marks.
        names = Names({key[0]: "" for key in history} | {**students}, possible, find_student)
        table = read_table(data, names.knows)
    except Unreadable as error:
        return Read(problems=(f"{path.name} {error}", *problems))
    if table.encoding in EIGHT_BIT and not data.isascii():
        read_as = f"was saved in an old encoding and read as {table.encoding}"
        problems.append(f"{path.name} {read_as}; if letters look wrong, save it as CSV UTF-8")
    reader = _Reader(table, possible, computed, history)
    for located in locate(table, names):
        reader.read(located)
    marks, twice = reader.finish()
    lines = sorted([*reader.problems, *twice], key=lambda pair: pair[0])
    problems += [f"{path.name}, line {number}: {text}" for number, text in lines]
    return Read(tuple(marks), tuple(problems), frozenset(reader.held))


def find_marked(table: Table, row: LineOfTable, before: Mark | None) -> tuple[str, bool]:
    """Return a digest of the answer that was marked, and whether the mark holds for a later one.

    Who empties the note has looked at the later one. `before` is the mark that was read earlier.
    """
    marked, _, later = unguard(tidy(table.get(row, "answer"))).partition(NOW)
    if later and "note" in table.columns and not tidy(table.get(row, "note")):
        return later, True
    if not marked and before is not None and before.points == read_number(table.get(row, "points")):
        return before.answer, False
    return marked, False


class _Reader:
    """Reads the rows of a table, and collects what is wrong with them."""

    def __init__(
        self,
        table: Table,
        possible: Mapping[str, float],
        computed: Collection[str],
        history: Mapping[Key, Mark],
    ) -> None:
        self.table, self.possible = table, possible
        self.computed, self.history = computed, history
        self.problems: list[tuple[int, str]] = []  # line, text
        self.held: set[Key] = set()
        self.found: dict[Key, list[tuple[int, Mark]]] = {}

    def read(self, located: Located) -> None:
        """Read one row."""
        row, student, item = located.row, located.student, located.item
        points, comment, by = (self.table.get(row, name) for name in ("points", "comment", "by"))
        is_typed = any(map(tidy, (points, comment, by)))
        if located.fault or student is None or item is None:
            # Rows for the eye, such as a heading, and those of students who have left.
            if is_typed:
                self._hold(located, located.fault)
            return
        if is_error_value(comment):
            what = f"a spreadsheet took the comment for a formula and wrote {quote(comment)}"
            self.problems.append((row.number, f"{what}: type it again, with a ' before it"))
        try:
            value = read_points(points, self.possible[item]) if tidy(points) else None
        except BadPoints as error:
            self._hold(located, str(error))
            return
        answer, _ = find_marked(self.table, row, self.history.get((student, item)))
        note = _read_text(self.table.get(row, "note"))
        mark = Mark(student, item, value, _read_text(comment), _read_text(by), answer, note)
        needed = {"who (by)": mark.by, "why (comment)": mark.comment}
        lacking = " and ".join(what for what, text in needed.items() if not text)
        if value is not None and item in self.computed and lacking:
            self._hold(located, f"a correction of {item} counts only if it says {lacking}")
            return
        if value is not None:
            self._compare_possible(located, item)
        self.found.setdefault((student, item), []).append((row.number, mark))

    def finish(self) -> tuple[list[Mark], list[tuple[int, str]]]:
        """Return one mark for each student and item, and what is said of those with several."""
        marks, problems = [], []
        for key, entries in self.found.items():
            given = [entry for entry in entries if entry[1].points is not None]
            if len({mark.points for _, mark in given}) > 1:
                lines = " and ".join(str(number) for number, _ in given)
                values = " and ".join(f"{mark.points:g}" for _, mark in given)
                text = f"lines {lines} give {quote(key[0])} {values} points for {key[1]}"
                problems.append((given[0][0], f"{text}; none of them counts"))
                self.held.add(key)
            elif key not in self.held:
                marks.append((given or entries)[0][1])
        return marks, problems

    def _hold(self, located: Located, problem: str) -> None:
        self.problems.append((located.row.number, problem))
        if located.student is not None and located.item is not None:
            self.held.add((located.student, located.item))

    def _compare_possible(self, located: Located, item: str) -> None:
        before = read_number(self.table.get(located.row, "of"))
        possible = self.possible[item]
        if before is not None and abs(before - possible) > 1e-6:
            was = f"{item} was worth {before:g} points when this was marked, and now {possible:g}"
            self.problems.append((located.row.number, f"{was}: look again"))


def _read_text(cell: str) -> str:
    r"""Return what was typed, with \n at the end of each line."""
    return unguard(LINE_ENDS.sub("\n", cell).encode("utf-8", "replace").decode("utf-8").strip())


def _name_other_files(path: Path) -> list[str]:
    """Name the files in which somebody may have typed marks that nobody reads."""
    try:
        names = sorted(one.name for one in path.parent.iterdir() if OTHER_FILES.fullmatch(one.name))
    except OSError:
        return []
    return [
        f"{one_line(name)} lies beside {path.name} and is not read: only {path.name} is"
        for name in names
        if name != path.name
    ]
