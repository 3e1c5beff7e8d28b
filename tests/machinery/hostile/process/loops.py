"""Functions and files that never end."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case

__all__ = ["CASES"]

CASES = {
    "recurses": Case(
        "infinite recursion counts as the student's exception",
        files={
            "hyperparameters.py": """
def make_grid(values):
    return make_grid(values)
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "RecursionError: maximum recursion depth"},
    ),
    "recurses_deeper": Case(
        "recursion with its limit raised ends only the process",
        files={
            "hyperparameters.py": """
import sys

sys.setrecursionlimit(10**9)


def make_grid(values):
    return list(map(make_grid, [values]))
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "stopped: the process ended"},
    ),
    "loops_at_import": Case(
        "an endless loop at import is stopped, and costs only the parts of this file",
        files={
            "hyperparameters.py": """
while True:
    pass
""",
        },
        outcomes={
            "hyperparameters.grid": "limit",
            "hyperparameters.draws": "limit",
            "hyperparameters.search": "limit",
        },
        evidence={
            "hyperparameters.grid": "cannot be imported: no answer within",
            "hyperparameters.draws": "cannot be imported: no answer within",
            "hyperparameters.search": "cannot be imported: no answer within",
        },
    ),
    "loops_in_function": Case(
        "an endless loop in one function costs only the points of this function",
        files={
            "hyperparameters.py": """
import itertools

import numpy as np


def make_grid(values):
    while True:
        pass


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "not written", "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: no answer within"},
    ),
    "sleeps_at_import": Case(
        "a file that sleeps for an hour hits the time limit",
        files={
            "hyperparameters.py": """
import time

time.sleep(3600)
""",
        },
        outcomes={
            "hyperparameters.grid": "limit",
            "hyperparameters.draws": "limit",
            "hyperparameters.search": "limit",
        },
        evidence={
            "hyperparameters.grid": "cannot be imported: no answer within",
            "hyperparameters.draws": "cannot be imported: no answer within",
            "hyperparameters.search": "cannot be imported: no answer within",
        },
    ),
}
