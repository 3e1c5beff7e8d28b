"""Find who has handed in what: the zips, folders and files of a class, as an LMS delivers them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import GraderError
from autograder.intake.archives import (
    ARCHIVE,
    PLACEHOLDER,
    SOURCE,
    Archive,
    Refused,
    is_archive,
    is_litter,
)
from autograder.intake.decoding import INVISIBLE, one_line, quote
from autograder.intake.opening import open_archive, open_files, select
from autograder.intake.places import (
    MOODLE_FOLDER,
    differ,
    find_lms_owner,
    find_owner,
    find_prefixed,
    find_students,
    is_neutral,
    is_of_the_course,
    name_owner,
)

__all__ = ["HandedIn", "IntakeError", "find_submissions", "name_left_out", "name_sections"]

ONLINE_TEXT = re.compile(r"_assignsubmission_onlinetext_?$")  # Moodle's, beside that of the files
MAX_STUDENTS = 1_000  # in one zip: a student must not fill the table with names
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
FOLDERS = ("assignment", "notebooks")
# What stands behind the name of a student who has handed in again.
VERSION = re.compile(
    r"(?<![ _-])([ _-]*(\(\d+\)|\bv?\d\b|_v?\d\b|copy|final|new|old|latest))+$", re.I
)


class IntakeError(GraderError):
    """There is nothing to grade; one line."""


@dataclass(frozen=True)
class HandedIn:
    """What one student has handed in, and where it is."""

    student: str
    path: Path  # a zip or folder
    inside: tuple[str, ...] = ()  # what in it is this student's, () where all of it is
    section: str = ""  # the folder or zip of several students in which it was found
    version_of: str = ""  # another student of the class, who may be the same
    namesake: str = ""  # what another one of this name has handed in

    @classmethod
    def of(cls, path: Path) -> HandedIn:
        """Return a zip or folder, or a single file, that is all of one student's work."""
        student = name_student(path)
        if SOURCE.search(path.name) and path.is_file():
            return cls(student, path.parent, (path.name,))
        return cls(student, path)

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return " and ".join(self.inside[:1]) or self.path.name

    @property
    def file(self) -> str:
        """What tells it from everything else in the folder of submissions."""
        return "/".join(filter(None, [self.section, self.path.name, *self.inside[:1]]))

    @contextmanager
    def open(self) -> Iterator[Archive]:
        """Open what is this student's; raises as `open_archive` does."""
        if self.inside and self.path.is_dir():
            yield open_files([self.path / name for name in self.inside], _drop_owner)
            return
        with open_archive(self.path) as archive:
            yield select(archive, self.inside, _drop_owner) if self.inside else archive


def find_submissions(folder: Path) -> list[HandedIn]:
    """List the submissions of a class.

    Parameters
    ----------
    folder : Path
        Holds a zip, folder or files for each student, or such folders of sections; or is a single
        submission itself.

    Returns
    -------
    list of HandedIn
        Every archive, folder, Python file and notebook, whatever is in it; `name_left_out` names
        the rest.

    Raises
    ------
    IntakeError
        The folder is missing or holds no submission.
    """
    shown = one_line(str(folder))
    try:
        if folder.is_file() and _may_be_submission(folder):
            return _name_apart(list(_find_in_file(folder.resolve(), "")))
        inside = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise IntakeError(f"cannot list '{shown}': {error.strerror or error}") from None
    if _is_one_submission(inside):
        return [HandedIn.of(folder.resolve())]
    found = list(_find_inside(inside, ""))
    if not found:
        raise IntakeError(
            f"'{shown}' holds no submission: no .zip, no folder and no file of the course"
        )
    return _mark_versions(_name_apart(_tell_apart(found)))


def name_left_out(folder: Path, submissions: Collection[HandedIn]) -> str:
    """Return a line that names the files beside the submissions, such as a .pdf, or ""."""
    whole = [one.path for one in submissions if not one.inside]
    if not folder.is_dir() or folder.resolve() in whole:  # a single submission
        return ""
    taken = {one.path for one in submissions}
    taken |= {one.path / name for one in submissions for name in one.inside}
    taken |= {folder / one.section.split("/")[0] for one in submissions if one.section}
    others = sorted(path.name for path in folder.iterdir() if path not in taken)
    hidden = [name for name in others if is_archive(name) and not name.startswith("._")]
    names = [name for name in others if not is_litter(name) or name in hidden]
    more = ", …" if len(names) > 10 else ""
    shown = f"({len(names):,}): {', '.join(map(quote, names[:10]))}{more}"
    return f"left out, neither an archive nor a folder {shown}" if names else ""


