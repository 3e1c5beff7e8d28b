"""A notebook is a test only if it was run, compares something, and can fail."""

import ast
import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from assignment.support.project.manifest import load_parts
from tools.draw_renderings import SHOWN, fold
from tools.notebook_runs import PASSED, Run, run_all

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# One wrong function for each notebook: the file, the right code, a wrong one.
SABOTAGE = {
    "01_minibatch_sgd": ("sgd.py", "w + -learning_rate * dw", "w + learning_rate * dw"),
    "02_activations": ("activations.py", "dout * (1 - out * out)", "dout * (1 - out)"),
    "03_preprocessing": (
        "preprocessing.py",
        "/ np.sqrt(variances + eps)",
        "/ (variances + eps)",
    ),
    "04_initialization": ("initialization.py", "np.sqrt(2 / fan_in)", "2 / np.sqrt(fan_in)"),
    "05_batchnorm": ("normalization.py", "dx = ds + dv + dmean / N", "dx = ds + dv"),
    "06_layernorm": (
        "normalization.py",
        "gx_mean = np.mean(g * xhat, axis=1, keepdims=True)",
        "gx_mean = np.mean(g * xhat, axis=0, keepdims=True)",
    ),
    "07_babysitting": ("network.py", "loss += 0.5 * self.reg", "loss += self.reg"),
    "08_hyperparameters": (
        "hyperparameters.py",
        "np.exp(rng.uniform(np.log(low), np.log(high), size))",
        "rng.uniform(low, high, size)",
    ),
}
REASONS_TO_COMPARE_NOTHING = {"no-output", "nbval-ignore-output"}
OTHER_SEEDS = (7, 2026)
OTHER_DATA = {"fashion": "earth", "earth": "fashion"}
# Numbers of examples and of features in the parameters: a square array hides a wrong axis.
EXAMPLES = {"batch_size", "batch_sizes", "num_train"}
FEATURES = {"num_units", "width", "hidden_dims", "num_hidden"}
# Cells that show which axis a mean is taken along, with the cells that they need.
ABOUT_AN_AXIS = {
    "05_batchnorm": ("setup", "parameters", "data", "mean-along"),
    "06_layernorm": ("setup", "parameters", "axis"),
}

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
def test_no_trace_of_the_author_is_stored(path):
    notebook = read(path)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "assignment", "jupyter"}, f"cell {cell.id}"


@each_notebook
def test_pictures_have_alt_text_and_their_code_is_folded(path):
    """A picture has a cell of its own, whose id ends with "picture"."""
    for cell in code_cells(path):
        images = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        alts = [output.metadata.get("image/png", {}).get("alt", "") for output in images]
        assert all(30 <= len(alt) <= 300 for alt in alts), f"cell {cell.id}"
        assert bool(images) == cell.id.endswith("picture"), f"cell {cell.id}"
        folded = cell.metadata.get("jupyter", {}) == {"source_hidden": True}
        assert folded == bool(images), f"cell {cell.id}"


@each_notebook
def test_no_line_of_code_is_too_long_to_read(path):
    for cell in code_cells(path):
        assert max(map(len, cell.source.split("\n"))) <= 100, f"cell {cell.id}"


@each_notebook
def test_students_guess_before_they_look(path):
    sources = [cell.source for cell in code_cells(path)]
    guesses = re.findall(r"^(\w+) = predict\(", "\n".join(sources), flags=re.M)
    assert len(guesses) >= 3
    for name in guesses:
        assert any(f"{name}.compare(" in s or f"{name}.mark(" in s for s in sources), name


@each_notebook
def test_there_are_two_open_exercises(path):
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    assert sum(len(re.findall(r"^### ★ ", source, flags=re.M)) for source in cells) == 2


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
def test_it_states_what_it_teaches_and_how_long_that_takes(path):
    title = read(path).cells[0].source
    assert title.startswith(f"# {int(path.stem[:2])}. ")
    for words in ("**After this notebook you can**", "**Time** about", "**You write**"):
        assert words in title


@each_notebook
def test_every_part_is_checked_and_can_be_tested_alone(path):
    cells = read(path).cells
    for part in [part for part in load_parts() if part.notebook == path.stem]:
        assert [cell for cell in cells if cell.source == f'check("{part.id}")'], part.id
        assert [cell for cell in cells if f"`pytest --part {part.id}`" in cell.source], part.id


def set_parameter(path, name, value):
    """Return the notebook with another value of a parameter."""
    notebook = read(path)
    (cell,) = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    cell.source, found = re.subn(
        rf"^{name} = [^#\n]+", f"{name} = {value!r}  ", cell.source, flags=re.M
    )
    assert found == 1, f"{found} parameters are called {name}"
    return notebook


