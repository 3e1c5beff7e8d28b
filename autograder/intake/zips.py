"""List the entries of a zip within limits."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import IO

from autograder.intake import archives
from autograder.intake.archives import AGAIN, MB, Archive, Entry, Refused, is_litter, tidy_name
from autograder.intake.decoding import quote

__all__ = ["read_zip"]

RECORD = b"PK\x01\x02"  # begins an entry of the zip's central directory
ENCRYPTED = 0x01 | 0x40
NAME_IS_UTF8 = 0x800
# Other methods are rare, and some allocate as much memory as the archive asks for.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_zip(file: IO[bytes]) -> Archive:
    """Return a zip that is open as long as the file is; a file of any other kind is refused."""
    sha256, records = _scan(file)
    return Archive(sha256, lambda: _list(file, records))


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


def _list(file: IO[bytes], records: int) -> list[Entry]:
    archives.check_count(records, archives.MAX_RECORDS)
    file.seek(0)
    begins_like_a_zip = file.read(4) == b"PK\x03\x04"
    try:
        archive = zipfile.ZipFile(file)
    except Exception as error:  # on damaged data zipfile raises many kinds of exception
        what = "it is damaged or incomplete" if begins_like_a_zip else "it is not a zip"
        raise Refused(f"{what}; {AGAIN}") from error
    _refuse_overlaps(archive)
    named = [(tidy_name(_decode_name(info)), info) for info in archive.infolist()]
    return [
        Entry(name, info.compress_size, _opener(archive, info, name), info.date_time, _judge(info))
        for name, info in named
        if not is_litter(name) and not info.orig_filename.endswith(("/", "\\"))
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


def _judge(info: zipfile.ZipInfo) -> str:
    """Return why an entry is not opened, "" for a file."""
    mode = info.external_attr >> 16
    is_file = stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR)
    return "" if is_file else f"is {archives.name_kind(mode)}"


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Callable[[], IO[bytes]]:
    """Return what opens an entry; who opens one in a strange form refuses the whole zip."""
    if info.flag_bits & ENCRYPTED:
        return partial(
            _refuse, f"entry {quote(name)} is encrypted; ask the student for an unencrypted zip"
        )
    if info.compress_type not in METHODS:
        method = f"compression method {info.compress_type}"
        return partial(
            _refuse, f"entry {quote(name)} has {method}; ask the student for an ordinary zip"
        )
    return partial(archive.open, info)


def _refuse(why: str) -> IO[bytes]:
    raise Refused(why)


def _decode_name(info: zipfile.ZipInfo) -> str:
    """Return the whole name: macOS writes UTF-8 without setting the flag for it."""
    name = info.orig_filename  # info.filename is cut at a NUL
    if info.flag_bits & NAME_IS_UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name
