"""The pages about the project name only existing files, and show the layers of test_layers."""

import re

import pytest

from assignment.support.project.manifest import ROOT
from tests.machinery.project.test_layers import GRADER

FENCED = re.compile(r"^```\n(.*?)^```", re.M | re.S)
ADDRESS = re.compile(r"https?://\S+")
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)[^)]*\)")
# A path has a slash, or the ending of a file of the project; gradebook.csv is made by grading.
PATH = re.compile(r"(?<![\w/.*])(?:(?:[\w.*-]+/)+[\w.*-]*|[\w-]+\.(?:ipynb|md|py|sh|toml)\b)")
MODULE = re.compile(r"(?<![\w/.])(?:assignment|autograder|tests|tools)(?:\.\w+)+(?!\w*/)")

PAGES = [("docs/architecture.md", ""), ("docs/grading.md", ""), ("README.md", "What is where")]


def read_page(name, heading=""):
    """Return a page, or its text under one heading."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if heading:
        (text,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return text


def find_missing(text, folder=ROOT):
    """List the missing paths and modules that a text names; links are relative to its folder."""
    text = ADDRESS.sub("", FENCED.sub("", text))
    missing = [link for link in LINK.findall(text) if not (folder / link).exists()]
    text = LINK.sub("", text)
    paths = [path.rstrip(".").removeprefix("./") for path in PATH.findall(text)]
    missing += [path for path in paths if not any(ROOT.glob(path))]
    for module in MODULE.findall(text):
        path = ROOT / module.replace(".", "/")
        if not path.is_dir() and not path.with_suffix(".py").is_file():
            missing.append(module)
    return missing


@pytest.mark.parametrize(("name", "heading"), PAGES)
def test_paths_and_modules_on_a_page_exist(name, heading):
    text = read_page(name, heading)
    assert PATH.search(text)
    assert find_missing(text, (ROOT / name).parent) == []


@pytest.mark.parametrize(
    "text",
    [
        "see `autograder/session.py`",
        "see autograder/no_such_room/ and more",
        "see `wire.py`.",
        "by `tests/no_such_*.py`",
        "run `python -m tools.no_such`",
        "[the page](docs/no_such.md)",
    ],
)
def test_a_wrong_name_is_found(text):
    assert len(find_missing(text)) == 1


def test_existing_names_are_not_reported():
    text = "In `assignment/*.py`, ./get_datasets.sh, /dev/shm, autograder.wall.handle, tools/bench/"
    assert find_missing(f"{text}, tools.bench.grader and [a page](docs/grading.md).") == []


def test_the_drawing_names_the_folders_of_the_grader():
    (drawing,) = FENCED.findall(read_page("docs/architecture.md"))
    folders = {path.parent.name for path in ROOT.glob("autograder/*/__init__.py")}
    assert set(re.findall(r"\w+(?=/)", drawing)) == folders - {"release"}  # not part of grading


def test_the_page_shows_the_layers_in_force():
    rows = re.findall(r"^\| (`autograder/.*?) \|", read_page("docs/architecture.md"), re.M)
    shown = [set(re.findall(r"`autograder/(\w+)(?:/|\.py)`", row)) for row in rows]
    assert shown == [layer - {"__init__"} for layer in reversed(GRADER)]
