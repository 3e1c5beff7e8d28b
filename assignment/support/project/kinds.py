"""Say what a file really is where its name says something else: a web page, a RAR archive."""

from __future__ import annotations

import re

__all__ = ["find_conflict", "tell_kind"]

BEGINNINGS = {
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\x1f\x9d": "an archive of compress",
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip",
    b"%PDF": "a PDF",
    b"{\\rtf": "a document of a word processor (RTF)",
    b"\xd0\xcf\x11\xe0": "a document of Microsoft Office",
    b"bplist00": "a placeholder of iCloud",
    b"version https://git-lfs": "a pointer of Git LFS",
}
PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|\?xml)\b", re.I)
NOTEBOOK = re.compile(rb"\s*\{(?=.*\"cells\"\s*:)(?=.*\"nbformat\"\s*:)", re.S)
# What git leaves in a file until somebody has decided.
CONFLICT = re.compile(rb"^(?:<{7} |={7}\r?$|>{7} )", re.M)


def tell_kind(content: bytes) -> str:
    """Return what a file is, as in "a web page", "" where it may be source or a notebook's text.

    The beginning of a file is enough, except for a notebook.
    """
    if not content.strip(b"\0 \t\r\n"):
        return "empty" if not content.strip() else "nothing but NUL bytes"
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if PAGE.match(content):
        return "a web page"
    return "a notebook" if NOTEBOOK.match(content) else ""


def find_conflict(content: bytes) -> int:
    """Return the line in which an unfinished merge in git begins, 0 where there is none."""
    begins, divided = -1, False
    for mark in CONFLICT.finditer(content) if b"\n>>>>>>> " in content else ():
        if mark[0].startswith(b"<"):
            begins = mark.start() if begins < 0 else begins
        elif mark[0].startswith(b"="):
            divided = begins >= 0
        elif divided:
            return content.count(b"\n", 0, begins) + 1
    return 0
