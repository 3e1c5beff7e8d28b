"""Each row of marks.csv counts as it was typed, or one line says why it does not."""

from __future__ import annotations

import os

import pytest

from autograder.marks.marks import Mark
from tests.machinery.marks.sheets import ANSWER, HEADER, OTHER, PART, index, read


@pytest.fixture
def read_rows(tmp_path):
    def read_rows(*rows, **more):
        path = tmp_path / "marks.csv"
        path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
        return read(path, **more)

    return read_rows


def give(points, item=ANSWER, student="jane", rest=",,,,"):
    return f'{student},,{item},"{points}",{rest}'


def test_a_row_is_a_mark(read_rows):
    found = read_rows(f"jane,Jane Doe,{ANSWER},1.5,2,well argued,tt,d1,")
    assert found.marks == (Mark("jane", ANSWER, 1.5, "well argued", "tt", "d1"),)
    assert not found.problems
    assert not found.held


def test_a_row_without_points_waits(read_rows):
    assert read_rows(f"jane,,{ANSWER},,2,ask Ben,,,").marks == (
        Mark("jane", ANSWER, None, "ask Ben"),
    )


def test_no_file_means_no_marks(tmp_path):
    assert read(tmp_path / "marks.csv").problems == ()


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("2", 2),
        ("0", 0),
        ("1.5", 1.5),
        ("1,5", 1.5),
        (",5", 0.5),
        (" 2\u00a0", 2),
        ("\ufeff1", 1),
        ("½", 0.5),
        ("1½", 1.5),
        ("1 ½", 1.5),
        ("2 of 2", 2),
        ("1,5 of 2,0", 1.5),
        ("'1", 1),
        ("\uff11\uff0e\uff15", 1.5),  # as a Japanese keyboard writes 1.5
    ],
)
def test_points_are_read_as_people_and_programs_write_them(read_rows, typed, points):
    found = read_rows(give(typed))
    assert found.problems == ()
    assert [mark.points for mark in found.marks] == [points]


def test_a_share_of_three_is_read(read_rows):
    assert read_rows(give("2/3 ", OTHER)).marks[0].points == 2


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("two", "'two' is not a number of points"),
        ("-1", "negative points: '-1'"),
        ("\u22121", "negative points"),
        ("2.5", "2.5 points, but 2 are possible"),
        ("1. Feb", "'1. Feb' is not a number of points; did a spreadsheet make a date of it?"),
        ("02. Mai", "did a spreadsheet make a date of it?"),
        ("2-Jan", "did a spreadsheet make a date of it?"),
        ("2026-02-01", "did a spreadsheet make a date of it?"),
        ("44563", "make a date of it? In its count this is 2022-01-02"),
        ("1/2", "'1/2' may mean 1 of 2 points, or 0.5 of one"),
        ("1 of 4", "'1 of 4': 2 points are possible"),
        ("1²", "is not a number"),
        ("1e0", "is not a number"),
        ("nan", "is not a number"),
        ("inf", "is not a number"),
        ("50%", "is not a number"),
        ("1,234.5", "is not a number"),
        ("#NAME?", "is not a number"),
        ("TRUE", "is not a number"),
        ("x" * 10_000, "is not a number"),
        ("1" * 10_000, "points, but 2 are possible"),
        ("1" * 10_000 + "½", "points, but 2 are possible"),
    ],
)
def test_other_points_are_told_and_do_not_count(read_rows, typed, says):
    found = read_rows(give(typed), give(2, student="kim"))
    (problem,) = found.problems
    assert problem.startswith("marks.csv, line 2: ")
    assert says in problem
    assert len(problem) < 200
    assert found.held == {("jane", ANSWER)}
    assert [mark.student for mark in found.marks] == ["kim"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (give(1, student="jan"), "student 'jan': no such student; did you mean 'jane'?"),
        (give(1, student="123"), "did a spreadsheet drop zeros? There is '00123'"),
        (give(1, student="1.23E+05"), "student '1.23E+05': no such student"),
        (give(1, student="12-Mar"), "student '12-Mar': no such student"),
        (give(1, "05_batchnorm/answer-2"), f"no such item; did you mean '{ANSWER}'?"),
        (give(1, ""), "it names no item"),
        (give(1, student=""), "it names no student"),
        (",,,,,only a comment,,,", "it names no student"),
        (give(1, PART, rest=",appeal accepted,,,"), "counts only if it says who (by)"),
        (give(1, PART, rest=",,tt,,"), "counts only if it says why (comment)"),
        (give(1, PART), "counts only if it says who (by) and why (comment)"),
        (f"jane,,{ANSWER},1,5,2,,,,", "more cells than the header"),
        (
            f"jane,Kim Lee,{ANSWER},1,2,,,,",
            "'jane' has the name of 'kim'; were some of the columns",
        ),
    ],
)
def test_a_row_that_cannot_count_costs_no_other_row(read_rows, row, says):
    found = read_rows(give(1, student="kim"), row, give(2, OTHER, "kim"))
    (problem,) = found.problems
    assert problem.startswith("marks.csv, line 3: ")
    assert says in problem
    assert [mark.item for mark in found.marks] == [ANSWER, OTHER]


