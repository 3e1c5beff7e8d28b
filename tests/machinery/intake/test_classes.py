"""A class is found in whatever an LMS delivers, and nobody gets the work of another."""

from pathlib import Path

import pytest

from autograder.intake.classes import find_submissions, name_left_out, name_sections
from autograder.intake.submissions import read_submission
from tests.machinery.intake.given import AFFINE, CLEAN, FLAT, below, pack, pack_tar, spread


def who(path):
    """Return the students of a class and, as a mark of whose work was read, their affine.py."""
    read = [read_submission(one) for one in find_submissions(path)]
    return {one.student: one.files.get("affine.py", b"").decode() for one in read}


def work(student, files=CLEAN):
    """Return files whose affine.py names its author."""
    return {n: student.encode() if n.endswith("affine.py") else c for n, c in files.items()}


TWO = {"jane": "jane", "john": "john"}


@pytest.mark.parametrize("files", [CLEAN, FLAT], ids=["clean", "flat"])
@pytest.mark.parametrize("around", ["", "export/", "a/b/"])
def test_a_zip_of_the_class_is_a_class(tmp_path, around, files):
    both = below(f"{around}jane", work("jane", files)) | below(f"{around}john", work("john", files))
    path = pack(tmp_path / "bulk.zip", both)
    assert who(path) == TWO
    assert name_sections(find_submissions(path)) == (
        "several students' work was found in 'bulk.zip' of 2"
    )
    assert who(tmp_path) == TWO
    assert (
        "was found in 'bulk.zip', with other"
        in read_submission(find_submissions(path)[0]).findings[0]
    )


@pytest.mark.parametrize("around", ["", "section-a/", "fall/section-a/"])
def test_folders_of_sections_are_a_class(tmp_path, around):
    spread(tmp_path / "class" / f"{around}jane", work("jane"))
    pack(tmp_path / "class" / f"{around}john.zip", work("john"))
    assert who(tmp_path / "class") == TWO


def test_a_zip_of_zips_is_a_class(tmp_path):
    inner = {f"{n}.zip": pack(tmp_path / n, work(n)).read_bytes() for n in TWO}
    assert who(pack(tmp_path / "bulk.zip", inner)) == TWO


def test_namesakes_in_two_sections_are_told_apart(tmp_path):
    for section in "ab":
        for student in ("kim", f"only-{section}-lee"):
            spread(tmp_path / f"section-{section}" / student, work(student + section))
    assert set(who(tmp_path)) == {
        "section-a_kim",
        "only-a-lee",
        "section-b_kim",
        "only-b-lee",
    }


@pytest.mark.parametrize(
    "folders",
    [
        ("hw", "hw-old"),
        ("ana", "ana_v2"),
        ("final", "draft"),
        ("V 2", "a"),
        ("hw (1)", "hw (2)"),
        ("2024-01-02", "2024-01-09"),
    ],
)
def test_versions_of_one_students_work_are_no_class(tmp_path, folders):
    for folder in folders:
        spread(tmp_path / "ana" / folder, CLEAN)
    spread(tmp_path / "ben", CLEAN)
    assert list(who(tmp_path)) == ["ana", "ben"]
    pack(tmp_path / "cy.zip", below(folders[0], CLEAN) | below(folders[1], CLEAN))
    assert list(who(tmp_path)) == ["ana", "ben", "cy"]


def test_students_in_one_tar_are_refused(tmp_path):
    both = below("jane", work("jane")) | below("john", work("john"))
    submission = read_submission(pack_tar(tmp_path / "bulk.tar.gz", both))
    assert "the work of several students (2): 'jane', 'john'; hand them over" in submission.refused


@pytest.mark.parametrize(
    ("first", "second", "students"),
    [
        (
            "doejane_123456_7890_",
            "roejohn_LATE_123457_7891_",
            ["doejane_123456", "roejohn_LATE_123457"],
        ),
        (
            "Jane Doe_12_assignsubmission_file_",
            "John Doe_13_assignsubmission_file_",
            ["Jane Doe_12", "John Doe_13"],
        ),
        (
            "HW 1_jd_attempt_2024-01-02-03-04-05_",
            "HW 1_jr_attempt_2024-01-02-03-04-05_",
            ["HW 1_jd", "HW 1_jr"],
        ),
        (
            "12-34 - Jane Doe - Oct 3, 2024 1159 PM - ",
            "13-34 - John - Doe - Oct 4, 2024 901 AM - ",
            ["12-34 - Jane Doe - Oct 3, 2024 1159 PM", "13-34 - John - Doe - Oct 4, 2024 901 AM"],
        ),
    ],
    ids=["Canvas", "Moodle", "Blackboard", "Brightspace"],
)
@pytest.mark.parametrize("form", ["files", "zips", "one zip"])
def test_the_names_that_an_lms_gives_tell_whose_a_file_is(tmp_path, first, second, students, form):
    files = {}
    for prefix in (first, second):
        own = (
            work(prefix, FLAT)
            if form != "zips"
            else {"hw.zip": pack(tmp_path / "x", work(prefix)).read_bytes()}
        )
        files |= {prefix + name.replace(".py", "-1.py"): content for name, content in own.items()}
    path = (
        pack(tmp_path / "all.zip", files)
        if form == "one zip"
        else spread(tmp_path / "class", files)
    )
    assert who(path) == dict(zip(students, (first, second), strict=True))


