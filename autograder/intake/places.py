"""Where a file belongs in the project: by its name, wherever it lies and however it was renamed."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.naming import find_meant, find_within
from autograder.intake.archives import ARCHIVE, LIKE_SOURCE, Entry

__all__ = [
    "MOODLE_FOLDER",
    "Claim",
    "choose_newest",
    "differ",
    "expected",
    "find_claims",
    "find_given",
    "find_lms_owner",
    "find_owner",
    "find_prefixed",
    "find_root",
    "find_roots",
    "find_students",
    "given",
    "is_neutral",
    "is_notebook",
    "is_of_the_course",
    "is_stand_in",
    "name_owner",
]

MAX_MODULE_NAME = 60  # characters
MOST_SEPARATORS = 12  # in the name of a file of the course, perhaps of a copy
GIVEN = (".py", ".toml")
MADE = re.compile(r"html?|pdf|py|md|tex|pyc|.*\b(icloud|lnk|crdownload|download|part)")
FOLDERS = ("assignment", "notebooks")
# How sure a claim is: lies where it belongs and is spelled so; but for capitals; lies elsewhere;
# was renamed, as a browser or a system does it with a second copy; has quite another name.
EXACT, CAPITALS, ELSEWHERE, RENAMED, RECOGNISED = range(5)
# Words in names of folders that tell versions or kinds of files from each other, not students.
NEUTRAL_WORD = re.compile(
    r"new|old|final|last|latest|draft|backup|copy|kopie|version|work|working|submission|submitted"
    r"|hw|homework|lab|assignments?|solution|my|files?|py|python|ipynb|jupyter|notebooks?|nbs?|src"
    r"|source|codes?|scripts?|functions?|parts?|v?\d{1,4}|[a-z]"
    r"|weeks?|days?|topics?|units?|chapters?|tasks?|exercises?|questions?|problems?|tests?"
    r"|20\d{10}(\d\d)?"  # a time, as ILIAS puts it before a file
)
# Beside such a word, a number or a letter tells students from each other.
OLD = {"old", "backup", "draft", "copy", "kopie"}
PEOPLE = {"student", "students", "participant", "candidate", "user", "group", "gruppe", "team"}
MAX_SECTIONS = 2  # folders that differ by a number alone, above those of the students
# How learning management systems name the files of all students in one folder.
LMS = (
    re.compile(r"(?P<who>.+_\d+)_assignsubmission_file_(?P<file>.+)"),  # Moodle
    re.compile(r"(?P<who>.+)_attempt_\d{4}(-\d\d){5}_(?P<file>.+)"),  # Blackboard
    re.compile(r"(?P<who>[^_]+(_LATE)?_\d+)_\d+_(?P<file>.+)"),  # Canvas
    # Brightspace; with the time, since the files of one attempt belong together
    re.compile(r"(?P<who>\d+-\d+ - .+ - \w+ \d+, \d{4} \d{3,4} [AP]M) - (?P<file>.+)"),
)
# Moodle gives each student a folder with the files, another with the text typed in, or both.
MOODLE_FOLDER = re.compile(r"(?<=\d)_assignsubmission_(file|onlinetext)_?$")
_Version = tuple[bool, list[int], str]


@dataclass(frozen=True)
class Claim:
    """An entry that could be a file of the course."""

    entry: Entry
    root: str  # folder that it takes for the project's: "", "ana", "class/ana"
    place: str  # such as "assignment/affine.py"
    rank: int

    @property
    def in_place(self) -> bool:
        """Whether it lies in assignment/ or notebooks/ as it should."""
        return self.rank in (EXACT, CAPITALS)


def is_notebook(place: str) -> bool:
    """Say whether a path in the project is that of a notebook."""
    return place.startswith("notebooks/")


def find_claims(entries: Iterable[Entry]) -> list[Claim]:
    """Return what could be a file that the course asks for."""
    claims = (_claim(entry) for entry in entries)
    return [claim for claim in claims if claim]


def _claim(entry: Entry) -> Claim | None:
    *folders, file = entry.name.split("/")
    parent = folders[-1].lower() if folders else ""
    meant = file if file in _files() else _lower().get(file.lower(), "")
    is_renamed = not meant
    meant = meant or find_meant(file, _files()) or find_within(file, _files())
    if not meant:
        return None
    place = _files()[meant]
    inside = parent in FOLDERS
    rank = ELSEWHERE
    if is_renamed:
        rank = RENAMED
    elif inside and parent == place.split("/")[0]:
        rank = EXACT if entry.name.endswith(place) else CAPITALS
    return Claim(entry, find_root(entry.name), place, rank)


def find_root(name: str) -> str:
    """Return the folder that takes the project's place for a file of the course."""
    *folders, _ = name.split("/")
    return "/".join(folders[:-1] if folders and folders[-1].lower() in FOLDERS else folders)


