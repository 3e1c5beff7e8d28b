"""What systems write into names of files and folders is read, and nothing that students write."""

from datetime import datetime, timedelta, timezone

import pytest

from autograder.intake.places import find_lms_owner
from autograder.roster.file_names import Owner, find_assignment, read_owner

ZONE = timezone(timedelta(hours=-5))
NOON = datetime(2024, 3, 1, 12, 30, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        # Canvas: the name to sort by, without all that is no letter
        ("doejane_123_456_hw.zip", Owner("Canvas", "doejane", "123", rest="hw.zip")),
        (
            "doejane_LATE_123_456_hw-1.zip",
            Owner("Canvas", "doejane", "123", late=True, attempt=1, rest="hw-1.zip"),
        ),
        (
            "delacruzanamaria_123_456_my_hw_2.zip",
            Owner("Canvas", "delacruzanamaria", "123", rest="my_hw_2.zip"),
        ),
        ("anon_a1B2c_456_hw.zip", Owner("Canvas", rest="hw.zip")),
        ("anon_12345_456_hw.zip", Owner("Canvas", id="12345", rest="hw.zip")),
        # Moodle: a folder for each student, or all files in one
        ("Jane Doe_7701_assignsubmission_file_", Owner("Moodle", "Jane Doe", "7701")),
        ("Jane Doe_7701_assignsubmission_file", Owner("Moodle", "Jane Doe", "7701")),
        (
            "Jane Doe_7701_assignsubmission_file_/work/hw.zip",
            Owner("Moodle", "Jane Doe", "7701", rest="hw.zip"),
        ),
        (
            "Jane Doe_7701_assignsubmission_file_my_hw (2).zip",
            Owner("Moodle", "Jane Doe", "7701", attempt=2, rest="my_hw (2).zip"),
        ),
        (
            "Jane Doe_7701_assignsubmission_onlinetext_/onlinetext.html",
            Owner("Moodle", "Jane Doe", "7701", rest="onlinetext.html"),
        ),
        ("Participant_7701_assignsubmission_file_", Owner("Moodle", id="7701")),
        ("Teilnehmer/in".replace("/", "") + "_77_assignsubmission_file_", Owner("Moodle", id="77")),
        (
            "Team 4-Jane Doe_7701_assignsubmission_file_",
            Owner("Moodle", "Team 4-Jane Doe", "7701"),
        ),
        # Gradescope
        ("submission_128746829", Owner("Gradescope", id="128746829")),
        (
            "assignment_9100_export/submission_128746829/hw.zip",
            Owner("Gradescope", id="128746829", rest="hw.zip"),
        ),
        # Blackboard: logins need not be numbers
        (
            "HW 1_jdoe_attempt_2024-03-01-12-30-05_hw.zip",
            Owner("Blackboard", login="jdoe", at=NOON, rest="hw.zip"),
        ),
        ("HW 1_jdoe_attempt_2024-03-01-12-30-05.txt", Owner("Blackboard", login="jdoe", at=NOON)),
        # Brightspace, also with a folder for each
        (
            "123-456 - Jane Doe - Mar 1, 2024 1230 PM - hw.zip",
            Owner("Brightspace", "Jane Doe", "123", at=NOON.replace(second=0), rest="hw.zip"),
        ),
        (
            "123-456 - John - Doe - Mar 1, 2024 1230 PM/hw.zip",
            Owner("Brightspace", "John - Doe", "123", at=NOON.replace(second=0), rest="hw.zip"),
        ),
        # Sakai
        (
            "Doe, Jane(jdoe1)/Submission attachment(s)/hw.zip",
            Owner("Sakai", "Doe, Jane", login="jdoe1", rest="hw.zip"),
        ),
        (
            "Sukarno(suk1)/Submission attachment(s)/hw.zip",
            Owner("Sakai", "Sukarno", login="suk1", rest="hw.zip"),
        ),
        (
            "Doe, Jane(jdoe1)_Submission attachment(s)_hw.zip",
            Owner("Sakai", "Doe, Jane", login="jdoe1", rest="hw.zip"),
        ),
        # ILIAS
        (
            "Doe_Jane_jdoe_1234/20240301123005_hw.zip",
            Owner("ILIAS", "Doe_Jane", "1234", "jdoe", at=NOON, rest="hw.zip"),
        ),
        ("de_la_Cruz_Ana_acruz_1235", Owner("ILIAS", "de_la_Cruz_Ana", "1235", "acruz")),
        # nbgrader: what it has collected, and its exchange
        (
            "submitted/jdoe/hw1/affine.ipynb",
            Owner("nbgrader", login="jdoe", rest="affine.ipynb"),
        ),
        ("submitted/jdoe", Owner("nbgrader", login="jdoe")),
        (
            "doe1j+PHY-Charge+Plate+2024-03-01 17:30:05.123456 UTC+x1y2",
            Owner("nbgrader", login="doe1j", at=NOON),
        ),
        # Autolab
        (
            "jane@cmu.edu_2_handin.zip",
            Owner("Autolab", email="jane@cmu.edu", attempt=2, rest="handin.zip"),
        ),
        # Google Classroom
        ("Jane Doe - affine.ipynb", Owner("Google Classroom", "Jane Doe", rest="affine.ipynb")),
    ],
)
def test_a_system_says_whose_a_file_is(path, owner):
    assert read_owner(path.split("/"), zone=ZONE) == owner