def test_two_zips_of_one_attempt_in_brightspace_are_one_students(tmp_path):
    start = "12-34 - Jane Doe - Oct 3, 2024 1159 PM"
    for folder in ("assignment/", "notebooks/"):
        files = {name: c for name, c in work("jane").items() if name.startswith(folder)}
        pack(tmp_path / "class" / f"{start} - {folder[:-1]}.zip", files)
    (tmp_path / "class" / "index.html").touch()
    (one,) = map(read_submission, find_submissions(tmp_path / "class"))
    assert (one.student, len(one.files) + len(one.notebooks)) == (start, len(CLEAN))


def test_of_the_versions_that_teams_keeps_the_newest_counts(tmp_path):
    for number in (1, 2, 10):
        pack(tmp_path / f"Jane Doe/HW 1/Version {number}/hw.zip", work(str(number)))
    pack(tmp_path / "John Roe/HW 1/Version 1/hw.zip", work("john"))
    assert who(tmp_path) == {"Jane Doe": "10", "John Roe": "john"}


def test_a_zip_beside_single_files_of_one_student_is_told(tmp_path):
    """As Google Drive names them."""
    pack(tmp_path / "Jane Doe - hw.zip", CLEAN)
    spread(tmp_path / "x", {})
    (tmp_path / "Jane Doe - affine.py").write_bytes(b"")
    found = {one.student: read_submission(one) for one in find_submissions(tmp_path)}
    said = "may be another version of the work of 'Jane Doe'"
    assert found["Jane Doe - hw"].findings[0] == said


def test_one_zip_does_not_fill_the_table_with_names(tmp_path):
    names = {
        f"{a}{b}{c}/affine.py" for a in "abcdefghijk" for b in "abcdefghij" for c in "qrstuvwxyz"
    }
    pack(tmp_path / "eve.zip", dict.fromkeys(names, b""))
    pack(tmp_path / "ana.zip", work("ana"))
    found = {one.student: read_submission(one) for one in find_submissions(tmp_path)}
    assert list(found) == ["ana", "eve"]
    assert "it holds the work of several students (1,100)" in found["eve"].refused


def test_a_gradescope_export_is_a_class(tmp_path):
    export = tmp_path / "assignment_1_export"
    spread(export / "submission_123456", work("a", FLAT))
    spread(export / "submission_123457", work("b"))
    (export / "submission_metadata.yml").touch()
    students = {"submission_123456": "a", "submission_123457": "b"}
    assert who(export) == students
    assert who(tmp_path) == students


def test_single_files_are_submissions(tmp_path):
    source = b"def affine_forward(): ...\n"
    files = {"ana.py": source, "ben_affine.py": b"ben", "ben - sgd.py": b"x", "cy.ipynb": b"{}"}
    folder = spread(tmp_path / "class", {**files, "dan.zip": b"", "roster.csv": b""})
    assert who(folder) == {"ana": source.decode(), "ben": "ben", "cy": "", "dan": ""}
    assert name_left_out(folder, find_submissions(folder)).endswith("(1): 'roster.csv'")
    refused = {one.student: one.refused for one in map(read_submission, find_submissions(folder))}
    assert "cannot read submission 'cy.ipynb'" in refused["cy"]
    assert refused["ben"] == ""


@pytest.mark.parametrize("kept", ["assignment/", "notebooks/", "notebooks/05"])
def test_half_a_submission_is_one(tmp_path, kept):
    files = {name: content for name, content in CLEAN.items() if name.startswith(kept)}
    spread(tmp_path / "submission", files)
    assert list(who(tmp_path / "submission")) == ["submission"]
    flat = {name.split("/")[1]: content for name, content in files.items()}
    spread(tmp_path / "flat", flat)
    assert list(who(tmp_path / "flat")) == ["flat"]


