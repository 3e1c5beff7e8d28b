"""The project follows its own rules about the manifest and the release."""

import ast
import contextlib
import importlib
import inspect
import io
import re
import subprocess
from collections import Counter

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.testing.plugin import PartScores
from autograder.follow_through.second_tries import name_layer

PARTS = load_parts()
STUDENT_FILES = sorted({part.file for part in PARTS})
MARKER = re.compile(r"### (BEGIN|END) SOLUTION")
FOREIGN = re.compile(
    r"(?<![\w.~])/(home|Users|root|work)/\w|\b(pypi|pythonhosted|deb\.debian)\.org"
)

each_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
each_file = pytest.mark.parametrize("file", STUDENT_FILES)


def read(path):
    return path.read_text(encoding="utf-8")


class Collected:
    """The tests in tests/public and tests/hidden, and their points."""

    def __init__(self):
        self.items = []
        self.scores = PartScores()

    def pytest_collection_finish(self, session):
        """Keep the collected tests."""
        self.items = session.items


@pytest.fixture(scope="module")
def collected():
    found = Collected()
    folders = [f"{ROOT}/tests/public", f"{ROOT}/tests/hidden"]
    options = ["--collect-only", "-q", f"-c{ROOT}/pyproject.toml", "-pno:cacheprovider"]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main([*folders, *options], plugins=[found, found.scores])
    assert code == pytest.ExitCode.OK, output.getvalue()
    return found


# The manifest


def test_ids_are_unique():
    assert [id for id, n in Counter(part.id for part in PARTS).items() if n > 1] == []


@each_part
def test_functions_name_their_part(part):
    module = importlib.import_module(part.module)
    for name in part.functions:
        thing = getattr(module, name)
        methods = vars(thing).values() if inspect.isclass(thing) else [thing]
        docs = " ".join(inspect.getdoc(method) or "" for method in methods)
        assert f"(part {part.id})" in docs, name


@each_file
def test_all_lists_the_functions_of_the_parts(file):
    module = importlib.import_module(f"assignment.{file.removesuffix('.py')}")
    named = {name for part in PARTS if part.file == file for name in part.functions}
    assert set(module.__all__) == named


@each_part
def test_a_part_builds_on_whole_layers_before_it_and_not_on_its_own(part):
    names = [name for other in PARTS if other.id in part.builds_on for name in other.functions]
    layers = {name_layer(name) for name in names}
    before = [other.id for other in PARTS[: PARTS.index(part)]]
    assert set(part.builds_on) <= set(before)
    assert layers.isdisjoint(map(name_layer, part.functions))
    everything = [name for other in PARTS for name in other.functions]
    assert {name for name in everything if name_layer(name) in layers} == set(names)


@each_part
def test_a_part_builds_on_what_its_solution_calls(part):
    module = importlib.import_module(part.module)
    trees = [ast.parse(inspect.getsource(getattr(module, name))) for name in part.functions]
    called = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    # a class has two parts
    family = [other for other in PARTS if other.functions == part.functions]
    known = {id for other in family for id in (other.id, *other.builds_on)}
    for other in PARTS:
        assert other.id in known or called.isdisjoint(other.functions), other.id


def test_notebooks_are_numbered_in_the_order_of_the_parts():
    names = list(dict.fromkeys(part.notebook for part in PARTS))
    assert [name[:3] for name in names] == [f"{i:02d}_" for i in range(1, len(names) + 1)]
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} <= set(names)


@each_part
def test_a_part_has_tests(part):
    folders = [ROOT / "tests" / "public", ROOT / "tests" / "hidden"]
    assert any((folder / part.tests).is_file() for folder in folders)


def test_points_are_those_of_the_tests(collected):
    found = {id: score.points_possible for id, score in collected.scores.scores.items()}
    assert found == {part.id: part.points for part in PARTS}
    assert sum(found.values()) == 100


def test_every_public_or_hidden_test_counts_for_a_part_of_its_file(collected):
    files = {part.id: part.tests for part in PARTS}
    for item in collected.items:
        marker = item.get_closest_marker("part")
        assert marker, f"{item.nodeid} has no part"
        assert files[marker.args[0]] == item.path.name, item.nodeid


# What is released


@each_file
def test_solution_markers_are_balanced(file):
    text = read(ROOT / "assignment" / file)
    kinds = MARKER.findall(text)
    assert kinds
    assert kinds == ["BEGIN", "END"] * (len(kinds) // 2)
    assert text.count("SOLUTION") == len(kinds)


def test_no_file_names_a_path_of_one_machine():
    command = ["git", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git repository")
    for name in listing.stdout.split("\0")[:-1]:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        found = FOREIGN.search("" if b"\0" in content else content.decode(errors="replace"))
        assert not found, f"{name}: {found}"
