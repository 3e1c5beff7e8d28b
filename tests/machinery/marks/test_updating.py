"""marks.csv is written anew, and nothing that a person has typed is lost."""

from __future__ import annotations

import csv
import os
import stat

import pytest

from autograder.marks import updating
from autograder.marks.marks import Mark
from autograder.marks.updating import CHANGED, Row
from tests.machinery.marks.sheets import (
    ANSWER,
    EMAILS,
    HEADER,
    OTHER,
    PART,
    PEOPLE,
    index,
    make_rows,
    read,
    update,
)

MARK = Mark("jane", ANSWER, 1.5, '= good,\n"really" 🎉; see p. 3', "tt", "d1")
HISTORY = {("jane", ANSWER): MARK}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "marks.csv"


def read_cells(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def type_in(path, student, item=ANSWER, **cells):
    """Type into a row, as a spreadsheet would save it."""
    rows = read_cells(path)
    for row in rows:
        if (row["student"], row["item"]) == (student, item):
            row.update(cells)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


# The first file


def test_the_first_file_has_a_row_for_each_that_waits(path):
    result = update(path, make_rows(items=(OTHER, ANSWER)))
    assert result.added == 2 * len(PEOPLE)
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"student","name","item","points",')
    rows = read_cells(path)
    assert [row["item"] for row in rows] == [ANSWER] * 5 + [OTHER] * 5  # 1 before 10
    students = ["'00123", "jane", "jose", "kim", "'mar12"]
    assert [row["student"] for row in rows[:5]] == students
    assert rows[0] == {
        "student": "'00123",
        "name": "Łukasz Żak",
        "item": ANSWER,
        "points": "",
        "of": "2",
        "comment": "",
        "by": "",
        "answer": "d1",
        "note": "",
    }
    assert len(read(path).marks) == 10
    assert read(path).problems == ()


def test_rows_are_in_the_order_in_which_people_count(path):
    items = [f"05_batchnorm/answer-{number}" for number in (10, 2, 1)]
    update(path, [Row("jane", "", item, 2.0) for item in items])
    assert [row["item"] for row in read_cells(path)] == items[::-1]


def test_the_second_time_nothing_is_written(path):
    update(path, make_rows())
    before = path.stat()
    assert update(path, make_rows()) == updating.Updated()
    assert path.stat() == before
    assert os.listdir(path.parent) == ["marks.csv"]


FORMULAS = ["=1+1", "+1", "-x", "@a", "\uff1d1", " =1"]
CHANGED_BY_PROGRAMS = ["00123", "1e5", "123456789012", "mar12", "1dec2025", "1-2", "1/2", "true"]
ODD = ["a\nb", 'a";"=1', "a\u202eb", "\u200b=1", "a\ud800", "'=1", "  a  b "]


@pytest.mark.parametrize("text", [*FORMULAS, *CHANGED_BY_PROGRAMS, *ODD])
def test_no_name_becomes_a_formula_a_number_or_a_date(path, text):
    """Whatever a student is called, the row is known again."""
    update(path, [Row(text, text, ANSWER, 2.0, text)])
    (row,) = read_cells(path)
    if text not in ODD:
        assert [row[name][0] for name in ("student", "name", "answer")] == ["'"] * 3
    result = read(path, students={text: text})
    assert [mark.student for mark in result.marks] == [text]
    assert update(path, [Row(text, text, ANSWER, 2.0, text)]).added == 0


@pytest.mark.parametrize("names", [("a\n", "a"), ("=1", "'=1"), ("\ud800", "\n")])
def test_students_whom_no_row_could_name_get_none_and_that_is_told(path, names):
    result = update(path, [Row(name, "", ANSWER, 2.0) for name in names])
    assert result.added == 0
    assert len(result.problems) == 2


# What was typed


def test_each_row_stays_in_its_place_with_its_text(path):
    rows = [
        'jane , Jane Doe, 05_batchnorm/answer-1 ,"1,5",2, "x" ,tt,d1,',
        "nobody,?,what,-7,x,y,z,,",
        "",
        "half,",
        'kim,Kim Lee,05_batchnorm/answer-1,two,2,"not closed,tt,d1,',
        f'KIM,Kim Lee,{OTHER},\'- 1,3,"a\n\nb",tt,d1,',
        "jane,Kim Lee,05_batchnorm/answer-10,1,3,sorted apart,tt,d9,",
    ]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    before = path.read_bytes()
    update(path, make_rows("d2", items=(ANSWER, OTHER)), HISTORY)
    text = path.read_text()
    at = [text.index(row) for row in rows if row and not row.startswith(("jane ,", "KIM"))]
    assert at == sorted(at)
    assert '"jane ","Jane Doe"," 05_batchnorm/answer-1 ","1,5",2," ""x"" ","tt","d1 now d2"' in text
    assert f'"KIM","Kim Lee","{OTHER}","\'- 1",3,"a\n\nb","tt","d1 now d2"' in text
    assert path.with_name("marks.csv.before").read_bytes() == before


def test_rows_are_added_behind_the_others_and_need_no_copy(path):
    path.write_text(HEADER + f"kim,Kim Lee,{ANSWER},1,2,,,d1,\n,,,,,,,,\n\n")
    assert update(path, make_rows(students=("kim", "jane"))).added == 1
    assert path.read_text() == (
        HEADER
        + f"kim,Kim Lee,{ANSWER},1,2,,,d1,\n"
        + f'"jane","Jane Doe","{ANSWER}",,2,,,"d1",\n,,,,,,,,\n\n'
    )


def test_only_a_file_to_which_rows_were_added_at_the_end_has_no_copy(path):
    update(path, make_rows(students=("jane",)))
    update(path, make_rows())
    assert os.listdir(path.parent) == ["marks.csv"]
    before = path.read_bytes()
    update(path, make_rows("d2"))
    assert path.with_name("marks.csv.before").read_bytes() == before


def test_a_row_that_vanished_comes_back_with_its_mark(path):
    path.write_text(HEADER)
    result = update(path, (), HISTORY)
    assert "'jane' 05_batchnorm/answer-1 (1.5 points). To take a mark back" in result.problems[0]
    (mark,) = read(path).marks
    assert mark == MARK
    assert read_cells(path)[0]["comment"] == f"'{MARK.comment}"


def test_a_file_that_was_deleted_comes_back_with_all_marks(path):
    history = {(f"s{i}", ANSWER): Mark(f"s{i}", ANSWER, 1.0) for i in range(20)}
    result = update(path, (), history)
    assert result.added == 20
    assert result.problems[0].endswith("and 15 more. To take a mark back, empty its points")
    path.write_bytes(b"")
    assert update(path, (), history).added == 20


def test_a_mark_that_was_taken_back_does_not_come_back(path):
    path.write_text(HEADER + f"jane,Jane Doe,{ANSWER},,2,,,d1,\n")
    before = path.read_bytes()
    assert update(path, make_rows(students=("jane",)), HISTORY).problems == ()
    assert path.read_bytes() == before
    path.write_text(HEADER)
    assert update(path, (), {("jane", ANSWER): Mark("jane", ANSWER, None)}).added == 0


@pytest.mark.parametrize("typed", ["two", "9", '"1', '"1,5",,x,,,,,,'])
def test_a_bad_row_is_not_replaced_by_an_earlier_mark(path, typed):
    path.write_text(HEADER + f"jane,Jane Doe,{ANSWER},{typed}\n")
    assert update(path, make_rows(students=("jane",)), HISTORY).added == 0
    assert read(path).held == {("jane", ANSWER)}


def test_a_row_of_somebody_who_left_is_still_known(path):
    update(path, (), {("left", ANSWER): Mark("left", ANSWER, 1.0)})
    history = {("left", ANSWER): Mark("left", ANSWER, 1.0)}
    assert read(path, history=history).problems == ()
    assert update(path, make_rows(), history).problems == ()


def test_a_row_that_names_a_student_by_e_mail_is_not_added_again(path):
    path.write_text(HEADER + f"jane@example.org,,{ANSWER},1,2,,,d1,\n")
    update(path, make_rows(students=("jane",)))
    (row,) = read_cells(path)
    assert (row["student"], row["name"]) == ("jane@example.org", "Jane Doe")
    assert EMAILS[row["student"]] == "jane"


def test_a_corrected_part_keeps_its_row(path):
    path.write_text(HEADER + f"jane,,{PART},3,,appeal accepted,tt,,\n")
    before = path.read_bytes()
    correction = index(read(path).marks)
    update(path, (), correction)
    assert path.read_bytes() == before
    update(path, [Row("jane", "Jane Doe", PART, 4.0)], correction)
    assert read_cells(path)[0]["of"] == "4"
    assert index(read(path).marks) == correction


# Answers that change


def test_an_answer_that_changes_before_it_is_marked_is_no_news(path):
    update(path, make_rows("d1"))
    assert update(path, make_rows("d2")).changed == ()
    assert {mark.answer for mark in read(path).marks} == {"d2"}


def test_an_answer_that_changes_after_it_was_marked_is_told_until_somebody_has_looked(path):
    update(path, make_rows("d1"))
    type_in(path, "jane", points="1")
    assert update(path, make_rows("d1")).changed == ()
    for _ in range(2):
        result = update(path, make_rows("d2"))
        assert (result.changed, result.confirmed) == ((("jane", ANSWER),), ())
        mark = index(read(path).marks)["jane", ANSWER]
        assert (mark.points, mark.answer, mark.note) == (1, "d1", CHANGED)
    type_in(path, "jane", note="")
    assert index(read(path).marks)["jane", ANSWER].answer == "d2"
    result = update(path, make_rows("d2"))
    assert (result.changed, result.confirmed) == ((), (("jane", ANSWER),))
    assert update(path, make_rows("d2")).confirmed == ()
    assert index(read(path).marks)["jane", ANSWER].answer == "d2"


def test_a_mark_that_was_taken_back_is_not_confirmed(path):
    update(path, make_rows("d1"))
    type_in(path, "jane", points="1")
    update(path, make_rows("d2"))
    type_in(path, "jane", points="", note="")
    result = update(path, make_rows("d2"))
    assert result.changed == result.confirmed == ()


def test_who_has_looked_at_one_answer_has_not_looked_at_the_next(path):
    update(path, make_rows("d1"))
    type_in(path, "jane", points="1")
    update(path, make_rows("d2"))
    type_in(path, "jane", note="")
    result = update(path, make_rows("d3"))
    assert result.changed == result.confirmed == (("jane", ANSWER),)
    assert index(read(path).marks)["jane", ANSWER].answer == "d2"


def test_an_answer_that_is_again_as_it_was_marked_is_no_news(path):
    update(path, make_rows("d1"))
    type_in(path, "jane", points="1")
    update(path, make_rows("d2"))
    assert update(path, make_rows("d1")).changed == ()
    assert index(read(path).marks)["jane", ANSWER].note == ""


def test_without_the_grader_s_columns_an_earlier_mark_says_which_answer_was_marked(path):
    path.write_text(f"student,item,points\njane,{ANSWER},1.5\n")
    assert read(path, history=HISTORY).marks[0].answer == "d1"
    assert update(path, make_rows("d2", students=("jane",)), HISTORY).changed
    assert read(path).marks[0].answer == "d1"


def test_a_new_mark_is_not_taken_for_one_of_an_earlier_answer(path):
    path.write_text(f"student,item,points\njane,{ANSWER},1\n")
    assert read(path, history=HISTORY).marks[0].answer == ""
    assert update(path, make_rows("d2", students=("jane",)), HISTORY).changed == ()
    assert read(path).marks[0].answer == "d2"


def test_a_note_whose_column_was_deleted_was_not_emptied(path):
    path.write_text(f"student,item,points,answer\njane,{ANSWER},1.5,d1 now d2\n")
    assert read(path).marks[0].answer == "d1"
    result = update(path, make_rows("d2", students=("jane",)), HISTORY)
    assert (len(result.changed), result.confirmed) == (1, ())


def test_a_mark_that_is_written_back_is_compared_with_the_answer(path):
    assert update(path, make_rows("d2", students=("jane",)), HISTORY).added == 1
    assert read(path).marks[0].note == CHANGED


# The file itself


@pytest.mark.parametrize(
    ("lock", "program"), [(".~lock.marks.csv#", "LibreOffice"), ("~$marks.csv", "Excel")]
)
def test_a_file_that_is_open_is_left_alone_and_read(path, lock, program):
    update(path, make_rows(students=("jane",)))
    type_in(path, "jane", points="1")
    before = path.read_bytes()
    path.with_name(lock).write_text("")
    assert update(path, make_rows(students=("jane",))).problems == ()  # nothing is to be done
    result = update(path, make_rows())
    assert result.added == 0
    assert result.problems == (
        f"marks.csv is open in {program} (if not, delete {lock}): close it and run the same "
        "command again; nothing was lost",
    )
    assert path.read_bytes() == before
    assert read(path).marks[0].points == 1


def test_what_is_saved_while_the_file_is_written_is_not_lost(path, monkeypatch):
    update(path, make_rows(students=("jane",)))
    saved = []
    load = updating.load

    def save_meanwhile(read):
        content = load(read)
        if len(saved) < 3:
            type_in(path, "jane", points=f"1.{len(saved)}")
            saved.append(content)
        return content

    monkeypatch.setattr(updating, "load", save_meanwhile)
    update(path, make_rows())
    marks = index(read(path).marks)
    assert marks["jane", ANSWER].points == 1.2
    assert len(marks) == len(PEOPLE)


def test_a_file_that_changes_all_the_time_is_left_alone(path, monkeypatch):
    update(path, make_rows(students=("jane",)))
    load, times = updating.load, []

    def save_meanwhile(read):
        content = load(read)
        times.append(1)
        type_in(path, "jane", points=f"1.{len(times)}")
        return content

    monkeypatch.setattr(updating, "load", save_meanwhile)
    assert "changes all the time" in update(path, make_rows()).problems[0]
    assert len(read(path).marks) == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"jane,1\n", HEADER.encode() + b"\0"])
