"""A file goes to whoever it is of, or to nobody with a reason: never to somebody by guess."""

import pytest

from autograder.roster.file_names import Owner, read_owner
from autograder.roster.gradescope import Submitter
from autograder.roster.matching import Match, Matcher
from autograder.roster.people import Person, join_name
from autograder.roster.rosters import read_roster


def person(student, first="", last="", **more):
    name, sort_name = join_name(first, last)
    return Person(student, name, sort_name=sort_name, **more)


PEOPLE = [
    person("jdoe", "Jane", "Doe", login="jdoe", email="jane@x.edu", ids=("0123", "100001")),
    person("roe@x.edu", "John", "Roe", email="roe@x.edu", ids=("0124",), groups=("Team 4",)),
    person("acruz", "Ana Maria", "de la Cruz", login="acruz", groups=("Team 4",)),
    person("toneil", "Tim", "O'Neil", login="toneil"),
    person("sukarno", "", "Sukarno", login="sukarno"),
    person("wang", "小明", "王", login="wang"),
    person("jm", "Jürgen", "Müller", login="jm"),
    person("kim1", "Min", "Kim", login="kim1", ids=("55",)),
    person("kim2", "Min", "Kim", login="kim2", ids=("56",)),
    person("king", "", "King, Martin, Jr.", login="king"),
    person("Jane-Doe", "Jo", "Poe", login="Jane-Doe"),  # a login like another's name
    person("left", "Al", "Left", login="left", withdrawn=True),
    person("rāmā", "राम", "सीता", login="rama"),
]
MATCHER = Matcher(PEOPLE)


def find(name, matcher=MATCHER, assignment="", student=""):
    """Match a name as a class has it, without the end of an archive for intake's name."""
    path = name.split("/")
    owner = read_owner(path, assignment)
    return matcher.find(name, owner, student or path[0].removesuffix(".zip"))


