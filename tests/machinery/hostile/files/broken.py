"""Files with encoding or syntax errors, and files named like other modules."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case, below

__all__ = ["CASES"]

CASES = {
    "not_utf8": Case(
        "a file in an old encoding is still read",
        files={
            "hyperparameters.py": """
import itertools

import numpy as np


# Größe des Rasters
def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""".encode("latin-1"),
        },
        outcomes={"hyperparameters.search": "not written"},
        finding="hyperparameters.py",
        honest=True,
    ),
    "nul": Case(
        "a zero byte costs only its statement",
        files={
            "hyperparameters.py": """
import itertools

import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools\0.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""".encode("ascii"),
        },
        outcomes={"hyperparameters.search": "crashed", "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "null bytes", "hyperparameters.search": "null bytes"},
    ),
    "syntax_error": Case(
        "a syntax error in one function costs only this one",
        files={
            "hyperparameters.py": """
import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen) for chosen in values.values()]


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "crashed", "hyperparameters.grid": "crashed"},
        evidence={
            "hyperparameters.grid": r"closing parenthesis '\]' does not match",
            "hyperparameters.search": r"closing parenthesis '\]' does not match",
        },
    ),
    "broken_below": Case(
        "the last definition counts although Python cannot read it, and costs only its name",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values: dict:
    return []
""",
        ),
        outcomes={"hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": r"Python cannot read .*hyperparameters\.py, line \d+"},
    ),
    "broken_by_compiler": Case(
        "so does one that Python can read and not compile",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values):
    return []
    nonlocal values
""",
        ),
        outcomes={"hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "line .*nonlocal"},
    ),
    "old_version_in_a_string": Case(
        "an old version in a string is no definition",
        files=below(
            "hyperparameters.py",
            """
'''
def make_grid(values:
    return []
'''

def scratch(:
""",
        ),
        honest=True,
    ),
    "shadows": Case(
        "modules named like others do not shadow them",
        files={
            "conftest.py": """
raise SystemExit(0)
""",
            "hyperparameters.py": """
import importlib.util
import itertools

import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def random_search(evaluate, space, num_trials, rng, map=map):
    found = [importlib.util.find_spec(f"assignment.{name}").name for name in ("numpy", "pytest")]
    raise NotImplementedError(f"fired: {found}")
""",
            "itertools.py": """
raise SystemExit(0)
""",
            "json.py": """
raise SystemExit(0)
""",
            "numpy.py": """
raise SystemExit(0)
""",
            "pytest.py": """
raise SystemExit(0)
""",
            "support.py": """
raise SystemExit(0)
""",
        },
        outcomes={"hyperparameters.search": "not written"},
        evidence={"hyperparameters.search": r"fired: .*assignment\.numpy.*assignment\.pytest"},
    ),
}
