"""Files of the course that have quite another name are known by what is in them."""

import json

import pytest

from assignment.support.project.manifest import ROOT
from autograder.intake.submissions import read_submission
from tests.machinery.intake.given import AFFINE, CLEAN, SGD, pack

FORWARD = b"def affine_forward(x, w, b):\n    return x @ w + b\n"
OTHERS = {name: content for name, content in CLEAN.items() if name not in (AFFINE, SGD)}
NOTEBOOK = (ROOT / SGD).read_bytes()


def take(tmp_path, files):
    """Read a zip of the clean files without two of them, and others."""
    return read_submission(pack(tmp_path / "ana.zip", OTHERS | files))


@pytest.mark.parametrize(
    "name",
    [
        "affine-LAPTOP-7A3F.py",  # OneDrive
        "affine (Jane Doe's conflicted copy 2024-05-01).py",  # Dropbox
        "affine.sync-conflict-20240501-101010-ABCDEFG.py",
        "affine — копия.py",
        "affine_final.py",
        "task 1.PY",
    ],
)
def test_a_source_is_known_by_its_functions(tmp_path, name):
    submission = take(tmp_path, {f"assignment/{name}": FORWARD, SGD: CLEAN[SGD]})
    assert submission.files["affine.py"] == FORWARD
    assert "was read as assignment/affine.py, by what is in it" in submission.findings[0]
    assert len(submission.findings) == 1


@pytest.mark.parametrize("name", ["Untitled3.ipynb", "notebooks/HW 5.ipynb", "x/my work.IPYNB"])
def test_a_notebook_is_known_by_its_cells(tmp_path, name):
    submission = take(tmp_path, {name: NOTEBOOK, AFFINE: CLEAN[AFFINE]})
    assert len(submission.notebooks["01_minibatch_sgd"]) == len(json.loads(NOTEBOOK)["cells"])
    assert f"'{name}' was read as {SGD}, by what is in it" in submission.findings


def test_of_two_that_may_be_meant_none_is_taken(tmp_path):
    files = {"assignment/first.py": FORWARD, "assignment/second.py": FORWARD}
    submission = take(tmp_path, files)
    assert f"{AFFINE} is missing" in submission.findings
    assert "affine.py" not in submission.files


def test_other_files_can_still_import_it(tmp_path):
    files = {"assignment/layers.py": FORWARD, SGD: CLEAN[SGD]}
    submission = take(tmp_path, files)
    assert submission.files["layers.py"] == submission.files["affine.py"] == FORWARD


def test_beside_a_file_of_the_right_name_it_does_not_count_but_is_named(tmp_path):
    files = {AFFINE: b"x = 1\n", "assignment/affine_final.py": FORWARD, SGD: CLEAN[SGD]}
    submission = take(tmp_path, files)
    assert submission.files["affine.py"] == b"x = 1\n"
    why = "defines functions of affine.py, too; those in affine.py count"
    assert submission.findings == (f"assignment/affine_final.py {why}",)


def test_folders_that_hold_different_files_are_read_together(tmp_path):
    apart = {f"week {i}/{name}": content for i, (name, content) in enumerate(CLEAN.items())}
    submission = read_submission(pack(tmp_path / "ana.zip", apart))
    assert len(submission.files) + len(submission.notebooks) == len(CLEAN)
    assert "files were read from several folders (18)" in submission.findings[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html>\n", "is a web page, not Python"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS, not Python"),
        (b"\0" * 99, "is nothing but NUL bytes, not Python"),
        (NOTEBOOK, "is a notebook, not Python"),
        (b"{\\rtf1\\ansi x = 1}", "is a document of a word processor (RTF), not Python"),
        (
            b"x = 1\r\n<<<<<<< HEAD\r\n=======\r\n>>>>>>> main\r\n",
            "holds an unfinished merge in git, which begins in line 2",
        ),
    ],
)
def test_a_file_that_is_something_else_is_named(tmp_path, content, said):
    submission = take(tmp_path, {AFFINE: content, SGD: CLEAN[SGD]})
    assert submission.findings == (f"{AFFINE} {said}",)


def test_a_notebook_in_the_encoding_of_windows_is_read(tmp_path):
    content = CLEAN[SGD].replace(b"x = 1", "# größer".encode("cp1252"))
    submission = take(tmp_path, {SGD: content, AFFINE: CLEAN[AFFINE]})
    assert submission.notebooks["01_minibatch_sgd"][0].source == "# größer"
