"""Find a notebook's cells in what a student has made of it, whatever became of their ids.

Programs renew, drop and move ids: jupytext, Colab, Kaggle, old JupyterLabs. People split, merge and
copy cells. Grader and ``submit`` share these rules.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from assignment.support.project.definitions import drop_stubs, find_definition
from assignment.support.project.manifest import ROOT
from assignment.support.project.notebook_files import read_text
from assignment.support.project.unwritten import drop_placeholder

__all__ = [
    "GIVEN",
    "OUTLINE",
    "SOLUTION",
    "WRITTEN",
    "Found",
    "Located",
    "Outlined",
    "describe_located",
    "describe_lost_pictures",
    "digest",
    "find_given",
    "find_open",
    "get_source",
    "locate",
    "read_outlines",
    "take_cell",
    "write_outlines",
]

OUTLINE = "assignment/support/OUTLINE"  # a release has it: a line for each cell
GIVEN, SOLUTION, WRITTEN = "given", "solution", "written"
SHOWN = re.compile(  # pictures in Markdown and HTML, by the address of their file
    r"!\[[^\[\]\n]{,200}\]\(\s{,9}<?([^\s()<>]{1,300})"
    r"|<img\b[^<>]{,300}?\bsrc\s{,9}=\s{,9}[\"']?([^\s\"'>]{1,300})"
)
INSIDE = re.compile(r"[a-z][a-z+.-]+:", re.I)  # or elsewhere: data:, attachment:, https:
FENCE = re.compile(r"^[ \t]*(```|~~~).*$", re.M)  # round code that has become Markdown
NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class PlainCell:
    """A cell of a student's notebook, as far as it must be known to find it."""

    id: str
    other_id: str
    kind: str
    source: str


def take_cell(stored: Mapping[str, Any]) -> PlainCell:
    """Return a readable cell as Jupyter stores it."""
    source, metadata = read_text(stored) or "", stored.get("metadata")
    other = metadata.get("id") if isinstance(metadata, dict) else None
    id, other = (one if isinstance(one, str) else "" for one in (stored.get("id"), other))
    lines = source.replace("\r\n", "\n").replace("\r", "\n")
    return PlainCell(id, other, str(stored.get("cell_type")), lines)


class StudentCell(Protocol):
    """What is known of a cell that was handed in."""

    @property
    def id(self) -> str:
        """As the cell says, "" for none."""

    @property
    def other_id(self) -> str:
        """As its metadata say, "" for none."""

    @property
    def kind(self) -> str:
        """One of "code", "markdown" and "raw"."""

    @property
    def source(self) -> str:
        """Its text."""


@dataclass(frozen=True)
class Outlined:
    """A cell of the course's notebook."""

    id: str
    role: str  # "given", "solution" to complete, "written" for an answer in words
    key: str  # the name that a cell to complete defines; else a digest of its source


@dataclass(frozen=True)
class Found:
    """Where a cell to complete, or an answer, was found."""

    places: tuple[int, ...]  # of the student's cells, in order
    how: str = ""  # "by name", "by place" and such, "" for its id


@dataclass(frozen=True)
class Located:
    """The cells of one student's notebook, by the ids of the course."""

    found: Mapping[str, Found]
    missing: tuple[str, ...]  # ids of cells to complete, and of answers
    changed: frozenset[int] = frozenset()  # given text that says something else than the course's
    stray: tuple[int, ...] = ()  # if an answer is empty: the student's text that is at no question
    own: tuple[int, ...] = ()  # code that is neither given nor found: the student's own
    above: Mapping[str, int] = field(default_factory=dict)  # cell to complete -> so many of those


def digest(source: str) -> str:
    """Return what tells a given cell from all others.

    Letters and digits alone count: formatters change blanks, quotes, commas and brackets, and
    converters the marks of Markdown.
    """
    return hashlib.sha256(NO_LETTERS.sub("", source).encode()).hexdigest()[:16]


def write_outlines(outlines: Mapping[str, Sequence[Outlined]]) -> bytes:
    """Return the outlines of all notebooks as a file."""
    rows = [
        (name, cell.id, cell.role, cell.key) for name, cells in outlines.items() for cell in cells
    ]
    return "".join(f"{' '.join(row)}\n" for row in rows).encode()


