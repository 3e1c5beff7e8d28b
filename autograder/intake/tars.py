"""Read a tar, also a compressed one, in one pass within limits."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, cast

from autograder.intake import archives
from autograder.intake.archives import AGAIN, LESS, MB, Archive, Entry, Refused, Spent, is_litter
from autograder.intake.decoding import Unreadable

__all__ = ["is_tar", "read_tar"]

MAX_UNPACKED = 500 * MB  # room for a data set; all of it is unpacked on the way to the files
MAX_UNPACKED_IN_ALL = 1_000 * MB  # of all tars in one submission; each may be listed twice
MAX_HEADERS = 32 * MB  # of what may stand before the header of a file: a long name, its time
MAX_LOST = 10 * MB  # of what is unpacked to nothing: gzip and bzip2 add far less to any file
MAX_KEPT = 20 * MB + 1  # of one file; the largest that may be handed in, and a byte too much
KEPT = re.compile(r"\.(py|ipynb|toml)\b", re.I)
GZIP, BZIP2 = b"\x1f\x8b", b"BZh"


def is_tar(start: bytes) -> bool:
    """Say whether a file that begins so may be a tar; a zip in a gzip is none, and is refused."""
    return start.startswith((GZIP, BZIP2)) or start[257:262] == b"ustar"


def read_tar(file: IO[bytes]) -> Archive:
    """Return a tar; its sources and notebooks are then in memory, since it has no directory."""
    digest = hashlib.sha256()
    while chunk := file.read(MB):
        digest.update(chunk)
    archive = Archive(digest.hexdigest(), lambda: _list(file, archive.spent))
    return archive


class _Unpacked:
    """What comes out of a tar's compression, up to limits."""

    def __init__(self, file: IO[bytes], spent: Spent) -> None:
        self.packed = file
        self.spent = spent
        self.count = 0
        self.read_before = MAX_HEADERS  # where the next file has to begin
        start = file.read(3)
        file.seek(0)
        unpack = gzip.open if start.startswith(GZIP) else bz2.open if start == BZIP2 else None
        self.file: Any = unpack(cast(Any, _Packed(self))) if unpack else file

    def read(self, size: int) -> bytes:
        content: bytes = self.file.read(size)
        self.count += len(content)
        self.spent.unpacked += len(content)
        if self.count > MAX_UNPACKED or self.spent.unpacked > MAX_UNPACKED_IN_ALL:
            raise Refused(f"it unpacks to more than {MAX_UNPACKED // MB} MB; {LESS}")
        if self.count > self.read_before + tarfile.RECORDSIZE:  # which is read at once
            raise Refused(f"its names and dates come to more than {MAX_HEADERS // MB} MB; {LESS}")
        return content


class _Packed:
    """The file behind it: parts that hold nothing could be unpacked one after another for ever."""

    def __init__(self, unpacked: _Unpacked) -> None:
        self.unpacked = unpacked

    def read(self, size: int) -> bytes:
        file = self.unpacked.packed
        if file.tell() > self.unpacked.count + MAX_LOST:
            raise Refused(f"it is damaged or incomplete; {AGAIN}")
        return file.read(size)


class _Member(tarfile.TarInfo):
    """A member whose list of holes is left unread: it may be long, and such a file is not taken."""

    def _proc_gnusparse_10(self, next: Any, *_: Any) -> None:
        next.sparse = []


def _list(file: IO[bytes], spent: Spent) -> Iterator[Entry]:
    file.seek(0)
    unpacked = _Unpacked(file, spent)
    kept = headers = start = 0
    stream = cast(IO[bytes], unpacked)
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
            while member := archive.next():
                headers += member.offset_data - start - tarfile.BLOCKSIZE
                spent.records += 1
                archives.check_count(spent.records, archives.MAX_RECORDS)
                archive.members = []  # type: ignore[attr-defined]  # which it would keep
                name = archives.tidy_name(member.name)
                start = archive.offset  # of the next one
                unpacked.read_before = start + MAX_HEADERS - headers
                if member.isdir() or is_litter(name):
                    continue
                content = _keep(archive, member, name)
                kept += len(content)
                if kept > archives.MAX_READ:
                    at_most = f"{archives.MAX_READ // MB} MB"
                    raise Refused(f"its files come to more than {at_most}; {LESS}")
                yield _make_entry(member, name, content)
    except (Refused, Unreadable):
        raise
    except Exception as error:  # damaged data
        if isinstance(error, OSError) and error.errno:
            raise
        raise Refused(f"it is damaged or incomplete; {AGAIN}") from error


def _keep(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> bytes:
    is_file = member.isreg() and not member.issparse()
    is_kept = KEPT.search(name) or archives.is_archive(name)
    opened = archive.extractfile(member) if is_file and is_kept else None
    content = opened.read(MAX_KEPT) if opened else b""
    if opened and len(content) < min(member.size, MAX_KEPT):
        raise Refused(f"it is damaged or incomplete; {AGAIN}")
    return content


def _make_entry(member: tarfile.TarInfo, name: str, content: bytes) -> Entry:
    is_link = member.issym() or member.islnk()
    kind = "a symbolic link" if member.issym() else "a link" if is_link else "a special file"
    problem = "" if member.isreg() and not member.issparse() else f"is {kind}"
    size = len(content) or member.size
    return Entry(name, size, partial(io.BytesIO, content), (member.mtime,), problem)
