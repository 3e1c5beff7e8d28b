"""What intake finds in a class, as each system delivers it, goes to the people of the roster."""

import pytest

from autograder.intake.classes import find_submissions
from autograder.roster.attempts import split_attempts
from autograder.roster.file_names import find_assignment, list_path, read_owner
from autograder.roster.matching import Matcher
from autograder.roster.people import Person
from tests.machinery.intake.given import CLEAN, below, pack, spread

PEOPLE = [
    Person("jdoe", "Jane Doe", "jane@x.edu", "jdoe", ("100001",), sort_name="Doe, Jane"),
    Person("j-roe", "John Roe", "john@x.edu", "j-roe", ("100002",), sort_name="Roe, John"),
]


def match_class(folder):
    """Return whose each submission of a class is, by the students' keys."""
    found = find_submissions(folder)
    paths = [list_path(one, folder) for one in found]
    assignment = find_assignment([p for path in paths for p in path], [p.login for p in PEOPLE])
    matcher = Matcher(PEOPLE)
    matches = [
        matcher.find("/".join(path), read_owner(path, assignment), one.student)
        for one, path in zip(found, paths, strict=True)
    ]
    assert [match.problem for match in matches] == [""] * len(matches)
    return [student for match in matches for student in match.students]


NAMES = {
    "Canvas": ("doejane_100001_456_hw.zip", "roejohn_LATE_100002_457_hw-1.zip"),
    "Moodle": (
        "Jane Doe_7701_assignsubmission_file_/hw.zip",
        "John Roe_7702_assignsubmission_file_/hw.zip",
    ),
    "Moodle's files": (
        "Jane Doe_7701_assignsubmission_file_hw.zip",
        "John Roe_7702_assignsubmission_file_hw.zip",
    ),
    "Blackboard": (
        "HW 1_jdoe_attempt_2024-03-01-12-30-05_hw.zip",
        "HW 1_j-roe_attempt_2024-03-01-12-30-06_hw.zip",
    ),
    "Brightspace": (
        "12-34 - Jane Doe - Oct 3, 2024 1159 PM - hw.zip",
        "13-34 - John Roe - Oct 3, 2024 1159 PM - hw.zip",
    ),
    "GitHub Classroom": ("hw-1-jdoe.zip", "hw-1-j-roe.zip"),
    "Sakai": (
        "Doe, Jane(jdoe)/Submission attachment(s)/hw.zip",
        "Roe, John(j-roe)/Submission attachment(s)/hw.zip",
    ),
    "ILIAS": (
        "Doe_Jane_jdoe_1234/20240301123005_hw.zip",
        "Roe_John_j-roe_1235/20240301123005_hw.zip",
    ),
    "nbgrader": ("submitted/jdoe/hw1/hw.zip", "submitted/j-roe/hw1/hw.zip"),
    "logins": ("jdoe.zip", "j-roe.zip"),
    "addresses": ("jane@x.edu.zip", "john@x.edu.zip"),
    "names": ("Doe, Jane.zip", "John Roe.zip"),
}


@pytest.mark.parametrize("form", ["files", "one zip"])
@pytest.mark.parametrize("system", NAMES)
def test_a_class_of_a_system_is_matched(tmp_path, system, form):
    zipped = pack(tmp_path / "x", CLEAN).read_bytes()
    files = dict.fromkeys(NAMES[system], zipped)
    folder = tmp_path / "class"
    if form == "files":
        spread(folder, files)
    else:
        pack(folder / "bulk.zip", files)
    assert sorted(match_class(folder)) == ["j-roe", "jdoe"]


@pytest.mark.parametrize("form", [spread, pack])
def test_repositories_are_matched(tmp_path, form):
    files = below("hw-1-jdoe", CLEAN) | below("hw-1-j-roe", CLEAN)
    form(tmp_path / "class" / ("x.zip" if form is pack else "hw-1"), files)
    assert sorted(match_class(tmp_path / "class")) == ["j-roe", "jdoe"]


def test_a_single_submission_is_matched(tmp_path):
    assert match_class(spread(tmp_path / "jdoe", CLEAN)) == ["jdoe"]
    path = pack(tmp_path / "Jane Doe.zip", CLEAN)
    assert match_class(path) == ["jdoe"]


def test_two_attempts_that_intake_reads_together_are_told_apart(tmp_path):
    names = [f"HW 1_jdoe_attempt_2024-03-0{day}-12-30-05_hw.zip" for day in (2, 1)]
    zipped = pack(tmp_path / "x", CLEAN).read_bytes()
    spread(tmp_path / "class", dict.fromkeys(names, zipped))
    (one,) = find_submissions(tmp_path / "class")
    attempts = split_attempts(one.inside, lambda name: read_owner([name]))
    assert attempts == [[names[1]], [names[0]]]
