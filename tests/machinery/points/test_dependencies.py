"""Changes that mean to judge again, and changes that do not."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest import mock

import pytest

from assignment.support.project.manifest import ROOT
from autograder.master_notebooks import MasterCell
from autograder.points import dependencies
from autograder.points.dependencies import (
    COMMANDS,
    NOT_DECIDING,
    Dependencies,
    explain_change,
    read_dependencies,
)
from tests.machinery.project.test_layers import GRADER, find_imports

DECIDING = {
    "__init__",
    "ahead",
    "bank",
    "errors",
    "follow_through",
    "inside",
    "intake",
    "judging",
    "master_notebooks",
    "notebooks",
    "outcomes",
    "protocol",
    "recognition",
    "session",
    "settings",
    "teacher",
    "wall",
}
HIDDEN, PUBLIC = "tests/hidden/test_affine.py", "tests/public/test_affine.py"
MANIFEST, NOTEBOOK = "assignment/manifest.toml", "notebooks/05_batchnorm.ipynb"

Edit = Callable[[str], str]


# The rooms of the grader


def test_each_room_of_the_grader_decides_or_does_not():
    rooms = {room for layer in GRADER for room in layer}
    assert not DECIDING & NOT_DECIDING
    assert rooms <= DECIDING | NOT_DECIDING
    assert rooms >= DECIDING


def test_what_decides_imports_nothing_that_does_not():
    names = [name for name in read_dependencies().digests if name.endswith(".py")]
    left_out = {f"autograder.{room}" for room in NOT_DECIDING} | {"assignment.support.commands"}
    left_out.add("assignment.__main__")
    for name in names:
        for line, imported in find_imports(ROOT / name):
            module = ".".join(imported.split(".")[: 3 if imported.startswith("assignment") else 2])
            assert module not in left_out, f"{name} line {line} imports {imported}"


def test_the_names_are_those_of_files_and_versions():
    digests = read_dependencies().digests
    files = [name for name in digests if "/" in name or name == "conftest.py"]
    assert [*digests][:2] == ["Python", "NumPy"]
    assert len(files) == len(digests) - 2
    assert all((ROOT / name).is_file() for name in files)
    assert {HIDDEN, PUBLIC, MANIFEST, NOTEBOOK, "conftest.py", "tests/oracles.py"} <= digests.keys()
    assert {"assignment/affine.py", "assignment/support/trainer.py"} <= digests.keys()
    assert {"autograder/intake/zips.py", "autograder/outcomes.py"} <= digests.keys()
    assert not [name for name in files if name.startswith((*COMMANDS, "autograder/points/"))]
    assert not {"autograder/grading.py", "README.md", "tests/machinery/students.py"} & {*files}


# Changes


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Copy what dependencies may be read from."""
    root = tmp_path_factory.mktemp("dependencies")
    for name in ("assignment", "autograder", "notebooks", "tests/public", "tests/hidden"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, root / name, ignore=ignore)
    for path in (*ROOT.glob("tests/*.py"), ROOT / "conftest.py", ROOT / "README.md"):
        shutil.copy(path, root / path.relative_to(ROOT))
    return root


@pytest.fixture(scope="module", autouse=True)
def remembered():
    """Remember the digests of texts, so that each change costs only that of its own file."""
    with mock.patch.object(dependencies, "_hash_python", cache(dependencies._hash_python)):
        yield


@pytest.fixture(scope="module")
def before(project) -> Dependencies:
    return read_dependencies(project)


@pytest.fixture
def change(project, before):
    """Return a function that edits a file and returns what has changed; it is restored."""
    originals: dict[Path, bytes] = {}

    def edit(name: str, make: Edit) -> Dependencies:
        path = project / name
        originals.setdefault(path, path.read_bytes())
        text = path.read_text(encoding="utf-8")
        changed = make(text)
        assert changed != text
        path.write_text(changed, encoding="utf-8")
        return read_dependencies(project)

    yield edit
    for path, content in originals.items():
        path.write_bytes(content)


def replace(old: str, new: str) -> Edit:
    """Return an edit of the first place of a text, which must be there."""

    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def edit_cell(id: str, edit: Callable[[dict], None]) -> Edit:
    """Return an edit of one cell of a notebook."""

    def edit_notebook(text: str) -> str:
        notebook = json.loads(text)
        (cell,) = (cell for cell in notebook["cells"] if cell["id"] == id)
        edit(cell)
        return json.dumps(notebook)

    return edit_notebook


def edit_source(id: str, pattern: str, new: str) -> Edit:
    """Return an edit of the source of one cell."""

    def edit(cell: dict) -> None:
        source = "".join(cell["source"])
        assert re.search(pattern, source), source
        cell["source"] = re.sub(pattern, new, source, count=1)

    return edit_cell(id, edit)


def double_points(cell: dict) -> None:
    cell["metadata"]["assignment"]["points"] *= 2


def add_output(cell: dict) -> None:
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "another"}]
    cell["execution_count"] = 99


def spread(text: str) -> str:
    """Lay Python out otherwise, with line ends of Windows."""
    return text.replace(" = ", "  =  ").replace("\n", "\r\n")