def find_roots(claims: Iterable[Claim]) -> list[str]:
    """Return the folders that hold files of the course, the one that counts first.

    That is one with assignment/ or notebooks/ before one without; the outermost; of several the
    one with most files of the course; of several versions that with the highest number.
    """
    claims = list(claims)
    sizes = Counter(claim.root for claim in claims if claim.rank < RENAMED)
    sizes.update({claim.root: 0 for claim in claims})
    in_place = {claim.root for claim in claims if claim.in_place}

    def order(root: str) -> tuple[bool, int, int, _Version]:
        depth = len(root.split("/")) if root else 0
        return root not in in_place, depth, -sizes[root], _order_version(root.lower())

    return sorted(sizes, key=order)


def _order_version(root: str) -> _Version:
    """Return what puts "hw (2)" before "hw (1)", and each of them before "hw old"."""
    numbers = [-int(digits[:20]) for digits in re.findall(r"\d+", root)]
    return not OLD.isdisjoint(_split(root)), numbers or [0], root


def choose_newest(names: Collection[str]) -> str:
    """Return the file in the newest of folders such as "Version 2", "" if they are no versions."""
    folders = {name.rpartition("/")[0]: name for name in names}
    words = [_split(folder) for folder in folders]
    own = {word for found in words for word in found if not all(word in one for one in words)}
    if len(folders) < max(2, len(names)) or any(map(_is_own, own)):
        return ""
    return folders[min(folders, key=lambda folder: _order_version(folder.lower()))]


def is_of_the_course(name: str) -> bool:
    """Say whether a file name is that of a file of the course, perhaps of a renamed copy."""
    return bool(find_meant(name, _files()))


def is_stand_in(name: str, places: Iterable[str]) -> bool:
    """Say whether a file is made from one of these, as 05_batchnorm.html is, or stands for it.

    A name that means a file of the course never gets here.
    """
    stem, _, suffix = name.rpartition("/")[2].lower().lstrip(".").partition(".")
    stems = (os.path.splitext(place.rpartition("/")[2])[0].lower() for place in places)
    return bool(MADE.fullmatch(suffix)) and stem in stems


def find_lms_owner(name: str) -> tuple[str, str]:
    """Return whose file it is by the name that an LMS gave it, and its own name."""
    for pattern in LMS:
        if found := pattern.fullmatch(name):
            return found["who"], found["file"]
    return "", name


def find_owner(name: str) -> tuple[str, str]:
    """Return the same, also for a name such as ana_affine.py: ana, affine.py."""
    owner, file = find_lms_owner(name)
    if owner or is_of_the_course(name) or not LIKE_SOURCE.search(name):
        return owner, file
    for separator in [*re.finditer(r" - |[ _-]", name)][-MOST_SEPARATORS:]:
        if is_of_the_course(name[separator.end() :]) and separator.start():
            return name[: separator.start()], name[separator.end() :]
    return "", name


