"""Files that are written whole or not at all, and zips that depend on nothing but their files."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from assignment.support.project.writing import make_zip, write_whole

FILES = {"b/c.py": b"x = 1\n", "a.sh": b"#!/bin/sh\n", "b.txt": b""}


@pytest.fixture
def old(tmp_path):
    (tmp_path / "marks.csv").write_bytes(b"old")
    return tmp_path / "marks.csv"


def read_entries(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.infolist(), archive.comment


def test_a_file_takes_the_place_of_an_earlier_one(old):
    write_whole(old, b"new\n")
    assert old.read_bytes() == b"new\n"
    assert list(old.parent.iterdir()) == [old]


def test_it_may_be_read_by_whom_any_new_file_may(tmp_path):
    write_whole(tmp_path / "one", b"")
    (tmp_path / "other").write_bytes(b"")
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("stopped", ["write_bytes", "replace"])
def test_what_fails_half_way_leaves_the_old_file_alone(old, monkeypatch, stopped, error):
    write = Path.write_bytes

    def fail(path, content):
        if stopped == "write_bytes":
            write(path, content[:1])
        raise error

    monkeypatch.setattr(Path if stopped == "write_bytes" else os, stopped, fail)
    with pytest.raises(type(error)):
        write_whole(old, b"new")
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_it_makes_no_folder_and_replaces_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "marks.csv", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_zip_holds_the_files_in_the_order_of_their_names():
    entries, comment = read_entries(make_zip(FILES))
    assert [entry.filename for entry in entries] == ["a.sh", "b.txt", "b/c.py"]
    assert comment == b""
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.create_system, entry.extra) == (3, b"")
        assert entry.external_attr >> 16 == 0o644
    assert make_zip(dict(reversed(FILES.items()))) == make_zip(FILES)


def test_a_zip_has_a_folder_a_comment_and_modes_where_they_are_asked_for():
    def get_mode(content):
        return stat.S_IFREG | (0o755 if content.startswith(b"#!") else 0o600)

    entries, comment = read_entries(make_zip(FILES, "course", b"by hand", get_mode))
    assert {entry.filename: entry.external_attr >> 16 for entry in entries} == {
        "course/a.sh": 0o100755,
        "course/b.txt": 0o100600,
        "course/b/c.py": 0o100600,
    }
    assert comment == b"by hand"
