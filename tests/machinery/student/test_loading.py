"""Loading a student's files: what Python can read works, the rest says why it is missing."""

from __future__ import annotations

import importlib
import linecache
import sys
import textwrap
import types
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import assignment
from assignment.support.testing.advice import find_advice
from assignment.support.testing.failures import classify, write_failure
from assignment.support.testing.loading import (
    CannotUse,
    StudentFiles,
    load_student_code,
    set_aside_student_code,
)
from assignment.support.testing.messages import PROBLEM, find_line, find_problem
from autograder.inside.worker import Sources
from autograder.protocol.answering import describe
from autograder.protocol.asking import rebuild

DRAW = """
def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)
"""


@contextmanager
def loaded(kind: type = StudentFiles, **sources: str | bytes) -> Iterator[types.ModuleType]:
    """Import hyperparameters.py with the source ``grid``; other files are keyword arguments."""
    sources = {{"grid": "hyperparameters"}.get(name, name): s for name, s in sources.items()}
    contents = {
        f"{name}.py": s if isinstance(s, bytes) else textwrap.dedent(s).encode()
        for name, s in sources.items()
    }
    files = kind(contents, "assignment") if kind is StudentFiles else kind(contents)
    with set_aside_student_code():
        sys.meta_path.insert(0, files)
        try:
            yield importlib.import_module("assignment.hyperparameters")
        finally:
            sys.meta_path.remove(files)


def catch(function, *arguments) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function(*arguments)
    return caught.value


def say_why(function) -> CannotUse:
    with pytest.raises(CannotUse) as caught:
        function()
    return caught.value


def test_a_syntax_error_costs_only_its_function():
    source = (
        f"def make_grid(values):\n    return [(v for v in values]\n{DRAW}\ndef random_search(: pass"
    )
    with loaded(grid=source) as module:
        assert callable(module.draw_uniform)
        error = say_why(module.make_grid)
        assert module.draw_uniform.__code__.co_firstlineno == 4
    assert str(error).startswith(
        "Python cannot read assignment/hyperparameters.py, line 2: closing parenthesis ']' "
    )
    assert str(error).endswith(": return [(v for v in values]")
    assert not error.is_absent


CUT = {
    "a line without its indent": "    out = values\nout += 1\n    return out\n",
    "a line, and others that can be read": "    out = 1\nout += 1\nout += 2\n    return out\n",
    "a merge": "    out = 1\n<<<<<<< HEAD\n    out = 2\n=======\n>>>>>>> you\n    return out\n",
    "an import": "    out = 1\nimport math\n    return out\n",
    "a return": "    out = values\nreturn out\n",
    "a loop and a return": "    out = 1\nfor v in values:\n    out += 1\nreturn out\n",
    "an else": "    if values:\n        return 1\nelse:\n    return 2\n",
}


@pytest.mark.parametrize("body", CUT.values(), ids=CUT)
@pytest.mark.parametrize("rest", ["", DRAW])
def test_an_unreadable_statement_costs_the_whole_function(body, rest):
    with loaded(
        grid=f"from math import pi\n{DRAW}\ndef make_grid(values):\n{body}{rest}"
    ) as module:
        assert callable(module.draw_uniform)
        error = say_why(module.make_grid)
    assert str(error).startswith("Python cannot read assignment/hyperparameters.py, line ")
    assert not error.is_absent


AGAIN = {
    "its head": ("def make_grid(values: int:\n    return 2\n", 6),
    "its body": ("def make_grid(values):\n    return [2\n", 7),
    "below a decorator": ("@cache\ndef make_grid(values:\n    return 2\n", 7),
    "a class": ("class make_grid(:\n    pass\n", 6),
    "what is compiled": ("def make_grid(values, values):\n    return 2\n", 6),
    "a line without its indent": ("def make_grid(values):\n    out = 1\nreturn out\n", 8),
}


@pytest.mark.parametrize(("again", "line"), AGAIN.values(), ids=AGAIN)
@pytest.mark.parametrize("rest", ["", DRAW])
def test_a_broken_definition_replaces_those_above_it(again, line, rest):
    """Python could not import the file: an earlier definition is not what the student means."""
    right = "def make_grid(values):\n    return 1\n"
    with loaded(grid=f"from functools import cache\n\n{right}\n{again}{rest}") as module:
        error = say_why(module.make_grid)
        assert not rest or module.draw_uniform(0, 1, np.random.default_rng(0)) < 1
    assert f"hyperparameters.py, line {line}: " in str(error)
    assert not error.is_absent
    with loaded(grid=f"{right}\n{again}\n{right.replace('1', '3')}") as module:
        assert module.make_grid({}) == 3


def test_an_old_version_in_a_string_is_no_definition():
    old = '"""\nThe first try:\ndef make_grid(values:\n    return 2\n"""\n'
    source = f"def make_grid(values):\n    return 1\n\n{old}\ndef draw_uniform(:\n"
    with loaded(grid=source) as module:
        assert module.make_grid({}) == 1
        assert "line 10" in str(say_why(module.draw_uniform))


def test_an_unreadable_statement_costs_the_whole_class():
    source = "class make_grid:\n    def a(self):\n        return 1\nx = 1\n    def b(self):\n"
    with loaded(grid=source) as module:
        assert "line 5" in str(say_why(module.make_grid))


@pytest.mark.parametrize(
    "line",
    [
        "print 'done'\n",
        "if True:\n    print 'done'\n",
        "def random_search(:\n    pass\n",
        "@later\ndef random_search(:\n    pass\n",
        "import (\n    what\n",
        "def random_search(a, a):\n    pass\n",
    ],
)
@pytest.mark.parametrize("rest", ["", DRAW])
def test_an_unreadable_line_between_functions_costs_no_function(line, rest):
    with loaded(grid=f"def make_grid(values):\n    return 1\n\n\n{line}{rest}") as module:
        assert module.make_grid({}) == 1
        assert "line " in str(say_why(module.random_search))