def test_a_single_file_is_a_class_of_one(tmp_path):
    spread(tmp_path / "x", {"affine.py": b"ana"})
    assert who(tmp_path / "x" / "affine.py") == {"affine": "ana"}


@pytest.mark.parametrize("name", ["ana.rar", "ana.7z", "ana.tar.xz", "ana.tgz"])
def test_an_archive_that_cannot_be_read_is_a_submission(tmp_path, name):
    spread(tmp_path / "class", {name: b"Rar!", "ben.zip": b""})
    (ana, _) = map(read_submission, find_submissions(tmp_path / "class"))
    assert (ana.student, ana.files) == ("ana", {})
    assert "it is not a zip; ask the student" in ana.refused or "damaged" in ana.refused


def test_of_two_with_one_name_in_a_zip_each_has_a_row(tmp_path):
    names = ("Jane", "jane", "john")
    files = {}
    for name in names:
        files |= below(name, work(name))
    path = pack(tmp_path / "bulk.zip", files)
    assert who(path) == {name: name for name in names}
    said = [read_submission(one).findings[-1] for one in find_submissions(path)]
    assert ["have the same name" in finding for finding in said] == [True, True, False]


@pytest.mark.parametrize("name", ["Assignment", "notebooks"])
@pytest.mark.parametrize("write", [pack, spread])
def test_a_class_may_be_called_like_a_folder_of_the_course(tmp_path, name, write):
    """Its students, or one of them, are not taken for one submission."""
    for student in TWO:
        suffix = ".zip" if write is pack else ""
        write(tmp_path / "a" / name / f"{student}{suffix}", work(student))
        write(tmp_path / "b" / f"{student}{suffix}", work(student))
    assert who(tmp_path / "a") == who(tmp_path / "a" / name) == TWO
    spread(tmp_path / "b" / name, {Path(AFFINE).name: b"third"})
    assert who(tmp_path / "b") == {**TWO, name: "third"}
    bulk = {n: c for student in TWO for n, c in below(student, work(student)).items()}
    pack(tmp_path / "c" / "bulk.zip", {**bulk, f"{name}/affine.py": b"third"})
    assert who(tmp_path / "c") == {**TWO, name: "third"}


def test_one_students_other_folders_make_no_class(tmp_path):
    more = {"my tries/affine.py": b"", "results/losses.py": b"", "old.zip": b"", "jane.zip": b""}
    spread(tmp_path / "ana", {**work("ana"), **more})
    assert who(tmp_path / "ana") == {"ana": "ana"}
    pack(tmp_path / "ben.zip", {**work("ben"), **more})
    assert who(tmp_path / "ben.zip") == {"ben": "ben"}


def test_paths_with_brackets_and_colons_are_read(tmp_path):
    folder = Path(tmp_path / "hw[1] :: ä #%")
    spread(folder / "ana", work("ana"))
    spread(folder / "ben[2]", {AFFINE: b"ben"})
    assert who(folder) == {"ana": "ana", "ben[2]": "ben"}


@pytest.mark.parametrize(
    "names", [("group 1", "group 2"), ("student_a", "student_b"), ("Team1", "Team2")]
)
def test_numbers_tell_groups_of_people_apart(tmp_path, names):
    files = {}
    for name in names:
        files |= below(name, work(name))
    assert who(pack(tmp_path / "bulk.zip", files)) == {name: name for name in names}
    spread(tmp_path / "class" / "section", files)
    assert who(tmp_path / "class") == {name: name for name in names}


def test_folders_named_after_topics_are_no_students(tmp_path):
    files = {f"{Path(name).stem}/{Path(name).name}": b"x" for name in CLEAN}
    assert list(who(pack(tmp_path / "ana.zip", files))) == ["ana"]


def test_versions_with_a_time_before_them_are_no_students(tmp_path):
    folder = tmp_path / "class" / "Lee_Kim_1235"
    spread(folder, {"20240501101010_hw.zip": b"", "20240502101010_hw.zip": b""})
    spread(tmp_path / "class" / "Doe_Jane_1234", CLEAN)
    assert list(who(tmp_path / "class")) == ["Doe_Jane_1234", "Lee_Kim_1235"]


def test_numbered_sections_in_one_zip_are_a_class(tmp_path):
    students = {"1/jane": "jane", "1/kim": "section 1_kim", "2/kim": "section 2_kim"}
    files = {}
    for path, student in students.items():
        files |= below(f"section {path}", work(student))
    assert who(pack(tmp_path / "bulk.zip", files)) == {name: name for name in students.values()}


