"""The page of all summaries is what the stored outputs of the notebooks say."""

import pytest

from tools import make_cheat_sheet
from tools.make_cheat_sheet import main, make_page, read_table

FIGURES = "loss       2.30 | 1\n           of x_1\ntest  set  77 %\n"


def make_notebook(printed, name="summary"):
    output = {"output_type": "stream", "name": "stdout", "text": printed}
    cells = [("title", "# 3. Things\n\nmore"), ("parameters", 'seed = 7\ndataset = "earth"  # or')]
    stored = [{"id": key, "source": source} for key, source in cells]
    return {"cells": [*stored, {"id": name, "source": "print()", "outputs": [output]}]}


def test_the_page_is_what_the_script_would_write():
    assert main(["--check"]) == 0


def test_another_page_is_out_of_date_until_it_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_cheat_sheet, "PAGE", tmp_path / "page.md")
    assert main(["--check"]) == 1
    assert "is out of date: run" in capsys.readouterr().out
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_a_section_has_a_title_settings_and_a_table():
    page = make_page({"03_things": make_notebook(FIGURES)})
    assert page.endswith(
        "## 3. Things\n\nseed 7, dataset earth\n\n"
        "| the notes say | measured |\n| --- | --- |\n"
        "| loss | 2.30 \\| 1 |\n|  | of x\\_1 |\n| test  set | 77 % |\n"
    )


@pytest.mark.parametrize(
    ("printed", "table"),
    [
        ("a b  c\nd    e\n", [["a b", "c"], ["d", "e"]]),
        (
            "      one  two\nrow   1    2\nrows  3    4\n",
            [["", "one", "two"], ["row", "1", "2"], ["rows", "3", "4"]],
        ),
        ("short\nlong  line\nrow   more\n", [["short", ""], ["long", "line"], ["row", "more"]]),
        ("a full label\nonly text here\n", [["a full label"], ["only text here"]]),
    ],
)
def test_columns_are_found(printed, table):
    assert read_table(printed) == table


def test_a_heading_of_its_own_is_the_heading():
    page = make_page({"03_things": make_notebook("   one  two\na  1    2\n")})
    assert "|  | one | two |\n| --- | --- | --- |\n| a | 1 | 2 |\n" in page


@pytest.mark.parametrize("notebook", [make_notebook("x\n", "other"), make_notebook(" \n")])
def test_a_notebook_without_a_summary_is_named(notebook):
    with pytest.raises(ValueError, match="03_things: no cell 'summary' with a printed output"):
        make_page({"03_things": notebook})