def read_outlines(root: Path = ROOT) -> dict[str, list[Outlined]]:
    """Return the outline of each notebook of a release, nothing in the master copy."""
    outlines: dict[str, list[Outlined]] = {}
    try:
        lines = (root / OUTLINE).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    for row in map(str.split, lines):
        if len(row) == 4:
            outlines.setdefault(row[0], []).append(Outlined(*row[1:]))
    return outlines


def locate(outline: Sequence[Outlined], cells: Sequence[StudentCell]) -> Located:
    """Find the cells of a course's notebook among those of a student."""
    search = _Search(outline, cells)
    found = {
        one.id: search.find_solution(i) for i, one in enumerate(outline) if one.role == SOLUTION
    }
    taken = {place for one in found.values() if one for place in one.places}
    found |= search.find_answers(taken)
    own = [
        place
        for place, cell in enumerate(cells)
        if cell.kind == "code" and place not in taken | search.unchanged
    ]
    above = {}
    for i, one in enumerate(outline):
        if one.role == SOLUTION and (places := found[one.id]):
            end = max(search.get_stretch(i)[1], places.places[0])
            above[one.id] = sum(place < end for place in own)
    return Located(
        {id: one for id, one in found.items() if one},
        tuple(id for id, one in found.items() if not one),
        frozenset(search.changed),
        tuple(sorted(search.stray)),
        tuple(own),
        above,
    )


def find_given(outline: Sequence[Outlined], cells: Sequence[StudentCell]) -> dict[str, int]:
    """Return where the given cells of a course's notebook stand among those of a student."""
    places = _Search(outline, cells).anchors
    return {outline[i].id: place for i, place in places.items()}


