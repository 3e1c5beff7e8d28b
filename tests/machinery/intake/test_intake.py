"""Intake reads good, unusual, broken and hostile zips and folders."""

import contextlib
import hashlib
import io
import json
import os
import random
import signal
import socket
import stat
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.gradebook.publishing import safe_folder_name
from autograder.intake import archives, newer_python, submissions
from autograder.intake.classes import IntakeError, find_submissions, name_left_out
from autograder.intake.submissions import Cell, read_submission
from tests.machinery.intake.given import AFFINE, CLEAN, SGD, cell, notebook, pack, pack_tar, spread

HELPER = "assignment/hä.py"
MIB = 2**20


@pytest.fixture
def take(tmp_path):
    """Read a zip of the clean files with some of them changed."""

    def read(changes, method=zipfile.ZIP_DEFLATED):
        return read_submission(pack(tmp_path / "ana.zip", {**CLEAN, **changes}, method))

    return read


@pytest.fixture
def take_info(tmp_path):
    """Read a zip of the clean files and one entry with a header of its own."""

    def read(name="extra", content=b"", **attributes):
        info = zipfile.ZipInfo("name")
        info.filename = name  # set afterwards: ZipInfo(name) would normalize it
        for key, value in attributes.items():
            setattr(info, key, value)
        return read_submission(pack(tmp_path / "ana.zip", [*CLEAN.items(), (info, content)]))

    return read


@contextlib.contextmanager
def limited_cpu(seconds):
    """Stop a block that would take minutes: far above what it takes, however busy the machine."""

    def stop(*_):
        raise AssertionError(f"more than {seconds} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refusal(submission):
    """Return the reason; check that it is one short line and that no file was taken."""
    assert (submission.files, submission.notebooks) == ({}, {})
    assert submission.refused.startswith("cannot read submission 'ana")
    assert submission.refused.isprintable()
    assert len(submission.refused) <= 250
    assert len(submission.sha256) == 64
    return submission.refused


def alter(path, start, change):
    """Change a file: `change` gets the bytes from `start` on and returns new ones."""
    data = path.read_bytes()
    path.write_bytes(data[:start] + change(data[start:]))
    return path


# Good submissions.


@pytest.fixture
def own_files():
    paths = [*ROOT.glob("assignment/**/*.py"), *ROOT.glob("notebooks/*.ipynb")]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}


def test_the_projects_own_files_give_no_findings(tmp_path, own_files):
    zipped = read_submission(pack(tmp_path / "ana.zip", own_files, zipfile.ZIP_STORED))
    assert (zipped.student, zipped.refused, zipped.findings) == ("ana", "", ())
    assert zipped.files == {
        part.file: own_files[f"assignment/{part.file}"] for part in load_parts()
    }
    assert set(zipped.notebooks) == {part.notebook for part in load_parts()}
    stored = json.loads(own_files["notebooks/05_batchnorm.ipynb"])["cells"]
    cells = [(c["id"], c["cell_type"], "".join(c["source"])) for c in stored]
    assert [(c.id, c.kind, c.source) for c in zipped.notebooks["05_batchnorm"]] == cells


def test_a_folder_gives_the_same_as_a_zip(tmp_path, own_files):
    zipped = read_submission(pack(tmp_path / "ana.zip", own_files, zipfile.ZIP_STORED))
    folder = read_submission(spread(tmp_path / "ana", own_files))
    assert (folder.student, folder.findings) == ("ana", ())
    assert (folder.files, folder.notebooks) == (zipped.files, zipped.notebooks)


@pytest.mark.parametrize(
    "around", ["", "./", "ana/", "Klasse 3/Jörg/", "assignment/", "İ/", "a/b/c/d/"]
)
def test_enclosing_folders_change_nothing(tmp_path, around):
    wrapped = {around + name: content for name, content in CLEAN.items()}
    for path in (pack(tmp_path / "ana.zip", wrapped), spread(tmp_path / "ana", wrapped)):
        submission = read_submission(path)
        assert (submission.findings, submission.refused) == ((), "")
        assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


ALSO = "left out, though they hold files of the course as well"


def test_the_outermost_of_several_copies_counts(take):
    submission = take({f"old/{AFFINE}": b"old", f"a/b/{AFFINE}": b"older"})
    assert submission.files["affine.py"] == b"x = 1\n"
    assert submission.findings == (
        f"the outermost folder was read; {ALSO} (2): 'old', 'a/b'",
        f"other files were ignored (2): 'a/b/{AFFINE}', 'old/{AFFINE}'",
    )


def test_the_outermost_counts_even_if_another_holds_more(tmp_path):
    files = {f"old/{name}": content for name, content in CLEAN.items()} | {AFFINE: b"new\n"}
    assert read_submission(pack(tmp_path / "ana.zip", files)).files == {"affine.py": b"new\n"}


def test_of_two_folders_side_by_side_the_fuller_one_counts(tmp_path):
    files = {f"V 2/{name}": content for name, content in CLEAN.items()}
    files |= {f"a/{AFFINE}": b"old", f"c/{AFFINE}": b"old"}
    submission = read_submission(pack(tmp_path / "ana.zip", files))
    assert submission.files["affine.py"] == b"x = 1\n"
    assert submission.findings == (
        f"'V 2' was read; {ALSO} (2): 'a', 'c'",
        f"other files were ignored (2): 'a/{AFFINE}', 'c/{AFFINE}'",
    )


def test_entries_for_folders_are_no_files(take, take_info):
    assert take({"assignment/": b"", "notebooks/": b"", "ana/": b""}).findings == ()
    assert take_info("assignment\\").findings == ()


def test_litter_is_ignored_without_a_finding(take):
    names = (
        "__MACOSX/assignment/._affine.py .DS_Store assignment/.DS_Store .git/HEAD Thumbs.db "
        "assignment/__pycache__/affine.cpython-311.pyc assignment/._affine.py venv/pyvenv.cfg "
        "notebooks/.ipynb_checkpoints/05_batchnorm-checkpoint.ipynb desktop.ini"
    )
    submission = take(dict.fromkeys(names.split(), b"litter"))
    assert submission.findings == ()
    assert len(submission.files) == len({part.file for part in load_parts()})


def test_windows_names_are_understood(take_info):
    submission = take_info("Assignment\\Helper.PY", b"y = 1\r\n")
    assert submission.files["Helper.py"] == b"y = 1\n"
    assert submission.findings == ("'Assignment/Helper.PY' was read as assignment/Helper.py",)


