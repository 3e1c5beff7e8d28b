"""List the entries of a zip within limits."""

from __future__ import annotations

import hashlib
import stat
import struct
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
HEADER = 30  # bytes before the name of an entry; the length of the name is not trusted
END = struct.Struct("<4s4H2LH")  # ends the zip: its last numbers are sizes
MAX_COMMENT = 2**16  # behind that
MAX_GAP = 100  # bytes; of sizes behind an entry, and of the end of a zip of more than 4 GB
ENCRYPTED = 0x01 | 0x40
NAME_IS_UTF8 = 0x800
# Other methods are rare, and some allocate as much memory as the archive asks for.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_zip(file: IO[bytes]) -> Archive:
    """Return a zip that is open as long as the file is; a file of any other kind is refused."""
    sha256, records = _scan(file)
    archive = Archive(sha256, lambda: _list(file, records, archive))
    return archive


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


def _list(file: IO[bytes], records: int, archive: Archive) -> list[Entry]:
    archive.spent.records += records
    archives.check_count(archive.spent.records, archives.MAX_RECORDS)
    file.seek(0)
    begins_like_a_zip = file.read(4) == b"PK\x03\x04"
    try:
        opened = zipfile.ZipFile(file)
    except Exception as error:  # on damaged data zipfile raises many kinds of exception
        what = "it is damaged or incomplete" if begins_like_a_zip else "it is not a zip"
        raise Refused(f"{what}; {AGAIN}") from error
    _refuse_overlaps(opened)
    if spare := _count_spare(file, opened):
        what = f"has {spare:,} bytes that belong to no entry"
        archive.remarks[:] = [f"the zip {what}: look whether it holds another archive or file"]
    named = [(tidy_name(_decode_name(info)), info) for info in opened.infolist()]
    return [
        Entry(name, info.compress_size, _opener(opened, info, name), info.date_time, _judge(info))
        for name, info in named
        if not is_litter(name) and not info.orig_filename.endswith(("/", "\\"))
    ]


def _refuse_overlaps(archive: zipfile.ZipFile) -> None:
    """Refuse entries that start before the file or overlap the next entry or the directory."""
    spans = [
        (x.header_offset, x.header_offset + HEADER + x.compress_size) for x in archive.filelist
    ]
    spans = [(0, 0), *sorted(spans), (archive.start_dir, archive.start_dir)]
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise Refused(f"its entries overlap or are cut off; {AGAIN}")


def _count_spare(file: IO[bytes], archive: zipfile.ZipFile) -> int:
    """Return how many bytes before, between and behind the entries are of none of them.

    Other programs may read another archive there than this one. A few bytes may be the sizes that
    some programs write behind an entry.
    """
    spare = place = 0
    for info in sorted(archive.filelist, key=lambda info: info.header_offset):
        spare += _count_gap(info.header_offset - place)
        place = info.header_offset + HEADER + info.compress_size
        file.seek(info.header_offset + HEADER - 4)
        place += sum(struct.unpack("<HH", file.read(4).ljust(4, b"\0")))  # name and extra field
    spare += _count_gap(archive.start_dir - place)
    size = file.seek(0, 2)
    tail = max(0, size - MAX_COMMENT - END.size)
    file.seek(tail)
    content = file.read()
    if (found := content.rfind(b"PK\x05\x06")) < 0 or len(content) - found < END.size:
        return spare
    _, _, _, _, _, directory, _, comment = END.unpack_from(content, found)
    if directory < 2**32 - 1:  # else its size stands elsewhere
        spare += _count_gap(tail + found - archive.start_dir - directory)
    behind = content[found + END.size :]
    return spare + _count_gap(len(behind) - (0 if b"PK" in behind else comment))


def _count_gap(size: int) -> int:
    return size if size > MAX_GAP else 0


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