def find_students(names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Tell work of several students from several versions of one student's work.

    Parameters
    ----------
    names : collection of str
        Paths of files of the course and of archives, in a zip or folder.

    Returns
    -------
    students : dict of tuples of str
        Name -> paths of this student's folder, archive or files; empty where it is all of one.
    """
    paths = sorted({tuple(name.split("/")) for name in names})
    depth = 0
    while paths and len({path[: depth + 1] for path in paths}) == 1 and len(paths[0]) > depth + 1:
        depth += 1  # a folder around everything
    for level in range(depth, depth + MAX_SECTIONS):
        tops = {path[: level + 1]: path for path in paths}
        files = [top[-1] for top, path in tops.items() if top == path]
        own = [file for file in files if not ARCHIVE.search(file) and not find_lms_owner(file)[0]]
        if own or (_holds_folders(tops) and not _differ_whole(tops, paths)):
            break
        students = _name_students(tops, depth)
        if differ(students):
            return {name: tuple(paths) for name, paths in students.items()}
    return {}


def _holds_folders(tops: Iterable[tuple[str, ...]]) -> bool:
    return any(top[-1].lower() in FOLDERS for top in tops)


def _differ_whole(tops: Iterable[tuple[str, ...]], paths: Iterable[tuple[str, ...]]) -> bool:
    """Say whether beside assignment/ lies the whole work of several students.

    One of them, or their class, may be called so. One student's own folders hold no such folders.
    """
    level = {len(top) for top in tops}.pop()
    whole = {path[:level] for path in paths if len(path) > level and path[level].lower() in FOLDERS}
    whole |= {top for top in tops if ARCHIVE.search(top[-1])}
    return differ({top[-1] for top in whole if top[-1].lower() not in FOLDERS})


def _name_students(tops: Iterable[tuple[str, ...]], depth: int) -> dict[str, list[str]]:
    """Return the paths of each student; the section's name stands before namesakes in two."""
    owners = {top: find_lms_owner(top[-1])[0] or name_owner(top[-1]) for top in tops}
    sections = {(owner, top[:-1]) for top, owner in owners.items()}
    counts = Counter(owner for owner, _ in sections)
    students: dict[str, list[str]] = {}
    for top, owner in owners.items():
        name = "_".join([*top[depth:-1], owner]) if counts[owner] > 1 else owner
        students.setdefault(name, []).append("/".join(top))
    return students


def name_owner(name: str) -> str:
    """Return whose a folder or an archive is by its name."""
    return MOODLE_FOLDER.sub("", ARCHIVE.sub("", name))


def find_prefixed(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the same where files are named as in "Jane Doe - affine.py" and lie in one folder."""
    students: dict[str, list[str]] = {}
    owners: dict[str, set[str]] = {}
    for name in names:
        owner, file = find_owner(name.rpartition("/")[2])
        if is_of_the_course(file) and not owner:
            return {}  # of one student, who has other files beside it
        if owner:
            students.setdefault(owner, []).append(name)
            owners.setdefault(find_meant(file, _files()), set()).add(owner)
    is_class = any(len(several) > 1 for several in owners.values()) and differ(students)
    return {name: tuple(paths) for name, paths in students.items()} if is_class else {}


def is_neutral(name: str) -> bool:
    """Say whether a name is of a version or a kind of files, and so of no student."""
    return not any(map(_is_own, _split(name)))


def _split(name: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+|\d+", name.lower()))


def _is_own(word: str) -> bool:
    return not NEUTRAL_WORD.fullmatch(word) and word not in _course_words()


def differ(names: Collection[str]) -> bool:
    """Say whether names are of different students: at least two have a word of their own."""
    words = [_split(name) for name in names]
    shared = set.intersection(*words) if words else set()
    counted = bool(shared & PEOPLE)
    own = [
        {w for w in found - shared if _is_own(w) or (counted and (w.isdigit() or len(w) == 1))}
        for found in words
    ]
    return len({frozenset(found) for found in own if found}) > 1


def find_given(name: str, root: str) -> str:
    """Return the path of a given file or of a student's own module in a folder, "" of others."""
    if root and not name.lower().startswith(f"{root.lower()}/"):
        return ""
    place = name.split("/", root.count("/") + 1)[-1] if root else name
    if place.lower() in _given_places():
        return _given_places()[place.lower()]
    folder, _, file = place.rpartition("/")
    stem, suffix = os.path.splitext(file)
    is_module = stem.isidentifier() and len(stem) <= MAX_MODULE_NAME and suffix.lower() == ".py"
    return f"assignment/{stem}.py" if is_module and folder.lower() == "assignment" else ""


@cache
def expected() -> tuple[str, ...]:
    """Return the paths of what a student hands in."""
    parts = load_parts()
    places = [f"assignment/{part.file}" for part in parts]
    return tuple(dict.fromkeys([*places, *(f"notebooks/{part.notebook}.ipynb" for part in parts)]))


@cache
def given() -> dict[str, bytes]:
    """Return the teacher's copies of the given files, by path."""
    paths = [path for path in (ROOT / "assignment").rglob("*") if path.suffix in GIVEN]
    copies = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}
    asked_for = {place.lower() for place in expected()}
    return {place: copy for place, copy in copies.items() if place.lower() not in asked_for}


@cache
def _files() -> dict[str, str]:
    """Return the paths of what a student hands in, by file name."""
    return {place.split("/")[1]: place for place in expected()}


@cache
def _course_words() -> set[str]:
    """Return the words in names of files: folders may be named after what is in them."""
    return {word for file in _files() for word in _split(file)}


@cache
def _lower() -> dict[str, str]:
    return {file.lower(): file for file in _files()}


@cache
def _given_places() -> dict[str, str]:
    return {place.lower(): place for place in given()}