def name_sections(submissions: Collection[HandedIn]) -> str:
    """Return a line that names the folders and zips in which several students' work was found."""
    sections = Counter(one.section for one in submissions if one.section)
    shown = ", ".join(f"{quote(name)} of {count:,}" for name, count in sections.items())
    return f"several students' work was found in {shown}" if shown else ""


def name_student(path: Path) -> str:
    """Return the name of a student, which is that of the file or folder."""
    name = Path(os.path.abspath(path)).name
    if path.is_dir():
        return _clean(MOODLE_FOLDER.sub("", name))
    if PLACEHOLDER.fullmatch(name):
        name = name[1:]
    return _clean(SOURCE.sub("", ARCHIVE.sub("", name)))


def _clean(name: str) -> str:
    name = INVISIBLE.sub("_", unicodedata.normalize("NFC", name))
    return "".join(c if c.isprintable() else "_" for c in name)


def _drop_owner(name: str) -> str:
    return find_owner(name)[1]


def _may_be_submission(path: Path) -> bool:
    named = ARCHIVE.search(path.name) or SOURCE.search(path.name)
    return bool(named) or (not path.suffix and _is_packed(path))


def _is_packed(path: Path) -> bool:
    """Say whether a file whose name does not tell is an archive, or a link to nowhere."""
    if not path.is_file():  # a pipe would never end
        return path.is_symlink()
    with suppress(OSError), path.open("rb") as file:
        return file.read(16).startswith(PACKED)
    return False


def _is_one_submission(inside: Sequence[Path]) -> bool:
    """Say whether a folder holds assignment/, notebooks/ or their files, and so is no class.

    A class, too, may be called "Assignment", or one of its students' folders.
    """
    if any(_holds_course(path) for path in inside if path.name.lower() in FOLDERS):
        beside = [path for path in inside if path.name.lower() not in FOLDERS]
        return not differ([name_student(path) for path in beside if _is_whole(path)])
    files = [path for path in inside if is_of_the_course(path.name) and not path.is_dir()]
    others = [path for path in inside if not is_litter(path.name)]
    return len(files) > 1 or (len(files) == 1 and not any(map(_holds_more, others)))


def _holds_course(path: Path) -> bool:
    """Say whether a folder holds files of the course themselves, and not the work of students."""
    with suppress(OSError):
        return path.is_dir() and any(is_of_the_course(one.name) for one in path.iterdir())
    return False


def _is_whole(path: Path) -> bool:
    """Say whether this is all of a student's work: an archive, or a folder with assignment/."""
    if is_litter(path.name):
        return False
    if not path.is_dir():
        return is_archive(path.name)
    with suppress(OSError):
        return any(_holds_course(one) for one in path.iterdir() if one.name.lower() in FOLDERS)
    return False


def _holds_more(path: Path) -> bool:
    return path.is_dir() or (_may_be_submission(path) and not is_of_the_course(path.name))


def _find_inside(paths: Iterable[Path], section: str) -> Iterator[HandedIn]:
    """Find the submissions among the files and folders of a class or section."""
    loose: dict[str, list[Path]] = {}
    paths = list(paths)
    with_files = {name_owner(path.name) for path in paths if not ONLINE_TEXT.search(path.name)}
    for path in paths:
        is_text = ONLINE_TEXT.search(path.name) and name_owner(path.name) in with_files
        if is_litter(path.name) or is_text:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _find_in_folder(path, section)
        elif path.is_dir() or _may_be_submission(path) or find_owner(path.name)[0]:
            owner, _ = find_owner(path.name)
            if owner or SOURCE.search(path.name):
                loose.setdefault(owner or name_student(path), []).append(path)
            else:
                yield from _find_in_file(path, section)
    for student, files in loose.items():
        names = tuple(file.name for file in files)
        yield HandedIn(_clean(student), files[0].parent, names, section)


