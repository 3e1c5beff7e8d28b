"""Open what was handed in: a zip, a tar, a folder, or single files; write nothing to disk."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from assignment.support.project.kinds import tell_kind
from autograder.intake import archives
from autograder.intake.archives import (
    MB,
    Archive,
    Entry,
    Refused,
    hash_entries,
    is_archive,
    is_litter,
    tidy_name,
)
from autograder.intake.decoding import Unreadable, quote
from autograder.intake.places import choose_newest, find_claims
from autograder.intake.tars import is_tar, read_tar
from autograder.intake.zips import read_zip

__all__ = ["find_inner", "open_archive", "open_files", "open_inner", "select"]

MAX_INNER = 50 * MB  # of an archive in another one, which is unpacked into memory
MAX_PARTS = 20  # archives that together may be one submission: assignment.zip and notebooks.zip
ZIP = b"PK"
A_ZIP = "ask the student for a zip"


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip, a tar or a folder.

    Raises
    ------
    Refused
        The path is none of these, or exceeds a limit.
    OSError
        The path cannot be opened.
    """
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode):
        yield _gather(_list_folder(path))
    elif stat.S_ISREG(status.st_mode):
        entry = Entry(path.name, status.st_size, partial(archives.open_file, path))
        with _open_packed(entry) as archive:
            yield archive
    else:
        kind = archives.name_kind(status.st_mode)
        raise Refused(f"it is {kind}; put the zip or folder itself there")


@contextmanager
def _open_packed(entry: Entry) -> Iterator[Archive]:
    """Open a zip or tar, whatever its name says it is; raises as `open_archive` does."""
    if entry.problem:
        raise Refused(f"entry {quote(entry.name)} {entry.problem}; {archives.AGAIN}")
    with entry.open() as file:
        archives.check_packed(entry.packed)
        start = file.read(512)
        file.seek(0)
        if not is_tar(start) and not start.startswith(ZIP) and (kind := tell_kind(start)):
            raise Refused(f"it is {kind}, not a zip or tar; {A_ZIP}")
        yield read_tar(file) if is_tar(start) else read_zip(file)


@contextmanager
def open_inner(outer: Archive, inner: Entry) -> Iterator[Archive]:
    """Open an archive in a folder, or within the limits of another archive."""
    if not inner.on_disk and not inner.problem:
        try:
            content = outer.read(inner, MAX_INNER)
        except Unreadable as error:
            raise Refused(f"it {error}; {archives.AGAIN}") from None
        inner = replace(inner, packed=len(content), open=partial(io.BytesIO, content))
    with _open_packed(inner) as archive:
        archive.share_limit(outer)
        yield archive


def find_inner(outer: Archive, entries: Iterable[Entry]) -> Sequence[Entry]:
    """Return the only archive among entries, or all those that share no file of the course.

    Of those in folders such as "Version 1" and "Version 2", as Teams makes them, the newest.
    """
    packed = [entry for entry in entries if is_archive(entry.name)]
    if len(packed) > MAX_PARTS:
        return []
    held = {entry.name: _find_places(outer, entry) for entry in packed if len(packed) > 1}
    places = [place for found in held.values() for place in found]
    parts = [entry for entry in packed if held.get(entry.name)]
    if parts and len(places) == len(set(places)):
        return parts
    newest = choose_newest([entry.name for entry in packed])
    return [entry for entry in packed if entry.name == newest or len(packed) == 1]


def _find_places(outer: Archive, inner: Entry) -> set[str]:
    """Return which files of the course an archive holds; none if it cannot be read."""
    with suppress(Refused, OSError), open_inner(outer, inner) as archive:
        return {claim.place for claim in find_claims(archive.list_entries())}
    return set()


def open_files(paths: Iterable[Path], rename: Callable[[str], str]) -> Archive:
    """Return single files as if they lay in a folder under other names."""
    return _gather([_make_entry(rename(path.name), path, path.lstat()) for path in paths])


def select(archive: Archive, paths: Iterable[str], rename: Callable[[str], str]) -> Archive:
    """Return what lies in folders of an archive, and the entries that have these names."""
    inside = []
    for entry in archive.list_entries():
        for path in paths:
            if entry.name == path:
                inside.append(replace(entry, name=rename(path.rpartition("/")[2])))
            elif entry.name.startswith(f"{path}/"):
                inside.append(replace(entry, name=entry.name[len(path) + 1 :]))
    sha256 = hashlib.sha256(f"{archive.sha256} {paths}".encode("utf-8", "backslashreplace"))
    return Archive(sha256.hexdigest(), lambda: inside, is_folder=True)


def _gather(entries: list[Entry]) -> Archive:
    return Archive(hash_entries(entries), lambda: entries, is_folder=True)


def _list_folder(folder: Path) -> list[Entry]:
    entries, count, folders = [], 0, [""]
    while folders:
        with os.scandir(folder / (below := folders.pop())) as found:
            for item in found:
                name = tidy_name(f"{below}{item.name}")
                if is_litter(name):
                    continue
                archives.check_count(count := count + 1, archives.MAX_RECORDS)
                if item.is_dir(follow_symlinks=False):
                    folders.append(f"{below}{item.name}/")
                    continue
                status = item.stat(follow_symlinks=False)
                entries.append(_make_entry(name, item.path, status))
    return sorted(entries, key=lambda entry: entry.name)


def _make_entry(name: str, path: str | Path, status: os.stat_result) -> Entry:
    is_file = stat.S_ISREG(status.st_mode)
    problem = "" if is_file else f"is {archives.name_kind(status.st_mode)}"
    opened = partial(archives.open_file, path)
    return Entry(name, status.st_size, opened, (status.st_mtime,), problem, on_disk=True)
