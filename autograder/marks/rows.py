"""Whom and what each row of marks.csv names."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from autograder.intake.decoding import quote
from autograder.marks.cells import fold, guard, tidy, unguard
from autograder.marks.tables import LineOfTable, Table

__all__ = ["Located", "Names", "locate"]

MOST_SUGGESTIONS = 50  # to compare a name with those of a class takes milliseconds


class Names:
    """The students and items that a row may name, by what a spreadsheet makes of their names.

    Parameters
    ----------
    students : mapping of str to str
        The full name of each student, "" where it is not known.
    items : collection of str
        All items.
    find_student : function of a text
        Returns the student whom an e-mail address, a login or a full name names, None if it names
        nobody or several.
    """

    def __init__(
        self,
        students: Mapping[str, str],
        items: Collection[str],
        find_student: Callable[[str], str | None],
    ) -> None:
        self.students, self.items = students, items
        self._ask = find_student
        self._exact = [
            _index(keys, lambda key: {tidy(key), _write(key)}) for keys in (students, items)
        ]
        self._folded = [_index(keys, lambda key: {fold(key)}) for keys in (students, items)]
        self.find_student = functools.cache(self._find_student)
        self.find_item = functools.cache(self._find_item)
        self.suggest = functools.cache(self._suggest)
        self._suggestions = 0
        self._owners = {fold(name): key for key, name in students.items() if fold(name)}

    def can_name(self, student: str) -> bool:
        """Whether a row can name this student: not if another one's name looks the same there."""
        cell = _write(student)
        return cell != "" and len(self._exact[0].get(cell, ())) == 1

    def _find_student(self, cell: str) -> str | None:
        """Return the student whom a cell names, None for nobody."""
        text = tidy(cell)
        if not text:
            return None
        if found := self._exact[0].get(text):
            return found[0] if len(found) == 1 else None
        bare = text.removeprefix("'")
        return self._ask(text) or self._ask(bare) or _find_only(self._folded[0], fold(bare))

    def _find_item(self, cell: str) -> str | None:
        """Return the item that a cell names, None for none."""
        text = tidy(cell)
        return _find_only(self._exact[1], text) or _find_only(self._folded[1], fold(unguard(text)))

    def knows(self, cell: str) -> bool:
        """Whether a cell names a student in any way."""
        return fold(cell) in self._owners or self.find_student(cell) is not None

    def find_owner(self, name_cell: str, student: str) -> str | None:
        """Return the other student whose full name stands in the row of this one, else None."""
        name = fold(unguard(tidy(name_cell)))
        return None if name == fold(self.students.get(student, "")) else self._owners.get(name)

    def _suggest(self, text: str, is_item: bool) -> str:
        """Return a hint in which the nearest name is, "" for none."""
        text = unguard(tidy(text))
        if not is_item and text.isdecimal():
            padded = [key for key in self.students if key.lstrip("0") == text and key != text]
            if padded:
                return f"; did a spreadsheet drop zeros? There is {quote(padded[0])}"
        self._suggestions += 1
        if self._suggestions > MOST_SUGGESTIONS:
            return ""
        by_form = {fold(key): key for key in (self.items if is_item else self.students)}
        near = difflib.get_close_matches(fold(text), by_form, 1)
        return f"; did you mean {quote(by_form[near[0]])}?" if near else ""


@dataclass(frozen=True)
class Located:
    """A row with what it names."""

    row: LineOfTable
    student: str | None
    item: str | None
    fault: str = ""  # why the row cannot count, whatever its points are


def locate(table: Table, names: Names) -> list[Located]:
    """Return all rows in which something stands."""
    return [_locate(table, row, names) for row in table.iter_rows()]


def _locate(table: Table, row: LineOfTable, names: Names) -> Located:
    student_cell, item_cell = table.get(row, "student"), table.get(row, "item")
    student, item = names.find_student(student_cell), names.find_item(item_cell)
    fault = ""
    if row.is_broken:
        fault = 'a quotation mark (") is not closed, or text follows it'
    elif table.is_too_long(row):
        signs = "does a comma stand in a cell without quotes, or has a column no name?"
        fault = f"it has more cells than the header: {signs}"
    elif not tidy(student_cell):
        fault = "it names no student"
    elif student is None:
        fault = f"student {quote(student_cell)}: no such student" + names.suggest(
            student_cell, False
        )
    elif not tidy(item_cell):
        fault = "it names no item"
    elif item is None:
        fault = f"item {quote(item_cell)}: no such item" + names.suggest(item_cell, True)
    elif other := names.find_owner(table.get(row, "name"), student):
        named = f"student {quote(student_cell)} has the name of {quote(other)}"
        fault = f"{named}; were some of the columns sorted without the others?"
    return Located(row, student, item, fault)


def _index(keys: Iterable[str], list_forms: Callable[[str], set[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in dict.fromkeys(keys):
        for form in list_forms(key):
            found.setdefault(form, []).append(key)
    return found


def _write(key: str) -> str:
    """Return a name as a cell in which it was written is read."""
    return tidy(guard(key))


def _find_only(found: dict[str, list[str]], form: str) -> str | None:
    keys = found.get(form, ())
    return keys[0] if len(keys) == 1 else None
