"""Tables as spreadsheets save them: the encoding, the separator, and each row as it stands."""

from __future__ import annotations

import codecs
import csv
import functools
import io
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.decoding import one_line
from autograder.marks.cells import NUMBER, fold, tidy

__all__ = ["COLUMNS", "LineOfTable", "Table", "Unreadable", "load", "make_table", "read_table"]

COLUMNS = ("student", "name", "item", "points", "of", "comment", "by", "answer", "note")
NEEDED = {"student", "item", "points"}
SEPARATORS = ",;\t|"
SEPARATOR_LINE = re.compile(rf"sep=[{SEPARATORS}][\r\n]*", re.IGNORECASE)
MAX_BYTES = 20_000_000
MAX_LINES = 200  # of one row; a quote that is not closed would otherwise take in the whole file
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
EIGHT_BIT = ("cp1252", "mac-roman", "cp1250")  # Excel on Windows, on a Mac, in Central Europe
OTHER_KINDS = {
    b"PK\x03\x04": "an Excel, LibreOffice or Numbers document",
    b"\xd0\xcf\x11\xe0": "an old Excel document",
    b"%PDF": "a PDF",
}


class Unreadable(Exception):
    """A file that cannot be used; the message continues its name, as in "is a folder"."""


@dataclass
class LineOfTable:
    """One row: its text as it stands in the file, and its cells."""

    number: int  # as a spreadsheet counts rows
    text: str  # with the line end
    cells: list[str]
    is_broken: bool = False  # a quote is not closed, or text follows one that is


