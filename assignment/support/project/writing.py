"""Write a file whole or not at all, and make a zip that depends on nothing but its files."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["make_zip", "write_whole"]

FIRST_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest in a zip
MADE_ON_UNIX = 3


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it finds the old one or the new one, never a half.

    Where that fails, the old one is left as it was, and nothing lies beside it.
    """
    # In a new folder nobody else has put a file, or a link to one, under the name that is written.
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as scratch:
        unfinished = Path(scratch) / path.name
        unfinished.write_bytes(content)
        os.replace(unfinished, path)


def make_zip(
    files: Mapping[str, bytes],
    folder: str = "",
    comment: bytes = b"",
    get_mode: Callable[[bytes], int] = lambda content: 0o644,
) -> bytes:
    """Return a zip that depends on nothing but the files.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by path.
    folder : str
        What all of them lie in, "" for nothing.
    comment : bytes
        Of the whole zip.
    get_mode : function of a content
        Returns what Unix keeps of such a file besides its content: permissions, and a type.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}" if folder else name, FIRST_TIME)
            entry.create_system = MADE_ON_UNIX
            entry.external_attr = get_mode(files[name]) << 16
            # not compressed: zlib's output depends on its version
            archive.writestr(entry, files[name], zipfile.ZIP_STORED)
    return buffer.getvalue()
