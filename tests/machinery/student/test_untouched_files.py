"""What a student sees before writing a line, and after a syntax error in a file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assignment.support.project.manifest import load_parts
from autograder.release.building import NAME
from tests.machinery.pasting import paste_files

PARTS = load_parts()
NOTEBOOKS = list(dict.fromkeys(part.notebook for part in PARTS))
# One shell for all notebooks: starting a kernel takes longer than reaching the first hole.
SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for name in sys.argv[1:]:
    shell.reset()
    for cell in json.load(open(f"{name}.ipynb", encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            result = shell.run_cell("".join(cell["source"]))
            error = result.error_in_exec or result.error_before_exec
            if error:
                print(f"stopped {name} {type(error).__name__}: {error}")
                break
"""
STOPPED = re.compile(r"^stopped (\w+) (.*)$", flags=re.M)
MISSING = re.compile(r"NotImplementedError: (\S+): not written yet, see (\S+)")


@pytest.fixture
def untouched(release: Path, tmp_path: Path) -> Path:
    """Copy the release."""
    return Path(shutil.copytree(release / NAME, tmp_path / "mine"))


@pytest.fixture
def project(untouched: Path) -> Path:
    """Complete its functions."""
    paste_files(untouched)
    return untouched


def run_pytest(project):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def read_table(text):
    """Return the rows of the table of points: part -> (got, possible, note)."""
    rows = re.findall(r"^(\w+\.\w+) +([\d.]+) of ([\d.]+) +(.*)$", text, re.M)
    return {part_id: (float(got), float(possible), note) for part_id, got, possible, note in rows}


def test_untouched_files_give_one_line_for_each_part(untouched):
    code, text = run_pytest(untouched)
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


@pytest.fixture(scope="module")
def stops(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the output of running all notebooks, and one of them with written functions."""
    project = Path(shutil.copytree(release / NAME, tmp_path_factory.mktemp("runs") / "mine"))
    stops = run_notebooks(project, NOTEBOOKS)
    paste_files(project)
    return stops | {"half-way": run_notebooks(project, ["06_layernorm"])["06_layernorm"]}


def run_notebooks(project: Path, names: list[str]) -> dict[str, str]:
    """Return the error that ends each notebook."""
    environment = {**os.environ, "IPYTHONDIR": str(project.parent), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-c", SHELL, *names],
        cwd=project / "notebooks",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(STOPPED.findall(done.stdout))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_stops_at_the_first_part_that_is_missing(notebook, stops):
    missing = MISSING.fullmatch(stops[notebook])
    assert missing, stops[notebook]
    assert missing[2] == f"assignment/{file_of(missing[1])}"


def test_a_notebook_stops_at_the_first_cell_to_complete(stops):
    missing = MISSING.fullmatch(stops["half-way"])
    assert missing, stops["half-way"]
    assert missing.groups() == ("06_layernorm/rung-1", "notebooks/06_layernorm.ipynb")
