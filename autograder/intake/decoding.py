"""Decode what students hand in: Python files and notebook cells; clean text for messages."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from assignment.support.project.notebook_files import (
    NotANotebook,
    find_drawn,
    load_notebook,
    read_text,
)

__all__ = [
    "DATA",
    "INVISIBLE",
    "MAX_TEXT",
    "MOST_PICTURES",
    "Cell",
    "Unreadable",
    "cut",
    "describe_invisible",
    "one_line",
    "quote",
    "read_cells",
    "show_invisible",
    "tidy_source",
]

# PEP 263: a comment in line one, or in line two below a comment or an empty line.
COOKIE = re.compile(r"(?:[ \t\f]*(?:#.*)?\n)??[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# Only encodings that editors write: some others, such as punycode, take minutes for 1 MB.
HONOURED = re.compile(
    r"utf-?8(-\w+)?|(us-)?ascii|latin-?\d+|iso-?8859-\d+|(cp|windows-?)\d+|mac-?roman"
    r"|koi8-[ru]|gbk|gb2312|gb18030|big5|shift-?jis|euc-(jp|kr)"
)
WIDE = {  # longer marks first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
INDENT = re.compile(r"^[ \t]+", re.M)
INDENT_OF_CODE = re.compile(r"^[ \t]+(?=[^\s#])", re.M)
TAB_WIDTH = 8  # as in Python 2
# Characters that are not seen, and those that change the order in which others are shown. Left as
# they are: the joiners (U+200C, U+200D) and variation selectors 15 and 16, which scripts of South
# Asia, Persian and emoji need.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as Jupyter's format prescribes
# Nothing that looks at text afterwards takes long for so much, and nobody writes more by hand.
MAX_TEXT, MAX_CODE = 20_000, 50_000  # characters of a cell; the first is also that of an answer
MAX_CELLS, MAX_LINES, MAX_IN_ALL = 2_000, 20_000, 1_000_000  # of a notebook; the last: characters
MOST_PICTURES = 12  # of one answer
# A picture that was pasted into the text itself.
DATA = re.compile(
    r"data:([\w+.-]{1,60}/[\w+.-]{1,60})(?:;[\w-]{1,40}=[\w-]{1,40}){,5};base64,([A-Za-z0-9+/=]*)"
)
MAX_BRACKETS = 500_000  # each may become an object; 20 MB of brackets would take 850 MB of memory


class Unreadable(Exception):
    """One file cannot be used; the message continues the file's name, as in "is damaged"."""


@dataclass(frozen=True)
class Cell:
    """One cell of a student's notebook."""

    id: str  # "" where the notebook has none
    kind: str  # "code", "markdown" or "raw"
    source: str  # lines end with a newline alone
    other_id: str = ""  # in its metadata, where Colab and Kaggle keep it
    pictures: tuple[tuple[str, str, str], ...] = ()  # attached, or drawn: name, media type, base64


def show_invisible(text: str) -> str:
    """Return a text in which characters that are not seen are written as their numbers."""
    return INVISIBLE.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def describe_invisible(text: str) -> str:
    """Name the characters in a text that are not seen, "" for none."""
    names = [f"U+{ord(letter):04X}" for letter in dict.fromkeys(INVISIBLE.findall(text))]
    return ", ".join([*names[:3], *(["…"] if len(names) > 3 else [])])


def one_line(text: str, at_most: int = 200) -> str:
    """Return `text` as one line: control characters escaped, cut to a length."""
    line = show_invisible(text[: at_most + 1])
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line[: at_most + 1])
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"


def quote(name: str) -> str:
    """Return a name from a submission, quoted and cleaned for a message."""
    return f"'{one_line(name, 60)}'"


def tidy_source(data: bytes) -> tuple[bytes, list[str]]:
    r"""Normalize a Python file's encoding, line ends and indentation.

    Parameters
    ----------
    data : bytes
        The file as it was handed in, in any encoding.

    Returns
    -------
    source : bytes
        UTF-8 without a byte order mark, \n at the end of each line. NUL bytes stay: a statement
        that contains one could not be read on the student's computer either.
    remarks : list of str
        What was unusual and how it was read, for example "is not UTF-8; read as cp1252".
    """
    text, remarks = _decode(data)
    text = _unify_newlines(text)
    if cookie := COOKIE.match(text):
        text = f"{text[: cookie.start(1)]}utf-8{text[cookie.end(1) :]}"
    if "\0" in text:
        remarks.append("holds NUL bytes; statements that contain one cannot be read")
    if names := describe_invisible(text.removeprefix("\ufeff")):
        remarks.append(f"holds characters that are not seen ({names})")
    if "\0" not in text and {"\t", " "} <= set("".join(set(INDENT_OF_CODE.findall(text)))):
        # If Python 3 accepts such a file, expanding the tabs does not change its meaning.
        text = INDENT.sub(lambda indent: indent[0].expandtabs(TAB_WIDTH), text)
        remarks.append(f"is indented with tabs and spaces; a tab counts as {TAB_WIDTH} columns")
    return text.encode("utf-8", "replace"), remarks


