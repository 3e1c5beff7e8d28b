"""A tar is read like a zip, within limits."""

import gzip
import tarfile

import pytest

from autograder.intake import tars
from autograder.intake.submissions import read_submission
from tests.machinery.intake.given import (
    AFFINE,
    CLEAN,
    FLAT,
    SGD,
    below,
    cell,
    notebook,
    pack,
    pack_tar,
)

WHOLE = len(CLEAN)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("ana.tar.gz", "w:gz"),
        ("ana.tgz", "w:gz"),
        ("ana.tar", "w"),
        ("ana.tar.bz2", "w:bz2"),
        ("ana.zip", "w:gz"),  # renamed
    ],
)
@pytest.mark.parametrize("files", [CLEAN, FLAT, below("hw", CLEAN)], ids=["clean", "flat", "below"])
def test_a_tar_is_read(tmp_path, name, mode, files):
    submission = read_submission(pack_tar(tmp_path / name, files, mode))
    assert (submission.student, submission.refused) == ("ana", "")
    assert len(submission.files) + len(submission.notebooks) == WHOLE


def test_a_zip_that_is_called_a_tar_is_read(tmp_path):
    assert read_submission(pack(tmp_path / "ana.tar.gz", CLEAN)).findings == ()


def test_the_only_tar_in_a_folder_is_the_submission(tmp_path):
    (tmp_path / "ana").mkdir()
    pack_tar(tmp_path / "ana" / "hw.tar.gz", CLEAN)
    submission = read_submission(tmp_path / "ana")
    assert submission.findings == ("'hw.tar.gz' inside the folder was read",)
    assert len(submission.files) + len(submission.notebooks) == WHOLE


def make_member(name, type, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = type, target
    return member


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a special file"),
        (tarfile.FIFOTYPE, "a special file"),
    ],
)
def test_what_is_no_file_costs_only_itself(tmp_path, type, kind):
    rest = {name: content for name, content in CLEAN.items() if name != AFFINE}
    members = [make_member(AFFINE, type, "/etc/passwd"), make_member("x", type, "/etc/passwd")]
    submission = read_submission(pack_tar(tmp_path / "ana.tar.gz", rest, members=members))
    assert submission.findings == (
        f"{AFFINE} is {kind}; not read",
        "links and special files were not read (1): 'x'",
    )
    assert "affine.py" not in submission.files


@pytest.mark.parametrize("name", ["../x.py", "a/../../x.py"])
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    submission = read_submission(pack_tar(tmp_path / "ana.tar.gz", {**CLEAN, name: b""}))
    assert "leaves the folder" in submission.refused


def test_data_is_passed_over(tmp_path):
    files = {**CLEAN, "env/x.py": b"", "datasets/cifar.npz": b"\0" * 30_000_000}
    submission = read_submission(pack_tar(tmp_path / "ana.tar.gz", files))
    assert submission.findings == ("other files were ignored (1): 'datasets/cifar.npz'",)


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "MAX_UNPACKED", 10 * 2**20)
    (tmp_path / "ana.tar.gz").write_bytes(gzip.compress(b"\0" * 600 + b"x" * 20 * 2**20))
    path = pack_tar(tmp_path / "bea.tar.gz", {**CLEAN, "zeros": b"\0" * 20 * 2**20})
    assert "unpacks to more than 10 MB; ask the student" in read_submission(path).refused


def test_a_large_file_costs_only_itself(tmp_path):
    large = notebook(cell(" " * 20 * 2**20))
    submission = read_submission(pack_tar(tmp_path / "ana.tar.gz", {**CLEAN, SGD: large}))
    assert submission.findings == (f"{SGD} is larger than 20 MB; left out",)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_nothing_is_lost_by_a_cut_in_silence(tmp_path, mode):
    content = pack_tar(tmp_path / "ana.tar", CLEAN, mode).read_bytes()
    for end in range(1, len(content), len(content) // 40):
        (tmp_path / "ana.tar").write_bytes(content[:end])
        submission = read_submission(tmp_path / "ana.tar")
        is_whole = len(submission.files) + len(submission.notebooks) == WHOLE
        assert submission.refused or submission.findings or is_whole
