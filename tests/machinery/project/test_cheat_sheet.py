"""The page of all summaries shows what the saved notebooks printed, and says what is missing."""

import json
import os
import re
import shutil

import pytest

from assignment.support.commands import cheat_sheet
from assignment.support.commands.cheat_sheet import PAGE, make_page, read_table, write_cheat_sheet
from assignment.support.project.cells import OUTLINE
from assignment.support.project.manifest import ROOT
from autograder.release.building import NAME as RELEASE
from tests.machinery.students import read_all, run

NAME = "03_preprocessing"
FIGURES = "loss       2.30 | 1\n           of x_1\ntest  set  77 %\n"
NOT_RUN = f"Not there yet: run notebooks/{NAME}.ipynb to its end, and save it."
NO_CELL = f"notebooks/{NAME}.ipynb no longer has the cell that prints its summary."
ERROR = {"output_type": "error", "ename": "NameError", "evalue": "name\n 'N_a'", "traceback": []}


def printed(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def make_notebook(*outputs):
    settings = "seed = 7\ndataset = 'earth'  # or"
    return {
        "cells": [
            {"id": "title", "cell_type": "markdown", "source": "# 3. Things\n\nmore"},
            {"id": "parameters", "cell_type": "code", "source": settings},
            {"id": "summary", "cell_type": "code", "source": "print()", "outputs": list(outputs)},
        ]
    }


@pytest.fixture
def project(tmp_path):
    """Return a folder with the teacher's notebooks, but for the third."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    write(tmp_path, make_notebook(printed(FIGURES)))
    return tmp_path


def write(project, notebook):
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    (project / "notebooks" / f"{NAME}.ipynb").write_text(text, encoding="utf-8")


def read_section(project, notebook):
    """Return the lines below the heading of the third notebook, and the notebooks that lack."""
    write(project, notebook)
    page, lacking = make_page(project)
    (section,) = re.findall(r"^## 3.*\n\n|^## 03.*\n\n", page, re.M)
    return page.partition(section)[2].partition("\n\n## ")[0], lacking


# The page of the teacher, and that of a student


def test_the_page_of_the_repository_is_what_the_command_would_write():
    assert make_page(ROOT) == ((ROOT / PAGE).read_text(encoding="utf-8"), [])


def test_a_student_who_has_run_nothing_is_told_so(release, tmp_path):
    project = shutil.copytree(release / RELEASE, tmp_path / "mine")
    before = read_all(project)
    done = run(project, "cheat-sheet", PYTHONDONTWRITEBYTECODE="1")
    names = sorted(path.stem for path in project.glob("notebooks/*.ipynb"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"wrote {PAGE}",
        f"no summary yet of {', '.join(names)}: the page says why",
    ]
    after = read_all(project)
    page = after.pop(PAGE).decode()
    assert after == before
    assert page.count("\n## ") == len(names) == 8
    for name in names:
        assert f"\n\nNot there yet: run notebooks/{name}.ipynb to its end, and save it.\n" in page


@pytest.mark.parametrize("ids", ["in the metadata", "missing"])
def test_a_student_who_has_run_everything_gets_all_summaries(ids, release, tmp_path):
    (tmp_path / OUTLINE).parent.mkdir(parents=True)
    shutil.copy(release / RELEASE / OUTLINE, tmp_path / OUTLINE)
    (tmp_path / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            cell["metadata"] = {"id": cell.pop("id")} if ids == "in the metadata" else {}
        (tmp_path / "notebooks" / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    assert make_page(tmp_path) == make_page(ROOT)


@pytest.mark.parametrize("copy", ["master", "release"])
def test_the_last_notebook_links_to_the_page(copy, release):
    root = ROOT if copy == "master" else release / RELEASE
    notebook = json.loads((root / "notebooks" / "08_hyperparameters.ipynb").read_bytes())
    text = "".join(notebook["cells"][-1]["source"])
    assert "python -m assignment cheat-sheet" in text
    assert re.findall(r"\]\((.*?)\)", text) == [f"../{PAGE}"]


# Writing it


def test_a_page_takes_the_place_of_an_earlier_one(project, capsys):
    for _ in range(2):
        assert write_cheat_sheet(project) == 0
        assert capsys.readouterr().out == f"wrote {PAGE}\n"
        assert (project / PAGE).read_text(encoding="utf-8") == make_page(project)[0]
        assert [path.name for path in (project / "docs").iterdir()] == ["cheat-sheet.md"]
        write(project, make_notebook(printed("other  3\n")))


def test_a_page_that_cannot_be_written_leaves_the_earlier_one(project, monkeypatch, capsys):
    def fail(*_):
        raise OSError(28, "No space left on device")

    assert write_cheat_sheet(project) == 0
    capsys.readouterr()
    before = read_all(project)
    monkeypatch.setattr(os, "replace", fail)
    assert write_cheat_sheet(project) == 1
    assert capsys.readouterr() == ("", f"cannot write {PAGE}: No space left on device\n")
    assert read_all(project) == before


def test_a_file_in_place_of_the_folder_is_one_line(project, capsys):
    (project / "docs").touch()
    assert write_cheat_sheet(project) == 1
    assert capsys.readouterr().err.startswith(f"cannot write {PAGE}: ")


def test_text_that_is_no_unicode_can_be_written(project):
    write(project, make_notebook(printed("loss  \ud800\n")))
    assert write_cheat_sheet(project) == 0
    assert "| loss | ? |" in (project / PAGE).read_text(encoding="utf-8")


# The section of a notebook


def test_a_section_has_a_title_settings_and_a_table(project):
    page, lacking = make_page(project)
    assert lacking == []
    assert (
        "\n## 3. Things\n\nseed 7, dataset earth\n\n"
        "| the notes say | measured |\n| --- | --- |\n"
        "| loss | 2.30 \\| 1 |\n|  | of x\\_1 |\n| test  set | 77 % |\n\n## 4. "
    ) in page


@pytest.mark.parametrize(
    ("notebook", "said"),
    [
        (make_notebook(), NOT_RUN),
        (make_notebook(printed(" \n")), NOT_RUN),
        (make_notebook(printed("a warning", "stderr")), NOT_RUN),
        (make_notebook({"output_type": "execute_result", "data": {"text/plain": "1"}}), NOT_RUN),
        (
            make_notebook(printed(FIGURES), ERROR),
            "The summary stopped with NameError: name 'N\\_a'",
        ),
        (
            make_notebook({**ERROR, "evalue": "x" * 900}),
            f"The summary stopped with NameError: {'x' * (cheat_sheet.LONGEST_ERROR - 11)}",
        ),
        ({"cells": make_notebook(printed(FIGURES))["cells"][:-1]}, NO_CELL),
        ({"cells": []}, NO_CELL),
        ({"cells": [None, 1, {"id": "summary"}]}, NO_CELL),
        ("{}", f"notebooks/{NAME}.ipynb is not a notebook."),
        ("[1,", f"notebooks/{NAME}.ipynb is not JSON."),
        ("", f"notebooks/{NAME}.ipynb is empty."),
    ],
)
def test_one_line_says_why_there_is_no_summary(notebook, said, project):
    section, lacking = read_section(project, notebook)
    assert section == said
    assert lacking == [NAME]


def test_a_missing_notebook_is_named(project, capsys):
    (project / "notebooks" / f"{NAME}.ipynb").unlink()
    assert f"\n## {NAME}\n\nnotebooks/{NAME}.ipynb is missing.\n\n## 4. " in make_page(project)[0]
    assert write_cheat_sheet(project) == 0
    assert capsys.readouterr().out == (
        f"wrote {PAGE}\nno summary yet of {NAME}: the page says why\n"
    )


def test_a_notebook_that_cannot_be_read_is_named(project):
    (project / "notebooks" / f"{NAME}.ipynb").unlink()
    (project / "notebooks" / f"{NAME}.ipynb").mkdir()
    page, lacking = make_page(project)
    assert f"\n\nnotebooks/{NAME}.ipynb cannot be read: " in page
    assert lacking == [NAME]


@pytest.mark.parametrize(
    "outputs",
    [
        [printed("loss  2\n"), printed("rate  1\n")],
        [printed(["loss  2\n", "rate  1\n"])],
        [None, printed(7), printed([1]), {}, printed("loss  2\nrate  1\n")],
        [
            printed("loss  2\nrate  1\n"),
            printed("UserWarning: x", "stderr"),
            {"output_type": "display_data", "data": {"text/plain": "<Figure>"}},
        ],
    ],
)
def test_only_what_was_printed_counts(outputs, project):
    section, lacking = read_section(project, make_notebook(*outputs))
    assert section.endswith("| --- | --- |\n| loss | 2 |\n| rate | 1 |")
    assert lacking == []


def test_without_a_title_and_settings_the_name_stands_above_the_table(project):
    notebook = make_notebook(printed("loss  2\n"))
    notebook["cells"][0]["source"] = "mine"
    notebook["cells"][1]["source"] = "pass"
    section, _ = read_section(project, notebook)
    assert section == "| the notes say | measured |\n| --- | --- |\n| loss | 2 |"
    assert f"\n## {NAME}\n" in make_page(project)[0]


# Tables


@pytest.mark.parametrize(
    ("text", "table"),
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
def test_columns_are_found(text, table):
    assert read_table(text) == table


def test_a_heading_of_its_own_is_the_heading(project):
    section, _ = read_section(project, make_notebook(printed("   one  two\na  1    2\n")))
    assert section.endswith("|  | one | two |\n| --- | --- | --- |\n| a | 1 | 2 |")