def read_cells(content: bytes) -> tuple[tuple[Cell, ...], list[str]]:
    """Return the readable cells of a notebook, and remarks about the others.

    Raises
    ------
    Unreadable
        The content is not a notebook.
    """
    if content.count(b"[") + content.count(b"{") > MAX_BRACKETS:
        raise Unreadable(f"has more than {MAX_BRACKETS:,} brackets")
    try:
        notebook = load_notebook(content)
    except NotANotebook as error:
        raise Unreadable(str(error)) from None
    cells: list[Cell] = []
    damaged, long, unseen, remarks = [], [], [], []
    lines = characters = 0
    for number, stored in enumerate(notebook["cells"], start=1):
        if (cell := _read_cell(stored)) is None:
            damaged.append(number)
            continue
        cell, length = _shorten(cell)
        if names := describe_invisible(cell.source):
            unseen.append(f"cell {number:,}: {names}")
        if length > (most := MAX_CODE if cell.kind == "code" else MAX_TEXT):
            long.append(f"cell {number:,} has {length:,} characters, of which {most:,} were read")
        lines, characters = lines + cell.source.count("\n") + 1, characters + len(cell.source)
        if number > MAX_CELLS or lines > MAX_LINES or characters > MAX_IN_ALL:
            limits = f"{MAX_CELLS:,} cells, {MAX_LINES:,} lines or {MAX_IN_ALL:,} characters"
            rest = f"of its {len(notebook['cells']):,} cells those from {number:,} on"
            remarks.append(f"has more than {limits}; {rest} were left out")
            break
        cells.append(cell)
    anonymous = sum(not cell.id and not cell.other_id for cell in cells)
    if long:
        remarks.append(f"has long cells, which were cut ({len(long):,}, the first: {long[0]})")
    if unseen:
        what = f"({len(unseen):,}, the first is {unseen[0]})"
        remarks.append(f"has cells with characters that are not seen {what}")
    if damaged:
        first = f"the first is cell {damaged[0]:,}"
        remarks.append(f"has damaged cells ({len(damaged):,}, {first}); left out")
    if anonymous:
        remarks.append(f"has cells without an id ({anonymous:,})")
    return tuple(cells), remarks


def cut(text: str, at_most: int) -> str:
    """Return the beginning of a text that is too long, and a line that says so."""
    if len(text) <= at_most:
        return text
    return f"{text[:at_most]}\n[cut here by the grader, of {len(text):,} characters]"


def _shorten(cell: Cell) -> tuple[Cell, int]:
    """Cut a cell; return also how many characters it has had.

    What was pasted into text as a picture becomes one that is attached: it does not count.
    """
    if cell.kind == "code":
        return replace(cell, source=cell.source[:MAX_CODE]), len(cell.source)
    pasted: list[tuple[str, str, str]] = []

    def attach(found: re.Match[str]) -> str:
        pasted.append((f"pasted-{len(pasted) + 1}.picture", found[1], found[2]))
        return f"attachment:{pasted[-1][0]}"

    text = DATA.sub(attach, cell.source)
    pictures = (*pasted[: MOST_PICTURES + 1], *cell.pictures)[: MOST_PICTURES + 1]
    return replace(cell, source=cut(text, MAX_TEXT), pictures=pictures), len(text)


def _decode(data: bytes) -> tuple[str, list[str]]:
    for mark, encoding in WIDE.items():
        if data.startswith(mark):
            remark = f"is in {encoding.upper()}, which Python cannot read; converted"
            return data.decode(encoding, "replace"), [remark]
    if wide := _find_wide(data):
        remark = f"is in {wide.upper()}, which Python cannot read; converted"
        return data.decode(wide, "replace"), [remark]
    data = data.removeprefix(codecs.BOM_UTF8)
    start = _unify_newlines(data[:2000].decode("latin-1"))
    cookie = COOKIE.match(start)
    declared = cookie[1].lower().replace("_", "-") if cookie else "utf-8"
    if declared.startswith("utf-8"):
        declared = "utf-8"  # without a suffix for the line ends, as in utf-8-unix
    honoured = [declared] if HONOURED.fullmatch(declared) else []
    for encoding in [*honoured, "utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except (LookupError, UnicodeError):
            continue
        return text, _remark(declared, encoding)
    return data.decode("latin-1"), _remark(declared, "latin-1")


def _find_wide(data: bytes) -> str:
    """Return which UTF-16 a file without a mark is in: every other byte of ASCII is then zero."""
    even, odd = data[:2000:2], data[1:2000:2]
    for encoding, ascii, zeros in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        if ascii and 0 not in ascii and zeros.count(0) > 0.8 * len(zeros):
            return encoding
    return ""


def _remark(declared: str, encoding: str) -> list[str]:
    if encoding == declared:
        return []
    return [f"is not {one_line(declared, 40).upper()}; read as {encoding}"]


def _read_cell(cell: object) -> Cell | None:
    source = read_text(cell)
    if not isinstance(cell, dict) or source is None:
        return None
    kind, id = cell["cell_type"], cell.get("id")
    # JSON can hold lone surrogates, which UTF-8 cannot encode.
    source = _unify_newlines(source.encode("utf-8", "replace").decode("utf-8"))
    metadata = cell.get("metadata")
    other = metadata.get("id") if isinstance(metadata, dict) else None
    pictures = itertools.islice(_read_pictures(cell), MOST_PICTURES + 1)  # one more: it is told
    return Cell(_read_id(id), kind, source, _read_id(other), tuple(pictures))


def _read_id(id: object) -> str:
    return id if isinstance(id, str) and CELL_ID.fullmatch(id) else ""


def _read_pictures(cell: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the files that a cell has attached, as `attachment:name` in its text refers to them.

    What its code has drawn has no name.
    """
    attached = cell.get("attachments")
    for name, kinds in attached.items() if isinstance(attached, dict) else ():
        for kind, content in kinds.items() if isinstance(kinds, dict) else ():
            if isinstance(content, list) and all(isinstance(line, str) for line in content):
                content = "".join(content)
            if isinstance(content, str):
                yield name, kind, content
    yield from (("", kind, content) for kind, content in find_drawn(cell))


def _unify_newlines(text: str) -> str:
    r"""Return `text` with \n at the end of each line, whichever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