def test_a_zip_made_on_windows_is_read_whole(tmp_path):
    infos = []
    for name, content in CLEAN.items():
        info = zipfile.ZipInfo("name")
        info.filename, info.create_system = name.upper().replace("/", "\\"), 0
        infos.append((info, content))
    submission = read_submission(pack(tmp_path / "ana.zip", infos))
    assert submission.files["affine.py"] == b"x = 1\n"
    assert submission.notebooks["01_minibatch_sgd"] == (Cell("a", "code", "x = 1"),)
    assert f"'{AFFINE.upper()}' was read as {AFFINE}" in submission.findings


def test_backslashes_in_the_names_of_a_folder_are_understood(tmp_path):
    folder = spread(tmp_path / "ana", {AFFINE.replace("/", "\\"): b"y = 1\n"})
    assert read_submission(folder).files == {"affine.py": b"y = 1\n"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
def test_names_without_a_declared_encoding(tmp_path, encoding):
    stored = HELPER.encode(encoding)
    placeholder = "assignment/" + "Q" * (len(stored) - len("assignment/.py")) + ".py"
    path = pack(tmp_path / "ana.zip", {**CLEAN, placeholder: b"h"})
    alter(path, 0, lambda data: data.replace(placeholder.encode(), stored))
    assert read_submission(path).files["hä.py"] == b"h"


def test_names_with_a_declared_encoding(take):
    assert take({"assignment/ßüé.py": b"h"}).files["ßüé.py"] == b"h"  # in cp437 it would be UTF-8
    assert take({HELPER: b"h"}).files["hä.py"] == b"h"
    assert take({"assignment/ha\u0308.py": b"h"}).files["hä.py"] == b"h"  # as macOS writes it


def test_of_two_entries_with_one_name_the_last_counts(tmp_path):
    path = pack(tmp_path / "ana.zip", [*CLEAN.items(), (AFFINE, b"y = 2\n")])
    submission = read_submission(path)
    assert submission.files["affine.py"] == b"y = 2\n"
    assert submission.findings == (f"'{AFFINE}' is there twice; the last one counts",)


# Sources.

GUESSED = "is not UTF-8; read as {}"
TABS = "is indented with tabs and spaces; a tab counts as 8 columns"
NUL = "holds NUL bytes; statements that contain one cannot be read"


@pytest.mark.parametrize(
    ("data", "source", "remark"),
    [
        (b"a\r\nb\rc\n", "a\nb\nc\n", ""),
        (b"", "", "is empty"),
        (b" \n", " \n", "is empty"),
        ("# ä\n".encode("utf-8-sig"), "# ä\n", ""),
        ("# ä\r\n".encode("utf-16"), "# ä\n", "is in UTF-16, which Python cannot read; converted"),
        (
            "# ä\n".encode("utf-16-le"),
            "# ä\n",
            "is in UTF-16-LE, which Python cannot read; converted",
        ),
        (
            "# ä\n".encode("utf-16-be"),
            "# ä\n",
            "is in UTF-16-BE, which Python cannot read; converted",
        ),
        (b"\xfe\xff\x00#\x00a", "#a", "is in UTF-16, which Python cannot read; converted"),
        ("# ä".encode("utf-32"), "# ä", "is in UTF-32, which Python cannot read; converted"),
        ("# 10 €\n".encode("cp1252"), "# 10 €\n", GUESSED.format("cp1252")),
        (b"# \x81\n", "# \x81\n", GUESSED.format("latin-1")),
        (b"# coding: koi8-r\n# \xc1\n", "# coding: utf-8\n# \u0430\n", ""),
        (b"#!p\r# -*- coding=Latin_1 -*-\r#\xe4", "#!p\n# -*- coding=utf-8 -*-\n#ä", ""),
        (b"# coding: cp1252\n# coding: cp437\n#\x80", "# coding: utf-8\n# coding: cp437\n#€", ""),
        (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n", ""),
        (b"# vim: fileencoding=utf-8-unix\n", "# vim: fileencoding=utf-8\n", ""),
        (b"# coding: ascii\n#\xc3\xa4", "# coding: utf-8\n#ä", "is not ASCII; read as utf-8"),
        (b"# coding: punycode\nb-", "# coding: utf-8\nb-", "is not PUNYCODE; read as utf-8"),
        (b"# coding: cp9\n", "# coding: utf-8\n", "is not CP9; read as utf-8"),
        (b"x = 1\0\n", "x = 1\0\n", NUL),
        (b"if a:\n\tb\n        c\n", "if a:\n        b\n        c\n", TABS),
        (b"if a:\n  if b:\n  \tc\td\n", "if a:\n  if b:\n        c\td\n", TABS),
        (b"if a:\n\tb\n\tc\n  # d\n", "if a:\n\tb\n\tc\n  # d\n", ""),
        (b"if a:\n    b\t# c\n\t\n", "if a:\n    b\t# c\n\t\n", ""),
    ],
)
def test_sources_become_utf8_with_unix_lines(take, data, source, remark):
    submission = take({AFFINE: data})
    assert submission.files["affine.py"] == source.encode()
    assert submission.findings == ((f"{AFFINE} {remark}",) if remark else ())


def test_a_cookie_cannot_name_a_slow_codec(take):
    data = b"# coding: punycode\n" + b"a" * 500_000 + b"-" + b"b" * 500_000
    assert take({AFFINE: data}).findings == (f"{AFFINE} is not PUNYCODE; read as utf-8",)


# Missing, extra and given files.

OTHERS = (
    "fast.so",
    "deep/er.py",
    "support/own.py",
    "contracts.pyd",
    "a-b.py",
    "a\nb.py",
    f"{'x' * 61}.py",
)


def test_missing_files_are_named(tmp_path):
    files = {name: content for name, content in CLEAN.items() if name not in (AFFINE, SGD)}
    submission = read_submission(pack(tmp_path / "ana.zip", files))
    assert submission.findings == (f"{AFFINE} is missing", f"{SGD} is missing")
    assert "affine.py" not in submission.files
    assert len(submission.files) + len(submission.notebooks) == len(files)


def test_own_modules_are_kept(take):
    submission = take({"assignment/my_tools.py": b"y = 1\r\n"})
    assert submission.files["my_tools.py"] == b"y = 1\n"
    assert submission.findings == ()


@pytest.mark.parametrize(
    "name",
    ["README.md", "affine.py", "tests/test_affine.py", "datasets/x.npz", "notebooks/own.ipynb"]
    + ["assignment/" + name for name in OTHERS],
)
def test_other_files_are_named_and_ignored(take, name):
    submission = take({name: b"y"})
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)
    (finding,) = submission.findings
    assert finding.startswith(f"other files were ignored (1): '{name[:8]}")
    assert finding.isprintable()


def test_many_extra_files_make_one_finding(take):
    submission = take({f"datasets/{i}.npz": b"" for i in range(9)})
    shown = "'datasets/0.npz', 'datasets/1.npz', 'datasets/2.npz', …"
    assert submission.findings == (f"other files were ignored (9): {shown}",)


def test_a_zip_inside_is_not_opened(take):
    assert take({"work.ZIP": b"PK"}).findings == ("'work.ZIP' lies inside and was not opened",)


@pytest.fixture
def take_inner(tmp_path):
    """Read a folder with zips in it and perhaps other files."""

    def read(inner, **others):
        folder = spread(tmp_path / "ana", {"__MACOSX/x": b"", ".DS_Store": b"", **others})
        for name, files in inner.items():
            (folder / name).parent.mkdir(exist_ok=True)
            pack(folder / name, files)
        return read_submission(folder)

    return read


@pytest.mark.parametrize("name", ["hw.zip", "Hand in/HW.ZIP"])
def test_the_only_zip_in_a_folder_is_the_submission(take_inner, name):
    submission = take_inner({name: {f"hw/{place}": content for place, content in CLEAN.items()}})
    assert (submission.student, submission.refused) == ("ana", "")
    assert submission.findings == (f"'{name}' inside the folder was read",)
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


def test_files_beside_the_only_zip_are_named(take_inner):
    submission = take_inner({"hw.zip": CLEAN}, report=b"")
    assert submission.findings[1:] == ("other files were ignored (1): 'report'",)


def test_a_zip_beside_the_two_folders_is_not_opened(take_inner):
    submission = take_inner({"old.zip": {AFFINE: b"old"}}, **CLEAN)
    assert submission.findings == ("'old.zip' lies inside and was not opened",)
    assert submission.files["affine.py"] == b"x = 1\n"


def test_of_several_zips_none_is_opened(take_inner):
    why = "zips lie inside and were not opened; ask for the one that counts (2): '1.zip', '2.zip'"
    assert why in refusal(take_inner({"1.zip": CLEAN, "2.zip": CLEAN}))


def zip_again(path, files, times):
    """Write a zip in a zip in a zip, and so on, each of them called hw.zip."""
    for _ in range(times):
        files = {"hw.zip": pack(path, files).read_bytes()}
    return pack(path, files)


@pytest.mark.parametrize("times", [1, 2])
def test_a_zip_in_a_zip_is_the_submission(tmp_path, times):
    submission = read_submission(zip_again(tmp_path / "ana.zip", CLEAN, times))
    assert submission.findings == ("'hw.zip' inside the archive was read",) * times
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


def test_zips_in_zips_have_an_end(tmp_path):
    why = "'hw.zip' lies inside and was not opened; ask the student for that one"
    assert refusal(read_submission(zip_again(tmp_path / "ana.zip", CLEAN, 3))).endswith(why)


def test_a_zip_in_a_zip_has_the_limits_of_its_content(tmp_path):
    path = pack(tmp_path / "ana.zip", {"hw.zip": b"PK\x03\x04" + b"\0" * 30 * MIB})
    assert "'hw.zip' unpacks to more than 200 times its size" in refusal(read_submission(path))


@pytest.mark.parametrize("write", [pack, pack_tar, spread])
def test_archives_that_hold_one_part_each_are_read_together(tmp_path, write):
    halves = {}
    for folder in ("assignment", "notebooks"):
        half = {name: content for name, content in CLEAN.items() if name.startswith(folder)}
        halves[f"{folder}.zip"] = pack(tmp_path / folder, half).read_bytes()
    submission = read_submission(write(tmp_path / "ana.zip", halves))
    assert submission.refused == ""
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


@pytest.mark.parametrize("write", [pack, spread])
def test_archives_in_one_submission_share_its_limit(tmp_path, write, monkeypatch):
    monkeypatch.setattr(archives, "MAX_READ", 3 * MIB)
    parts = {}
    for name in (AFFINE, "assignment/losses.py", SGD):
        own = {f"assignment/{Path(name).stem}_{i}.py": b"#" * MIB for i in range(2)}
        part = {name: CLEAN[name], **own}
        parts[f"{len(parts)}.zip"] = pack(tmp_path / "x", part).read_bytes()
    submission = read_submission(write(tmp_path / "ana.zip", parts))
    assert sum(map(len, submission.files.values())) <= 3 * MIB
    assert any(
        "'1.zip' inside the" in f and "come to more than 3 MB" in f for f in submission.findings
    )


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"../x": b""}, "leaves the folder"),
        ({"thesis.pdf": b""}, "holds neither assignment/ nor"),
        ({**CLEAN, SGD: notebook(cell(" " * 15 * MIB))}, "unpacks to more than 200 times"),
        (
            {**CLEAN, **{f"assignment/x{i}.py": b"" for i in range(2_001)}},
            "holds more than 2,000 entries",
        ),
    ],
    ids=["outside", "empty", "bomb", "many"],
)
def test_a_zip_in_a_folder_has_the_limits_of_any_other(take_inner, files, why):
    submission = take_inner({"hw.zip": files})
    assert why in refusal(submission)
    assert "'hw.zip' inside the folder was read" in submission.findings