def _find_in_folder(folder: Path, section: str) -> Iterator[HandedIn]:
    """Return a folder as a submission, or what is in it if that is several students' work."""
    students = _tell_students(_list_names(folder))
    if students:
        inside = sorted(folder / path for paths in students.values() for path in paths)
        yield from _find_inside(inside, f"{section}/{folder.name}".lstrip("/"))
    else:
        yield HandedIn(name_student(folder), folder, section=section)


def _list_names(folder: Path) -> list[str]:
    """Return the files below a folder, and a name that ends with "/" for an empty folder."""
    names: list[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not is_litter(name)]
        below = Path(where).relative_to(folder).as_posix()
        for name in files or ([] if folders else [""]):
            path = name if below == "." else f"{below}/{name}"
            if not is_litter(name):
                names.append(path)
    return names


def _tell_students(names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return what is each student's, {} where all is one student's; names may end with "/"."""
    students = find_students(list(filter(_tells_owner, names)))
    if not students:
        return find_prefixed(names)
    paths = [path for inside in students.values() for path in inside]
    if any(find_lms_owner(path.rpartition("/")[2])[0] for path in paths):
        return students
    parents = {path.rpartition("/")[0] for path in paths}
    level = paths[0].count("/") + 1
    beside = {"/".join(name.split("/")[:level]) for name in names if name.count("/") >= level}
    for path in sorted(beside.difference(paths)):  # of students without a file of the course
        parent, _, name = path.rpartition("/")
        if parent in parents and not is_neutral(name) and not is_litter(name):
            students.setdefault(name_owner(name), (path,))
    return students


def _tells_owner(path: str) -> bool:
    """Say whether a file lies where a student's work does."""
    name = path.rpartition("/")[2]
    return is_of_the_course(name) or is_archive(path) or bool(find_lms_owner(name)[0])


def _find_in_file(path: Path, section: str) -> Iterator[HandedIn]:
    """Return a file as a submission, or each student's part of an LMS's zip of the class."""
    names = []
    if path.suffix.lower() == ".zip":
        with suppress(OSError, Refused), open_archive(path) as archive:  # said when it is read
            names = [entry.name for entry in archive.list_entries()]
    students = _tell_students(names)
    if len(students) > MAX_STUDENTS:  # it is refused when it is read
        students = {}
    if not students:
        yield replace(HandedIn.of(path), section=section)
    for student, inside in students.items():
        yield HandedIn(_clean(student), path, inside, f"{section}/{path.name}".lstrip("/"))


def _tell_apart(found: list[HandedIn]) -> list[HandedIn]:
    """Put the section before the names of students whose name occurs in several sections."""
    counts = Counter(one.student.casefold() for one in found)
    return [
        replace(one, student=f"{one.section.replace('/', '_')}_{one.student}")
        if one.section and counts[one.student.casefold()] > 1
        else one
        for one in found
    ]


def _mark_versions(found: list[HandedIn]) -> list[HandedIn]:
    """Note where "jane (1)" may be Jane, who is there as well: each has a row, for the teacher."""
    names = {one.student.casefold(): one.student for one in found}

    def find_other(student: str) -> str:
        # "Jane - hw" is the zip of Jane, whose single files are there as "Jane - affine.py".
        bases = VERSION.sub("", student), student.rpartition(" - ")[0]
        known = [names.get(base.casefold(), "") for base in bases if base != student]
        return next(filter(None, known), "")

    return [replace(one, version_of=find_other(one.student)) for one in found]


def _name_apart(found: Iterable[HandedIn]) -> list[HandedIn]:
    """Give each a name of its own, and note where names are alike: nobody loses a row by that.

    Results go to a folder of the name: "ana" and "Ana" have different ones also where capitals make
    no difference, the folder "ana" and "ana.zip" have not.
    """
    found = list(found)
    alike: dict[str, list[HandedIn]] = {}
    for one in found:
        alike.setdefault(_fold(one.student), []).append(one)
    taken: set[str] = set()
    named = []
    for one in found:
        others = [other for other in alike[_fold(one.student)] if other is not one]
        name = one.student if one.student not in taken else _clean(one.path.name)
        number = 2
        while name in taken or (name != one.student and _fold(name) in alike):
            name, number = f"{one.student} ({number})", number + 1
        taken.add(name)
        named.append(replace(one, student=name, namesake=others[0].name if others else ""))
    return named


def _fold(name: str) -> str:
    """Return what tells names apart also where case, accents' forms and widths do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
