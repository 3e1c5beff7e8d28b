"""The teacher's modules under separate names: autograder.bank.reference.affine, and so on.

In a grading session assignment.affine is the student's module. The modules here are always the
teacher's, and they call one another.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import assignment
from assignment.support.project.manifest import ROOT, load_parts

__all__ = [
    "FUNCTIONS",
    "activations",
    "affine",
    "babysitting",
    "find_module",
    "hyperparameters",
    "initialization",
    "losses",
    "network",
    "normalization",
    "preprocessing",
    "sgd",
]


@contextmanager
def _standing_in(modules: dict[str, types.ModuleType]) -> Iterator[None]:
    """Make imports from ``assignment`` return these modules inside this context."""
    imported, attributes = dict(sys.modules), dict(vars(assignment))
    for name, module in modules.items():
        sys.modules[f"assignment.{name}"] = module
        setattr(assignment, name, module)
    try:
        yield
    finally:
        for name in modules:
            _put_back(sys.modules, f"assignment.{name}", imported)
            _put_back(vars(assignment), name, attributes)


def _put_back(names: dict[str, Any], name: str, before: dict[str, Any]) -> None:
    del names[name]
    if name in before:
        names[name] = before[name]


def _load(name: str, *needed: types.ModuleType) -> Any:
    path = ROOT / "assignment" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{__name__}.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with _standing_in({other.__name__.rsplit(".", 1)[-1]: other for other in needed}):
        spec.loader.exec_module(module)
    return module


affine = _load("affine")
losses = _load("losses")
activations = _load("activations")
preprocessing = _load("preprocessing")
initialization = _load("initialization")
normalization = _load("normalization")
sgd = _load("sgd")
network = _load("network", affine, losses, activations, initialization, normalization)
babysitting = _load("babysitting", sgd)
hyperparameters = _load("hyperparameters")


def find_module(function: str) -> Any:
    """Return the teacher's module that holds a function of the manifest."""
    return globals()[_TOPICS[function]]


_TOPICS = {name: part.file.removesuffix(".py") for part in load_parts() for name in part.functions}
FUNCTIONS = {name: getattr(find_module(name), name) for name in _TOPICS}