def test_a_zip_in_a_folder_must_not_be_a_link(tmp_path):
    pack(tmp_path / "real.zip", CLEAN)
    folder = spread(tmp_path / "ana", {})
    (folder / "hw.zip").symlink_to(tmp_path / "real.zip")
    assert "entry 'hw.zip' is a symbolic link" in refusal(read_submission(folder))


@pytest.mark.parametrize("name", ["support/testing/compare.py", "contracts.py", "__init__.py"])
def test_changed_given_files_are_reported(take, name):
    submission = take({f"assignment/{name}": b"def call(*args): ..."})
    message = f"assignment/{name} was changed; the teacher's copy is used"
    assert submission.findings == (message,)
    assert name not in submission.files


def test_line_ends_are_no_change_of_a_given_file(take):
    text = (ROOT / "assignment" / "contracts.py").read_text("utf-8")
    assert take({"assignment/contracts.py": text.replace("\n", "\r\n").encode()}).findings == ()


def test_a_name_is_not_cut_at_a_nul(take_info):
    submission = take_info(f"{AFFINE}\0.txt", b"y")
    assert submission.files["affine.py"] == b"x = 1\n"
    assert submission.findings == (f"other files were ignored (1): '{AFFINE}\\x00.txt'",)


# Notebooks.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html>\n<html>", "is a web page, not a notebook"),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "is a pointer of Git LFS, not a notebook",
        ),
        (b"\0" * 99, "is nothing but NUL bytes, not a notebook"),
        (
            b'{"cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> main\n], "nbformat": 4}',
            "holds an unfinished merge in git, which begins in line 2",
        ),
        (b"\xff\xff", "is not JSON"),
        (b'{"cells": [', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (notebook([[]] * 500_001), "has more than 500,000 brackets"),
        (b"[]", "is not a notebook"),
        (b"{}", "is not a notebook"),
        (b'{"cells": {}}', "is not a notebook"),
        (b'{"worksheets": []}', "is in Jupyter's old format 3"),
    ],
)
def test_a_damaged_notebook_costs_only_itself(take, content, message):
    submission = take({SGD: content})
    assert submission.findings == (f"{SGD} {message}; left out",)
    assert set(submission.notebooks) == {part.notebook for part in load_parts()} - {
        "01_minibatch_sgd"
    }


