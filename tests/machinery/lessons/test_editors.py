"""Editors show signature and docstring of the functions that students write and call.

jedi answers in JupyterLab and, under other names, in many editors; it reads the files and runs
nothing.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import jedi
import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.master_notebooks import read_master_notebooks

PROJECT = jedi.Project(ROOT, load_unsafe_extensions=False)
WRITTEN = sorted({(part.module, name) for part in load_parts() for name in part.functions})


def find_called():
    """Return the names that notebooks import from given code: (module, name)."""
    found = set()
    for cells in read_master_notebooks().values():
        for cell in cells:
            if cell.kind == "code" and "assignment.support" in cell.source:
                found |= set(find_imports(cell.source))
    return sorted(pair for pair in found if callable(get(*pair)))  # else it is a module


def get(module, name):
    return getattr(importlib.import_module(module), name, None)


def find_imports(source):
    lines = [line for line in source.split("\n") if line.startswith("from assignment.support.")]
    for node in ast.parse("\n".join(lines)).body:
        yield from ((node.module, alias.name) for alias in node.names)


def ask(module, name):
    """Return the signature and docstring that an editor shows after ``name(``."""
    script = jedi.Script(f"from {module} import {name}\n{name}(", project=PROJECT)
    (signature,) = script.get_signatures()
    (definition,) = script.infer(2, len(name))
    assert definition.full_name == f"{module}.{name}"
    return signature


@pytest.mark.parametrize(("module", "name"), [*WRITTEN, *find_called()])
def test_an_editor_shows_the_signature_and_docstring(module, name):
    signature = ask(module, name)
    thing = get(module, name)
    assert [p.name for p in signature.params] == list(inspect.signature(thing).parameters)
    assert inspect.cleandoc(signature.docstring(raw=True)) == inspect.getdoc(thing)
    assert len(inspect.getdoc(thing)) > 20


@pytest.mark.parametrize(("module", "name"), WRITTEN)
def test_a_decorated_function_keeps_its_name_and_place(module, name):
    thing = get(module, name)
    assert (thing.__name__, thing.__module__) == (name, module)
    assert re.search(rf"^(def|class) {name}\b", inspect.getsource(thing), re.M)
    assert inspect.signature(thing) == inspect.signature(inspect.unwrap(thing))


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("data.load('fashion').", {"x_train", "y_train", "classes"}),
        ("data.load('fashion').classes.", {"index", "count"}),
        ("check_gradient(f, x, None, dw).", {"verdict", "errors"}),
        ("FullyConnectedNet([10]).", {"loss", "params"}),
    ],
)
def test_an_editor_completes_what_a_call_returns(line, names):
    imports = "from assignment.support import data\n"
    imports += "from assignment.support.gradient_check import check_gradient\n"
    imports += "from assignment.network import FullyConnectedNet\n"
    script = jedi.Script(imports + line, project=PROJECT)
    assert names <= {completion.name for completion in script.complete()}
