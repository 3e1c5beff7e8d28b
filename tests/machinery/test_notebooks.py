"""A notebook is a test only if it was run, compares something, and can go red."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# One wrong function a notebook: the file, what stands there, what a student might write.
SABOTAGE = {
    "01_minibatch_sgd": ("sgd.py", "w + -learning_rate * dw", "w + learning_rate * dw"),
    "02_activations": ("activations.py", "dout * (1 - out * out)", "dout * (1 - out)"),
}
REASONS_TO_COMPARE_NOTHING = {"no-output", "nbval-ignore-output"}
OTHER_SEEDS = (7, 2026)

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def tags(cell):
    return set(cell.metadata.get("tags", ()))


def test_every_notebook_can_be_sabotaged():
    assert {path.stem for path in NOTEBOOKS} == set(SABOTAGE)


@each_notebook
def test_cells_were_run_once_and_in_order(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_no_error_is_stored(path):
    kinds = [output.output_type for cell in code_cells(path) for output in cell.outputs]
    assert kinds
    assert "error" not in kinds


@each_notebook
def test_every_cell_compares_something_or_says_why_not(path):
    for cell in code_cells(path):
        texts = [output.get("text") or output["data"].get("text/plain") for output in cell.outputs]
        silent = tags(cell) & REASONS_TO_COMPARE_NOTHING
        assert any(texts) or silent, f"cell {cell.id} compares nothing and has no tag that says why"


@each_notebook
def test_ids_name_their_cells(path):
    ids = [cell.id for cell in read(path).cells]
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if re.fullmatch(r"[0-9a-f]{8}(-.*)?", name)]


@each_notebook
def test_nothing_of_the_author_is_stored(path):
    notebook = read(path)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "assignment"}, f"cell {cell.id}"


@each_notebook
def test_there_is_enough_to_do(path):
    cells = read(path).cells
    to_complete = [cell for cell in cells if "solution" in tags(cell)]
    to_answer = [cell for cell in cells if "written" in tags(cell)]
    assert len(to_complete) >= 2
    assert len(to_answer) >= 3
    for cell in to_complete + to_answer:
        assert cell.source.count("### BEGIN SOLUTION") == 1, f"cell {cell.id}"
        assert cell.source.count("### END SOLUTION") == 1, f"cell {cell.id}"
        assert cell.metadata.assignment.points > 0, f"cell {cell.id}"


@each_notebook
@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_claims_hold_for_other_seeds(path, seed):
    notebook = read(path)
    (parameters,) = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    parameters.source, found = re.subn(
        r"^seed = \d+$", f"seed = {seed}", parameters.source, flags=re.M
    )
    assert found == 1
    NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}
    ).execute()


@each_notebook
def test_a_wrong_function_turns_it_red(path, tmp_path):
    copy_project(tmp_path)
    name, right, wrong = SABOTAGE[path.stem]
    file = tmp_path / "assignment" / name
    text = file.read_text(encoding="utf-8")
    assert text.count(right) == 1
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-qx",
            "-p",
            "nbval.plugin",
            "--nbval",
            f"notebooks/{path.name}",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout[-3000:]


def copy_project(target):
    """Copy what a notebook needs; the data sets are only linked."""
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for folder in ("assignment", "notebooks", "tests"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignore)
    for file in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / file, target)
    (target / "datasets").symlink_to(ROOT / "datasets")