class _Search:
    """The given cells that were found, and how to find others between them."""

    def __init__(self, outline: Sequence[Outlined], cells: Sequence[StudentCell]) -> None:
        self.outline = outline
        self.cells = cells
        self.known = {one.id for one in outline}
        self.ids: dict[str, list[int]] = {}
        for place, cell in enumerate(cells):
            self.ids.setdefault(self.name(cell), []).append(place)
        digests = [digest(cell.source) for cell in cells]
        texts = {one.key for one in outline if one.role == GIVEN}
        self.unchanged = {place for place, text in enumerate(digests) if text in texts}
        self.anchors: dict[int, int] = {}  # place in the outline -> first of the student's cells
        for i, one in enumerate(outline):
            if one.role == GIVEN and one.id in self.ids:
                alike = [p for p in self.ids[one.id] if digests[p] == one.key]
                self.anchors[i] = (alike or self.ids[one.id])[0]  # of copies the unchanged one
            elif one.role == GIVEN and digests.count(one.key) == 1:
                self.anchors[i] = digests.index(one.key)
        self.given = {*self.anchors.values(), *self.unchanged}  # not what else bears their ids
        self.changed = {
            place
            for i, place in self.anchors.items()
            if cells[place].kind == "markdown" and digests[place] != outline[i].key
        }
        self.stray: set[int] = set()
        self.originals = {p for i in range(len(outline)) for p in self.find_bearing(i)}

    def name(self, cell: StudentCell) -> str:
        """Return the id of the course that a cell bears, "" if it bears none."""
        return next((id for id in (cell.id, cell.other_id) if id in self.known), "")

    def get_stretch(self, i: int) -> tuple[int, int]:
        """Return the places of the given cells that stand before and after one of the outline."""
        before = [self.anchors[k] for k in range(i) if k in self.anchors]
        after = [self.anchors[k] for k in range(i + 1, len(self.outline)) if k in self.anchors]
        first, last = before[-1] if before else -1, after[0] if after else len(self.cells)
        return min(first, last), max(first, last)

    def find_bearing(self, i: int) -> list[int]:
        """Return the place of the cell with an id; a copy with the same id may stand elsewhere."""
        if self.outline[i].role == GIVEN:
            return [self.anchors[i]] if i in self.anchors else []
        first, last = self.get_stretch(i)
        bearing = self.ids.get(self.outline[i].id, [])
        return ([place for place in bearing if first < place < last] or bearing)[:1]

    def find_solution(self, i: int) -> Found | None:
        """Find a cell to complete: where its name is defined, else by its id, else by its place.

        As when the notebook runs, the last definition counts that stands before the next given
        cell; further below may be what a student has tried out.
        """
        one = self.outline[i]
        first, last = self.get_stretch(i)
        near = range(max(first, 0), min(last + 1, len(self.cells)))  # it may be merged with these
        bearing = self.ids.get(one.id, [])
        everywhere = range(len(self.cells))
        for wanted in ("solved", "stub"):
            for kinds in (("code",), ("markdown", "raw")):
                for places in (near, bearing, everywhere):
                    if hits := list(self._find_defining(one.key, places, wanted, kinds)):
                        return self._extend(hits[-1], one, "by name", last)
            if wanted == "solved" and (code := [p for p in bearing if self._is_code(p)]):
                return self._extend(code[0], one, "", last)
        if bearing:
            return Found((bearing[0],), self._tell(bearing[0], one, "by id"))
        free = [p for p in near if self._is_code(p) and p not in self.given and not self._bears(p)]
        return (
            Found((free[0],), "by place")
            if len(free) == 1 and free[0] not in (first, last)
            else None
        )

    def _find_defining(
        self, name: str, places: Iterable[int], wanted: str, kinds: tuple[str, ...]
    ) -> Iterator[int]:
        for place in places:
            cell = self.cells[place]
            if cell.kind not in kinds or place in self.unchanged:
                continue
            if find_definition(cell.source, name) == wanted:
                yield place

    def _is_code(self, place: int) -> bool:
        return self.cells[place].kind == "code"

    def _bears(self, place: int) -> bool:
        return bool(self.name(self.cells[place]))

    def _extend(self, place: int, one: Outlined, how: str, last: int) -> Found:
        """Add the cells below that only go on: a function may be split in its middle."""
        end = place + 1
        while end < min(last, len(self.cells)) and self._is_code(end):
            lines = [line for line in self.cells[end].source.split("\n") if line.strip()]
            if not lines or not lines[0].startswith((" ", "\t")):
                break
            end += 1
        return Found(tuple(range(place, end)), self._tell(place, one, how))

    def _tell(self, place: int, one: Outlined, how: str) -> str:
        cell = self.cells[place]
        if cell.kind != "code" and one.role == SOLUTION:
            return f"as {'text' if cell.kind == 'markdown' else 'a raw cell'}"
        if cell.id == one.id:
            return ""
        return "by the id in its metadata" if cell.other_id == one.id else how

    def find_answers(self, taken: set[int]) -> dict[str, Found | None]:
        """Find the answers where they belong; where that is empty, look beside it."""
        asked = [i for i, one in enumerate(self.outline) if one.role == WRITTEN]
        found = {i: self._find_answer(i, taken) for i in asked}
        places = {place for one in found.values() if one for place in one.places}
        text = self._list_text() - taken - places
        empty = [i for i, one in found.items() if one is None or self._is_empty(one.places)]
        for i in empty:
            if more := self._find_beside(i, text):
                here = found[i]
                found[i] = replace(
                    more, places=tuple(sorted({*(here.places if here else ()), *more.places}))
                )
                text.difference_update(more.places)
        self.stray = text if empty else set()
        return {self.outline[i].id: one for i, one in found.items()}

    def _find_answer(self, i: int, taken: set[int]) -> Found | None:
        """Find an answer: its cell, and all others between its question and the next given cell."""
        one, bearing = self.outline[i], self.find_bearing(i)
        first, last = self.get_stretch(i)
        if bearing and i - 1 not in self.anchors:
            first = bearing[0] - 1
        free = [p for p in range(first + 1, last) if p not in taken | self.given]
        places = {p for p in free if p not in self.originals}
        places.update(bearing)
        if self.anchors.get(i - 1) in self.changed:
            places.add(self.anchors[i - 1])
        if not places:
            return None
        how = self._tell(bearing[0], one, "by place") if bearing else "by place"
        return Found(tuple(sorted(places)), how)

    def _find_beside(self, i: int, text: set[int]) -> Found | None:
        """Find text above a question, below the next given cell, or in one that was changed."""
        question, last = self.anchors.get(i - 1), self.get_stretch(i)[1]
        above = max((p for p in self.anchors.values() if p < (question or 0)), default=-1)
        below = min((p for p in self.anchors.values() if p > last), default=len(self.cells))
        near = (*range(above + 1, question or 0), *range(last + 1, below))
        if places := [place for place in near if place in text]:
            return Found(tuple(places), "outside their place")
        if places := [place for place in (question, last) if place in self.changed]:
            return Found(tuple(places), "in given text that was changed")
        return None

    def _is_empty(self, places: Iterable[int]) -> bool:
        return is_empty(self.cells[place] for place in places if place not in self.changed)

    def _list_text(self) -> set[int]:
        """Return the places of text that the student has added."""
        return {
            place
            for place, cell in enumerate(self.cells)
            if cell.kind != "code" and place not in self.given and place not in self.originals
            if not self._is_empty([place])
        }


