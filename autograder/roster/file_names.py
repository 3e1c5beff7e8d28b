"""Read whose a file is from the name that a learning management system gave it or its folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.intake.archives import ARCHIVE, SOURCE
from autograder.intake.classes import HandedIn
from autograder.roster.people import clean, fold
from autograder.roster.times import read_time

__all__ = ["COPY", "Owner", "find_assignment", "list_path", "read_owner", "read_unowned"]

# The first that a name has as a whole counts. Only what a system itself writes is looked for: what
# a student calls a file says nothing.
PATTERNS = (
    (
        "Moodle",
        r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>.*))?",
    ),
    (
        "Blackboard",
        r".+_(?P<login>[^_]+)_attempt_(?P<at>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)?",
    ),
    (  # in the folder inbound/ of the exchange
        "nbgrader",
        r"(?P<login>[^+]+)\+.+\+(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(?:\+\w+)?",
    ),
    ("Autolab", r"(?P<email>[^\s@]+@[^\s@_]+)_(?P<attempt>\d+)_(?P<rest>.+)"),
    ("Canvas", r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_(?P<rest>.+)"),
    ("Canvas", r"anon(?P<late>_LATE)?_[A-Za-z0-9]+_\d+_(?P<rest>.+)"),
    (
        "Brightspace",
        r"(?P<id>\d+)-\d+ - (?P<name>.+) - (?P<at>\w+ \d+, \d{4} \d{3,4} [AP]M)"
        r"(?: - (?P<rest>.+))?",
    ),
    ("Gradescope", r"submission_(?P<id>\d+)"),
    (
        "Sakai",
        r"(?P<name>[^()]+, [^()]+)\((?P<login>[^()\s]+)\)"
        r"(?:_Submission attachment\(s\)_(?P<rest>.+))?",
    ),
)
MOST_LETTERS = 300  # of a name that a system writes; others take a pattern too long
COMPILED = [(system, re.compile(pattern)) for system, pattern in PATTERNS]
ILIAS_FOLDER = re.compile(r"(?P<name>.+_.+)_(?P<login>[^_]+)_(?P<id>\d{2,})")
ILIAS_FILE = re.compile(r"(?P<at>\d{14})_(?P<rest>.+)")
SAKAI_FILES = "Submission attachment(s)"
GOOGLE_FILE = re.compile(r"(?P<name>.+?) - (?P<rest>.+)")
ANONYMOUS = {"participant", "teilnehmer in", "teilnehmerin", "participante", "anon"}
# A system or browser counts copies: hw-1.zip, hw (1).zip.
COPY = re.compile(r"(?:-(\d{1,3})| ?\((\d{1,3})\))(?=(?:\.\w+)*$)")


@dataclass(frozen=True)
class Owner:
    """What a system wrote into a name."""

    system: str
    name: str = ""  # as written: "Jane Doe", "Doe, Jane"; of Canvas "doejane"; perhaps of a group
    id: str = ""  # the system's own number of the person, of Gradescope that of the submission
    login: str = ""
    email: str = ""
    group: str = ""
    at: datetime | None = None  # when it was handed in
    late: bool = False
    attempt: int | None = None  # the number of a copy, as in "hw-1.zip"
    rest: str = ""  # the student's own name of the file, "" of a folder


def read_owner(
    path: Sequence[str], assignment: str = "", zone: tzinfo | None = None
) -> Owner | None:
    """Return what a system wrote into the name of a file or folder, or of one above it.

    Parameters
    ----------
    path : sequence of str
        Folders from the outside to the inside, below that of the submissions, then the file or
        folder itself. The outermost name that a system wrote counts: below it, names are the
        student's.
    assignment : str, optional
        What `find_assignment` has found: with it, "hw-1-jane-doe" is of the login "jane-doe".
    zone : tzinfo, optional
        That of the course, for times without one, which all systems but nbgrader write.
    """
    for level, part in enumerate(path):
        found = _read_part(path, level, assignment)
        if found:
            system, texts = found
            rest = texts.get("rest") or "" if level == len(path) - 1 else path[-1]
            return _make_owner(system, {**texts, "rest": rest}, zone)
        if part == "submitted" and len(path) > level + 1:  # nbgrader's, with a folder of each
            rest = path[-1] if len(path) > level + 2 else ""
            return _make_owner("nbgrader", {"login": path[level + 1], "rest": rest}, zone)
    return None


def list_path(handed_in: HandedIn, folder: Path) -> tuple[str, ...]:
    """Return where something handed in lies below the folder of the class, for `read_owner`.

    Of several files of one student it is the first: `split_attempts` tells about the others.
    """
    inside = handed_in.inside[0].split("/") if handed_in.inside else []
    for root in (folder, folder.resolve()):
        if handed_in.path.is_relative_to(root):
            above = handed_in.path.relative_to(root).parts
            return (*above, *inside) or (handed_in.path.name,)  # the latter is all of the folder
    return (handed_in.path.name, *inside)


def read_unowned(name: str) -> Owner:
    """Return what is in the name of a file that no system has changed: the number of a copy."""
    return _make_owner("", {"rest": name}, None)


def _read_part(
    path: Sequence[str], level: int, assignment: str
) -> tuple[str, dict[str, str | None]] | None:
    part = path[level]
    if len(part) > MOST_LETTERS:
        return None
    for system, pattern in COMPILED:
        if found := pattern.fullmatch(part) or pattern.fullmatch(ARCHIVE.sub("", part)):
            texts = found.groupdict()
            if system == "Blackboard" and assignment and part.startswith(f"{assignment}_"):
                texts["login"] = part[len(assignment) + 1 : part.rindex("_attempt_")]
            return system, texts
    below = path[level + 1 :]
    stem = ARCHIVE.sub("", part)
    if below and below[0] == SAKAI_FILES:  # of somebody with one name
        name, bracket, login = part.rpartition("(")
        return ("Sakai", {"name": name, "login": login.rstrip(")")}) if bracket else None
    if assignment and stem.startswith(f"{assignment}-"):
        return "GitHub Classroom", {"login": stem[len(assignment) + 1 :]}
    if found := ILIAS_FOLDER.fullmatch(part):
        file = ILIAS_FILE.fullmatch(below[0]) if below else None
        return "ILIAS", {**found.groupdict(), "at": file["at"] if file else ""}
    if not below and SOURCE.search(part) and (found := GOOGLE_FILE.fullmatch(part)):
        return "Google Classroom", found.groupdict()
    return None


def _make_owner(system: str, texts: dict[str, str | None], zone: tzinfo | None) -> Owner:
    given = {field: clean(text or "") for field, text in texts.items()}
    rest = texts.get("rest") or ""
    if system == "ILIAS" and (file := ILIAS_FILE.fullmatch(rest)):
        rest = file["rest"]
    copy = COPY.search(rest[-MOST_LETTERS:])
    number = given.get("attempt") or (copy and (copy[1] or copy[2])) or ""
    name = given.get("name", "")
    return Owner(
        system,
        name="" if fold(name.replace("/", " ")) in ANONYMOUS else name,
        id=given.get("id", ""),
        login=given.get("login", ""),
        email=given.get("email", ""),
        at=_read_at(given.get("at", ""), zone),
        late=bool(texts.get("late")),
        attempt=int(number) if number else None,
        rest=rest,
    )


def _read_at(text: str, zone: tzinfo | None) -> datetime | None:
    if re.fullmatch(r"\d{4}(-\d\d){5}", text):  # Blackboard
        text = text.replace("-", "")
    return read_time(text, zone)


def find_assignment(names: Collection[str], logins: Collection[str]) -> str:
    """Return what stands before the logins in names of one assignment, "" if that is not clear.

    Parameters
    ----------
    names : collection of str
        Of folders or archives, such as "hw-1-jane-doe" of GitHub Classroom and "HW 1_j_doe_attempt_
        2024-03-01-12-30-05_hw.zip" of Blackboard.
    logins : collection of str
        Of everybody enrolled; they may hold hyphens and underscores, as the assignment may.
    """
    known = {fold(login) for login in logins}
    votes = Counter(cut for name in names for cut in _find_cuts(name, known))
    (best, most), (_, second) = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    return best if most > second else ""


def _find_cuts(name: str, known: Collection[str]) -> Iterator[str]:
    stem, attempt, _ = name.rpartition("_attempt_")
    stem, separator = (stem, "_") if attempt else (ARCHIVE.sub("", name), "-")
    for found in re.finditer(separator, stem):
        if fold(stem[found.end() :]) in known:
            yield stem[: found.start()]