@pytest.mark.parametrize(
    "damaged",
    [
        *(7, None, [], {}),
        *(cell(source) for source in (7, None, ["a", 7], {})),
        *(cell(cell_type=kind) for kind in ("other", ["code"], None)),
    ],
)
def test_a_damaged_cell_costs_only_itself(take, damaged):
    submission = take({SGD: notebook(cell("1"), damaged, cell("2"))})
    assert [c.source for c in submission.notebooks["01_minibatch_sgd"]] == ["1", "2"]
    assert submission.findings == (f"{SGD} has damaged cells (1, the first is cell 2); left out",)


def test_cells_are_text_with_unix_lines(take):
    cells = [
        cell("a\r\nb\rc", id="one"),
        cell(["a\r\n", "b"], id="two", cell_type="markdown"),
        cell("half \ud800", id="three"),
        cell("for a printer", cell_type="raw"),
    ]
    submission = take({SGD: b"\xef\xbb\xbf" + notebook(*cells)})
    assert submission.findings == ()
    assert submission.notebooks["01_minibatch_sgd"] == (
        Cell("one", "code", "a\nb\nc"),
        Cell("two", "markdown", "a\nb"),
        Cell("three", "code", "half ?"),
        Cell("a", "raw", "for a printer"),  # an answer may stand in one
    )


@pytest.mark.parametrize("id", [None, 7, "", "a b", "a\n", "a" * 65, "../a"])
def test_cells_without_a_usable_id_are_reported(take, id):
    submission = take({SGD: notebook(cell(id=id), cell())})
    assert [c.id for c in submission.notebooks["01_minibatch_sgd"]] == ["", "a"]
    assert submission.findings == (f"{SGD} has cells without an id (1)",)


# Single files that cannot be used.


def test_a_large_source_costs_only_itself(take):
    submission = take({AFFINE: b"#" * (MIB + 1)})
    assert "affine.py" not in submission.files
    assert submission.findings == (f"{AFFINE} is larger than 1 MB; left out",)
    assert len(take({AFFINE: b"#" * MIB}).files["affine.py"]) == MIB


def test_a_large_notebook_costs_only_itself(tmp_path):
    large = notebook(cell(" " * 20 * MIB))
    submission = read_submission(spread(tmp_path / "ana", {**CLEAN, SGD: large}))
    assert submission.findings == (f"{SGD} is larger than 20 MB; left out",)
    assert "02_activations" in submission.notebooks


@pytest.mark.parametrize(
    ("name", "consequence"),
    [
        (AFFINE, "left out"),
        (SGD, "left out"),
        ("assignment/contracts.py", "the teacher's copy is used"),
    ],
)
def test_a_damaged_file_costs_only_itself(tmp_path, name, consequence):
    content = b"z = 12345"
    path = pack(tmp_path / "ana.zip", {**CLEAN, name: content}, zipfile.ZIP_STORED)
    alter(path, 0, lambda data: data.replace(content, b"z = 54321"))
    submission = read_submission(path)
    assert submission.findings == (f"{name} is damaged; {consequence}",)
    assert submission.files["losses.py"] == b"x = 1\n"


@pytest.mark.parametrize("claimed", [0, 3, 2**31])
def test_the_size_in_a_header_is_not_trusted(tmp_path, claimed):
    content = notebook(cell("y = 1" * 999))
    path = pack(tmp_path / "ana.zip", {**CLEAN, SGD: content})
    true, lie = struct.pack("<L", len(content)), struct.pack("<L", claimed)
    alter(path, 0, lambda data: data.replace(true, lie))
    submission = read_submission(path)
    assert submission.refused == ""
    read = [c.source for c in submission.notebooks.get("01_minibatch_sgd", ())]
    assert read == ["y = 1" * 999] if claimed == 2**31 else submission.findings


# What is refused.


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../x.py", "leaves the folder"),
        ("..", "leaves the folder"),
        ("assignment/../../x.py", "leaves the folder"),
        ("assignment\\..\\..\\x.py", "leaves the folder"),
        ("__MACOSX/../../x.py", "leaves the folder"),
        ("C:..\\x.py", "leaves the folder"),
        ("x" * 5_000, "has a name of 5,000 characters"),
    ],
)
def test_names_that_leave_the_folder_are_refused(take_info, name, why):
    why = f"cannot read submission 'ana.zip': entry {archives.quote(name)} {why}; ask the student "
    assert refusal(take_info(name)).replace("\\", "/") == why.replace("\\", "/") + "to zip it again"


@pytest.mark.parametrize("start", ["/ana/hw/", "C:\\hw\\", "c:", "\\\\server\\share\\"])
@pytest.mark.parametrize("write", [pack, pack_tar])
def test_a_path_from_the_root_is_read_as_one_in_the_archive(tmp_path, write, start):
    files = {start + name: content for name, content in CLEAN.items()}
    submission = read_submission(write(tmp_path / "ana.zip", files))
    assert (submission.refused, submission.findings) == ("", ())
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


def test_a_path_that_is_the_root_is_another_file(take_info):
    assert take_info("C:").refused == take_info("//").refused == ""


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (stat.S_IFLNK, "is a symbolic link"),
        (stat.S_IFIFO, "is a special file"),
        (stat.S_IFCHR, "is a special file"),
        (stat.S_IFSOCK, "is a special file"),
    ],
)
def test_what_is_no_file_in_a_zip_costs_only_itself(take_info, kind, why):
    mode = {"external_attr": (kind | 0o777) << 16}
    submission = take_info(AFFINE, b"/etc/passwd", **mode)
    assert f"{AFFINE} {why}; not read" in submission.findings
    assert "affine.py" not in submission.files
    assert submission.files["sgd.py"] == b"x = 1\n"
    submission = take_info("datasets/cifar", b"/data", **mode)
    assert submission.findings == ("links and special files were not read (1): 'datasets/cifar'",)
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


def test_links_among_litter_are_ignored(take_info):
    submission = take_info(".venv/bin/python", external_attr=(stat.S_IFLNK | 0o777) << 16)
    assert (submission.findings, submission.refused) == ((), "")


@pytest.mark.parametrize("target", ["/etc/hosts", "affine.py", "nowhere", "."])
@pytest.mark.parametrize("link", [HELPER, "assignment/support", "deep/down/link"])
def test_a_link_in_a_folder_costs_only_itself(tmp_path, link, target):
    folder = spread(tmp_path / "ana", CLEAN)
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(target)
    submission = read_submission(folder)
    unrelated = f"links and special files were not read (1): '{link}'"
    in_place = f"{link} is a symbolic link; not read"
    assert submission.findings == (in_place if link == HELPER else unrelated,)
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


