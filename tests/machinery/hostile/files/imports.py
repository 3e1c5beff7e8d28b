"""Imports of existing and missing modules, and of the student's own."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, SECRETS, Case, witnessed

__all__ = ["CASES"]

MISSING = r"cannot be imported, line \d+: ModuleNotFoundError: No module named 'tensorflow'"

CASES = {
    "from_future": Case(
        "unevaluated annotations may name undefined types",
        files={
            "hyperparameters.py": """
from __future__ import annotations

import itertools


def make_grid(values: Mapping[str, Sequence[Number]]) -> torch.Tensor | Nothing:
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
""",
        },
        outcomes=GRID_ALONE,
        honest=True,
    ),
    "not_there": Case(
        "a failing import costs only the functions that need it",
        files={
            "hyperparameters.py": """
import itertools

import numpy as np
import tensorflow as tf
from assignment.my_helpers import *


def make_grid(values):
    return tf.meshgrid(*values.values())


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "crashed", "hyperparameters.grid": "crashed"},
        evidence={
            "hyperparameters.grid": "NameError: name 'tf'.*" + MISSING,
            "hyperparameters.search": MISSING,
        },
    ),
    "own_helper": Case(
        "a student's own module works, even in an import cycle",
        files={
            "hyperparameters.py": """
import itertools

from assignment import my_helper


def pairs(values, chosen):
    return dict(zip(values, chosen))


def make_grid(values):
    return [my_helper.combine(values, chosen) for chosen in itertools.product(*values.values())]
""",
            "my_helper.py": """
from assignment import hyperparameters


def combine(values, chosen):
    return hyperparameters.pairs(values, chosen)
""",
        },
        outcomes=GRID_ALONE,
        honest=True,
    ),
    "patches_import": Case(
        "a patched import system affects only its own submission",
        files=witnessed(
            SECRETS
            + """
import builtins
import importlib.machinery
import itertools
import sys

real = builtins.__import__


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("tests", "pytest", *SECRETS)):
            return importlib.machinery.ModuleSpec(name, None, is_package=True)
        return None


builtins.__import__ = lambda name, *args: real(name, *args)
sys.meta_path.insert(0, Finder())
sys.path.insert(0, "/tmp")
sys.modules["pytest"] = sys.modules["tests"] = sys


def make_grid(values):
    FIRED.append(type(sys.meta_path[0]).__name__)
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""
        ),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: Finder"},
    ),
    "raises_half_way": Case(
        "an exception at module level costs no function above or below it",
        files={
            "hyperparameters.py": """
import itertools

import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


assert make_grid({"a": [1]}) == [{"a": 2}]
print(make_grid([1, 2]))
1 / 0


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "crashed"},
        evidence={"hyperparameters.search": r"cannot be imported, line \d+: AssertionError"},
    ),
    "scipy_in_function": Case(
        "a missing package costs only the function that imports it",
        files={
            "hyperparameters.py": """
import numpy as np


def make_grid(values):
    from scipy.stats import qmc

    return qmc.LatinHypercube(values)


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "not written", "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "ModuleNotFoundError: No module named 'scipy'"},
    ),
}