@pytest.mark.parametrize("write", [pack, spread])
def test_names_before_the_files_tell_students_apart(tmp_path, write):
    files = {}
    for name in ("Jane Doe", "John Doe"):
        files |= {f"HW 1/{name} - {file}": c for file, c in work(name, FLAT).items()}
    found = who(write(tmp_path / "class.zip", files))
    assert found == {"Jane Doe": "Jane Doe", "John Doe": "John Doe"}


def test_files_with_different_words_before_them_are_one_students(tmp_path):
    files = {"jane_affine.py": b"x", "smith_sgd.py": b"y", "losses.py": b"z"}
    assert list(who(pack(tmp_path / "ana.zip", files))) == ["ana"]


@pytest.mark.parametrize("write", [pack, spread])
def test_who_has_handed_in_something_else_is_in_the_class(tmp_path, write):
    files = below("section/jane", work("jane")) | below("section/john", work("john"))
    files |= {"section/kim/essay.pdf": b"", "section/old/essay.pdf": b"", "section/list.csv": b""}
    path = write(tmp_path / "class" / "x.zip", files)
    found = {one.student: read_submission(one) for one in find_submissions(path.parent)}
    assert list(found) == ["jane", "john", "kim"]
    assert "holds neither assignment/ nor notebooks/" in found["kim"].refused


def test_an_empty_folder_in_a_section_is_in_the_class(tmp_path):
    spread(tmp_path / "sec", below("jane", work("jane")) | below("john", work("john")))
    (tmp_path / "sec" / "kim").mkdir()
    assert [one.student for one in find_submissions(tmp_path)] == ["jane", "john", "kim"]


@pytest.mark.parametrize(
    ("counts", "other"),
    [
        ("Version 10", "Version 9"),
        ("2024-05-02", "2024-05-01"),
        ("ana_v2", "ana"),
        ("hw", "hw old"),
        ("final", "draft"),
    ],
)
def test_of_several_versions_the_newest_name_counts(tmp_path, counts, other):
    files = below(counts, work("new")) | below(other, work("old"))
    assert who(pack(tmp_path / "ana.zip", files)) == {"ana": "new"}


@pytest.mark.parametrize(
    "name",
    [
        "ana.zip.txt",  # saved as text
        "ana.zip.zip",
        "ana.zip.crdownload",
        "ana.zip.gz",
        "ana.zipx",
        "ana.7z.001",
        "ana.tar.Z",
        ".ana.zip.icloud",  # not downloaded by iCloud
        "ana.py.txt",
        "ana",  # without an ending
    ],
)
def test_an_archive_with_an_odd_name_has_a_row(tmp_path, name):
    zipped = pack(tmp_path / "x", CLEAN).read_bytes()
    spread(tmp_path / "class", {name: zipped, "ben.zip": zipped, "roster": b"ana, ben"})
    assert sorted(one.student for one in find_submissions(tmp_path / "class")) == ["ana", "ben"]


def test_a_link_to_nowhere_has_a_row(tmp_path):
    spread(tmp_path / "ben", CLEAN)
    (tmp_path / "ana").symlink_to("nowhere")
    found = {one.student: read_submission(one).refused for one in find_submissions(tmp_path)}
    assert "it is a symbolic link" in found["ana"]
    assert found["ben"] == ""


def test_of_moodles_two_folders_that_with_the_files_counts(tmp_path):
    files = {}
    for student in ("Jane Doe_12", "John Doe_13"):
        files |= below(f"{student}_assignsubmission_file_", work(student))
        files[f"{student}_assignsubmission_onlinetext_/onlinetext.html"] = b""
    expected = {name: name for name in ("Jane Doe_12", "John Doe_13")}
    assert who(spread(tmp_path / "class", files)) == expected
    assert who(pack(tmp_path / "bulk.zip", files)) == expected


def test_another_version_of_a_students_work_is_named(tmp_path):
    for name in ("jane", "jane (1)", "Jane_v3", "jane final", "janet", "kim 2", "kim 3"):
        pack(tmp_path / f"{name}.zip", CLEAN)
    said = {one.student: read_submission(one).findings for one in find_submissions(tmp_path)}
    finding = ("may be another version of the work of 'jane'",)
    assert {name for name in said if said[name] == finding} == {
        "jane (1)",
        "Jane_v3",
        "jane final",
    }
    assert said["jane"] == said["janet"] == said["kim 2"] == ()
