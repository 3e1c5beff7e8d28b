"""The files that students hand in: zips, and what cannot be read as one."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime

from tools.term_class.people import ZONE

__all__ = ["SPOILED", "pack"]

WEB_PAGE = b"""<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><h1>Your session has expired</h1><p>Sign in to download hw.zip.</p></body></html>
"""
ENCRYPTED = 0x1
CENTRAL = struct.Struct("<4s6H3L5H2L")  # an entry of the directory, before its name


def pack(files: Mapping[str, bytes], time: datetime) -> bytes:
    """Return a zip, packed on a student's machine at that time."""
    buffer = io.BytesIO()
    local = time.astimezone(ZONE)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(_make_entry(name, stamp), content)
    return buffer.getvalue()


def _make_entry(name: str, stamp: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, stamp)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on each machine
    entry.external_attr = 0o100644 << 16
    return entry


def _cut(content: bytes) -> bytes:
    """Return what an upload leaves that broke off."""
    return content[: len(content) // 2]


def _encrypt(content: bytes) -> bytes:
    """Return a zip whose entries say that they are encrypted."""
    changed = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place, entries = archive.start_dir, archive.infolist()
    for entry in entries:
        changed[entry.header_offset + 6] |= ENCRYPTED
        changed[place + 8] |= ENCRYPTED
        sizes = CENTRAL.unpack_from(content, place)[10:13]  # of name, extra field, comment
        place += CENTRAL.size + sum(sizes)
    return bytes(changed)


def _make_rar(content: bytes) -> bytes:
    """Return what begins as a RAR does; the rest of one looks random, too."""
    return b"Rar!\x1a\x07\x01\x00" + random.Random(len(content)).randbytes(2_000)


SPOILED: Mapping[str, Callable[[bytes], bytes]] = {
    "cut": _cut,
    "encrypted": _encrypt,
    "web page": lambda content: WEB_PAGE,
    "empty": lambda content: b"",
    "rar": _make_rar,
}