@pytest.mark.parametrize(
    "path",
    [
        "jane.zip",
        "hw (1).zip",
        "jane/hw-1.zip",
        "jane_doe_final.zip",
        "assignment/affine.py",
        "final_lab_hw_2",
        "hw-1-jane-doe",
        "a - b.zip",
        "submission.zip",
    ],
)
def test_a_name_of_no_system_says_nothing(path):
    assert read_owner(path.split("/")) is None


def test_the_outermost_name_counts():
    """A student cannot take the place of another by the name of a file."""
    inside = ("Jane Doe_7701_assignsubmission_file_", "roejohn_1_2_hw.zip")
    assert read_owner(inside) == Owner("Moodle", "Jane Doe", "7701", rest="roejohn_1_2_hw.zip")
    owner = read_owner(["doejane_1_2_submission_77"])
    assert (owner.system, owner.rest) == ("Canvas", "submission_77")


@pytest.mark.parametrize("letters", ["_", "1_", "-1", " - 1", ".a", "+"])
def test_a_long_name_takes_no_time(letters):
    """In a zip it may have 65,535 letters, for which a pattern would take minutes."""
    assert read_owner([letters * (60_000 // len(letters))]) is None


def test_a_time_has_a_zone_only_if_one_is_known():
    name = "HW 1_jdoe_attempt_2024-03-01-12-30-05_hw.zip"
    assert read_owner([name]).at == datetime(2024, 3, 1, 12, 30, 5)
    assert read_owner([name.replace("03-01", "13-41")]).at is None


@pytest.mark.parametrize(
    ("names", "logins", "assignment", "owners"),
    [
        (["hw-1-jane-doe", "hw-1-roe"], ["jane-doe", "roe"], "hw-1", ["jane-doe", "roe"]),
        # All logins begin alike.
        (["hw-a-b.zip", "hw-a-c.zip"], ["a-b", "a-c"], "hw", ["a-b", "a-c"]),
        (["hw-a-b", "hw-a-c"], ["b", "c"], "hw-a", ["b", "c"]),
        (["hw-jane-main.zip", "hw-roe"], ["jane", "roe"], "hw", ["jane-main", "roe"]),
        # Another file lies beside them.
        (["hw-jane", "hw-roe", "my-notes-x"], ["jane", "roe"], "hw", ["jane", "roe", ""]),
        # It is not clear which of them is meant.
        (["hw-a-b"], ["a-b", "b"], "", [""]),
        (["hw-a"], ["x"], "", [""]),
        (
            [f"HW_1_{one}_attempt_2024-03-01-12-30-05_hw.zip" for one in ("j_doe", "roe")],
            ["j_doe", "roe"],
            "HW_1",
            ["j_doe", "roe"],
        ),
    ],
)
def test_the_assignment_before_the_logins_is_found(names, logins, assignment, owners):
    assert find_assignment(names, logins) == assignment
    found = [read_owner([name], assignment) for name in names]
    assert [owner.login if owner else "" for owner in found] == owners


# Intake finds the students of a class by such names.
OF_INTAKE = [
    "doejane_123456_7890_affine-1.py",
    "roejohn_LATE_123457_7891_hw.zip",
    "Jane Doe_12_assignsubmission_file_affine.py",
    "HW 1_jd_attempt_2024-01-02-03-04-05_affine.py",
    "12-34 - Jane Doe - Oct 3, 2024 1159 PM - affine.py",
    "13-34 - John - Doe - Oct 4, 2024 901 AM - affine.py",
]


@pytest.mark.parametrize("name", OF_INTAKE)
def test_intake_reads_the_same(name):
    who, rest = find_lms_owner(name)
    owner = read_owner([name])
    assert who
    assert owner.rest == rest
    assert (owner.name or owner.login) in who
