"""Take the pictures out of written answers, as files with names that no student chooses."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from autograder.intake.decoding import DATA, MOST_PICTURES, Cell

__all__ = ["take_pictures"]

# What a browser runs nothing of. An SVG may hold scripts: it is kept as text, to be looked at.
SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg.txt",
    "application/pdf": "pdf",
}
MAX_BYTES = 5 * 2**20  # of one picture
ATTACHED = re.compile(r"attachment:([^\s()\"'<>]{1,200})")


def take_pictures(cells: Sequence[Cell], stem: str) -> tuple[str, dict[str, bytes]]:
    """Return the text of an answer, and its pictures by the names of files that it refers to.

    Parameters
    ----------
    cells : those of the answer
    stem : how the names of the files begin
    """
    files: dict[str, bytes] = {}

    def keep(kind: str, content: str) -> str:
        if kind not in SUFFIXES:
            return f"[left out: {kind[:40]} is no picture]"
        if len(files) == MOST_PICTURES or len(content) > MAX_BYTES * 4 // 3 + 4:
            return f"[left out: more than {MOST_PICTURES} pictures, or one of more than 5 MB]"
        try:
            data = base64.b64decode(content)
        except (binascii.Error, ValueError):
            return "[left out: a damaged picture]"
        name = f"{stem}-{len(files) + 1}.{SUFFIXES[kind]}"
        files[name] = data
        return f"[picture: {name}]"

    texts = []
    for cell in cells:
        text = DATA.sub(lambda hit: keep(hit[1], hit[2]), cell.source)
        # Programs write a name as an address, with %20 in place of a blank.
        text = ATTACHED.sub(lambda hit: unquote(hit[0]), text) if cell.pictures else text
        marks: dict[str, str] = {}
        unnamed = []
        for name, kind, content in cell.pictures:
            mark, named = keep(kind, content), f"attachment:{unquote(name)}"
            if name and named in text and named not in marks:
                marks[named] = mark
            else:
                unnamed.append(mark)
        texts.append("\n".join([_set_marks(text, marks), *unnamed]))
    return "\n\n".join(texts), files


def _set_marks(text: str, marks: Mapping[str, str]) -> str:
    """Return a text with marks in place of pictures, and of those that are not attached.

    All at once: a mark may itself look like a picture, and would be replaced again and again.
    """
    names = map(re.escape, sorted(marks, key=len, reverse=True))
    found = re.compile("|".join([*names, ATTACHED.pattern]))
    return found.sub(lambda hit: marks.get(hit[0], f"[left out: {hit[1]} is not attached]"), text)