def vary(path):
    """Yield names and notebooks: with two other seeds and, if it loads data, the other data."""
    for seed in OTHER_SEEDS:
        yield f"seed {seed}", set_parameter(path, "seed", seed)
    code = "\n".join(cell.source for cell in code_cells(path))
    if "data.load(" in code:
        own = re.search(r"^dataset = \"(\w+)\"", code, flags=re.M)[1]
        other = OTHER_DATA[own]
        yield other, set_parameter(path, "dataset", other)


@each_notebook
def test_claims_hold_for_other_seeds_and_other_data(path, tmp_path):
    runs = [Run(path, tmp_path / f"{name}.ipynb", notebook) for name, notebook in vary(path)]
    asyncio.run(run_all(runs, report=lambda event: None))
    assert {run.target.stem: run.verdict for run in runs} == {
        run.target.stem: PASSED for run in runs
    }


def assigned(source):
    """Return the numbers that each name of a parameters cell stands for."""
    names = {}
    for node in ast.parse(source).body:
        (target,), value = node.targets, ast.literal_eval(node.value)
        both = isinstance(target, ast.Tuple)
        pairs = zip(target.elts, value) if both else [(target, value)]
        names |= {name.id: set(np.ravel(value).tolist()) for name, value in pairs}
    return names


@pytest.mark.parametrize("path", NOTEBOOKS[4:], ids=lambda path: path.stem)
def test_no_batch_has_as_many_examples_as_features(path):
    (cell,) = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
    names = assigned(cell.source)
    examples, features = ({n for n in names if n in known} for known in (EXAMPLES, FEATURES))
    assert examples
    assert features
    assert not set.union(*map(names.get, examples)) & set.union(*map(names.get, features))


@pytest.mark.usefixtures("house_style")
@pytest.mark.parametrize("name", ABOUT_AN_AXIS)
def test_a_mean_along_the_other_axis_breaks_a_claim(name, monkeypatch):
    """Swap the axes in the cell that shows them, and run it after the cells that it needs."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    cells = {cell.id: cell.source for cell in code_cells(ROOT / "notebooks" / f"{name}.ipynb")}
    *before, last = (re.sub("^%.*", "", cells[i], flags=re.M) for i in ABOUT_AN_AXIS[name])
    swapped = re.sub(r"axis=([01])", lambda found: f"axis={1 - int(found[1])}", last)
    assert swapped != last
    variables = {}
    exec("\n".join([*before, last]), variables)
    with pytest.raises(AssertionError, match=r"does not hold: .* D features"):
        exec(swapped, variables)


@each_notebook
def test_a_wrong_function_makes_it_fail(path, tmp_path):
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


def test_every_notebook_has_a_picture_without_solutions():
    assert set(SHOWN) == {path.stem for path in NOTEBOOKS}
    for path in NOTEBOOKS:
        assert (ROOT / "docs" / "notebooks" / f"{path.stem}.png").is_file(), path.stem
        cells = read(path).cells
        ids = [cell.id for cell in cells]
        first, last = map(ids.index, SHOWN[path.stem])
        shown = cells[first : last + 1]
        assert not [cell.id for cell in shown if "BEGIN SOLUTION" in cell.source]
        for cell in shown:
            folded = "jupyter" in cell.metadata
            expected = cell.source.partition("\n")[0] + " …" if folded else cell.source
            assert fold(cell).source == expected, cell.id


def test_one_more_cell_makes_it_run_elsewhere(tmp_path):
    """The cell of the README fetches the package into an empty folder, as in Colab."""
    origin, elsewhere = tmp_path / "origin", tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy_project(origin)
    for command in ("init -q", "add .", "-c user.name=a -c user.email=b commit -qm c"):
        subprocess.run(["git", *command.split()], cwd=origin, check=True, timeout=60)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (fetch,) = re.findall(r"^```\n(!git clone.*?)^```", readme, flags=re.M | re.S)
    fetch, found = re.subn(r"https://\S+", origin.as_uri(), fetch)
    assert found == 1
    notebook = read(NOTEBOOKS[0])
    needed = [cell for cell in notebook.cells if cell.id in ("setup", "parameters", "data")]
    notebook.cells = [nbformat.v4.new_code_cell(fetch), *needed]
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(elsewhere)}}
    ).execute()
    assert "<Dataset" in notebook.cells[-1].outputs[0].text


def copy_project(target):
    """Copy the files that a notebook needs; link the data sets."""
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for folder in ("assignment", "notebooks", "tests"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignore)
    for file in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / file, target)
    (target / "datasets").symlink_to(ROOT / "datasets")