def test_a_link_in_the_place_of_a_file_of_the_course_is_not_followed(tmp_path):
    (tmp_path / "ben.py").write_bytes(b"solved")
    folder = spread(tmp_path / "ana", {n: c for n, c in CLEAN.items() if n != AFFINE})
    (folder / AFFINE).symlink_to(tmp_path / "ben.py")
    submission = read_submission(folder)
    assert submission.findings == (f"{AFFINE} is a symbolic link; not read",)
    assert "affine.py" not in submission.files


def test_links_alone_are_refused_by_name(tmp_path):
    folder = spread(tmp_path / "ana", {})
    (folder / "assignment").symlink_to(tmp_path)
    assert "but links (1): 'assignment'; ask" in refusal(read_submission(folder))


@pytest.mark.parametrize("name", ["ana", "ana.zip"])
def test_a_submission_that_is_a_link_is_refused(tmp_path, name):
    write = pack if name == "ana.zip" else spread
    write(tmp_path / "real.zip", CLEAN)
    (tmp_path / name).symlink_to("real.zip")
    assert find_submissions(tmp_path)[0].path.name == name
    assert "it is a symbolic link" in refusal(read_submission(tmp_path / name))


def test_special_files_are_never_opened(tmp_path, monkeypatch):
    folder = spread(tmp_path / "ana", CLEAN)
    for directory, name in ((folder, "x.py"), (tmp_path, "ana.zip")):
        monkeypatch.chdir(directory)  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(name)
    assert read_submission(folder).findings == (
        "links and special files were not read (1): 'x.py'",
    )
    assert "it is a special file" in refusal(read_submission(tmp_path / "ana.zip"))


@pytest.mark.parametrize("flag", [0x01, 0x40])
def test_an_encrypted_entry_is_refused(tmp_path, flag):
    path = pack(tmp_path / "ana.zip", CLEAN)
    record = path.read_bytes().index(b"PK\x01\x02")
    alter(path, record + 8, lambda data: bytes([data[0] | flag]) + data[1:])
    assert "is encrypted; ask the student for an unencrypted" in refusal(read_submission(path))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_compression_is_refused(take, method):
    assert f"has compression method {method}; ask" in refusal(take({}, method))


def test_entries_that_share_bytes_are_refused(tmp_path):
    path = tmp_path / "ana.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(AFFINE, b"y" * 100)
        archive.writestr("assignment/losses.py", b"y" * 100)
        archive.infolist()[1].header_offset = 0
    assert "its entries overlap" in refusal(read_submission(path))


HIDDEN = b"PK\x03\x04 another archive" * 20
PLACES = {
    "before": lambda zipped, start: HIDDEN + zipped,
    "before the directory": lambda zipped, start: zipped[:start] + HIDDEN + zipped[start:],
    "behind": lambda zipped, start: zipped + HIDDEN,
    "in the comment": lambda zipped, start: zipped[:-2] + struct.pack("<H", len(HIDDEN)) + HIDDEN,
}


@pytest.mark.parametrize("place", PLACES)
def test_bytes_that_belong_to_no_entry_are_told(tmp_path, place):
    path = pack(tmp_path / "ana.zip", CLEAN)
    zipped = path.read_bytes()
    (start,) = struct.unpack_from("<L", zipped, len(zipped) - 6)
    changed = bytearray(PLACES[place](zipped, start))
    if place == "before the directory":
        struct.pack_into("<L", changed, len(changed) - 6, start + len(HIDDEN))
    path.write_bytes(changed)
    submission = read_submission(path)
    assert set(submission.files) == {Path(name).name for name in CLEAN if name.endswith(".py")}
    (finding,) = submission.findings
    assert finding.startswith(f"the zip has {len(HIDDEN)} bytes that belong to no entry")


def test_bytes_between_two_entries_are_told(tmp_path):
    path = tmp_path / "ana.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in CLEAN.items():
            archive.writestr(name, content)
            if name == AFFINE:
                archive.fp.write(HIDDEN)
                archive.start_dir = archive.fp.tell()
    assert "bytes that belong to no entry" in read_submission(path).findings[0]