@pytest.mark.parametrize(
    ("name", "student", "how"),
    [
        # a plain name
        ("jdoe.zip", "jdoe", "login"),
        ("JDOE", "jdoe", "login"),
        ("jane@x.edu.zip", "jdoe", "e-mail address"),
        ("0123.zip", "jdoe", "id"),
        ("jdoe (1).zip", "jdoe", "login"),
        ("Jane Doe", "jdoe", "name"),
        ("jane_doe.zip", "jdoe", "name"),
        ("Doe, Jane", "jdoe", "name"),
        ("doejane", "jdoe", "name"),
        ("Roe John.zip", "roe@x.edu", "name"),
        ("left.zip", "left", "login"),
        # names that hurt
        ("Ana Maria de la Cruz", "acruz", "name"),
        ("de la Cruz, Ana Maria", "acruz", "name"),
        ("delacruzanamaria_1_2_hw.zip", "acruz", "name"),
        ("O'Neil, Tim", "toneil", "name"),
        ("Tim O\u2019Neil", "toneil", "name"),
        ("Tim ONeil_7_assignsubmission_file_", "toneil", "name"),
        ("oneiltim_1_2_hw.zip", "toneil", "name"),
        ("Sukarno_7_assignsubmission_file_", "sukarno", "name"),
        ("王小明_7_assignsubmission_file_", "wang", "name"),
        ("小明 王_7_assignsubmission_file_", "wang", "name"),
        ("王小明_1_2_hw.zip", "wang", "name"),
        ("Ju\u0308rgen Mu\u0308ller", "jm", "name"),
        ("mu\u0308llerju\u0308rgen_1_2_hw.zip", "jm", "name"),
        ("\uff2aane \uff24oe", "jdoe", "name"),  # wide letters
        ("kingmartinjr_1_2_hw.zip", "king", "name"),
        ("King, Martin, Jr.", "king", "name"),
        # what systems write
        ("doejane_100001_2_hw.zip", "jdoe", "id"),
        ("doejane_LATE_9_2_hw.zip", "jdoe", "name"),
        ("Jane Doe_77_assignsubmission_file_", "jdoe", "name"),
        ("HW 1_jdoe_attempt_2024-03-01-12-30-05_hw.zip", "jdoe", "login"),
        ("9-8 - John Roe - Mar 1, 2024 1230 PM - hw.zip", "roe@x.edu", "name"),
        ("Doe, Jane(jdoe)/Submission attachment(s)/hw.zip", "jdoe", "login"),
        ("Doe_Jane_jdoe_1234/20240301123005_hw.zip", "jdoe", "login"),
        ("submitted/jdoe/hw1/affine.ipynb", "jdoe", "login"),
        ("Jane Doe - affine.ipynb", "jdoe", "name"),
        ("roe@x.edu_2_handin.zip", "roe@x.edu", "e-mail address"),
        # the group of a submission of Moodle stands before the name
        ("Team 4-Ana Maria de la Cruz_7_assignsubmission_file_", "acruz", "name"),
        ("Default group-Jane Doe_7_assignsubmission_file_", "jdoe", "name"),
    ],
)
def test_a_file_goes_to_whoever_it_is_of(name, student, how):
    assert find(name) == Match((student,), how)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        # nobody
        ("nobody.zip", "nobody in the roster has the name 'nobody'"),
        ("jdoe2", "nobody in the roster has the name 'jdoe2'"),
        ("jane", "nobody in the roster has the name 'jane'"),
        ("Jane Do", "nobody in the roster has the name 'Jane Do'"),
        ("Jan Edoe", "nobody in the roster has the name 'Jan Edoe'"),
        ("Jurgen Muller", "nobody in the roster has the name 'Jurgen Muller'"),
        ("hw1_jdoe", "nobody in the roster has the name 'hw1_jdoe'"),
        ("राम सेता", "nobody in the roster has the name"),  # another vowel
        ("Ann-Jane Doe_7_assignsubmission_file_", "the id '7' or the name 'Ann-Jane Doe'"),
        ("doejim_9_8_hw.zip", "nobody in the roster has the id '9' or the name 'doejim'"),
        ("anon_a1B2_8_hw.zip", "nothing in its name tells whose it is"),
        ("submission_77", "nothing tells whose submission '77' is; give submission_metadata.yml"),
        ("\x1b[2J\u202e", "nobody in the roster has the name '\\x1b[2J<U+202E>'"),
        # two of one name
        ("Min Kim", "the name 'Min Kim' is that of Min Kim (kim1) and Min Kim (kim2)"),
        ("kimmin_1_2_hw.zip", "is that of Min Kim (kim1) and Min Kim (kim2)"),
        # an id of one, a name of another
        (
            "roejohn_100001_2_hw.zip",
            "the id '100001' is that of Jane Doe (jdoe), the name 'roejohn' is that of "
            "John Roe (roe@x.edu)",
        ),
        (
            "Doe, Jane(toneil)/Submission attachment(s)/hw.zip",
            "the login 'toneil' is that of Tim O'Neil (toneil), the name 'Doe, Jane' is that of "
            "Jane Doe (jdoe)",
        ),
        (
            "team4_100001_2_hw.zip",
            "the id '100001' is that of Jane Doe (jdoe), the name 'team4' is that of "
            "John Roe (roe@x.edu) and Ana Maria de la Cruz (acruz)",
        ),
        # the name of one is the login of another
        ("jane-doe", "'jane-doe' is that of Jo Poe (Jane-Doe) and Jane Doe (jdoe)"),
        # zeros that a spreadsheet has dropped
        (
            "123.zip",
            "nobody in the roster has the name '123'; '0123' is that of Jane Doe (jdoe): "
            "a spreadsheet may have dropped zeros",
        ),
        ("x_0055_2_hw.zip", "'55' is that of Min Kim (kim1): a spreadsheet may have dropped zeros"),
    ],
)
def test_what_matches_nobody_or_several_is_told(name, problem):
    match = find(name)
    assert (match.students, match.how) == ((), "")
    assert problem in match.problem
    assert match.problem.isprintable()


def test_a_comma_tells_the_last_name():
    """Lee Kim may be the first and the last name of one, or the other way round of another."""
    matcher = Matcher([person("a", "Kim", "Lee"), person("b", "Lee", "Kim")])
    assert find("Lee, Kim", matcher).students == ("a",)
    assert find("leekim_1_2_hw.zip", matcher).students == ()
    assert find("Lee Kim", matcher).students == ()
    # A roster without last names does not tell.
    assert find("doejane_1_2_hw.zip", Matcher([Person("a", "Jane Doe")])).students == ("a",)
    assert find("Doe, Jane", Matcher([Person("a", "Jane Doe")])).students == ("a",)
    assert find("Doe Jane", Matcher([Person("a", "Jane Doe")])).students == ()


def test_an_id_tells_namesakes_apart():
    assert find("kimmin_55_2_hw.zip") == Match(("kim1",), "id")
    assert find("kimmin_56_2_hw.zip") == Match(("kim2",), "id")


