"""The release leaks nothing, and each detector finds what is planted for it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assignment.support.project.manifest import ROOT
from autograder.release.building import NAME
from tests.machinery.release.leaks.detectors import DETECTORS, Files
from tests.machinery.release.leaks.forms import find_forms
from tests.machinery.release.leaks.master import read_master

Change = Callable[[bytes], bytes]
NOTEBOOK = "notebooks/05_batchnorm.ipynb"
LAYERS = "assignment/normalization.py"
PLOTS = "assignment/support/plots.py"
PUBLIC = "tests/public/test_losses.py"
FOREIGN = (
    "assignment/__pycache__/affine.cpython-312.pyc",
    "assignment/_fast.cpython-312-x86_64-linux-gnu.so",
    "assignment/.affine.py.swp",
    "assignment/affine.py~",
    "assignment/affine (1).py",
    "assignment/affine_solved.py",  # a fitting name, but git does not track it
    "assignment/support/scratch.py",
    "assignment/support/.#plots.py",
    "notebooks/.ipynb_checkpoints/05_batchnorm-checkpoint.ipynb",
    "notebooks/05_batchnorm-solved.ipynb",
    "notebooks/.DS_Store",
    "datasets/cifar-10-batches-bin/test_batch.bin",
    "datasets/build/archive.py",
    "tests/hidden/test_affine.py",
    "tests/machinery/release/test_release.py",
    "tests/array_kinds.py.orig",
    "autograder/release/markers.py",
    "tools/bench/__main__.py",
    "docs/overview.png",
    "docs/cheat-sheet.md",
    "constraints.txt",
    "requirements-teacher.txt",
    "Makefile",
    ".ci/run",
    ".git/config",
    ".venv/pyvenv.cfg",
)


def add(text: str) -> Change:
    """Add lines at the end of a file."""
    return lambda content: content + f"{text}\n".encode()


def add_cell(source: str, kind: str = "code", **more: Any) -> Change:
    """Add a cell to a notebook."""
    cell = {"cell_type": kind, "id": "planted", "metadata": {}, "source": source.splitlines(True)}

    def change(content: bytes) -> bytes:
        notebook = json.loads(content)
        notebook["cells"].append({**cell, **more})
        return json.dumps(notebook).encode()

    return change


def add_metadata(**more: Any) -> Change:
    """Add metadata to a notebook."""

    def change(content: bytes) -> bytes:
        notebook = json.loads(content)
        notebook["metadata"].update(more)
        return json.dumps(notebook).encode()

    return change


def touch(content: bytes) -> bytes:
    """Pack a data set again, with the time of today."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (2026, 11, 29, 8, 15, 0)), old.read(name))
    return buffer.getvalue()


class Plant(NamedTuple):
    """A leak: which detector must find it, in which file, and how to put it there."""

    detector: str
    path: str
    change: Change