@dataclass
class Table:
    """All rows of a file, and the way in which it was saved."""

    encoding: str
    mark: bytes  # the byte order mark at its beginning
    separator: str
    rows: list[LineOfTable]
    header: LineOfTable
    first: str = ""  # the line "sep=;", which programs do not show
    columns: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = _find_columns(self.header.cells)

    @property
    def line_end(self) -> str:
        """The characters that end most rows."""
        ends = Counter(_find_end(row.text) for row in self.rows)
        del ends[""]
        return max(ends, key=lambda end: ends[end], default="\r\n")

    @functools.cached_property
    def decimal(self) -> str:
        """The decimal sign of the program that saved the file."""
        cells = [tidy(self.get(row, column)) for row in self.rows for column in ("points", "of")]
        numbers = [cell for cell in cells if NUMBER.fullmatch(cell)]
        commas, points = (sum(sign in number for number in numbers) for sign in ",.")
        return "," if commas > points or (commas == points and self.separator == ";") else "."

    def get(self, row: LineOfTable, column: str) -> str:
        """Return a cell, "" where the row or the table has none."""
        place = self.columns.get(column, len(row.cells))
        return row.cells[place] if place < len(row.cells) else ""

    def is_too_long(self, row: LineOfTable) -> bool:
        """Whether a row has more cells than the header, as after "1,5" without quotes.

        Spreadsheets write such rows where a remark stands beside the table, Excel also around it.
        """
        behind = row.cells[len(self.header.cells) :]
        return any(map(tidy, behind)) or (bool(behind) and not self.has_remarks)

    @functools.cached_property
    def has_remarks(self) -> bool:
        """Whether something stands behind the last column."""
        width = len(self.header.cells)
        return any(tidy(cell) for row in self.rows for cell in row.cells[width:])

    def iter_rows(self) -> Iterator[LineOfTable]:
        """Yield the rows in which something stands, without headers."""
        for row in self.rows:
            if any(map(tidy, row.cells)) and not _is_header(row.cells):
                yield row

    def change(self, row: LineOfTable, values: Mapping[str, str]) -> None:
        """Set cells of a row; if none differs, its text stays as it is."""
        values = {name: text for name, text in values.items() if self.get(row, name) != text}
        if not values:
            return
        for name, text in values.items():
            place = self.columns[name]
            row.cells += [""] * (max(place + 1, len(self.header.cells)) - len(row.cells))
            row.cells[place] = text
        row.text = self._write(row.cells) + _find_end(row.text)

    def add_missing_columns(self) -> None:
        """Give the header the columns that somebody has deleted, behind all others.

        Raises
        ------
        Unreadable
            Some row has more cells than the header. Nobody would see that any more.
        """
        missing = [name for name in COLUMNS if name not in self.columns]
        if not missing:
            return
        if long := next(filter(self.is_too_long, self.iter_rows()), None):
            what = f"line {long.number} has more cells than the header: nothing was written"
            raise Unreadable(f"lacks the columns {', '.join(missing)}, and {what}; repair it first")
        width = max(len(row.cells) for row in self.rows)
        cells = [*self.header.cells, *[""] * (width - len(self.header.cells)), *missing]
        self.header.cells = cells
        self.header.text = self._write(cells) + _find_end(self.header.text)
        self.columns = _find_columns(cells)

    def append(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Add rows behind the last one in which something stands."""
        if not rows:
            return
        last = max(i for i, row in enumerate(self.rows) if any(map(tidy, row.cells)))
        end = self.line_end
        if not _find_end(self.rows[last].text):
            self.rows[last].text += end
        added = []
        for values in rows:
            cells = [""] * len(self.header.cells)
            for name, text in values.items():
                cells[self.columns[name]] = text
            added.append(LineOfTable(0, self._write(cells) + end, cells))
        self.rows[last + 1 : last + 1] = added

    def encode(self) -> bytes:
        """Return the file.

        Raises
        ------
        UnicodeEncodeError
            Its encoding lacks a character that was added.
        """
        text = self.first + "".join(row.text for row in self.rows)
        errors = "surrogateescape" if self.encoding == "utf-8" else "strict"
        return self.mark + text.encode(self.encoding, errors)

    def _write(self, cells: Sequence[str]) -> str:
        return self.separator.join(map(self._quote, cells))

    def _quote(self, cell: str) -> str:
        """Quote all texts: a program that splits at another sign would make two cells of one."""
        is_number = NUMBER.fullmatch(cell) and self.separator not in cell
        return cell if is_number or not cell else '"' + cell.replace('"', '""') + '"'


def load(path: Path) -> bytes | None:
    """Return the content of a file, None where there is none or where it is empty.

    Raises
    ------
    Unreadable
        It is no file, too large, or may not be read.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise Unreadable("is a folder; move it away, and the file is written again")
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("is not a file; move it away, and it is written again")
        if about.st_size > MAX_BYTES:
            raise Unreadable(f"is larger than {MAX_BYTES:,} bytes; it was not read")
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    return data if data.strip() else None


def make_table() -> Table:
    """Return an empty table, to be saved so that Excel and LibreOffice open it."""
    header = LineOfTable(1, "", [*COLUMNS])
    table = Table("utf-8", codecs.BOM_UTF8, ",", [header], header)
    header.text = ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"
    return table


def read_table(data: bytes, is_known: Callable[[str], bool]) -> Table:
    """Read a table in any encoding and with any separator that spreadsheets write.

    Parameters
    ----------
    data : bytes
        The file.
    is_known : function of a text
        Whether the text names a student. 8-bit encodings look alike, so the one counts in which
        most names with accents are known.

    Raises
    ------
    Unreadable
        It is no table, or has no header.
    """
    for start, kind in OTHER_KINDS.items():
        if data.startswith(start):
            raise Unreadable(f"is {kind}, not a CSV: open it and save it under this name as CSV")
    tables = [_split(*decoded) for decoded in _decode(data)]
    return max(tables, key=lambda table: _count_known(table, is_known))  # the first of the best


def _decode(data: bytes) -> list[tuple[str, str, bytes]]:
    """Return the texts that a file may hold, the likeliest first, with encoding and mark."""
    mark = next((mark for mark in BYTE_ORDER_MARKS if data.startswith(mark)), b"")
    encoding = BYTE_ORDER_MARKS.get(mark, "utf-8")
    data = data[len(mark) :]
    if encoding != "utf-8":
        try:
            texts = [(data.decode(encoding), encoding, mark)]
        except UnicodeError:
            raise Unreadable("is damaged: its text is not UTF-16 throughout") from None
    else:
        text = data.decode("utf-8", "surrogateescape")
        wrong = sum("\udc80" <= letter <= "\udcff" for letter in text)
        right = sum(letter > "\x7f" for letter in text) - wrong
        # A few bad bytes in UTF-8 are damage; text in another encoding is hardly ever valid.
        texts = [(text, encoding, mark)] if mark or wrong == 0 or right > wrong else []
    for encoding in EIGHT_BIT if not texts else ():
        try:
            texts.append((data.decode(encoding), encoding, mark))
        except UnicodeError:
            continue
    if "\0" in texts[0][0]:
        raise Unreadable("is damaged: it holds NUL characters; is there a copy of it?")
    return texts


def _split(text: str, encoding: str, mark: bytes) -> Table:
    first, separators = "", SEPARATORS
    lines = list(io.StringIO(text, newline=""))
    if lines and SEPARATOR_LINE.fullmatch(lines[0]):
        first = lines.pop(0)
        separators = first[4] + SEPARATORS
    in_one_cell = False
    for separator in separators:
        rows = list(_split_rows(lines, separator))
        header = next((row for row in rows if _is_header(row.cells)), None)
        if header is not None:
            _check_header(header)
            return Table(encoding, mark, separator, rows, header, first)
        texts = [fold(cell) for row in rows[:10] for cell in row.cells]
        in_one_cell |= any(all(name in text for name in NEEDED) for text in texts)
    if in_one_cell:
        raise Unreadable(
            "has each row in a single cell: the program that saved it splits at another sign than "
            "the comma. Undo that (marks.csv.before may help), and open it by importing text"
        )
    raise Unreadable("has no row with the column names student, item and points; it is not read")


def _split_rows(lines: Sequence[str], separator: str) -> Iterator[LineOfTable]:
    """Yield all rows; one whose quotes are wrong ends with its line, and so costs no other row."""
    at = number = 0
    while at < len(lines):
        some = (lines[i] for i in range(at, min(at + MAX_LINES, len(lines))))
        reader = csv.reader(some, delimiter=separator, strict=True)
        number += 1
        try:
            cells, used, is_broken = next(reader), reader.line_num, False
        except csv.Error:
            cells, used, is_broken = _split_broken(lines[at], separator), 1, True
        yield LineOfTable(number, "".join(lines[at : at + used]), cells, is_broken)
        at += used


def _split_broken(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error:
        return [line]


def _find_end(text: str) -> str:
    return text[len(text.rstrip("\r\n")) :]


def _is_header(cells: Sequence[str]) -> bool:
    return set(map(fold, cells)) >= NEEDED


def _find_columns(cells: Sequence[str]) -> dict[str, int]:
    names = [fold(cell) for cell in cells]
    return {name: names.index(name) for name in COLUMNS if name in names}


def _check_header(header: LineOfTable) -> None:
    counts = Counter(map(fold, header.cells))
    for name in COLUMNS:
        if counts[name] > 1:
            raise Unreadable(f"has {counts[name]} columns {one_line(name)}: rename all but one")


def _count_known(table: Table, is_known: Callable[[str], bool]) -> int:
    if table.encoding not in EIGHT_BIT:
        return 0
    texts = {table.get(row, name) for row in table.iter_rows() for name in ("student", "name")}
    return sum(is_known(text) for text in texts if not text.isascii())
