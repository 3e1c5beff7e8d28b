"""A tar is read like a zip, within limits."""

import bz2
import gzip
import tarfile

import pytest

from autograder.intake import archives, tars
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


def test_tars_in_one_submission_share_the_limits(tmp_path, monkeypatch):
    """Each is listed twice: to see what is in it, and to read that."""
    large = {"data.bin": b"\0" * 2 * 2**20}
    for number, name in enumerate(CLEAN):
        pack_tar(tmp_path / "ana" / f"{number}.tar.gz", {name: CLEAN[name], **large})
    submission = read_submission(tmp_path / "ana")
    assert len(submission.files) + len(submission.notebooks) == WHOLE
    monkeypatch.setattr(tars, "MAX_UNPACKED_IN_ALL", 2 * WHOLE * 2**20)
    assert "it unpacks to more than" in read_submission(tmp_path / "ana").refused
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MAX_RECORDS", WHOLE)
    assert "it holds more than" in read_submission(tmp_path / "ana").refused


def make_header(content, name="it", type=tarfile.XHDTYPE):
    """Return a member as bytes, by default what stands before the header of a file."""
    member = make_member(name, type)
    member.size = len(content)
    return member.tobuf() + content + b"\0" * (-len(content) % tarfile.BLOCKSIZE)


@pytest.mark.parametrize("where", ["first", "last"])
@pytest.mark.parametrize(
    "header",
    [
        make_header(b"6 a=b\n" * 200_000),
        (make_header(b"6 a=b\n" * 50) + make_header(b"", "x", tarfile.REGTYPE)) * 1000,
        make_header(b"a" * 1_000_000, "././@LongLink", tarfile.GNUTYPE_LONGNAME),
    ],
    ids=["records", "headers", "name"],
)
def test_what_stands_before_files_is_limited(tmp_path, monkeypatch, header, where):
    """Python takes a minute for the records of 500 MB, in 1 MB of an archive."""
    monkeypatch.setattr(tars, "MAX_HEADERS", 2**19)
    whole = pack_tar(tmp_path / "ana.tar", CLEAN, "w").read_bytes()
    end = len(whole.rstrip(b"\0")) // tarfile.BLOCKSIZE * tarfile.BLOCKSIZE + tarfile.BLOCKSIZE
    parts = [whole[:end], whole[end:]] if where == "last" else [b"", whole]
    (tmp_path / "ana.tar").write_bytes(header.join(parts))
    submission = read_submission(tmp_path / "ana.tar")
    assert "its names and dates come to more than 0 MB" in submission.refused


def test_ordinary_headers_count_only_for_themselves(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "MAX_HEADERS", 2**19)
    files = {**CLEAN, **{f"data/{number}-{'x' * 150}": b"1" for number in range(300)}}
    assert read_submission(pack_tar(tmp_path / "ana.tar", files)).refused == ""


def test_a_list_of_holes_is_not_read(tmp_path):
    """It may be as long as the archive; here it holds no numbers."""
    sparse = "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=x.py"
    records = "".join(f"{len(one) + 4} {one}\n" for one in sparse).encode()
    holes = make_header(records) + make_header(b"9\nnone\n", "x", tarfile.REGTYPE)
    whole = pack_tar(tmp_path / "ana.tar", CLEAN, "w").read_bytes()
    (tmp_path / "ana.tar").write_bytes(holes + whole)
    submission = read_submission(tmp_path / "ana.tar")
    assert submission.findings == ("links and special files were not read (1): 'x.py'",)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_parts_that_hold_nothing_are_limited(tmp_path, monkeypatch, compress):
    """A million of them take some seconds, and unpack to nothing."""
    monkeypatch.setattr(tars, "MAX_LOST", 2**18)
    whole = pack_tar(tmp_path / "ana.tar", CLEAN, "w").read_bytes()
    (tmp_path / "ana.tar").write_bytes(compress(b"") * 50_000 + compress(whole))
    assert "it is damaged" in read_submission(tmp_path / "ana.tar").refused


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