def test_a_name_tells_people_apart_who_share_an_address():
    """A bad row of the roster costs nobody who can be told by something else."""
    people = [
        person("a", "Jane", "Doe", email="both@x.edu", ids=("7",)),
        person("b", "John", "Roe", email="both@x.edu", ids=("7",)),
    ]
    matcher = Matcher(people)
    assert find("roejohn_7_2_hw.zip", matcher) == Match(("b",), "id")
    assert find("both@x.edu.zip", matcher).students == ()
    assert "Jane Doe (a) and John Roe (b)" in find("both@x.edu.zip", matcher).problem
    assert "Jane Doe (a) and John Roe (b)" in find("poejim_7_2_hw.zip", matcher).problem


def test_somebody_who_left_is_not_taken_for_a_namesake():
    """The one that is enrolled has another number in the same system."""
    people = [person("jdoe", "Jane", "Doe", file_id="Canvas 6")]
    assert find("doejane_6_2_hw.zip", Matcher(people)) == Match(("jdoe",), "id")
    match = find("doejane_5_2_hw.zip", Matcher(people))
    assert match.students == ()
    assert match.problem == ("nobody in the roster has the id '5'; Jane Doe (jdoe) has '6' there")
    # The number of another system says nothing about that of Canvas.
    assert find("Jane Doe_5_assignsubmission_file_", Matcher(people)).students == ("jdoe",)


def test_a_number_of_moodle_is_no_id_of_a_student():
    people = [person("jdoe", "Jane", "Doe", ids=("7701",)), person("roe", "John", "Roe")]
    assert find("John Roe_7701_assignsubmission_file_", Matcher(people)) == Match(("roe",), "name")
    people = [person("jdoe", "Jane", "Doe", ids=("7701",), file_id="Moodle 7701")]
    assert find("Participant_7701_assignsubmission_file_", Matcher(people)).students == ("jdoe",)


@pytest.mark.parametrize(
    "name",
    [
        "Team 4",
        "team4.zip",
        "team4_9_8_hw.zip",
        "HW 1_Team 4_attempt_2024-03-01-12-30-05_hw.zip",
    ],
)
def test_a_group_is_all_its_students(name):
    assert find(name) == Match(("roe@x.edu", "acruz"), "group")


def test_whoever_hands_in_for_a_group_is_in_it():
    people = [
        person("jdoe", "Jane", "Doe", groups=("Team 4",), file_id="Canvas 1"),
        person("roe", "John", "Roe", groups=("Team 4",), file_id="Canvas 2"),
    ]
    assert find("team4_1_8_hw.zip", Matcher(people)) == Match(("jdoe", "roe"), "group")
    assert find("doejane_1_8_hw.zip", Matcher(people)) == Match(("jdoe",), "id")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("hw-1-jdoe", "jdoe"),
        ("hw-1-Jane-Doe", "Jane-Doe"),
        ("hw-1-jdoe-main.zip", "jdoe"),  # downloaded from the page of the repository
        ("hw-1-jdoe-1", ""),  # a second repository of jdoe, or the first of jdoe-1
        ("hw-1-doe", ""),
        ("hw-2-jdoe", ""),
    ],
)
def test_a_repository_goes_to_its_account(name, student):
    match = find(name, assignment="hw-1")
    assert match.students == ((student,) if student else ())
    assert bool(match.problem) is not bool(student)


def test_a_repository_that_the_roster_names_needs_no_assignment(tmp_path):
    text = """github_username,roster_identifier,student_repository_name,group_name
jane-doe,j@x.edu,hw-1-jane-doe,
debuc,d@x.edu,hw-1-team-a,team a
poe,p@x.edu,hw-1-team-a,team a
"""
    (tmp_path / "grades.csv").write_text(text)
    matcher = Matcher(read_roster(tmp_path / "grades.csv").people)
    assert find("hw-1-jane-doe", matcher) == Match(("jane-doe",), "id")
    assert find("hw-1-team-a.zip", matcher) == Match(("debuc", "poe"), "group")


# Gradescope


def test_all_submitters_of_a_folder_are_its_students():
    two = [Submitter("Jane Doe", "0123", "jane@x.edu"), Submitter("Tim O'Neil", "", "t@x.edu")]
    assert MATCHER.find_submitters("submission_1", two, "submission_1") == Match(
        ("jdoe", "toneil"), "group"
    )
    assert MATCHER.find_submitters("submission_1", two[:1], "") == Match(("jdoe",), "id")


