"""Files are taken by their names, wherever they lie and however they were renamed."""

import os
import zipfile

import pytest

from assignment.support.project.naming import find_defined_file, find_meant, find_within
from autograder.intake.submissions import read_submission
from tests.machinery.intake.given import AFFINE, CLEAN, FLAT, SGD, below, pack, spread

FILES = [name.split("/")[1] for name in CLEAN]
RENAMED = """affine (1).py
affine(2).py
affine-Copy1.py
Copy of affine.py
Copy (2) of affine.py
Copy of Copy of affine.py
Kopie von affine.py
Copie de affine.py
affine copy.py
affine copy 2.py
affine 2.py
affine - Copy.py
affine - Copy (2).py
affine - Kopie.py
affine_copy.py
affine_1.py
affine-1.py
affine.py.txt
affine (1).py.txt
affine.py (1).txt
affine.py.py
affine.py.bak
affine.py~
affine .py
affine.py.
affine-checkpoint.py
AFFINE.PY""".splitlines()
OTHERS = """affine_tools.py
affine_backward.py
affine_v2.py
test_affine.py
my affine.py
affine.pyc
affine.txt
affine
affine.ipynb
affine.py.orig
.py""".splitlines()


@pytest.mark.parametrize("name", RENAMED)
def test_a_renamed_copy_is_known(name):
    assert find_meant(name, FILES) == "affine.py"
    numbered = name.replace("affine", "05_batchnorm").replace(".py", ".ipynb")
    numbered = numbered.replace("AFFINE.PY", "05_BATCHNORM.IPYNB")
    assert find_meant(numbered, FILES) == "05_batchnorm.ipynb"


@pytest.mark.parametrize("name", [*OTHERS, "copy 1" * 100 + ".py", "-" * 900 + ".py"])
def test_other_names_are_left_alone(name):
    assert find_meant(name, FILES) == ""


@pytest.mark.parametrize(
    "name",
    ["05_batchnorm_Jane_Doe.ipynb", "jane 05_batchnorm (1).ipynb", "05-batchnorm-end.ipynb"],
)
def test_a_name_added_to_that_of_a_notebook_is_known(name):
    assert find_within(name, FILES) == "05_batchnorm.ipynb"


def test_notebooks_with_the_students_name_are_taken(tmp_path):
    files = {name.replace(".ipynb", "_Jane.ipynb"): content for name, content in FLAT.items()}
    assert is_whole(read_submission(pack(tmp_path / "ana.zip", files)))


def test_other_notebooks_are_left_alone():
    for name in ("own.ipynb", "105_batchnorm.ipynb", "05_batchnormal.ipynb", "batchnorm.ipynb"):
        assert find_within(name, FILES) == ""
    assert find_within("05_batchnorm 06_layernorm.ipynb", FILES) == ""


def test_spaces_and_underscores_are_the_same():
    assert find_meant("05 batchnorm.ipynb", FILES) == "05_batchnorm.ipynb"


def is_whole(submission):
    return not submission.refused and len(submission.files) + len(submission.notebooks) == len(
        CLEAN
    )


@pytest.mark.parametrize("write", [pack, spread])
@pytest.mark.parametrize("around", ["", "hw/", "Meine Abgabe/a/", "notebooks/", "assignment/"])
def test_files_without_folders_are_taken(tmp_path, write, around):
    submission = read_submission(
        write(tmp_path / "ana.zip", {around + n: c for n, c in FLAT.items()})
    )
    assert is_whole(submission)
    (finding,) = submission.findings
    assert finding.startswith("files were read by their names outside assignment/ and notebooks/ (")


@pytest.mark.parametrize(
    ("files", "notebooks"),
    [
        ("assignment/", ""),
        ("", "notebooks/"),
        ("hw/assignment/", "hw/"),
        ("hw/assignment/", "notebooks/"),
        ("code/", "nb/"),
        ("assignment/", "notebooks (1)/"),
        ("Assignment/", "assignment/"),
        ("notebooks/", "notebooks/"),
    ],
)
@pytest.mark.parametrize("write", [pack, spread])
def test_folders_may_be_mixed(tmp_path, write, files, notebooks):
    mixed = {(files if n.endswith(".py") else notebooks) + n: c for n, c in FLAT.items()}
    submission = read_submission(write(tmp_path / "ana.zip", mixed))
    assert is_whole(submission)
    assert submission.findings != ()


def test_own_modules_without_folders_are_taken(tmp_path):
    files = {**FLAT, "tools.py": b"y", "contracts.py": b"changed", "notes.md": b""}
    submission = read_submission(pack(tmp_path / "ana.zip", files))
    assert submission.files["tools.py"] == b"y"
    assert "assignment/contracts.py was changed; the teacher's copy is used" in submission.findings
    assert submission.findings[-1] == "other files were ignored (1): 'notes.md'"


