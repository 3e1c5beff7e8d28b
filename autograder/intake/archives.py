"""What a zip, a tar or a folder is to the reader: entries, and the limits within which to read."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autograder.intake.decoding import Unreadable, quote

__all__ = [
    "MB",
    "Archive",
    "Entry",
    "Refused",
    "Spent",
    "hash_entries",
    "is_archive",
    "is_litter",
]

MB = 2**20
MAX_ENTRIES = 2_000  # that a course could ask for
MAX_RECORDS = 200_000  # with data, environments, .git and __MACOSX, which are not read
MAX_SOURCES = 20_000  # whose names are compared with those of the course: of a whole class
MAX_NAME, MAX_PART = 1_000, 255  # characters of a path, and of what stands between its slashes
# Unicode normalization takes quadratic time for marks on one letter; no name has 30 of them.
STACKED = re.compile(r"[^\w\s\x00-\x7f]{31}")
MAX_PACKED = 2_000 * MB  # room for data sets in the same zip
MAX_READ = 100 * MB
MAX_RATIO = 200
RATIO_COUNTS_FROM = 10 * MB  # honest outputs, such as one repeated warning, compress as well
CHUNK = 2**16
SKIPPED = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "site-packages", "node_modules"}
SKIPPED |= {"venv", "env", "virtualenv"}
# What is refused is an archive, too: it gets a row in the table that says why.
ARCHIVE = re.compile(
    r"\.(zipx?|tgz|tbz2?|txz|rar|7z|(zip|7z)\.001|tar(\.(gz|bz2|xz|zst|z))?)"
    # what browsers and systems put after it: saved as text, zipped twice, not yet downloaded
    r"(\.(txt|zip|gz|download|crdownload|part|icloud))?$",
    re.I,
)
# A Python file or a notebook, also one that was saved as text.
SOURCE = re.compile(r"\.(py|ipynb)(\.(txt|json|py|ipynb|icloud))?$", re.I)
# What may be such a file under a name that a system or an editor has given a copy: affine.py~
LIKE_SOURCE = re.compile(r"\.(py|ipynb)(?![^\W_])", re.I)
PLACEHOLDER = re.compile(r"\..+\.icloud")  # of a file that iCloud has not downloaded
DATA = re.compile(r"data|datasets?|cifar.*", re.I)  # names of folders and files
AGAIN = "ask the student to zip it again"
LESS = "ask the student for assignment/ and notebooks/ alone"


class Refused(Exception):
    """A zip or folder is rejected as a whole; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One file in a zip or folder."""

    name: str  # relative, with forward slashes on every system, without ".."
    packed: int  # size in bytes, compressed if in a zip
    open: Callable[[], IO[bytes]]
    modified: tuple[float, ...] = ()  # can be compared within one archive
    problem: str = ""  # why it is not even opened, as in "is a symbolic link"
    on_disk: bool = False  # and so not packed in another archive


@dataclass
class Spent:
    """What it took so far to read an archive, and all those in it, together."""

    read: int = 0  # bytes of files
    unpacked: int = 0  # bytes of tars, all of which are unpacked on the way to the files
    records: int = 0  # entries that were listed; those of an archive in another one twice


class Archive:
    """The files of a zip or folder, and what it took to read them.

    The function given leaves out hidden files and other litter, and raises Refused. It is called
    later so that a refused zip has a hash, too.
    """

    def __init__(
        self, sha256: str, list_entries: Callable[[], Iterable[Entry]], is_folder: bool = False
    ) -> None:
        self.sha256 = sha256  # of a zip's bytes, or of a folder's names and contents, sorted
        self._list = list_entries
        self.remarks: list[str] = []  # what listing has found, besides the entries
        self.is_folder = is_folder
        self.spent = Spent()

    def list_entries(self) -> list[Entry]:
        """Return the files; raises Refused."""
        return check_sources(self._list())

    def share_limit(self, outer: Archive) -> None:
        """Count together what is read from this archive and from that around it."""
        self.spent = outer.spent

    def read(self, entry: Entry, at_most: int) -> bytes:
        """Return the content of one entry.

        Raises
        ------
        Unreadable
            The entry is damaged, no file, or longer than `at_most` bytes.
        Refused
            The entry unpacks to many times its size, or all entries together are too large.
        """
        if entry.problem:
            raise Unreadable(entry.problem)
        chunks, size = [], 0
        try:
            with entry.open() as file:
                while chunk := file.read(CHUNK):
                    chunks.append(chunk)
                    size += len(chunk)
                    self._check(entry, size, len(chunk), at_most)
        except (Refused, Unreadable):
            raise
        except Exception as error:  # on damaged data zipfile raises many kinds of exception
            if isinstance(error, OSError) and error.errno:
                raise  # a disk error, not a damaged zip
            raise Unreadable("is damaged") from error
        return b"".join(chunks)

    def _check(self, entry: Entry, size: int, more: int, at_most: int) -> None:
        self.spent.read += more
        if size > max(RATIO_COUNTS_FROM, MAX_RATIO * entry.packed):
            grown = f"more than {MAX_RATIO} times its size"
            raise Refused(f"entry {quote(entry.name)} unpacks to {grown}; {AGAIN}")
        if self.spent.read > MAX_READ:
            raise Refused(f"its files come to more than {MAX_READ // MB} MB; {LESS}")
        if size > at_most:
            raise Unreadable(f"is larger than {at_most // MB} MB")


def is_litter(name: str) -> bool:
    """Say whether an operating system, an editor or Python created this file on its own."""
    *folders, file = name.lower().split("/")
    parts = folders if PLACEHOLDER.fullmatch(file) else [*folders, file]
    return any(part.startswith(".") or part in SKIPPED for part in parts)


def is_archive(name: str) -> bool:
    """Say whether a file may hold a submission: a zip or the like, but no data set."""
    return bool(ARCHIVE.search(name)) and not any(map(DATA.fullmatch, name.split("/")))


def open_file(path: str | Path) -> IO[bytes]:
    """Open a file on the disk."""
    return open(path, "rb")


def tidy_name(name: str) -> str:
    """Return the name of an entry as it is on every system; refuse what leads elsewhere.

    Some programs write a path from the root or from a drive. Nothing is written there: of
    /ana/hw/assignment, ana/hw is a folder round a submission.
    """
    name = name.replace("\\", "/")
    if len(name) > MAX_NAME or max(map(len, name.split("/"))) > MAX_PART:
        raise Refused(f"entry {quote(name)} has a name of {len(name):,} characters; {AGAIN}")
    if not name.isascii() and not STACKED.search(name):
        name = unicodedata.normalize("NFC", name)
    parts = re.sub("^[A-Za-z]:", "", name).split("/")
    if ".." in parts:
        raise Refused(f"entry {quote(name)} leaves the folder; {AGAIN}")
    return "/".join(part for part in parts if part not in ("", "."))


def name_kind(mode: int) -> str:
    """Say what an entry is that is neither file nor folder."""
    return "a symbolic link" if stat.S_ISLNK(mode) else "a special file"


def check_count(count: int, at_most: int) -> None:
    """Refuse too many entries."""
    if count > at_most:
        raise Refused(f"it holds more than {at_most:,} entries; {LESS}")


def check_sources(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries; refuse too many with names of Python files or notebooks."""
    entries = list(entries)
    count = sum(1 for entry in entries if LIKE_SOURCE.search(entry.name.rpartition("/")[2]))
    if count > MAX_SOURCES:
        raise Refused(f"it holds {count:,} Python files and notebooks; {LESS}")
    return entries


def check_packed(size: int) -> None:
    """Refuse an archive that takes too long even to look through."""
    if size > MAX_PACKED:
        raise Refused(f"it is larger than {MAX_PACKED // MB:,} MB; {LESS}")


def hash_entries(entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of names, and of the contents that may be read: not of data sets."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.name):
        name = entry.name.encode("utf-8", "backslashreplace")
        content = hashlib.sha256(entry.problem.encode())
        if not entry.problem and _may_be_read(entry):
            with entry.open() as file:
                while chunk := file.read(MB):
                    content.update(chunk)
        digest.update(b"%d %b %b" % (len(name), name, content.digest()))
    return digest.hexdigest()


def _may_be_read(entry: Entry) -> bool:
    may = re.search(r"\.(py|ipynb|toml)\b", entry.name, re.I) or is_archive(entry.name)
    return bool(may) and entry.packed <= MAX_PACKED
