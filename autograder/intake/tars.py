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
from typing import IO, cast

from autograder.intake import archives
from autograder.intake.archives import AGAIN, LESS, MB, Archive, Entry, Refused, is_litter
from autograder.intake.decoding import Unreadable

__all__ = ["is_tar", "read_tar"]

MAX_UNPACKED = 500 * MB  # room for a data set; all of it is unpacked on the way to the files
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
    return Archive(digest.hexdigest(), lambda: _list(file))


class _Counted:
    """What is unpacked so far, up to a limit."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.count = 0

    def read(self, size: int) -> bytes:
        content = self.file.read(size)
        self.count += len(content)
        if self.count > MAX_UNPACKED:
            raise Refused(f"it unpacks to more than {MAX_UNPACKED // MB} MB; {LESS}")
        return content


def _list(file: IO[bytes]) -> Iterator[Entry]:
    file.seek(0)
    start = file.read(3)
    file.seek(0)
    unpack = gzip.open if start.startswith(GZIP) else bz2.open if start == BZIP2 else None
    plain = cast(IO[bytes], unpack(file) if unpack else file)
    count = kept = 0
    try:
        with tarfile.open(fileobj=cast(IO[bytes], _Counted(plain)), mode="r|") as archive:
            while member := archive.next():
                archives.check_count(count := count + 1, archives.MAX_RECORDS)
                archive.members = []  # type: ignore[attr-defined]  # which it would keep
                name = archives.tidy_name(member.name)
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
