"""Recognise files of the course that have quite another name, by what is in them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from assignment.support.project.manifest import ROOT
from assignment.support.project.naming import find_defined_file
from autograder.intake.archives import MB, SOURCE, Archive, Entry
from autograder.intake.decoding import Unreadable, read_cells, tidy_source
from autograder.intake.places import RECOGNISED, Claim, expected, find_root, given, is_notebook

__all__ = ["recognise"]

MAX_SIZE = 2 * MB  # of a file that is read only to see what it is
MAX_FILES = 20  # of one kind; with more, nobody can tell which one was meant
LEAST_IDS = 3  # of cells that are in one notebook of the course alone


def recognise(archive: Archive, entries: Iterable[Entry], claims: Sequence[Claim]) -> list[Claim]:
    """Return claims for files that no name stands for, where only one file can be meant."""
    known = [claim.entry for claim in claims]
    missing = set(expected()) - {claim.place for claim in claims}
    others = [entry for entry in entries if entry not in known and _may_be_meant(entry)]
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for suffix in (".py", ".ipynb"):
        some = [entry for entry in others if _tell_suffix(entry.name) == suffix]
        wanted = any(is_notebook(place) == (suffix == ".ipynb") for place in missing)
        for entry in some if wanted and len(some) <= MAX_FILES else ():
            found[_find_place(archive, entry)].append(entry)
    alone = {place: some[0] for place, some in found.items() if len(some) == 1}
    return [
        Claim(entry, find_root(entry.name), place, RECOGNISED)
        for place, entry in alone.items()
        if place in missing
    ]


def _tell_suffix(name: str) -> str:
    found = SOURCE.search(name)
    return f".{found[1].lower()}" if found else ""


def _may_be_meant(entry: Entry) -> bool:
    is_given = any(entry.name.lower().endswith(place) for place in given())
    return not entry.problem and not is_given and entry.packed <= MAX_SIZE


def _find_place(archive: Archive, entry: Entry) -> str:
    try:
        content = archive.read(entry, MAX_SIZE)
        if _tell_suffix(entry.name) == ".ipynb":
            return _find_notebook(content)
        file = find_defined_file(tidy_source(content)[0].decode("utf-8"))
    except Unreadable:
        return ""
    return f"assignment/{file}" if file else ""


def _find_notebook(content: bytes) -> str:
    """Return the notebook that most cells of a file come from, "" if a few or from several."""
    ids = {one for cell in read_cells(content)[0] for one in (cell.id, cell.other_id)}
    votes = Counter(_own_ids()[id] for id in ids if id in _own_ids())
    place, count = votes.most_common(1)[0] if votes else ("", 0)
    return place if count >= max(LEAST_IDS, 0.8 * votes.total()) else ""


@cache
def _own_ids() -> dict[str, str]:
    """Return the notebook of each cell whose id is in no other one of the course."""
    owners: dict[str, list[str]] = {}
    for place in filter(is_notebook, expected()):
        for cell in json.loads((ROOT / place).read_bytes())["cells"]:
            owners.setdefault(cell["id"], []).append(place)
    return {id: places[0] for id, places in owners.items() if len(places) == 1}