SAME = {
    "points of a hidden test": (HIDDEN, replace("points=0.5", "points=3")),
    "points of a public test": (PUBLIC, replace("points=0.5", "points=1")),
    "points in a mark with a name": (
        "tests/hidden/test_initialization.py",
        replace("points=0.5", "points=0.75"),
    ),
    "points of a part": (MANIFEST, replace("points = 2", "points = 7")),
    "a comment in the manifest": (MANIFEST, lambda text: f"# Others\n{text}"),
    "a comment in a test": (HIDDEN, replace("    x, w, b", "    # as below\n    x, w, b")),
    "the layout of a test": (HIDDEN, spread),
    "a comment in a solution": (
        "assignment/affine.py",
        replace("### BEGIN", "# My\n    ### BEGIN"),
    ),
    "the README": ("README.md", lambda text: text + "\nMore."),
    "a command of students": ("assignment/support/commands/submit.py", lambda text: f"{text}\nA=1"),
    "publishing": ("autograder/gradebook/publishing.py", lambda text: f"{text}\nA = 1\n"),
    "prose": (NOTEBOOK, edit_source("title", "$", " More.")),
    "a question": (NOTEBOOK, edit_source("question-1", "$", " Why?")),
    "a rubric": (NOTEBOOK, edit_source("answer-1", "Accept", "Take")),
    "points of a cell": (NOTEBOOK, edit_cell("rung-1", double_points)),
    "points of an answer": (NOTEBOOK, edit_cell("answer-1", double_points)),
    "an output": (NOTEBOOK, edit_cell("rung-1-judged", add_output)),
    "a comment in a hidden cell": (NOTEBOOK, edit_source("rung-1-judged", "$", "\n# More")),
}
OTHER = {
    "an operator in a hidden test": (HIDDEN, replace(" + plus", " - plus")),
    "the part of a test": (HIDDEN, replace('"affine.forward"', '"affine.backward"')),
    "the sentence of a test": (HIDDEN, replace("takes float32", "also takes float32")),
    "an operator in a public test": (PUBLIC, replace("assert_matches(", "not assert_matches(")),
    "an oracle": ("tests/oracles.py", replace(" + ", " - ")),
    "a solution": ("assignment/affine.py", replace(" + ", " - ")),
    "contracts": ("assignment/contracts.py", lambda text: f"{text}\nA = 1\n"),
    "a support module": ("assignment/support/testing/compare.py", lambda t: f"{t}\nA = 1\n"),
    "builds_on": (MANIFEST, replace('builds_on = ["sgd.sample", ', "builds_on = [")),
    "functions of a part": (MANIFEST, replace('["affine_forward"]', '["affine_backward"]')),
    "the order of parts": (MANIFEST, lambda t: "[[part]]".join(sorted(t.split("[[part]]")))),
    "a judging room": ("autograder/judging/replay.py", replace("if ", "if not ")),
    "intake": ("autograder/intake/places.py", lambda text: f"{text}\nA = 1\n"),
    "the bank": ("autograder/bank/affine.py", lambda text: f"{text}\nA = 1\n"),
    "conftest.py": ("conftest.py", lambda text: f"{text}\nA = 1\n"),
    "a file that Python cannot read": ("tests/slopes.py", lambda text: f"{text}\nfor\n"),
    "a hidden cell": (NOTEBOOK, edit_source("rung-1-judged", "503", "504")),
    "a completed cell": (NOTEBOOK, edit_source("rung-1", r"dout \* gamma", "dout + gamma")),
    "a given cell": (NOTEBOOK, edit_source("parameters", "num_steps = 50", "num_steps = 51")),
    "a line of magics": (NOTEBOOK, edit_source("setup", "%", "%%")),
    "a tag": (NOTEBOOK, edit_cell("rung-1", lambda cell: cell["metadata"]["tags"].pop(0))),
    "an id": (NOTEBOOK, edit_cell("title", lambda cell: cell.update(id="heading"))),
}


@pytest.mark.parametrize("what", SAME)
def test_no_need_to_judge_again_for(what, change, before):
    after = change(*SAME[what])
    assert explain_change(before.digests, after.digests) == ""
    assert after.digest == before.digest


@pytest.mark.parametrize("what", OTHER)
def test_everybody_is_judged_again_for(what, change, before):
    name, edit = OTHER[what]
    after = change(name, edit)
    assert explain_change(before.digests, after.digests) == f"{name} has changed"
    assert after.digest != before.digest


def test_the_name_that_a_cell_is_found_by_counts():
    """It stands above a marker that is a comment."""
    cells = [MasterCell("rung", "code", "", frozenset({"solution"}), 1)]
    hashes = {dependencies._hash_cells(cells, {"rung": name}) for name in ("f", "g")}
    assert len(hashes) == 2


def test_files_that_come_and_go_are_told(project, before):
    added, gone = project / "tests" / "public" / "test_new.py", project / "tests" / "slopes.py"
    added.touch()
    moved = gone.rename(project / "slopes.py")
    try:
        after = read_dependencies(project)
    finally:
        added.unlink()
        moved.rename(gone)
    told = "tests/public/test_new.py (new), tests/slopes.py (gone) have changed"
    assert explain_change(before.digests, after.digests) == told


def test_another_python_is_told_alone(monkeypatch, before):
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    after = read_dependencies()
    told = f"Python ({before.digests['Python']}, now 3.99) has changed"
    assert explain_change(before.digests, after.digests) == told


def test_three_names_are_told_and_the_number_of_others():
    before = dict.fromkeys("abcdefg", "1")
    assert explain_change(before, {**before, "c": "2"}) == "c has changed"
    assert explain_change(before, dict.fromkeys(before, "2")) == "a, b, c and 4 more have changed"
    assert explain_change(before, before) == ""


def test_a_gradebook_without_names_is_no_reason_to_guess():
    told = explain_change({}, {"a": "1"})
    assert told == "it is not known what has changed: an older grader has judged"


def test_the_digest_does_not_depend_on_the_order():
    assert Dependencies({"a": "1", "b": "2"}).digest == Dependencies({"b": "2", "a": "1"}).digest
    assert Dependencies({"a": "1"}).digest != Dependencies({"a": "2"}).digest
