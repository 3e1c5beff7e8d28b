"""Read a submitted zip or folder within limits; write nothing to disk."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO

from autograder.intake.decoding import Unreadable, quote

__all__ = ["MB", "Archive", "Entry", "Refused", "is_litter", "open_archive", "open_zip"]

MB = 2**20
MAX_ENTRIES = 2_000
MAX_RECORDS = 20_000  # including entries of .git and __MACOSX, which are skipped
MAX_NAME = 1_000  # characters; Unicode normalization takes quadratic time
MAX_PACKED = 250 * MB  # room for a data set in the same zip
MAX_READ = 100 * MB
MAX_RATIO = 200
RATIO_COUNTS_FROM = 10 * MB  # honest outputs, such as one repeated warning, compress as well
CHUNK = 2**16
RECORD = b"PK\x01\x02"  # begins an entry of the zip's central directory
ENCRYPTED = 0x01 | 0x40
NAME_IS_UTF8 = 0x800
# Other methods are rare, and some allocate as much memory as the archive asks for.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SKIPPED = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "venv"}
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


class Archive:
    """The files of a zip or folder, and how many bytes were read from them.

    ``list_entries`` leaves out hidden files and other litter, and raises Refused. It is a function
    so that a refused zip has a hash, too.
    """

    def __init__(
        self, sha256: str, list_entries: Callable[[], list[Entry]], is_folder: bool = False
    ) -> None:
        self.sha256 = sha256  # of a zip's bytes, or of a folder's names and contents, sorted
        self.list_entries = list_entries
        self.is_folder = is_folder
        self._bytes_read = 0

    def read(self, entry: Entry, at_most: int) -> bytes:
        """Return the content of one entry.

        Raises
        ------
        Unreadable
            The entry is damaged, or longer than `at_most` bytes.
        Refused
            The entry unpacks to many times its size, or all entries together are too large.
        """
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
        self._bytes_read += more
        if size > max(RATIO_COUNTS_FROM, MAX_RATIO * entry.packed):
            grown = f"more than {MAX_RATIO} times its size"
            raise Refused(f"entry {quote(entry.name)} unpacks to {grown}; {AGAIN}")
        if self._bytes_read > MAX_READ:
            raise Refused(f"its files come to more than {MAX_READ // MB} MB; {LESS}")
        if size > at_most:
            raise Unreadable(f"is larger than {at_most // MB} MB")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip or folder.

    Raises
    ------
    Refused
        The path is neither, or exceeds a limit.
    OSError
        The path cannot be opened.
    """
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        entries = _list_folder(path)
        yield Archive(_hash_folder(entries), lambda: entries, is_folder=True)
    elif stat.S_ISREG(mode):
        with open_zip(Entry(path.name, path.stat().st_size, partial(_open, path))) as archive:
            yield archive
    else:
        raise Refused(f"it is {_kind(mode)}; put the zip or folder itself there")


@contextmanager
def open_zip(entry: Entry) -> Iterator[Archive]:
    """Open a zip file; raises as `open_archive` does."""
    with entry.open() as file:
        _check_packed(entry.packed)
        sha256, records = _scan(file)
        yield Archive(sha256, lambda: _list_zip(file, records))


def is_litter(name: str) -> bool:
    """Say whether an operating system, an editor or Python created this file on its own."""
    return any(part.startswith(".") or part in SKIPPED for part in name.lower().split("/"))


def _list_zip(file: IO[bytes], records: int) -> list[Entry]:
    _check_count(records, MAX_RECORDS)
    file.seek(0)
    begins_like_a_zip = file.read(4) == b"PK\x03\x04"
    try:
        archive = zipfile.ZipFile(file)
    except Exception as error:  # on damaged data zipfile raises many kinds of exception
        what = "it is damaged or incomplete" if begins_like_a_zip else "it is not a zip"
        raise Refused(f"{what}; {AGAIN}") from error
    _refuse_overlaps(archive)
    named = [(_tidy_name(_decode_name(info)), info) for info in archive.infolist()]
    named = [(name, info) for name, info in named if not is_litter(name)]
    _check_count(len(named), MAX_ENTRIES)
    for name, info in named:
        _refuse_unsupported(name, info)
    return [
        Entry(name, info.compress_size, partial(archive.open, info))
        for name, info in named
        if not info.orig_filename.endswith(("/", "\\"))
    ]