def test_a_correction_counts_if_it_says_who_and_why(read_rows):
    found = read_rows(give(3, PART, rest=",appeal accepted,tt,,"))
    assert found.marks == (Mark("jane", PART, 3.0, "appeal accepted", "tt"),)


def test_rows_for_the_eye_are_passed_over(read_rows):
    found = read_rows("First half,,,,,,,,", "", ",,,,,,,,", "left-the-class,,x,,2,,,,", give(1))
    assert found.problems == ()
    assert len(found.marks) == 1


def test_two_rows_that_differ_do_not_count(read_rows):
    found = read_rows(give(1), give(2, student="kim"), give(2))
    assert found.problems == (
        f"marks.csv, line 2: lines 2 and 4 give 'jane' 1 and 2 points for {ANSWER}; "
        "none of them counts",
    )
    assert found.held == {("jane", ANSWER)}
    assert [mark.student for mark in found.marks] == ["kim"]


def test_a_good_row_beside_a_bad_one_does_not_count(read_rows):
    found = read_rows(give("two"), give(1))
    assert found.marks == ()
    assert found.held == {("jane", ANSWER)}


def test_two_rows_that_agree_count_once_and_a_row_without_points_says_nothing(read_rows):
    assert [m.points for m in read_rows(give(1), give("1,0"), give("")).marks] == [1]


def test_the_line_is_that_of_a_spreadsheet(read_rows):
    """A comment of three lines is one row; an empty row is one, too."""
    found = read_rows(give(1, rest=',"a\n\nb",tt,,'), "", give("x", student="kim"))
    assert found.problems[0].startswith("marks.csv, line 4: ")
    assert found.marks[0].comment == "a\n\nb"


@pytest.mark.parametrize("student", ["jane", " Jane ", "JANE", "jane@example.org", "'jane"])
def test_a_student_may_be_named_in_several_ways(read_rows, student):
    assert index(read_rows(give(1, student=student)).marks)["jane", ANSWER].points == 1


@pytest.mark.parametrize("item", [f" {ANSWER}\u00a0", ANSWER.upper(), ANSWER.title()])
def test_an_item_may_have_other_capitals_and_blanks(read_rows, item):
    assert read_rows(give(1, item)).marks[0].item == ANSWER


def test_names_that_differ_by_capitals_alone_are_not_mixed_up(read_rows):
    students = {"jan": "", "JAN": ""}
    found = read_rows(give(1, student="jan"), give(2, student="JAN"), students=students)
    assert [(mark.student, mark.points) for mark in found.marks] == [("jan", 1), ("JAN", 2)]
    assert read_rows(give(1, student="Jan"), students=students).marks == ()


def test_a_cell_that_may_name_two_students_names_none(read_rows):
    found = read_rows(give(1, student="'=1"), students={"=1": "", "'=1": ""})
    assert found.marks == ()
    assert "no such student" in found.problems[0]


