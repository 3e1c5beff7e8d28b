"""What programs make of the file is read back, and written back in the same way."""

from __future__ import annotations

import codecs

import pytest

from tests.machinery.marks.sheets import ANSWER, OTHER, index, make_rows, read, update

TEXT = (
    "student,name,item,points,of,comment,by,answer,note\n"
    f'jane,Jane Doe,{ANSWER},1.5,2,"good, but ""late""; see me",tt,d1,\n'
    f"jose,José Núñez,{ANSWER},2,2,très bien,tt,d1,\n"
    f"kim,Kim Lee,{ANSWER},,2,,,d1,\n"
)
SEMICOLONS = (
    "student;name;item;points;of;comment;by;answer;note\n"
    f'jane;Jane Doe;{ANSWER};1,5;2;"good, but ""late""; see me";tt;d1;\n'
    f"jose;José Núñez;{ANSWER};2,0;2,0;très bien;tt;d1;\n"
    f"kim;Kim Lee;{ANSWER};;2;;;d1;\n"
)
TABS = (
    "student\tname\titem\tpoints\tof\tcomment\tby\tanswer\tnote\n"
    f'jane\tJane Doe\t{ANSWER}\t"1,5"\t2\t"good, but ""late""; see me"\ttt\td1\t\n'
    f"jose\tJosé Núñez\t{ANSWER}\t2\t2\ttrès bien\ttt\td1\t\n"
    f"kim\tKim Lee\t{ANSWER}\t\t2\t\t\td1\t\n"
)
QUOTED = "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in TEXT.split("\n")[2:4])
BOM = codecs.BOM_UTF8
FILES = {
    "as it is written": BOM + TEXT.replace("\n", "\r\n").encode(),
    "Google Sheets": TEXT.replace("\n", "\r\n").rstrip("\r\n").encode(),
    "LibreOffice": TEXT.encode(),
    "LibreOffice, semicolons": SEMICOLONS.encode(),
    "Excel, CSV UTF-8, semicolons": BOM + SEMICOLONS.replace("\n", "\r\n").encode(),
    "Excel, CSV of Windows": SEMICOLONS.replace("\n", "\r\n").encode("cp1252"),
    "Excel, CSV of Windows, commas": TEXT.replace("\n", "\r\n").encode("cp1252"),
    "Excel on a Mac, CSV": SEMICOLONS.replace("\n", "\r").encode("mac-roman"),
    "Excel, Unicode text": codecs.BOM_UTF16_LE + TABS.replace("\n", "\r\n").encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + TABS.encode("utf-16-be"),
    "separator line": BOM + b"sep=;\r\n" + SEMICOLONS.replace("\n", "\r\n").encode(),
    "separator line, no mark": b"SEP=;\n" + SEMICOLONS.encode(),
    "LibreOffice, after a separator line": b'"sep=;"\n' + SEMICOLONS.encode(),
    "Numbers, with the name of the table": b"Table 1\n" + TEXT.encode(),
    "other capitals": TEXT.replace(
        "student,name,item,points", " Student,NAME,Item ,POINTS"
    ).encode(),
    "empty rows at the end": TEXT.encode() + b",,,,,,,,\r\n" * 50 + b"\n\n",
    "empty columns at the end": TEXT.replace("\n", ",,,\n").encode(),
    "two files joined": BOM + TEXT.encode() + BOM + TEXT.encode(),
    "UTF-8 with a byte of Windows": TEXT.encode() + b",,,,,caf\xe9,,,\n",
}


@pytest.mark.parametrize("name", FILES)
def test_each_program_s_file_says_the_same(tmp_path, name):
    path = tmp_path / "marks.csv"
    path.write_bytes(FILES[name])
    found = read(path)
    marks = index(found.marks)
    assert {key[0]: mark.points for key, mark in marks.items()} == {
        "jane": 1.5,
        "jose": 2.0,
        "kim": None,
    }
    assert marks["jane", ANSWER].comment == 'good, but "late"; see me'
    assert marks["jose", ANSWER].comment == "très bien"
    assert all(mark.answer == "d1" for mark in marks.values())
    told = [line for line in found.problems if "names no student" not in line]
    assert len(told) == (("Windows" in name and "UTF" not in name) or "Mac" in name)