def test_the_zips_of_other_programs_have_no_such_bytes(tmp_path):
    """With sizes behind each entry, further fields before it, and a comment of words."""
    path = tmp_path / "ana.zip"
    unseekable = io.BytesIO()
    unseekable.seekable = lambda: False
    with zipfile.ZipFile(unseekable, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in CLEAN.items():
            info = zipfile.ZipInfo(name)
            info.extra = b"UT\x05\0\x01abcd"
            archive.writestr(info, content)
        archive.comment = b"made by hand " * 20
    path.write_bytes(unseekable.getvalue())
    assert read_submission(path).findings == ()


def test_an_entry_that_overlaps_the_central_directory_is_refused(tmp_path):
    path = tmp_path / "ana.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(AFFINE, b"y" * 100)
        archive.infolist()[0].compress_size += 1000
    assert "its entries overlap" in refusal(read_submission(path))


def test_a_zip_without_its_beginning_is_refused(tmp_path):
    path = pack(tmp_path / "ana.zip", CLEAN)
    end = path.read_bytes().index(b"PK\x05\x06")
    begin = struct.pack("<L", struct.unpack_from("<L", path.read_bytes(), end + 16)[0] + 9)
    alter(path, end + 16, lambda data: begin + data[4:])
    assert "overlap or are cut off; ask" in refusal(read_submission(path))


def test_a_zip_bomb_is_refused(take):
    bomb = notebook(cell(" " * 15 * MIB))
    assert f"entry '{SGD}' unpacks to more than 200 times its size" in refusal(take({SGD: bomb}))


def test_a_much_repeated_output_is_not_a_bomb(take):
    output = {"output_type": "stream", "name": "stderr", "text": "overflow in exp\n" * 200_000}
    submission = take({SGD: notebook(cell(outputs=[output]))})
    assert (submission.findings, submission.refused) == ((), "")


def test_the_total_size_is_limited(take, monkeypatch):
    monkeypatch.setattr(archives, "MAX_READ", MIB)
    parts = {f"assignment/x{i}.py": b"#" * (MIB // 2) for i in range(3)}
    assert "its files come to more than 1 MB" in refusal(take(parts))
    assert take({"datasets/x.npz": b"#" * 3 * MIB}).refused == ""  # ignored files are not read


def test_a_very_large_zip_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_PACKED", MIB)
    content = random.Random(231).randbytes(MIB)
    path = pack(tmp_path / "ana.zip", {**CLEAN, "datasets/x.npz": content})
    assert "it is larger than 1 MB; ask the student for assignment/" in refusal(
        read_submission(path)
    )


@pytest.mark.parametrize("write", [pack, spread])
def test_data_sets_are_not_read(tmp_path, monkeypatch, write):
    monkeypatch.setattr(archives, "MAX_READ", MIB)
    data = dict.fromkeys(["datasets/cifar-10-batches-py/data_batch_1", "x.npz"], b"0" * 2 * MIB)
    data["cifar-10-python.tar.gz"] = data["x.npz"]
    submission = read_submission(write(tmp_path / "ana.zip", {**CLEAN, **data}))
    assert submission.refused == ""
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)


@pytest.mark.parametrize("write", [pack, spread])
def test_very_many_entries_are_refused(tmp_path, monkeypatch, write):
    monkeypatch.setattr(archives, "MAX_RECORDS", 100)
    path = write(tmp_path / "ana.zip", {**CLEAN, **{f"x/{i}": b"" for i in range(100)}})
    assert "it holds more than 100 entries" in refusal(read_submission(path))


@pytest.mark.parametrize(
    "folder", ["env", "venv", "site-packages", "node_modules", ".git", "plots"]
)
@pytest.mark.parametrize("write", [pack, spread])
def test_what_does_not_belong_is_not_counted(tmp_path, write, folder):
    extra = {f"hw/{folder}/x/{i}.py": b"" for i in range(2_100)}
    submission = read_submission(
        write(tmp_path / "ana.zip", {f"hw/{n}": c for n, c in CLEAN.items()} | extra)
    )
    assert submission.refused == ""
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)
    assert len(submission.findings) == (folder == "plots")


def test_a_huge_central_directory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = pack(tmp_path / "ana.zip", CLEAN)
    alter(path, 0, lambda data: b"PK\x01\x02" * 200_000 + data)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "it holds more than 200,000 entries" in refusal(read_submission(path))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK", "not a zip; ask"),
        (b"text" * 999, "not a zip; ask"),
        (b"", "empty, not a zip or tar; ask the student for a zip"),
        (b"Rar!\x1a\x07", "a RAR archive, not a zip or tar; ask the student for a zip"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive, not a zip or tar; ask the student for a zip"),
        (b"<html>Sign in</html>", "a web page, not a zip or tar; ask the student for a zip"),
    ],
)
def test_a_file_that_is_not_a_zip_is_refused_by_its_kind(tmp_path, content, kind):
    (tmp_path / "ana.zip").write_bytes(content)
    assert f"it is {kind}" in refusal(read_submission(tmp_path / "ana.zip"))


def test_a_zip_that_ends_too_early_is_refused(tmp_path):
    path = alter(pack(tmp_path / "ana.zip", CLEAN), 0, lambda data: data[:-100])
    assert "it is damaged or incomplete; ask" in refusal(read_submission(path))


EMPTY = "it is empty, or holds only hidden files and caches; ask the student to zip"
NEITHER = "neither assignment/ nor notebooks/ with a file of the course; ask the student to zip"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, EMPTY),
        ({"assignment/__pycache__/affine.cpython-310.pyc": b"", ".DS_Store": b""}, EMPTY),
        ({"thesis.pdf": b""}, NEITHER),
        ({f"{AFFINE}/x": b""}, NEITHER),
        ({"affine.html": b""}, "only exports or placeholders of files of the course (1): 'affine"),
        ({"assignment/.affine.py.icloud": b""}, "only exports or placeholders of files of the"),
    ],
)
@pytest.mark.parametrize("write", [pack, spread])
def test_a_submission_without_a_file_of_the_course_is_refused(tmp_path, write, files, message):
    assert message in refusal(read_submission(write(tmp_path / "ana", files)))


@pytest.mark.parametrize(
    "name", ["05_batchnorm.html", "notebooks/05_batchnorm.py", "05_batchnorm.ipynb.crdownload"]
)
def test_an_export_in_place_of_a_notebook_is_named(tmp_path, name):
    place = "notebooks/05_batchnorm.ipynb"
    files = {path: content for path, content in CLEAN.items() if path != place}
    submission = read_submission(pack(tmp_path / "ana.zip", {**files, name: b""}))
    what = "exports or placeholders, which cannot be read, lie where files are missing"
    assert submission.findings == (f"{what} (1): '{name}'", f"{place} is missing")
    beside = f"other files were ignored (1): '{name}'"
    submission = read_submission(pack(tmp_path / "bea.zip", {**CLEAN, name: b""}))
    assert submission.findings == (beside,)
    del files[AFFINE]  # another one
    submission = read_submission(
        pack(tmp_path / "eva.zip", {**files, place: CLEAN[place], name: b""})
    )
    assert submission.findings == (f"{AFFINE} is missing", beside)


