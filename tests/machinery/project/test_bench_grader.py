"""The benchmark of the grader: the class that it generates, and when its figures count."""

from __future__ import annotations

import ast
import sys

import pytest

from assignment.support.project.manifest import load_parts
from autograder.intake.submissions import find_submissions, read_submission
from autograder.master_notebooks import read_master_notebooks
from tools.bench import grader
from tools.bench.grader import main, make_class


def test_generated_students_differ_and_can_be_read(tmp_path):
    make_class(tmp_path, 4, notebooks=False, seed=3)
    class_ = [read_submission(path) for path in find_submissions(tmp_path)]
    assert len(class_) == len({submission.sha256 for submission in class_}) == 4
    for submission in class_:
        assert set(submission.files) == {part.file for part in load_parts()}
        for source in submission.files.values():
            ast.parse(source)
    texts = [b"".join(submission.files.values()) for submission in class_]
    assert all(b"NotImplementedError" in text for text in texts)


def test_the_same_seed_makes_the_same_class(tmp_path):
    for folder in ("a", "b"):
        make_class(tmp_path / folder, 2, notebooks=False, seed=3)
    classes = [[read_submission(p).files for p in find_submissions(tmp_path / f)] for f in "ab"]
    assert classes[0] == classes[1]


def test_notebooks_have_some_cells_open(tmp_path):
    make_class(tmp_path, 1, notebooks=True, seed=3)
    notebooks = read_master_notebooks(tmp_path / "student-0000" / "notebooks")
    assert len(notebooks) == 8
    holes = [
        cell.source for cells in notebooks.values() for cell in cells if "solution" in cell.tags
    ]
    is_open = ["NotImplementedError" in source for source in holes]
    assert 0 < sum(is_open) < len(holes) == 31


@pytest.mark.parametrize(("counts", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_the_figures_count(counts, code, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(grader, "print_bench", lambda console: counts)
    assert main([]) == code


def test_without_linux_nothing_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(grader, "print_bench", lambda console: pytest.fail("it was measured"))
    assert main([]) == 1
    assert "needs Linux" in capsys.readouterr().err


def test_help_says_when_the_figures_count(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "python -m tools.bench.grader" in text
    assert "exit code" in text