def is_empty(cells: Iterable[StudentCell]) -> bool:
    """Say whether cells hold nothing, or only the line in whose place an answer belongs."""
    return not any(drop_placeholder(cell.source).strip() for cell in cells)


def find_open(
    outline: Sequence[Outlined], located: Located, cells: Sequence[StudentCell]
) -> list[str]:
    """Return the ids of cells that hold a stub, and of empty answers."""
    return [one.id for one in outline if one.id in located.found and _is_open(one, located, cells)]


def _is_open(one: Outlined, located: Located, cells: Sequence[StudentCell]) -> bool:
    found = located.found[one.id]
    if one.role == SOLUTION:
        return find_definition(get_source(found, cells, one.key), one.key) == "stub"
    return is_empty(cells[place] for place in found.places if place not in located.changed)


def describe_lost_pictures(
    name: str, outline: Sequence[Outlined], located: Located, cells: Sequence[StudentCell]
) -> list[str]:
    """Return a line for each answer that shows pictures of which only the name is handed in."""
    lines = []
    for one in outline:
        if one.role == WRITTEN and one.id in located.found:
            text = "\n".join(cells[place].source for place in located.found[one.id].places)
            shown = [hit[1] or hit[2] for hit in SHOWN.finditer(text)]
            lost = list(dict.fromkeys(file for file in shown if not INSIDE.match(file)))
            if lost:
                what = _list_some([file[-60:] for file in lost], 3)
                lines.append(
                    f"{name}: {one.id} shows a picture that is not in the notebook ({what}): "
                    "copy the picture, and paste it into the cell"
                )
    return lines


def describe_located(name: str, located: Located) -> list[str]:
    """Return lines about cells that were not found, or otherwise, and about text at no place."""
    lines = []
    if located.missing:
        cells = _list_some(located.missing)
        lines.append(f"{name}: not found, so not handed in: {cells}")
    if located.stray:
        cells = _list_some([str(place + 1) for place in located.stray])
        lines.append(
            f"{name}: text that belongs to no question, while an answer is empty: cell {cells}"
        )
    by_how: dict[str, list[str]] = {}
    for id, one in located.found.items():
        if one.how:
            by_how.setdefault(one.how, []).append(id)
    if by_how:
        said = "; ".join(f"{how}: {_list_some(ids)}" for how, ids in by_how.items())
        lines.append(f"{name}: cells found otherwise than by their id, {said}")
    return lines


def _list_some(ids: Sequence[str], at_most: int = 5) -> str:
    more = len(ids) - at_most
    return ", ".join(ids[:at_most]) + (f" and {more} more" if more > 0 else "")


def get_source(found: Found, cells: Sequence[StudentCell], name: str) -> str:
    """Return the source of a cell to complete, made of the cells in which it was found."""
    texts = [cells[place].source for place in found.places]
    if cells[found.places[0]].kind != "code":
        texts = [FENCE.sub("", text) for text in texts]
    return drop_stubs("\n".join(texts), name)
