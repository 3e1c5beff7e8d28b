"""A roster is read whichever system wrote it, and nobody in it gets lost."""

from datetime import datetime, timedelta, timezone

import pytest

from autograder.roster.people import Person
from autograder.roster.rosters import RosterError, read_roster

UTC = timezone.utc
BERLIN = timezone(timedelta(hours=1))  # in winter


def read(tmp_path, text, encoding="utf-8", name="roster.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_roster(path, BERLIN)


def by_key(roster):
    return {person.student: person for person in roster.people}


# One table for each system

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (4314282),Final Score,Final Grade
,,,,,Manual Posting,,
    Points Possible,,,,,10.00,(read only),(read only)
"Doe, Jane",100001,012345,jdoe,CS-1 and CS-2,9.00,"1,234.56",A
"de la Cruz, Ana Maria",100002,012346,acruz,CS-1,,,
"O'Neil, Tim",100003,012347,toneil,CS-1,,,
"Student, Test",100099,,bbbc6740f0b946af,CS-1,,,
"""


def test_canvas_gradebook(tmp_path):
    roster = read(tmp_path, CANVAS)
    assert (roster.system, roster.problems, roster.left_out) == ("Canvas", (), ())
    assert list(by_key(roster)) == ["jdoe", "acruz", "toneil"]
    assert roster.people[0] == Person(
        "jdoe",
        "Jane Doe",
        login="jdoe",
        ids=("100001", "012345"),
        section="CS-1 and CS-2",
        sort_name="Doe, Jane",
        file_id="Canvas 100001",
    )
    assert roster.people[1].name == "Ana Maria de la Cruz"
    assert roster.people[1].sort_name == "de la Cruz, Ana Maria"


def test_a_number_of_canvas_is_that_in_its_own_column(tmp_path):
    text = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Doe, Jane",,012345,jdoe,A\n'
    (jane,) = read(tmp_path, text).people
    assert (jane.ids, jane.file_id) == (("012345",), "")


MOODLE_GRADES = """First name,Last name,ID number,Institution,Department,Email address,\
Assignment: HW 1 (Real),Last downloaded from this course
Jane,Doe,012345,UTN,,jane@x.edu,9.00,1717000000
Ana Maria,de la Cruz,,UTN,,ana@x.edu,-,1717000000
"""


def test_moodle_gradebook(tmp_path):
    roster = read(tmp_path, MOODLE_GRADES, "utf-8-sig")
    assert (roster.system, roster.problems) == ("Moodle", ())
    assert by_key(roster)["jane@x.edu"] == Person(
        "jane@x.edu", "Jane Doe", "jane@x.edu", ids=("012345",), sort_name="Doe, Jane"
    )
    assert roster.handed_in_at == {}


WORKSHEETS = {
    "English": """Identifier,Full name,Email address,Status,Grade,Maximum Grade,\
Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 7701,Jane Doe,jane@x.edu,Submitted for grading - ,,100.00,Yes,\
"Tuesday, 2 December 2025, 10:37 AM",-,
Participant 7702,John Roe,john@x.edu,No submission - ,,100.00,Yes,-,-,
""",
    "American": """Identifier,Full name,Email address,Status,Grade,Maximum Grade,\
Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 7701,Jane Doe,jane@x.edu,Submitted for grading - ,,100.00,Yes,\
"Tuesday, December 2, 2025, 10:37 AM",-,
Participant 7702,John Roe,john@x.edu,No submission - ,,100.00,Yes,-,-,
""",
    "German": """ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,\
"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)",\
"Feedback als Kommentar"
Teilnehmer/in7701,"Jane Doe",jane@x.edu,"Zur Bewertung abgegeben -  - ",,"100,00",Ja,\
"Dienstag, 2. Dezember 2025, 10:37",-,
Teilnehmer/in7702,"John Roe",john@x.edu,"Keine Abgabe - ",,"100,00",Ja,-,-,
""",
    "French": """Identifiant;"Nom complet";"Adresse de courriel";Statut;Note;"Note maximale";\
"La note peut être modifiée";"Dernière modification (travail remis)";"Feedback par commentaires"
"Participant 7701";"Jane Doe";jane@x.edu;"Remis pour évaluation";;"100,00";Oui;\
"mardi 2 décembre 2025, 10:37";
"Participant 7702";"John Roe";john@x.edu;"Aucun travail remis";;"100,00";Oui;-;
""",
    "Spanish": """Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,\
"Calificación máxima","La calificación puede ser cambiada","Última modificación (entrega)"
"Participante 7701","Jane Doe",jane@x.edu,"Enviado para calificar",,"100,00",Sí,\
"martes, 2 de diciembre de 2025, 10:37"
"Participante 7702","John Roe",john@x.edu,"Sin entrega",,"100,00",Sí,-
""",
}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_moodle_grading_worksheet(tmp_path, language):
    roster = read(tmp_path, WORKSHEETS[language], "utf-8-sig")
    assert (roster.system, roster.problems) == ("Moodle", ())
    assert by_key(roster) == {
        "jane@x.edu": Person(
            "jane@x.edu", "Jane Doe", "jane@x.edu", ids=("7701",), file_id="Moodle 7701"
        ),
        "john@x.edu": Person(
            "john@x.edu", "John Roe", "john@x.edu", ids=("7702",), file_id="Moodle 7702"
        ),
    }
    assert list(roster.handed_in_at) == ["jane@x.edu"]
    time = roster.handed_in_at["jane@x.edu"]
    assert time.at == datetime(2025, 12, 2, 10, 37, tzinfo=BERLIN)
    assert time.source == "Moodle's grading worksheet"


def test_moodle_worksheet_that_hides_names(tmp_path):
    text = """Identifier,Status,Grade,Last modified (submission)
Participant 7701,Submitted for grading - ,,"Tuesday, 2 December 2025, 10:37 AM"
"""
    roster = read(tmp_path, text)
    assert (roster.system, roster.problems) == ("Moodle", ())
    assert roster.people == (Person("7701", ids=("7701",), file_id="Moodle 7701"),)


@pytest.mark.parametrize(
    "header",
    [
        "First name,Last name,Email address,Groups,Roles,Status",
        "Vorname,Nachname,E-Mail-Adresse,Gruppen,Rollen,Status",
        "Prénom,Nom de famille,Adresse de courriel,Groupes,Rôles,Statut",
        "Prénom,Nom,Adresse de courriel,Groupes,Rôles,Statut",
        "Nombre,Apellido(s),Dirección de correo,Grupos,Roles,Estado",
    ],
)
def test_moodle_participants(tmp_path, header):
    rows = """
Jane,Doe,jane@x.edu,"Team 4, Lab B",Student,Active
John,Roe,john@x.edu,Team 4,Student,Suspended
Tom,Teach,tom@x.edu,,Non-editing teacher,Active
Ann,Both,ann@x.edu,,"Teacher, Student",Active
"""
    roster = read(tmp_path, header + rows)
    assert roster.system == "Moodle"
    jane, john, ann = roster.people
    assert (jane.name, jane.groups, jane.withdrawn) == ("Jane Doe", ("Team 4", "Lab B"), False)
    assert john.withdrawn
    assert ann.name == "Ann Both"
    assert roster.left_out == ("line 4: Tom Teach is Non-editing teacher, no student",)


def test_gradescope_roster(tmp_path):
    text = """First Name,Last Name,SID,Email,Role,Section
Ada,Lovelace,001,ada@x.edu,Student,Lab 1
Tom,Teach,,tom@x.edu,Instructor,
Tess,Assist,,tess@x.edu,TA,
"""
    roster = read(tmp_path, text)
    assert roster.system == "Gradescope"
    assert roster.people == (
        Person(
            "ada@x.edu",
            "Ada Lovelace",
            "ada@x.edu",
            ids=("001",),
            section="Lab 1",
            sort_name="Lovelace, Ada",
        ),
    )
    assert [line[:7] for line in roster.left_out] == ["line 3:", "line 4:"]


def test_gradescope_grades(tmp_path):
    text = """Name,SID,Email,Total Score,Max Points,Status,Submission ID,Submission Time,\
Lateness (H:M:S),View Count,Submission Count,1: Affine (10.0 pts)
Ada Lovelace,001,ada@x.edu,12.0,12.0,Graded,128746829,2022-06-25 13:16:26 -0600,00:00:00,0,2,10.0
Bob Stone,002,bob@x.edu,12.0,12.0,Graded,128746829,2022-06-25 13:16:26 -0600,00:00:00,0,2,10.0
Cy Young,003,cy@x.edu,,12.0,Missing,,,,,,
"""
    roster = read(tmp_path, text)
    assert (roster.system, roster.problems) == ("Gradescope", ())
    assert [p.file_id for p in roster.people] == ["Gradescope 128746829"] * 2 + [""]
    assert list(roster.handed_in_at) == ["ada@x.edu", "bob@x.edu"]
    at = roster.handed_in_at["ada@x.edu"].at
    assert at == datetime(2022, 6, 25, 19, 16, 26, tzinfo=UTC)


def test_github_classroom_roster(tmp_path):
    text = """"identifier","github_username","github_id","name"
"jane@x.edu","jane-doe","40261856",""
"Perez Perez, Mariano","yaagma","40261857",""
"012347","","",""
"jim@x.edu","","","Jim Poe"
"""
    roster = read(tmp_path, text)
    assert (roster.system, roster.problems) == ("GitHub Classroom", ())
    jane, mariano, number, jim = roster.people
    assert jane == Person("jane-doe", email="jane@x.edu", login="jane-doe", ids=("40261856",))
    assert (mariano.student, mariano.name) == ("yaagma", "Mariano Perez Perez")
    assert number == Person("012347", ids=("012347",))
    assert jim == Person("jim@x.edu", "Jim Poe", "jim@x.edu")


def test_github_classroom_grades(tmp_path):
    text = """assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,\
student_repository_name,student_repository_url,submission_timestamp,points_awarded,\
points_available,group_name
"HW 1","u","s","jane-doe","jane@x.edu","hw-1-jane-doe","r","2026-02-01T00:00:00Z","8","10",""
"HW 1","u","s","yaagma","y@x.edu","org/hw-1-team-a","r","2026-02-02 07:30:00 UTC","8","10","Team, A"
"HW 1","u","s","edu23","e@x.edu","org/hw-1-team-a","r","","8","10","Team, A"
"""
    roster = read(tmp_path, text)
    assert (roster.system, roster.problems) == ("GitHub Classroom", ())
    jane, first, second = roster.people
    assert jane.ids == ("hw-1-jane-doe",)
    assert first.groups == second.groups == ("Team, A", "hw-1-team-a")
    assert roster.handed_in_at["jane-doe"].at == datetime(2026, 2, 1, tzinfo=UTC)
    assert roster.handed_in_at["yaagma"].at == datetime(2026, 2, 2, 7, 30, tzinfo=UTC)
    assert "edu23" not in roster.handed_in_at


def test_blackboard(tmp_path):
    """Its table for a spreadsheet is text in UTF-16 with tabs, called .xls."""
    text = (
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\n'
        '"Doe"\t"Jane"\t"jdoe"\t"0123"\t"2024-03-01 00:15:38"\t"Yes"\n'
        '"Roe"\t"John"\t"jroe"\t"0124"\t"2024-03-01 00:15:38"\t"No"\n'
    )
    roster = read(tmp_path, text, "utf-16", "gc_export.xls")
    assert (roster.system, roster.problems) == ("Blackboard", ())
    jane, john = roster.people
    assert jane == Person("jdoe", "Jane Doe", login="jdoe", ids=("0123",), sort_name="Doe, Jane")
    assert john.withdrawn


def test_brightspace(tmp_path):
    text = """OrgDefinedId,Username,Last Name,First Name,Email,Lab 1 Points Grade,\
End-of-Line Indicator
#01400001,#ping.lee.2023,_,PING LEE,ping@x.edu,,#
#01400002,#doej,Doe,John,doej@x.edu,5,#
"""
    roster = read(tmp_path, text)
    assert (roster.system, roster.problems) == ("Brightspace", ())
    ping, john = roster.people
    assert (ping.student, ping.name, ping.ids) == ("ping.lee.2023", "PING LEE", ("01400001",))
    assert john.sort_name == "Doe, John"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_of_ones_own(tmp_path, separator, encoding):
    text = """student,name,email,id,section,group,withdrawn
jdoe,Jürgen Doe,jd@x.edu,0123,A,Team 4,
roe@x.edu,,roe@x.edu,,B,,
ann,Ann Poe,,,,,2024-05-01
""".replace(",", separator)
    roster = read(tmp_path, text, encoding)
    jdoe, roe, ann = roster.people
    assert roster.system == "list"
    assert jdoe == Person("jdoe", "Jürgen Doe", "jd@x.edu", "jdoe", ("0123",), "A", ("Team 4",))
    assert (roe.student, roe.email, roe.login) == ("roe@x.edu", "roe@x.edu", "")
    assert ann.withdrawn
    nameless = "line 3: there is no name; the person is listed as 'roe@x.edu'"
    guessed = "'roster.csv' is not UTF-8; read as cp1252, so look at names with accents"
    assert roster.problems == ((guessed, nameless) if encoding == "cp1252" else (nameless,))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("name\nJane Doe\n", "Jane Doe"),
        ("name,email\nJane Doe,jd@x.edu\n", "jd@x.edu"),
        ("name,email,login\nJane Doe,jd@x.edu,jdoe\n", "jdoe"),
        ("Name,Matrikelnummer\nJane Doe,0123\n", "0123"),
        ("sep=;\nname;id\nJane Doe;0123\n", "0123"),  # a line for Excel
        ("Nom;Adresse e-mail\nJane Doe;jd@x.edu\n", "jd@x.edu"),
        ('name,id\n"Doe, Jane","=""0123"""\n', "0123"),  # so that Excel keeps the zero
        ("name,id\nJane Doe,'0123\n", "0123"),
        ("Course;CS 1\n\nname;id\nJane Doe;0123\n", "0123"),
        ('\ufeff"Notes, mine",name,id\nx,Jane Doe,0123\n', "0123"),
        ("Notes, mine;name;id\nx, y;Jane Doe;0123\n", "0123"),
        ('Nom;Adresse e-mail\n"Doe, Jane";jd@x.edu\n', "jd@x.edu"),
    ],
)
def test_the_key_is_login_then_address_then_id_then_name(tmp_path, text, key):
    (person,) = read(tmp_path, text).people
    assert (person.student, person.name) == (key, "Jane Doe")