def test_a_file_that_cannot_be_read_is_left_as_it_is(path, content):
    path.write_bytes(content)
    assert update(path, make_rows(), HISTORY).problems == read(path).problems
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == ["marks.csv"]


def test_a_folder_in_its_place_is_left_as_it_is(path):
    path.mkdir()
    assert update(path, make_rows()).problems == read(path).problems != ()


def test_a_folder_that_cannot_be_written_gives_one_line(path, monkeypatch):
    def refuse(*args):
        raise OSError(28, "No space left on device")

    path.write_text(HEADER)
    monkeypatch.setattr(updating.os, "replace", refuse)
    assert update(path, make_rows()).problems == (
        "marks.csv cannot be written: No space left on device; it is as it was",
    )
    assert path.read_text() == HEADER
    assert os.listdir(path.parent) == ["marks.csv"]


def test_a_link_stays_one_and_others_may_still_write(path):
    shared = path.parent / "shared"
    shared.mkdir()
    (shared / "our.csv").write_text(HEADER)
    (shared / "our.csv").chmod(0o664)
    path.symlink_to(shared / "our.csv")
    update(path, make_rows())
    assert path.is_symlink()
    assert len(read(path).marks) == len(PEOPLE)
    assert stat.S_IMODE((shared / "our.csv").stat().st_mode) == 0o664