def _refuse_overlaps(archive: zipfile.ZipFile) -> None:
    """Refuse entries that start before the file or overlap the next entry or the directory."""
    header = 30  # bytes before the name, whose length is not trusted
    spans = [
        (x.header_offset, x.header_offset + header + x.compress_size) for x in archive.filelist
    ]
    spans = [(0, 0), *sorted(spans), (archive.start_dir, archive.start_dir)]
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise Refused(f"its entries overlap or are cut off; {AGAIN}")


def _refuse_unsupported(name: str, info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"entry {quote(name)} is {_kind(mode)}; {AGAIN}")
    if info.flag_bits & ENCRYPTED:
        raise Refused(f"entry {quote(name)} is encrypted; ask the student for an unencrypted zip")
    if info.compress_type not in METHODS:
        method = f"compression method {info.compress_type}"
        raise Refused(f"entry {quote(name)} has {method}; ask the student for an ordinary zip")


def _decode_name(info: zipfile.ZipInfo) -> str:
    """Return the whole name: macOS writes UTF-8 without setting the flag for it."""
    name = info.orig_filename  # info.filename is cut at a NUL
    if info.flag_bits & NAME_IS_UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _list_folder(folder: Path) -> list[Entry]:
    entries, count, size, folders = [], 0, 0, [""]
    while folders:
        with os.scandir(folder / (below := folders.pop())) as found:
            for item in found:
                name = _tidy_name(f"{below}{item.name}")
                if is_litter(name):
                    continue
                count += 1
                _check_count(count, MAX_ENTRIES)
                if item.is_dir(follow_symlinks=False):
                    folders.append(f"{below}{item.name}/")
                    continue
                status = item.stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    kind = _kind(status.st_mode)
                    raise Refused(f"entry {quote(name)} is {kind}; put the file itself there")
                size += status.st_size
                _check_packed(size)
                entries.append(Entry(name, status.st_size, partial(_open, item.path)))
    return sorted(entries, key=lambda entry: entry.name)


def _open(path: str | Path) -> IO[bytes]:
    return open(path, "rb")


def _tidy_name(name: str) -> str:
    if len(name) > MAX_NAME:
        raise Refused(f"entry {quote(name)} has a name of {len(name):,} characters; {AGAIN}")
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = name.split("/")
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        raise Refused(f"entry {quote(name)} is an absolute path; {AGAIN}")
    if ".." in parts:
        raise Refused(f"entry {quote(name)} leaves the folder; {AGAIN}")
    return "/".join(part for part in parts if part not in ("", "."))


def _kind(mode: int) -> str:
    return "a symbolic link" if stat.S_ISLNK(mode) else "a special file"


def _check_count(count: int, at_most: int) -> None:
    if count > at_most:
        raise Refused(f"it holds more than {at_most:,} entries; {LESS}")


def _check_packed(size: int) -> None:
    if size > MAX_PACKED:
        raise Refused(f"it is larger than {MAX_PACKED // MB} MB; {LESS}")


def _scan(file: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 and the approximate number of entries.

    Counted before zipfile sees the zip: it would create an object for each entry, millions in
    250 MB, and it ignores the count that the zip states.
    """
    digest, records = hashlib.sha256(), 0
    while chunk := file.read(MB):
        digest.update(chunk)
        records += chunk.count(RECORD)
    return digest.hexdigest(), records


def _hash_folder(entries: list[Entry]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        name = entry.name.encode("utf-8", "backslashreplace")
        content = hashlib.sha256()
        with entry.open() as file:
            while chunk := file.read(MB):
                content.update(chunk)
        digest.update(b"%d %b %b" % (len(name), name, content.digest()))
    return digest.hexdigest()