def test_a_submitter_who_is_not_enrolled_is_told():
    two = [Submitter("Jane Doe", "0123", "jane@x.edu"), Submitter("Eve", "9", "eve@x.edu")]
    match = MATCHER.find_submitters("submission_1", two, "")
    assert match.students == ("jdoe",)
    assert match.problem == (
        "nobody in the roster has the id '9' or the e-mail address 'eve@x.edu' or the name 'Eve'"
    )
    assert MATCHER.find_submitters("submission_1", [], "").problem == (
        "submission_metadata.yml names nobody"
    )


def test_the_grades_of_gradescope_tell_whose_a_folder_is(tmp_path):
    text = """Name,SID,Email,Submission ID
Jane Doe,1,jane@x.edu,1001
John Roe,2,roe@x.edu,1001
Cy Young,3,cy@x.edu,1002
"""
    (tmp_path / "grades.csv").write_text(text)
    matcher = Matcher(read_roster(tmp_path / "grades.csv").people)
    assert find("export/submission_1001/hw.zip", matcher).students == ("jane@x.edu", "roe@x.edu")
    assert find("submission_1002", matcher) == Match(("cy@x.edu",), "id")


# What the teacher has settled


def test_what_a_teacher_has_typed_counts_before_all_else():
    settled = {
        "jdoe.zip": ("toneil",),
        "x.zip": ("jdoe", "acruz"),
        "y.zip": ("jane@x.edu",),
        "notes.zip": (),
        "z.zip": ("jdoe", "eve"),
        "doejim_9": ("jm",),
    }
    matcher = Matcher(PEOPLE, settled)
    assert find("jdoe.zip", matcher) == Match(("toneil",), "settled")
    assert find("x.zip", matcher) == Match(("jdoe", "acruz"), "settled")
    assert find("y.zip", matcher) == Match(("jdoe",), "settled")
    assert find("notes.zip", matcher) == Match((), "settled")
    assert find("z.zip", matcher).problem == "it was settled as that of 'eve', not enrolled"
    # The name of a file of Canvas changes with each attempt, intake's name of the student does not.
    assert find("doejim_9_8_hw.zip", matcher, student="doejim_9") == Match(("jm",), "settled")


def test_below_a_folder_that_a_system_has_named_no_name_counts():
    """A student cannot hand in for another by calling a file jdoe.zip."""
    name = "Eve Fox_7_assignsubmission_file_/jdoe.zip"
    match = MATCHER.find(name, read_owner(name.split("/")), "Eve Fox_7")
    assert match.students == ()


def test_what_intake_adds_to_a_name_does_not_matter():
    assert MATCHER.find("a/jdoe.zip", None, "a_jdoe") == Match(("jdoe",), "login")
    assert MATCHER.find("jdoe.zip", None, "jdoe.zip") == Match(("jdoe",), "login")


def test_a_class_of_300_is_matched(tmp_path):
    """Every name that Canvas and Moodle make of a name finds its person again."""
    firsts = [
        "Ana Maria",
        "Tim",
        "Jürgen",
        "Zoë",
        "Lê",
        "D'Arcy",
        "Anne-Marie",
        "Björn",
        "Nur",
        "Æ",
    ]
    lasts = ["de la Cruz", "O'Neil", "Müller-Lüdenscheidt", "Nguyễn", "van 't Hoff", "Strauß"]
    lasts += [
        f"{last} {suffix}" for last in lasts for suffix in ("Alpha", "Beta", "Gamma", "Delta")
    ]
    rows = [(first, last) for last in lasts for first in firsts]
    lines = [f'"{last}, {first}",{i},{i:06},s{i},A' for i, (first, last) in enumerate(rows)]
    header = "Student,ID,SIS User ID,SIS Login ID,Section"
    (tmp_path / "canvas.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    roster = read_roster(tmp_path / "canvas.csv")
    assert (len(roster.people), roster.problems) == (300, ())
    matcher = Matcher(roster.people)
    for i, (first, last) in enumerate(rows):
        packed = "".join(c for c in f"{last}{first}".lower() if c.isalnum())
        cleaned = f"{first} {last}".replace("'", "")
        names = [f"{packed}_{i}_9_hw.zip", f"{cleaned}_9_assignsubmission_file_", f"{i:06}.zip"]
        assert [find(name, matcher).students for name in names] == [(f"s{i}",)] * 3
        assert matcher.find("x", Owner("Canvas", packed), "x").students == (f"s{i}",)