# Rows that are not as they should be


@pytest.mark.parametrize(
    ("rows", "keys", "problems"),
    [
        (
            "jd,Jane Doe,jd@x.edu\njd,John Doe,john@x.edu",
            ["jd", "john@x.edu"],
            ["line 3: John Doe and Jane Doe (jd) in line 2 share 'jd'; it matches neither"],
        ),
        (
            "jd,Jane Doe,jd@x.edu\nJD,Jane Doe,jd@x.edu",
            ["jd"],
            ["line 3: Jane Doe (jd) stands also in line 2; listed once"],
        ),
        (
            "a,Jane Doe,jd@x.edu\nb,John Doe,JD@x.edu",
            ["a", "b"],
            [
                "line 3: John Doe (b) and Jane Doe (a) in line 2 share 'jd@x.edu'; "
                "it matches neither"
            ],
        ),
        ("a,Jane Doe,n/a\nb,John Doe,", ["a", "b"], ["line 2: 'n/a' is no e-mail address"]),
        (",,\n , ,\na,Jane Doe,", ["a"], []),
        (
            "jd,Jane Doe,\njd,John Doe,",
            ["jd", "John Doe"],
            ["line 3: John Doe and Jane Doe (jd) in line 2 share 'jd'; it matches neither"],
        ),
        (
            ",Jane Doe,\n,Jane Doe,x@x.edu\n-,-,-",
            ["Jane Doe", "x@x.edu"],
            ["line 4: nothing tells who this is; left out"],
        ),
        (
            'a,"Jane\nDoe",n/a\nb,John Doe,n/a',
            ["a", "b"],
            ["line 2: 'n/a' is no e-mail address", "line 4: 'n/a' is no e-mail address"],
        ),
        (
            "a,Jane Doe",
            ["a"],
            [],
        ),
        (
            "a,Jane\u202e \x1bDoe\u200b,jd@x.edu",
            ["a"],
            [],
        ),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_blocks_nothing_else(tmp_path, rows, keys, problems):
    roster = read(tmp_path, f"student,name,email\n{rows}\n")
    assert list(by_key(roster)) == keys
    assert list(roster.problems) == problems
    assert all(person.name in ("", "Jane Doe", "John Doe") for person in roster.people)


def test_a_missing_quotation_mark_is_told(tmp_path):
    """Without it, all that follows is in one value, and the people are lost."""
    rows = 'a,Jane Doe,jd@x.edu,"late\nb,John Roe,jr@x.edu,\nc,Al Poe,ap@x.edu,\n'
    roster = read(tmp_path, f"student,name,email,note\n{rows}")
    assert list(by_key(roster)) == ["a"]
    assert roster.problems == (
        "line 2: a quotation mark is missing or too many, so lines 2 to 4 were read as one row",
    )
    roster = read(tmp_path, 'student,name\na,"Jane "JJ" Doe"\nb,John Roe\n')
    assert list(by_key(roster)) == ["a", "b"]
    assert roster.problems[0].startswith("line 2: a quotation mark is missing or too many, so it")
    assert read(tmp_path, 'student,name,note\na,Jane,"two\nlines"\n').problems == ()


def test_of_two_repositories_the_later_time_counts(tmp_path):
    header = "github_username,roster_identifier,student_repository_name,submission_timestamp\n"
    rows = [f"debuc,d@x.edu,hw-debuc{n},2026-02-0{d}T00:00:00Z\n" for n, d in (("", 3), ("-1", 2))]
    roster = read(tmp_path, header + "".join(rows))
    assert roster.handed_in_at["debuc"].at == datetime(2026, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("id", ["1.23457E+11", "1,23457E+11", "1E+05", "12345.0"])
def test_an_id_that_a_spreadsheet_has_rewritten_matches_nothing(tmp_path, id):
    roster = read(tmp_path, f"name;email;id\nJane Doe;jd@x.edu;{id}\n")
    assert roster.people[0].ids == ()
    assert f"line 2: a spreadsheet has rewritten the id '{id}'" in roster.problems[0]


def test_a_login_that_looks_like_a_number_is_kept(tmp_path):
    """Seen where programs read 73928e05 and 891e3 as numbers."""
    roster = read(tmp_path, "login,name,id\n73928e05,Jane Doe,891e3\n")
    assert (roster.people[0].student, roster.people[0].ids) == ("73928e05", ("891e3",))
    assert roster.problems == ()


def test_one_person_in_two_sections_is_listed_once(tmp_path):
    rows = [f'"Doe, Jane",1,01,jd,{section}\n' for section in "AB"]
    roster = read(tmp_path, "Student,ID,SIS User ID,SIS Login ID,Section\n" + "".join(rows))
    assert [(p.student, p.section) for p in roster.people] == [("jd", "A and B")]
    assert roster.problems == ()


def test_two_identifiers_of_one_account_are_one_person(tmp_path):
    """Seen where students join two groups of a classroom."""
    text = "identifier,github_username,github_id,name\ni01,yaagma,40,\ni02,yaagma,40,\n"
    roster = read(tmp_path, text)
    assert [(p.student, p.ids) for p in roster.people] == [("yaagma", ("40", "i01", "i02"))]
    assert roster.problems == ("line 3: yaagma stands also in line 2; listed once",)


def test_a_second_repository_of_one_student_is_theirs(tmp_path):
    """Seen: GitHub Classroom made hw-debuc and hw-debuc-1 for one student."""
    text = """github_username,roster_identifier,student_repository_name,submission_timestamp
debuc,d@x.edu,hw-debuc,
debuc,d@x.edu,hw-debuc-1,
"""
    roster = read(tmp_path, text)
    assert [p.ids for p in roster.people] == [("hw-debuc", "hw-debuc-1")]


def test_a_time_that_is_not_understood_is_told(tmp_path):
    text = WORKSHEETS["English"].replace("Tuesday, 2 December 2025", "12/2/2025")
    roster = read(tmp_path, text)
    assert roster.handed_in_at == {}
    assert roster.problems == ("line 2: the time '12/2/2025, 10:37 AM' was not understood",)


# Files that are no roster


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04...", "is a spreadsheet; open it, save it as CSV (UTF-8), and use that"),
        (b"\xd0\xcf\x11\xe0...", "is a spreadsheet"),
        (b"", "is empty; accepted is an export of Canvas, Moodle, Gradescope, GitHub"),
        (b"points,comment\n1,x\n", "has the columns 'points', 'comment'; accepted is an export"),
        (b"<html>\n<table>", "has the columns '<html>'; accepted is"),
        (b"student,name,email\n", "lists no student; accepted is"),
        (b'name,id\n"' + b"x" * 200_000 + b'",1\n', "is damaged in line 2: field larger than"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path, content, message):
    with pytest.raises(RosterError) as error:
        read(tmp_path, content)
    assert str(error.value).startswith("the roster 'roster.csv' ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RosterError, match=r"cannot read the roster 'none\.csv': No such file"):
        read_roster(tmp_path / "none.csv")
    with pytest.raises(RosterError, match="cannot read the roster"):
        read_roster(tmp_path)
