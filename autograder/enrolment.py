"""Whose work is what: each thing handed in, its students, and when they handed it in.

Input: what intake has found, the roster, and what a teacher has settled. Output: the same with the
students whose work it is, as the roster names them, and lines about what is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone, tzinfo
from pathlib import Path

from autograder.intake.archives import SOURCE, is_archive
from autograder.intake.classes import HandedIn
from autograder.intake.decoding import quote
from autograder.outcomes import Attempt, write_now
from autograder.roster.attempts import split_attempts
from autograder.roster.file_names import (
    Owner,
    find_assignment,
    list_path,
    read_owner,
    read_unowned,
)
from autograder.roster.gradescope import (
    GradescopeSubmission,
    MetadataError,
    read_gradescope_metadata,
)
from autograder.roster.matching import Match, Matcher
from autograder.roster.people import Person
from autograder.roster.rosters import HandedInAt

__all__ = ["FILE_TIME", "Owned", "find_owners", "make_attempts"]

FILE_TIME = "the time of the file on this computer"
METADATA = "submission_metadata.yml"


@dataclass(frozen=True)
class Owned:
    """Something handed in, and whose it is."""

    handed_in: HandedIn
    students: tuple[str, ...]  # keys; several for a group
    owner: Owner | None = None  # what a system wrote into its name
    created: datetime | None = None  # as Gradescope says


def find_owners(
    found: Sequence[HandedIn],
    folder: Path,
    people: Sequence[Person],
    settled: Mapping[str, tuple[str, ...]],
    zone: tzinfo | None,
) -> tuple[list[Owned], list[str]]:
    """Say whose each submission is.

    Without people, each is that of the name that intake gives it, unless a teacher has settled it.
    With people, what is nobody's keeps that name, and a line tells why it is nobody's.
    """
    metadata = _read_metadata(folder)
    assignment = find_assignment([one.path.name for one in found], [one.login for one in people])
    matcher = Matcher(people, settled)
    owned, problems = [], []
    for one in _split(found, assignment, zone):
        owner = read_owner(list_path(one, folder), assignment, zone)
        entry = metadata.get(one.path.name)
        if people:
            match = _match(matcher, one, owner, entry)
            if match.problem:
                whose = "" if match.students else " is nobody's in the roster"
                problems.append(f"{quote(one.file)}{whose}: {match.problem}")
        else:
            match = Match(settled.get(one.file, ()))
        students = match.students or (one.student,)
        if match.students:  # then a name like another one says nothing
            one = replace(one, student=students[0], version_of="", namesake="")
        owned.append(Owned(one, students, owner, entry.created_at if entry else None))
    return owned, problems


def _split(found: Iterable[HandedIn], assignment: str, zone: tzinfo | None) -> Iterator[HandedIn]:
    """Yield each attempt by itself where the files of several lie in one folder."""

    def read(name: str) -> Owner:
        return read_owner((name,), assignment, zone) or read_unowned(name)

    for one in found:
        if not one.inside or not one.path.is_dir():
            yield one
            continue
        for names in split_attempts(one.inside, read):
            archives = [name for name in names if is_archive(name)]
            if len(archives) == 1 and not any(map(SOURCE.search, names)):
                # Beside it lie files of the system, such as a text with a remark.
                yield replace(one, path=one.path / archives[0], inside=())
            else:
                yield replace(one, inside=tuple(names))


def _match(
    matcher: Matcher, one: HandedIn, owner: Owner | None, entry: GradescopeSubmission | None
) -> Match:
    if entry is not None:
        return matcher.find_submitters(one.file, entry.submitters, one.student)
    return matcher.find(one.file, owner, one.student)


def _read_metadata(folder: Path) -> dict[str, GradescopeSubmission]:
    try:
        text = (folder / METADATA).read_text(encoding="utf-8", errors="replace")
        return read_gradescope_metadata(text)
    except (OSError, MetadataError):
        return {}


def make_attempts(
    owned: Owned, sha256: str, handed_in_at: Mapping[str, HandedInAt]
) -> Iterable[Attempt]:
    """Return what was handed in as an attempt of each of its students."""
    owner = owned.owner
    for student in owned.students:
        at, clock = _find_time(owned, handed_in_at.get(student))
        yield Attempt(
            student,
            owned.handed_in.file,
            sha256,
            write_now(),
            at.isoformat(timespec="seconds") if at else "",
            clock,
            bool(owner and owner.late),
            (owner.attempt or 0) if owner else 0,
        )


def _find_time(owned: Owned, known: HandedInAt | None) -> tuple[datetime | None, str]:
    """Return when something was handed in, and where that time comes from.

    The names and exports of systems count before the time of the file, which may be that of the
    teacher's download. Canvas writes no time into names, but marks all that is late.
    """
    owner = owned.owner
    if owner is not None and owner.at is not None and owner.at.tzinfo:
        return owner.at, f"the name that {owner.system} gave"
    if owned.created is not None:
        return owned.created, METADATA
    if known is not None and known.at.tzinfo:
        return known.at, known.source
    if owner is not None and owner.system == "Canvas" and not owner.late:
        return None, owner.system
    try:
        seconds = _find_newest(owned.handed_in)
        return datetime.fromtimestamp(seconds, timezone.utc), FILE_TIME
    except (OSError, OverflowError, ValueError):
        return None, ""


def _find_newest(handed_in: HandedIn) -> float:
    """Return the time of a file or, of a folder, that of its newest file."""
    path = handed_in.path
    if not path.is_dir():
        return path.stat().st_mtime
    inside = [path / name for name in handed_in.inside] or [path]
    files = [file for one in inside for file in ([one] if one.is_file() else one.rglob("*"))]
    return max((file.lstat().st_mtime for file in files), default=path.stat().st_mtime)