def test_a_function_without_return_ends_where_a_definition_begins():
    source = "def make_grid(values):\n    values.clear()\n\ndef random_search(:\n    pass\n"
    with loaded(grid=source) as module:
        assert module.make_grid({}) is None


def test_an_exception_costs_no_other_statement():
    source = (
        f"def make_grid(values):\n    return []\n{DRAW}\nscale = np.float\n\nrandom_search = map\n"
    )
    with loaded(grid="import numpy as np\n" + source) as module:
        assert module.make_grid({}) == []
        assert module.random_search is map
        error = say_why(module.draw_log_uniform)
    assert str(error) == (
        "assignment/hyperparameters.py cannot be imported, line 8: "
        "AttributeError: module 'numpy' has no attribute 'float'."
    )
    assert not error.is_absent


def test_a_missing_name_is_reported():
    with loaded(grid=DRAW) as module:
        gone = say_why(module.make_grid)
        file_gone = say_why(importlib.import_module("assignment.affine").affine_forward)
    assert str(gone) == "assignment/hyperparameters.py has no make_grid"
    assert str(file_gone) == "assignment/affine.py is missing"
    assert gone.is_absent
    assert file_gone.is_absent


def test_a_broken_file_costs_others_only_what_they_import_from_it():
    source = "from assignment.affine import affine_forward\n" + DRAW
    with loaded(grid=source, affine="def affine_forward(x:\n    pass\n") as module:
        assert callable(module.draw_uniform)
        assert "assignment/affine.py, line 1" in str(say_why(module.affine_forward))


def test_own_modules_are_loaded_in_the_same_way():
    own = "def add(a, b):\n    return a + b\n\ndef broken(:\n"
    source = "from assignment.own import add\nfrom .own import add as plus\n\nmake_grid = add\n"
    with loaded(grid=source, own=own) as module:
        assert module.make_grid(1, 2) == module.plus(1, 2) == 3


def test_annotations_are_not_evaluated_after_the_future_import():
    source = "from __future__ import annotations\n\ndef make_grid(values: Nowhere):\n    return 1\n"
    with loaded(grid=source + "\ndef broken(:\n") as module:
        assert module.make_grid(2) == 1


@pytest.mark.parametrize(
    "source",
    ["# coding: latin-1\nname = 'ä'\n".encode("latin-1"), "name = 'ä'\r\n".encode("utf-8-sig")],
)
def test_encodings_that_python_reads(source):
    with loaded(grid=source) as module:
        assert module.name == "ä"


@pytest.mark.parametrize("bad", [b"name = '\xe4'\n", b"name = '\0'\n"])
def test_bytes_that_python_does_not_read_cost_one_statement(bad):
    with loaded(grid=bad + DRAW.encode()) as module:
        assert callable(module.draw_uniform)


def test_undecodable_bytes_are_reported_even_if_no_name_is_missing():
    for before in (b"", b"x = 1\ny = 2\n"):
        with loaded(grid=before + b"# \xe4\n" + DRAW.encode()) as module:
            assert find_advice("", vars(module)[PROBLEM]).endswith("save it as UTF-8")


def test_an_exception_includes_the_problem_of_its_file():
    source = "from helpers import add\nx = np.zeros(1)\ndef make_grid(values):\n    return add(1)\n"
    with loaded(grid=source, own="def add(a):\n    return a + 1\n") as module:
        error = catch(module.make_grid, {})
        problem = find_problem(error)
        own = importlib.import_module("assignment.own")
        assert find_problem(catch(own.add, None)) == ""
    assert problem == (
        "assignment/hyperparameters.py cannot be imported, line 1: "
        "ModuleNotFoundError: No module named 'helpers'"
    )
    assert describe(error)["problem"] == problem
    failure = classify(error)
    assert write_failure(failure, "hyperparameters.grid", "It is right.", 231).split("\n")[2:] == [
        f"  file      {problem}",
        f"  hint      {find_advice('', problem)}",
    ]
    assert classify(rebuild(describe(error))) == failure


def test_the_line_of_an_exception_is_found_without_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    linecache.clearcache()
    with loaded(grid="def make_grid(values):\n    return values['{}']\n") as module:
        with pytest.raises(KeyError) as caught:
            module.make_grid({})
        assert find_line(caught.value) == (
            "assignment/hyperparameters.py, line 2: return values['{}']"
        )


def test_ctrl_c_stops_an_import_except_in_the_grader():
    source = "raise KeyboardInterrupt\n" + DRAW
    with pytest.raises(KeyboardInterrupt), loaded(grid=source):
        pass
    with loaded(Sources, grid=source) as module:
        assert callable(module.draw_uniform)


def test_functions_that_were_imported_before_are_kept():
    load_student_code()
    before = sys.modules["assignment.affine"]
    with loaded(grid="", own="x = 1"):
        assert "assignment.affine" not in sys.modules
        importlib.import_module("assignment.own")
    assert sys.modules["assignment.affine"] is assignment.affine is before
    assert "assignment.own" not in sys.modules
    assert not hasattr(assignment, "own")


def test_a_finder_that_was_there_before_comes_first():
    """The grader installs proxies, and must never import a student's files itself."""
    proxies = StudentFiles({"affine.py": b"affine_forward = 'proxy'"}, "elsewhere")
    with set_aside_student_code():
        sys.meta_path.insert(0, proxies)
        try:
            load_student_code()
        finally:
            sys.meta_path.remove(proxies)
        assert sys.modules["assignment.affine"].affine_forward == "proxy"