def test_two_students_of_one_name_are_no_sign_of_a_wrong_sort(read_rows):
    students = {"jane": "Jane Doe", "jane2": "Jane Doe"}
    found = read_rows(f"jane,Jane Doe,{ANSWER},1,2,,,,", students=students)
    assert len(found.marks) == 1


def test_a_comment_that_became_an_error_is_told_and_the_points_count(read_rows):
    found = read_rows(give(1, rest=",#NAME?,tt,,"))
    assert "took the comment for a formula and wrote '#NAME?'" in found.problems[0]
    assert found.marks[0].points == 1


@pytest.mark.parametrize("comment", ["'- good", "- good"])
def test_the_guard_of_a_formula_may_be_there_or_not(read_rows, comment):
    assert read_rows(give(1, rest=f",{comment},tt,,")).marks[0].comment == "- good"


def test_a_change_of_the_possible_points_is_told(read_rows):
    found = read_rows(f"jane,,{ANSWER},1,1,,,,")
    assert f"{ANSWER} was worth 1 points when this was marked, and now 2" in found.problems[0]
    assert found.marks[0].points == 1


def test_a_quote_that_is_not_closed_costs_its_row_alone(read_rows):
    found = read_rows(f'jane,,{ANSWER},1,2,"he said,tt,,', '"kim",,"05_batchnorm/answer-1",2,2,,,,')
    assert "a quotation mark" in found.problems[0]
    assert found.held == {("jane", ANSWER)}
    assert [mark.student for mark in found.marks] == ["kim"]


def test_a_quote_that_is_never_closed_costs_its_row_alone(read_rows):
    found = read_rows(f'jane,,{ANSWER},1,2,"he said,tt,,', *[give(1, student="kim", rest="2,,,,")])
    assert len(found.problems) == 1
    assert [mark.student for mark in found.marks] == ["kim"]


def test_both_sides_of_a_merge_by_git_are_compared(read_rows):
    found = read_rows("<<<<<<< ours", give(1), "=======", give(2), ">>>>>>> theirs")
    assert "none of them counts" in found.problems[0]
    assert len(found.problems) == 1


def test_a_header_that_was_sorted_among_the_rows_is_found(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text(f"marks of the class\njane,,{ANSWER},1,2,,,,\n{HEADER}kim,,{ANSWER},x,2,,,,\n")
    found = read(path)
    assert [mark.student for mark in found.marks] == ["jane"]
    assert found.problems[0].startswith("marks.csv, line 4: ")


def test_files_beside_it_in_which_somebody_may_have_typed_are_named(tmp_path):
    for name in ("marks.csv", "marks.xlsx", "marks (Jane's conflicted copy).csv", "remarks.csv"):
        (tmp_path / name).write_text(HEADER)
    (tmp_path / "marks.csv.before").write_text(HEADER)
    assert read(tmp_path / "marks.csv").problems == (
        "marks (Jane's conflicted copy).csv lies beside marks.csv and is not read: "
        "only marks.csv is",
        "marks.xlsx lies beside marks.csv and is not read: only marks.csv is",
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 and so on", "is an Excel, LibreOffice or Numbers document, not a CSV"),
        (b"\xd0\xcf\x11\xe0", "is an old Excel document, not a CSV"),
        (b"jane,1\n", "has no row with the column names student, item and points"),
        (b"student,item,points,Points\n", "has 2 columns points: rename all but one"),
        (HEADER.encode() + b"\0" * 100, "is damaged: it holds NUL characters"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\0", "is damaged: its text is not UTF-16"),
        (b'"student,""name"",""item"",""points"""\n', "has each row in a single cell"),
    ],
)
def test_a_file_that_is_no_table_gives_one_line(tmp_path, content, says):
    path = tmp_path / "marks.csv"
    path.write_bytes(content)
    (problem,) = read(path).problems
    assert problem.startswith(f"marks.csv {says}")


def test_a_folder_and_a_pipe_give_one_line(tmp_path):
    (tmp_path / "marks.csv").mkdir()
    assert read(tmp_path / "marks.csv").problems[0].startswith("marks.csv is a folder")
    os.mkfifo(tmp_path / "pipe.csv")
    assert read(tmp_path / "pipe.csv").problems[0].startswith("pipe.csv is not a file")
