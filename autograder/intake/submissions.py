"""Read a submission, a zip or folder, into plain data: sources, cells, and findings."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import filterfalse
from pathlib import Path

from assignment.support.project.manifest import ROOT, load_parts
from autograder.intake.archives import (
    MB,
    Archive,
    Entry,
    Refused,
    is_litter,
    open_archive,
    open_zip,
)
from autograder.intake.decoding import Cell, Unreadable, one_line, quote, read_cells, tidy_source

__all__ = [
    "Cell",
    "IntakeError",
    "Submission",
    "find_submissions",
    "name_left_out",
    "read_submission",
]

MAX_SOURCE = 1 * MB
MAX_NOTEBOOK = 20 * MB
MAX_FINDINGS = 30
MAX_MODULE_NAME = 60  # characters
GIVEN = (".py", ".toml")
TEACHERS_COPY = "the teacher's copy is used"


class IntakeError(Exception):
    """There is nothing to grade, or two submissions have one name; one line."""


@dataclass(frozen=True)
class Submission:
    """The content of a submitted zip or folder."""

    student: str  # name of the zip, without .zip, or of the folder
    # By file name in assignment/, UTF-8 with Unix line ends: the student's own modules, too, but
    # never given files.
    files: dict[str, bytes]
    notebooks: dict[str, tuple[Cell, ...]]  # by name without .ipynb
    findings: tuple[str, ...]  # what was unusual and how it was handled, one line each
    refused: str  # why the submission cannot be read, one line, or ""
    sha256: str  # of the zip or folder; if it cannot be opened, of `refused`


def find_submissions(folder: Path) -> list[Path]:
    """List the submissions of a class.

    Parameters
    ----------
    folder : Path
        Holds a zip or folder for each student, or is a single submission itself.

    Returns
    -------
    list of Path
        Every .zip and every folder, whatever is in it; `name_left_out` names the rest.

    Raises
    ------
    IntakeError
        The folder is missing or holds no submission, or two submissions have one student's name.
    """
    shown = one_line(str(folder))
    try:
        if folder.is_file() and _is_zip(folder):
            return [folder.resolve()]
        inside = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise IntakeError(f"cannot list '{shown}': {error.strerror or error}") from None
    if any(path.name.lower() == "assignment" and path.is_dir() for path in inside):
        return [folder.resolve()]
    found = [p for p in inside if not is_litter(p.name) and (_is_zip(p) or p.is_dir())]
    if not found:
        raise IntakeError(f"'{shown}' holds no submission: no .zip and no folder")
    _refuse_namesakes(found)
    return found


def name_left_out(folder: Path, submissions: Collection[Path]) -> str:
    """Return a line that names the files beside the submissions, such as a .rar, or ""."""
    if folder.resolve() in submissions:  # a single submission
        return ""
    others = sorted(path.name for path in folder.iterdir() if path not in submissions)
    left_out = [name for name in others if not is_litter(name)]
    return f"left out, neither zip nor folder {_list(left_out, 10)}" if left_out else ""


def read_submission(path: Path) -> Submission:
    """Read one submission; never raises, whatever the submission contains.

    Parameters
    ----------
    path : Path
        A zip or folder. Its assignment/ and notebooks/ may lie some folders deeper; in a folder
        they may also lie in a zip, if that is its only zip.
    """
    taken = _Taken()
    student, sha256 = _name_student(path), ""
    try:
        with open_archive(path) as archive:
            sha256 = archive.sha256
            taken.take(archive)
    except (Refused, OSError) as error:
        why = str(error)
        if isinstance(error, OSError):
            why = f"{error.strerror or error}; see that it can be read"
        refused = one_line(f"cannot read submission {quote(path.name)}: {why}", 250)
        sha256 = sha256 or hashlib.sha256(refused.encode()).hexdigest()
        return Submission(student, {}, {}, taken.list_findings(), refused, sha256)
    return Submission(student, taken.files, taken.notebooks, taken.list_findings(), "", sha256)


@dataclass
class _Taken:
    """What has been read so far."""

    files: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def take(self, archive: Archive) -> None:
        """Sort all entries into sources, notebooks, given files and the rest."""
        entries = self._index(archive.list_entries())
        roots = _find_roots(entries)
        zips = [entry for key, entry in entries.items() if key.endswith(".zip")]
        if not roots and archive.is_folder and len(zips) == 1:  # the layout of an LMS download
            self.findings.append(f"{quote(zips[0].name)} inside the folder was read")
            self._mention([entry.name for entry in entries.values() if entry not in zips])
            with open_zip(zips[0]) as inner:
                return self.take(inner)
        if not roots:
            raise Refused(_explain_nothing([entry.name for entry in zips]))
        root = next(iter(roots))
        read, *others = roots.values()
        if others:
            what = quote(read) if read else "the outermost folder"
            also = f"left out, though they hold files of the course as well {_list(others)}"
            self.findings.append(f"{what} was read; {also}")
        places = {key: _find_place(entry.name, root) for key, entry in entries.items()}
        for key, place in places.items():
            if place:
                self._take_entry(archive, entries[key], place)
        present = set(places.values())
        missing = [place for place in _expected().values() if place not in present]
        if not any(map(_is_notebook, present)):  # a course may ask for the functions alone
            missing = [*filterfalse(_is_notebook, missing), "notebooks/"]
        self.findings += [f"{place} is missing" for place in missing]
        self._mention([entries[key].name for key, place in places.items() if not place])

    def list_findings(self) -> tuple[str, ...]:
        """Return the first findings, one line each, and how many more there are."""
        lines = [one_line(finding) for finding in self.findings[:MAX_FINDINGS]]
        more = len(self.findings) - len(lines)
        return (*lines, f"and {more} more") if more else tuple(lines)

    def _index(self, entries: Iterable[Entry]) -> dict[str, Entry]:
        """Return the entries by lower-case name, sorted; of equal names the last counts."""
        index: dict[str, Entry] = {}
        for entry in entries:
            key = entry.name.lower()
            if key in index:
                self.findings.append(f"{quote(entry.name)} is there twice; the last one counts")
            index[key] = entry
        return dict(sorted(index.items()))

    def _take_entry(self, archive: Archive, entry: Entry, place: str) -> None:
        if not entry.name.endswith(place):
            self.findings.append(f"{quote(entry.name)} was read as {place}")
        is_given = place in _given()
        try:
            content = archive.read(entry, MAX_NOTEBOOK if _is_notebook(place) else MAX_SOURCE)
            if is_given:
                remarks = _compare(place, content)
            elif _is_notebook(place):
                self.notebooks[Path(place).stem], remarks = read_cells(content)
            else:
                self.files[Path(place).name], remarks = tidy_source(content)
        except Unreadable as error:
            remarks = [f"{error}; {TEACHERS_COPY if is_given else 'left out'}"]
        self.findings += [f"{place} {remark}" for remark in remarks]

    def _mention(self, ignored: list[str]) -> None:
        """Add findings about files that are not part of a submission."""
        zips = [name for name in ignored if name.lower().endswith(".zip")]
        self.findings += [f"{quote(name)} lies inside and was not opened" for name in zips]
        others = [name for name in ignored if name not in zips]
        if others:
            self.findings.append(f"other files were ignored {_list(others)}")


def _list(names: Sequence[str], at_most: int = 3) -> str:
    more = ", …" if len(names) > at_most else ""
    return f"({len(names):,}): {', '.join(map(quote, names[:at_most]))}{more}"


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and not path.is_dir()


def _is_notebook(place: str) -> bool:
    return place.startswith("notebooks/")


def _name_student(path: Path) -> str:
    name = Path(os.path.abspath(path)).name
    name = unicodedata.normalize("NFC", name[: -len(".zip")] if _is_zip(path) else name)
    return "".join(c if c.isprintable() else "_" for c in name)


def _refuse_namesakes(paths: Iterable[Path]) -> None:
    """Refuse two submissions of one name: each student's results go to a folder of that name."""
    owners: dict[str, Path] = {}
    for path in paths:
        student = _name_student(path)
        other = owners.setdefault(student.casefold(), path)  # ana and Ana are one folder on macOS
        if other is not path:
            both = f"{quote(other.name)} and {quote(path.name)} would both be student"
            raise IntakeError(f"{both} {quote(student)}: rename or remove one")


