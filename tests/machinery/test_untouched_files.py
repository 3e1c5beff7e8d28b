"""What a student meets before writing a line, and when a file cannot even be read."""

import re
import shutil
import subprocess
import sys

import pytest

from assignment.support.manifest import ROOT, load_parts

PARTS = load_parts()
BLOCK = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION\n", re.S | re.M)
HELPER = re.compile(r"\s*(@|def |class )")


def take_solutions_out(file, text):
    """Put a NotImplementedError in place of each function body between markers."""

    def replace(block):
        if HELPER.match(block[2]):  # functions of the solution's own
            return ""
        part_id = re.findall(r"\(part ([\w.]+)\)", text[: block.start()])[-1]
        message = f"{part_id}: not written yet, see assignment/{file}"
        return f'{block[1]}raise NotImplementedError("{message}")\n'

    return BLOCK.sub(replace, text)


@pytest.fixture
def project(tmp_path):
    """Copy what students get; the data sets are only linked."""
    skip = shutil.ignore_patterns("__pycache__", "hidden", "machinery")
    for name in ("assignment", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skip)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    return tmp_path


def run_pytest(project):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/public"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def read_table(text):
    """Return the rows of the table of points: part -> (got, possible, note)."""
    rows = re.findall(r"^(\w+\.\w+) +([\d.]+) +([\d.]+) *(.*)$", text, re.M)
    return {part_id: (float(got), float(possible), note) for part_id, got, possible, note in rows}


def test_untouched_files_give_one_line_a_part(project):
    for file in {part.file for part in PARTS}:
        path = project / "assignment" / file
        path.write_text(take_solutions_out(file, path.read_text("utf-8")), "utf-8")
    code, text = run_pytest(project)
    assert code == pytest.ExitCode.TESTS_FAILED, text
    assert "Traceback" not in text
    assert "FAILURES" not in text
    table = read_table(text)
    assert list(table) == [part.id for part in PARTS]
    assert len(text.splitlines()) < 2 * len(table)
    for part_id, (got, _, note) in table.items():
        assert got == 0, part_id
        assert note.endswith(f"not written yet, see assignment/{file_of(part_id)}")


def test_a_syntax_error_costs_only_its_function(project):
    path = project / "assignment" / "preprocessing.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("std = x_train.std(", "std = x_train.std(("), "utf-8")
    code, text = run_pytest(project)
    assert code == pytest.ExitCode.TESTS_FAILED, text
    for part_id, (got, possible, note) in read_table(text).items():
        if part_id == "preprocessing.standardize":
            assert got < possible
            assert note.startswith("Python cannot read assignment/preprocessing.py, line ")
        else:
            assert got == possible, part_id


def file_of(part_id):
    return next(part.file for part in PARTS if part.id == part_id)