def test_an_unreadable_submission_is_refused(tmp_path, monkeypatch):
    assert "'ana.zip': No such file or directory" in refusal(read_submission(tmp_path / "ana.zip"))
    folder = spread(tmp_path / "ana", CLEAN)

    def deny(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(archives, "open_file", deny)
    assert refusal(read_submission(folder)).endswith(
        "'ana': Permission denied; see that it can be read"
    )


def test_a_disk_error_refuses_the_whole_submission(tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(zipfile.ZipExtFile, "read", fail)
    assert "Input/output error" in refusal(read_submission(pack(tmp_path / "ana.zip", CLEAN)))


def test_random_damage_never_raises(tmp_path):
    files = {AFFINE: b"x = 1\n" * 9, "assignment/hä.py": b"", SGD: notebook(cell())}
    good, rng = pack(tmp_path / "ana.zip", files).read_bytes(), random.Random(seed := 231)
    for trial in range(300):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.choice([0, 1, 127, 255, rng.randrange(256)])
        (tmp_path / "ana.zip").write_bytes(data[: rng.choice([None, rng.randrange(len(data))])])
        submission = read_submission(tmp_path / "ana.zip")
        assert submission.refused or submission.findings or submission.files, (seed, trial)


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_a_long_cell_is_cut_and_told(take, kind):
    """Whatever looks at text afterwards may take more than linear time."""
    most = 50_000 if kind == "code" else 20_000
    long = notebook(cell("y"), cell("x" * 8_000_000, cell_type=kind), cell("x" * most))
    submission = take({SGD: long})
    sources = [one.source for one in submission.notebooks["01_minibatch_sgd"]]
    assert sources[::2] == ["y", "x" * most]
    assert sources[1].startswith("x" * most)
    assert len(sources[1]) < most + 100
    assert submission.findings == (
        f"{SGD} has long cells, which were cut (1, the first: cell 2 has 8,000,000 characters, of "
        f"which {most:,} were read)",
    )


def test_a_picture_in_a_text_does_not_make_it_long(take):
    pasted = f"![](data:image/png;base64,{'A' * 100_000}) and ![](data:image/gif;base64,AAAA) end"
    (read,) = take({SGD: notebook(cell(pasted, cell_type="markdown"))}).notebooks[Path(SGD).stem]
    names = [f"![](attachment:pasted-{number}.picture)" for number in (1, 2)]
    assert read.source == f"{names[0]} and {names[1]} end"
    assert [(kind, len(content)) for _, kind, content in read.pictures] == [
        ("image/png", 100_000),
        ("image/gif", 4),
    ]


def test_of_many_pictures_a_few_are_read(take):
    many = {f"{i}.png": {"image/png": ""} for i in range(10_000)}
    outputs = [{"data": {"image/png": "AAAA"}} for _ in range(10_000)]
    cells = cell(cell_type="markdown", attachments=many), cell(outputs=outputs)
    for read in take({SGD: notebook(*cells)}).notebooks[Path(SGD).stem]:
        assert len(read.pictures) == 13


@pytest.mark.parametrize(
    "cells", [[cell("")] * 5_000, [cell("\n" * 9_000)] * 5, [cell("x" * 49_000)] * 30]
)
def test_of_a_huge_notebook_the_beginning_is_read(take, cells):
    submission = take({SGD: notebook(*cells)})
    read = submission.notebooks[Path(SGD).stem]
    assert len(read) <= 2_000
    assert sum(len(one.source) for one in read) <= 1_000_000
    assert sum(one.source.count("\n") + 1 for one in read) <= 20_000
    rest = f"of its {len(cells):,} cells those from {len(read) + 1:,} on were left out"
    assert submission.findings[0].endswith(rest)


SLOW = {
    "merges": b"<<<<<<< \n" * 100_000 + b"\n>>>>>>> ",
    "an f-string": b"f'" + b"{a}" * 300_000 + b"'",
    "marks on one letter": ("a" + "\u0301\u0323" * 150_000).encode(),
    "marks in a short file": ("a" + "\u0301\u0323" * 24_000).encode(),
    "statements": b"a;" * 450_000,
    "brackets": b"(" * 900_000,
}


@pytest.mark.parametrize("content", SLOW.values(), ids=SLOW)
def test_no_source_keeps_the_grader_busy(tmp_path, content):
    folder = spread(tmp_path / "ana", {AFFINE: content, SGD: content * 20})
    with limited_cpu(20):
        submission = read_submission(folder)
    assert submission.refused == ""


def test_only_so_much_is_parsed(take, monkeypatch):
    """For some texts Python's parser takes quadratic time."""
    lengths = []
    monkeypatch.setattr(newer_python.ast, "parse", lambda source: lengths.append(len(source)))
    take({f"assignment/m{size}.py": b"a;" * size for size in range(20_000, 30_000, 100)})
    assert max(lengths) <= 50_000
    assert 500_000 < sum(lengths) <= 1_000_000


NAMES = {
    "separators": " -_" * 80 + "{}.py",
    "copies": "copy - " * 30 + "{}.py",
    "marks": "\u0301\u0323" * 120 + "{}.py",
    "folders": "a/" * 480 + "{}.py",
    "words of versions": "final v1 " * 25 + "{}/affine.py",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_keeps_the_grader_busy(tmp_path, name):
    path = pack(tmp_path / "ana.zip", [(name.format(i), b"") for i in range(2_000)])
    with limited_cpu(30):
        for one in find_submissions(path)[:10]:
            read_submission(one)


@pytest.mark.parametrize("end", [".py", ".py~", ".ipynb (1).bak", f".py ({'1' * 40}).txt"])
def test_very_many_sources_are_refused(tmp_path, monkeypatch, end):
    """All of these may be copies of files of the course."""
    monkeypatch.setattr(archives, "MAX_SOURCES", 100)
    path = pack(tmp_path / "ana.zip", [(f"a b {i}{end}", b"") for i in range(101)])
    assert "it holds 101 Python files and notebooks; ask" in refusal(read_submission(path))


UNSEEN = "a\u202eb\u2066c\u200bd\U000e0041e"


def test_characters_that_are_not_seen_are_told(take):
    submission = take({AFFINE: f"x = '{UNSEEN}'".encode(), SGD: notebook(cell(UNSEEN))})
    names = "U+202E, U+2066, U+200B, …"
    assert submission.findings == (
        f"{AFFINE} holds characters that are not seen ({names})",
        f"{SGD} has cells with characters that are not seen (1, the first is cell 1: {names})",
    )
    seen = "\u0645\u06cc\u200c\u062e 👩\u200d💻 ❤\ufe0f 張 é"
    assert take({SGD: notebook(cell(seen))}).findings == ()


@pytest.mark.parametrize("letter", ["\u202e", "\u3164", "\u200b", "\U000e0041"])
def test_no_student_has_a_name_that_is_not_seen(tmp_path, letter):
    pack(tmp_path / f"ana{letter}.zip", CLEAN)
    (one,) = find_submissions(tmp_path)
    assert one.student == "ana_"
    assert f"'ana<U+{ord(letter):04X}>.zip' holds" in read_submission(one).findings[0]


# Names and lines.


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ana.zip", "ana"),
        ("Ana.B.ZIP", "Ana.B"),
        ("ana.tar.zip", "ana"),
        ("ana\n\x1b[2J\u202e.zip", "ana__[2J_"),
        ("jo\u0308rg.zip", "jörg"),
    ],
)
def test_a_student_is_called_like_the_zip(tmp_path, name, student):
    submission = read_submission(pack(tmp_path / name, {}))
    assert submission.student == student
    assert submission.refused.isprintable()


def test_a_student_is_called_like_the_folder(tmp_path, monkeypatch):
    folder = spread(tmp_path / "ana.b.zip", CLEAN)
    assert read_submission(folder).student == "ana.b.zip"
    (tmp_path / "link").symlink_to(folder)
    assert [one.path for one in find_submissions(tmp_path / "link")] == [folder.resolve()]
    monkeypatch.chdir(folder)
    assert read_submission(Path()).student == "ana.b.zip"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems forbid such names")
def test_a_name_that_is_not_unicode_becomes_text(tmp_path):
    path = tmp_path / os.fsdecode(b"an\xe4")
    submission = read_submission(spread(path, {**CLEAN, os.fsdecode(b"x\xe4"): b""}))
    assert submission.student == "an_"
    assert submission.findings == (
        "the name 'an\\udce4' holds invisible characters; each is shown as _ in the name of the "
        "student",
        "other files were ignored (1): 'x\\udce4'",
    )


def test_findings_are_short_lines(take):
    names = [f"{i}{'x' * 300}\n\x1b[2J" for i in range(3)]
    for finding in take({**dict.fromkeys(names, b""), "a\r\n.zip": b""}).findings:
        assert finding.isprintable()
        assert len(finding) <= 200


def test_of_many_findings_the_first_are_listed(take):
    submission = take({f"{i}.zip": b"" for i in range(42)})
    assert len(submission.findings) == 31
    assert submission.findings[-1] == "and 12 more"


def test_the_hash_of_a_zip_is_that_of_its_bytes(tmp_path):
    for name, files in {"good": CLEAN, "refused": {"../x": b""}}.items():
        path = pack(tmp_path / f"{name}.zip", files)
        assert read_submission(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("change", [{AFFINE: b"y"}, {"x": b"", "y": b""}, {"y": b""}, {}])
def test_the_hash_of_a_folder_follows_names_and_contents(tmp_path, change):
    first = read_submission(spread(tmp_path / "ana", {**CLEAN, "x": b""})).sha256
    assert read_submission(spread(tmp_path / "bea", {**CLEAN, **change})).sha256 != first


def test_the_hash_of_a_folder_is_the_same_on_each_system(tmp_path, monkeypatch):
    first = read_submission(spread(tmp_path / "ana", CLEAN)).sha256
    litter = spread(tmp_path / "bea", {**CLEAN, ".DS_Store": b"x"})
    scandir = os.scandir

    def backwards(path):
        return contextlib.nullcontext(list(scandir(path))[::-1])

    monkeypatch.setattr(os, "scandir", backwards)
    assert read_submission(litter).sha256 == first


# A class.


def test_a_class_is_every_zip_and_every_folder_by_name(tmp_path):
    for name in ("eva.zip", "Bob.ZIP", ".hidden.zip", "roster.csv", "fay.tar.gz", "gus.rar"):
        (tmp_path / name).write_bytes(b"")
    for name in ("ana", "dan.x", "__MACOSX", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "gone.zip").symlink_to("nowhere")
    names = ["Bob.ZIP", "ana", "dan.x", "eva.zip", "fay.tar.gz", "gone.zip", "gus.rar"]
    assert [one.path.name for one in find_submissions(tmp_path)] == names


def test_files_that_are_not_submissions_are_named_unless_they_are_litter(tmp_path):
    for name in (
        "eva.zip",
        "a.doc",
        "b[i].csv",
        "Desktop.ini",
        ".DS_Store",
        "Thumbs.db",
        "._e.zip",
    ):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "ana").mkdir()
    (tmp_path / "z\x1b.csv").symlink_to("nowhere")
    names = "'a.doc', 'b[i].csv', 'z\\x1b.csv'"
    line = f"left out, neither an archive nor a folder (3): {names}"
    assert name_left_out(tmp_path, find_submissions(tmp_path)) == line
    (tmp_path / ".zip").write_bytes(b"")  # of a student who gave it no name
    line = f"left out, neither an archive nor a folder (4): '.zip', {names}"
    assert name_left_out(tmp_path, find_submissions(tmp_path)) == line


def test_of_many_files_that_are_not_submissions_the_first_are_named(tmp_path):
    spread(tmp_path / "class", {f"{i:02}.csv": b"" for i in range(99)} | {"ana.zip": b""})
    line = name_left_out(tmp_path / "class", find_submissions(tmp_path / "class"))
    assert line.startswith("left out, neither an archive nor a folder (99): '00.csv', ")
    assert line.endswith("'09.csv', …")


@pytest.mark.parametrize("write", [pack, spread])
def test_beside_a_single_submission_nothing_is_left_out(tmp_path, monkeypatch, write):
    write(tmp_path / "ana.zip", {**CLEAN, "report.pdf": b""})
    (tmp_path / "report.pdf").touch()
    monkeypatch.chdir(tmp_path)
    assert name_left_out(Path("ana.zip"), find_submissions(Path("ana.zip"))) == ""


@pytest.mark.parametrize("name", ["ana.zip", "ana", "ANA"])
def test_a_single_submission_is_a_class_of_one(tmp_path, name):
    write, files = (pack, CLEAN) if name == "ana.zip" else (spread, CLEAN)
    if name == "ANA":
        files = {place.replace("assign", "Assign"): content for place, content in CLEAN.items()}
    path = write(tmp_path / name, files)
    assert [(one.path, one.inside) for one in find_submissions(path)] == [(path.resolve(), ())]


@pytest.mark.parametrize(
    ("first", "second", "students"),
    [
        ("ana", "ana.zip", ["ana", "ana.zip"]),
        ("Ana", "ana.zip", ["Ana", "ana"]),
        ("a\nb", "a_b.zip", ["a_b", "a_b.zip"]),
        ("jos\u00e9", "jose\u0301", ["jos\u00e9 (2)", "jos\u00e9"]),
        ("stra\u00dfe", "STRASSE.zip", ["STRASSE", "stra\u00dfe"]),
        ("\uff21na", "ana.zip", ["ana", "\uff21na"]),
    ],
)
def test_of_two_with_one_name_each_has_a_row(tmp_path, first, second, students):
    """A student may choose a name: that costs nobody else anything."""
    spread(tmp_path / "class" / first, CLEAN)
    write = pack if second.endswith(".zip") else spread
    write(tmp_path / "class" / second, CLEAN)
    spread(tmp_path / "class" / "ben", CLEAN)
    found = {one.student: read_submission(one) for one in find_submissions(tmp_path / "class")}
    assert sorted(found) == sorted([*students, "ben"])
    assert len({safe_folder_name(name).casefold() for name in found}) == 3
    assert found["ben"].findings == ()
    for name in students:
        assert "have the same name" in " ".join(found[name].findings)


def test_a_name_that_stands_for_another_is_given_to_nobody_else(tmp_path):
    for name in ("ana", "ana.zip", "ana (2)"):
        spread(tmp_path / "class" / name, CLEAN)
    pack(tmp_path / "class" / "ana.zip.zip", CLEAN)
    found = {one.path.name: one.student for one in find_submissions(tmp_path / "class")}
    assert len({*found.values()}) == 4
    assert all(found[name] == name for name in ("ana", "ana.zip", "ana (2)"))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.zip", "roster.csv", "empty"])
def test_nothing_to_grade_is_an_error(tmp_path, name):
    (tmp_path / "roster.csv").write_text("ana")
    spread(tmp_path / "empty", {"roster.csv": b"", ".git/HEAD": b""})
    with pytest.raises(IntakeError, match=rf"'.*{name}'(: [A-Z]| holds no submission)") as caught:
        find_submissions(tmp_path / name)
    assert str(caught.value).isprintable()


def test_the_limits_are_those_that_were_agreed():
    assert (submissions.MAX_SOURCE, submissions.MAX_NOTEBOOK) == (MIB, 20 * MIB)
    assert (archives.MAX_READ, archives.MAX_ENTRIES) == (100 * MIB, 2_000)