@pytest.mark.parametrize("name", RENAMED)
@pytest.mark.parametrize("folder", ["assignment/", ""])
def test_a_renamed_file_is_read_in_place_of_a_missing_one(tmp_path, folder, name):
    files = {n: c for n, c in CLEAN.items() if n != AFFINE} | {folder + name: b"y"}
    submission = read_submission(pack(tmp_path / "ana.zip", files))
    assert submission.files["affine.py"] == b"y"
    (finding,) = submission.findings
    said = f"'{folder}{name}' was read as {AFFINE}", "files were read by their names"
    assert finding.startswith(said)
    assert f"'{folder}{name}'" in finding


def test_the_right_name_counts_and_the_copy_is_named(tmp_path):
    files = {
        **CLEAN,
        "assignment/affine (1).py": b"y",
        "notebooks/01_minibatch_sgd-Copy1.ipynb": b"{}",
    }
    submission = read_submission(spread(tmp_path / "ana", files))
    assert is_whole(submission)
    assert submission.files["affine.py"] == b"x = 1\n"
    why = "counts, its name is the right one"
    assert (
        f"'assignment/affine (1).py' is another {AFFINE}; '{AFFINE}' {why}" in submission.findings
    )
    other = f"'notebooks/01_minibatch_sgd-Copy1.ipynb' is another {SGD}; '{SGD}' {why}"
    assert other in submission.findings


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_of_several_copies_the_newest_counts(tmp_path, kind):
    rest = {n: c for n, c in CLEAN.items() if n != AFFINE}
    copies = {"assignment/affine (1).py": 2001, "assignment/affine (2).py": 2000}
    if kind == "zip":
        infos = [
            (zipfile.ZipInfo(n, (year, 1, 1, 0, 0, 0)), str(year)) for n, year in copies.items()
        ]
        path = pack(tmp_path / "ana.zip", [*rest.items(), *infos])
    else:
        path = spread(
            tmp_path / "ana", rest | {n: str(year).encode() for n, year in copies.items()}
        )
        for name, year in copies.items():
            os.utime(path / name, (year, year))
    submission = read_submission(path)
    assert submission.files["affine.py"] == b"2001"
    first, second = (f"'{name}'" for name in copies)
    assert submission.findings[:2] == (
        f"{first} was read as {AFFINE}",
        f"{second} is another {AFFINE}; {first} counts, it is newer",
    )


def test_names_that_differ_in_capitals_are_one_file(tmp_path):
    submission = read_submission(
        pack(tmp_path / "ana.zip", {**CLEAN, "assignment/Affine.py": b"y"})
    )
    assert submission.files["affine.py"] == b"x = 1\n"
    assert any(f"'assignment/Affine.py' is another {AFFINE}" in f for f in submission.findings)


def test_a_single_file_is_known_by_what_it_defines(tmp_path):
    source = b"def affine_forward(x, w, b):\n    return x @ w + b\n"
    submission = read_submission(spread(tmp_path / "ana", {"solution.py": source}))
    assert submission.files == {"affine.py": source}
    assert submission.findings[0] == f"'solution.py' was read as {AFFINE}, by what is in it"
    assert find_defined_file("def affine_forward(): ...\ndef softmax_loss(): ...\n") == ""


def test_what_lies_beside_a_zip_counts_and_the_rest_comes_from_it(tmp_path):
    folder = spread(tmp_path / "ana", {"affine.py": b"new", "report.pdf": b""})
    pack(folder / "hw.zip", below("hw", CLEAN))
    submission = read_submission(folder)
    assert is_whole(submission)
    assert submission.files["affine.py"] == b"new"
    assert submission.findings[1] == (
        "'hw.zip' inside the folder was read for the files that do not lie beside it"
    )


def test_a_damaged_zip_beside_files_costs_only_itself(tmp_path):
    folder = spread(tmp_path / "ana", {"affine.py": b"new", "hw.zip": b"PK"})
    submission = read_submission(folder)
    assert submission.files == {"affine.py": b"new"}
    assert "'hw.zip' inside the folder was not read: it is not a zip; ask" in submission.findings[1]


@pytest.mark.parametrize("name", ["datasets/cifar-10-python.tar.gz", "cifar10.zip", "data/x.zip"])
def test_an_archive_of_data_is_no_submission(tmp_path, name):
    folder = spread(tmp_path / "ana", {name: b"PK", AFFINE: b"y"})
    assert read_submission(folder).files == {"affine.py": b"y"}
    assert not any("PK" in f or "was not opened" in f for f in read_submission(folder).findings)