def _find_roots(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the folders that hold assignment/ or notebooks/: in lower case -> as spelled.

    For example "", "ana/" or "class/ana/". The first one counts: the outermost, and of several
    the one with most files of the course.
    """
    roots: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for key, entry in entries.items():
        parts = key.split("/")
        if "/".join(parts[-2:]) in _expected():
            root = "".join(f"{part}/" for part in parts[:-2])
            roots[root] += 1
            spelled[root] = "/".join(entry.name.split("/")[:-2])
    ranked = sorted(roots, key=lambda root: (root.count("/"), -roots[root], root))
    return {root: spelled[root] for root in ranked}


def _explain_nothing(zips: Sequence[str]) -> str:
    """Say why there is nothing to read, and what to do."""
    if len(zips) == 1:
        return f"{quote(zips[0])} lies inside and was not opened; ask the student for that one"
    if zips:
        return f"zips lie inside and were not opened; ask for the one that counts {_list(zips)}"
    missing = "it holds neither assignment/ nor notebooks/ with a file of the course"
    return f"{missing}; ask the student to zip these two folders"


def _find_place(name: str, root: str) -> str:
    """Return an entry's path in the project, or "" if it has none."""
    if not name.lower().startswith(root):
        return ""
    place = "/".join(name.split("/")[root.count("/") :])
    if place.lower() in _expected():
        return _expected()[place.lower()]
    if place.lower() in _given_places():
        return _given_places()[place.lower()]
    folder, _, file = place.rpartition("/")
    stem, suffix = os.path.splitext(file)
    is_module = stem.isidentifier() and len(stem) <= MAX_MODULE_NAME and suffix.lower() == ".py"
    return f"assignment/{stem}.py" if is_module and folder.lower() == "assignment" else ""


@cache
def _expected() -> dict[str, str]:
    """Return the paths of what a student hands in: in lower case -> as spelled."""
    parts = load_parts()
    places = [f"assignment/{part.file}" for part in parts]
    places += [f"notebooks/{part.notebook}.ipynb" for part in parts]
    return {place.lower(): place for place in places}


@cache
def _given() -> dict[str, bytes]:
    """Return the teacher's copies of the given files, by path."""
    paths = [path for path in (ROOT / "assignment").rglob("*") if path.suffix in GIVEN]
    copies = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}
    return {place: copy for place, copy in copies.items() if place.lower() not in _expected()}


@cache
def _given_places() -> dict[str, str]:
    return {place.lower(): place for place in _given()}


def _compare(place: str, content: bytes) -> list[str]:
    same = content.replace(b"\r\n", b"\n") == _given()[place].replace(b"\r\n", b"\n")
    return [] if same else [f"was changed; {TEACHERS_COPY}"]