PLANTS = {
    "line": Plant("find_secret_lines", LAYERS, add("    dx = ds + dv + dmean / N")),
    "line in a comment": Plant("find_secret_lines", PLOTS, add("# dx[rows, y] -= 1")),
    "line in a hint": Plant(
        "find_secret_lines", NOTEBOOK, add_cell("dv = (2 / N) * s * dvar", "raw")
    ),
    "line of a hidden cell": Plant(
        "find_secret_lines",
        NOTEBOOK,
        add_cell("shuffled = [patients[i] for i in rng.permutation(len(patients))]"),
    ),
    "trivial line": Plant("find_strange_lines", LAYERS, add("    return dx")),
    "given line, twice": Plant("find_strange_lines", LAYERS, add("import numpy as np")),
    "stub that says more": Plant(
        "find_strange_lines", LAYERS, add('raise NotImplementedError("try mean(ds)")')
    ),
    "other data": Plant("find_strange_lines", "datasets/fashion.npz", lambda data: data + b"\0"),
    "line in a key": Plant("find_strange_lines", NOTEBOOK, add_metadata(**{"x - mean": 1})),
    "checksum of a secret": Plant(
        "find_strange_lines", "README.md", add(f"{'0' * 64}  tests/hidden/test_sgd.py")
    ),
    "renamed": Plant("find_secret_forms", PLOTS, add("t = left + right + middle / count")),
    "reordered": Plant("find_secret_forms", PLOTS, add("t = middle / count + (right + left)")),
    "keywords reordered": Plant(
        "find_secret_forms", PLOTS, add("t = (r - r.mean(keepdims=True, axis=1)) / scale")
    ),
    "inside of something": Plant(
        "find_secret_forms",
        PLOTS,
        add("def f(q):\n  if q: print(lambda a: g(a * (1.0 - q*q)) + 1)"),
    ),
    "in a comment of two lines": Plant(
        "find_secret_forms", PLOTS, add("    # t = -float(\n    #     q[r, k].mean())")
    ),
    "in a docstring": Plant(
        "find_secret_forms",
        PUBLIC,
        add('"""\nThink of\n\n    (pieces @ v.transpose(0,2,1)).sum(axis=0)\n"""'),
    ),
    "in Markdown": Plant(
        "find_secret_forms", NOTEBOOK, add_cell("Try `1/np.sqrt(1 - m**t)`.", "markdown")
    ),
    "in a fence": Plant(
        "find_secret_forms",
        "README.md",
        add("```python\nreturn np.exp(\n  r.uniform(np.log(a), np.log(b), n)\n)\n```"),
    ),
    "in metadata": Plant(
        "find_secret_forms", NOTEBOOK, add_cell("", metadata={"hint": "np.sqrt(r.var(axis=0) + e)"})
    ),
    "hidden test, renamed": Plant(
        "find_secret_forms",
        PUBLIC,
        add("def test_x(g):\n  q = call(f, *(pick(g, (5, 4)), g.integers(4, size=10)[::2]))"),
    ),
    "hidden cell, renamed": Plant(
        "find_secret_forms", PLOTS, add("q = 3 * r.standard_normal((n, d)) + r.uniform(-2, 2, d)")
    ),
    "name of a hidden test": Plant(
        "find_secret_names", PUBLIC, add("# see test_affine_forward_takes_any_array")
    ),
    "id of a hidden cell": Plant("find_secret_names", NOTEBOOK, add_cell("", id="rung-1-judged")),
    "answer, wrapped": Plant(
        "find_answers",
        NOTEBOOK,
        add_cell("so each class\ngets *a probability*\nof about 1/10", "markdown"),
    ),
    "answer in metadata": Plant(
        "find_answers",
        NOTEBOOK,
        add_metadata(rubric=["Batch norm subtracts the mean over the batch"]),
    ),
    "marker": Plant("find_markers", LAYERS, add("    ### BEGIN SOLUTION")),
    "marker in another spelling": Plant("find_markers", NOTEBOOK, add_cell("#end  solution")),
    "output": Plant(
        "find_remains_of_a_run",
        NOTEBOOK,
        add_cell("1", outputs=[{"output_type": "stream", "text": "1"}]),
    ),
    "count": Plant("find_remains_of_a_run", NOTEBOOK, add_cell("1", execution_count=3)),
    "picture": Plant(
        "find_remains_of_a_run", NOTEBOOK, add_cell("", "markdown", attachments={"a": {}})
    ),
    "state": Plant("find_remains_of_a_run", NOTEBOOK, add_cell("1", metadata={"collapsed": True})),
    "widgets": Plant("find_remains_of_a_run", NOTEBOOK, add_metadata(widgets={})),
    "author": Plant("find_people_and_places", NOTEBOOK, add_metadata(authors=[{"name": "Ana"}])),
    "this machine": Plant("find_people_and_places", PLOTS, add(f"# {ROOT}/notebooks")),
    "this machine in data": Plant(
        "find_people_and_places", "datasets/earth.npz", lambda data: data + str(ROOT).encode()
    ),
    "home on Linux": Plant("find_people_and_places", "LICENSE", add("see /" + "home/ana/course")),
    "home on Windows": Plant("find_people_and_places", "README.md", add(r"C:\Users\ana\course")),
    "scratch folder": Plant("find_people_and_places", NOTEBOOK, add_cell("open('/tmp/x')")),
    "time": Plant("find_times", "README.md", add("released 2026-11-29 08:15")),
    "time of a run": Plant("find_times", NOTEBOOK, add_metadata(at="2026-11-29T08:15:00.123Z")),
    "time in words": Plant("find_times", LAYERS, add("# Sun Nov 29 08:15:00 2026")),
    "time in data": Plant("find_times", "datasets/fashion.npz", touch),
} | {path: Plant("find_foreign_files", path, lambda content: content) for path in FOREIGN}


@pytest.fixture(scope="module")
def files(release: Path) -> Files:
    """Return the files in the zip."""
    with zipfile.ZipFile(release / f"{NAME}.zip") as archive:
        names = archive.namelist()
        return {name.removeprefix(f"{NAME}/"): archive.read(name) for name in names}


@pytest.mark.parametrize("detector", DETECTORS)
def test_nothing_leaks(detector: str, files: Files) -> None:
    assert DETECTORS[detector](files) == []


@pytest.mark.parametrize("name", PLANTS)
def test_detector_finds_what_is_planted(name: str, files: Files) -> None:
    detector, path, change = PLANTS[name]
    assert DETECTORS[detector]({path: change(files.get(path, b""))})


def test_every_detector_is_tried() -> None:
    assert {plant.detector for plant in PLANTS.values()} == set(DETECTORS)


def test_detectors_know_all_secrets() -> None:
    master = read_master()
    counts = {kind: len(pieces) for kind, pieces in master.secrets.items()}
    assert counts == {"solution": 83, "hidden test": 12, "hidden cell": 31}
    assert len(master.answers) == 28


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a * (b - c / d)", "x*( y-z/ w )"),
        ("a + b * c - 2", "v - (2.0 - w * u)"),
        ("a - b * c / 2", "-(w * v / 2) + u"),
        ("np.mean(s * t, axis=1, keepdims=True)[0]", "np.mean(p * q, keepdims=True, axis=1)[0]"),
        ("f(x)[0] + f(y)[0]", "g(p)[0] + g(q)[0]"),
    ],
)
def test_rewritten_expressions_have_one_form(one: str, other: str) -> None:
    assert find_form(one) == find_form(other)


@pytest.mark.parametrize(
    "other", ["a - b * c + 2", "a + a * c - 2", "a + b * c - 3", "np + b * c - 2", "a + b @ c - 2"]
)
def test_another_expression_has_another_form(other: str) -> None:
    assert find_form(other) != find_form("a + b * c - 2")


def find_form(expression: str) -> str:
    """Return the form of a whole expression."""
    return max(find_forms(expression), key=len)