@pytest.mark.parametrize("name", FILES)
def test_a_file_stays_as_its_program_saved_it(tmp_path, name):
    path = tmp_path / "marks.csv"
    path.write_bytes(FILES[name])
    three = ("jane", "jose", "kim")
    assert update(path, make_rows(students=three)).added == 0
    assert path.read_bytes() == FILES[name]

    result = update(path, make_rows(students=three, items=(ANSWER, OTHER)))
    assert result.added == 3
    assert result.problems == ()
    content = path.read_bytes()
    assert content.startswith(FILES[name].rstrip(b",\r\n"))
    assert content.count(BOM) == FILES[name].count(BOM)
    marks = read(path).marks
    assert [mark.item for mark in marks].count(OTHER) == 3
    assert index(marks)["jane", ANSWER].points == 1.5


def test_columns_may_be_moved_and_added(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text(f"remark,points,item,student\nseen,1,{ANSWER},jane\n,2,{ANSWER},kim\n")
    assert [mark.points for mark in read(path).marks] == [1, 2]
    update(path, make_rows(students=("jane", "kim", "jose")))
    lines = path.read_text().splitlines()
    assert (
        lines[0] == '"remark","points","item","student","name","of","comment","by","answer","note"'
    )
    assert lines[1] == f'"seen",1,"{ANSWER}","jane","Jane Doe",2,,,"d1",'
    assert lines[3] == f',,"{ANSWER}","jose","José Núñez",2,,,"d1",'


def test_what_stands_in_columns_without_a_name_stays(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text(f"student,item,points,,\njane,{ANSWER},1,,see page 3\n")
    update(path, make_rows(students=("jane",)))
    assert '"see page 3"' in path.read_text()
    assert read(path).marks[0].points == 1


def test_a_remark_beside_the_table_costs_its_row_alone(tmp_path):
    """Excel then gives more cells to some rows around it as well."""
    path = tmp_path / "marks.csv"
    rows = [f"jane,{ANSWER},1,", f"kim,{ANSWER},1,see page 3", f"jose,{ANSWER},1,"]
    header = "student,item,points"
    path.write_text("\n".join([header, *rows]))
    found = read(path)
    assert [mark.student for mark in found.marks] == ["jane", "jose"]
    assert found.problems[0].startswith("marks.csv, line 3: it has more cells than the header")
    result = update(path, make_rows(students=("jane", "kim", "jose")))
    assert "line 3 has more cells than the header: nothing was written" in result.problems[0]
    path.write_text("\n".join([f"{header},remark", *rows]))
    assert len(read(path).marks) == 3
    assert update(path, make_rows(students=("jane", "kim", "jose"))).problems == ()
    assert '"see page 3"' in path.read_text()


def test_the_encoding_is_that_in_which_most_names_are_known(tmp_path):
    """In Central Europe, Excel saves CSV in another encoding than in Western Europe."""
    path = tmp_path / "marks.csv"
    text = f"student,name,item,points,comment\n00123,Łukasz Żak,{ANSWER},1,źle\n"
    path.write_bytes(text.encode("cp1250"))
    assert read(path).marks[0].comment == "źle"
    path.write_bytes(text.encode("mac-roman", "replace"))
    assert read(path).marks[0].points == 1


def test_a_file_becomes_utf_8_where_its_encoding_lacks_a_letter(tmp_path):
    path = tmp_path / "marks.csv"
    before = f"student;item;points;comment\njane;{ANSWER};1;très bien\n".encode("cp1252")
    path.write_bytes(before)
    result = update(path, make_rows(students=("jane", "00123")))
    assert "was saved as cp1252, which lacks 'Ł': it is UTF-8 now" in result.problems[0]
    assert index(read(path).marks)["jane", ANSWER].comment == "très bien"
    assert (tmp_path / "marks.csv.before").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        (f"student,item,points\njane,{ANSWER},1.5\n", "2.5"),
        (f'student,item,points\njane,{ANSWER},"1,5"\n', "2,5"),
        (f"student;item;points\njane;{ANSWER};1\n", "2,5"),
        (f"student;item;points\njane;{ANSWER};1.5\n", "2.5"),
    ],
)
def test_numbers_are_written_with_the_decimal_sign_of_the_program(tmp_path, text, decimal):
    path = tmp_path / "marks.csv"
    path.write_text(text)
    history = index(read(path).marks)
    (mark,) = history.values()
    update(path, (), {("kim", OTHER): type(mark)("kim", OTHER, 2.5)})
    assert decimal in path.read_text()
    assert index(read(path).marks)["kim", OTHER].points == 2.5
