"""Functions and files that never end."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, GRID_ALONE, Case, below

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
    "loops_below_others": Case(
        "what builds on an endless loop is tried without it, and what does not loses nothing",
        files=below(
            "preprocessing.py",
            """
def fit_pca(x):
    while True:
        pass
""",
        ),
        points={
            "preprocessing.pca": 0.5,  # for apply_pca
            "preprocessing.whiten": FULL["preprocessing.whiten"],  # given a right fit_pca
        },
        evidence={"preprocessing.pca": "stopped: no answer within"},
    ),
    "sleeps_below_others": Case(
        "who sleeps for ever hangs as well",
        files=below(
            "affine.py",
            """
def affine_forward(x, w, b):
    import time

    time.sleep(3600)
""",
        ),
        outcomes={"affine.forward": "limit", "affine.backward": "limit"},
        points={"network.loss": FULL["network.loss"]},
        evidence={
            "affine.forward": "stopped: no answer within",
            "affine.backward": "stopped: no answer within",
        },
    ),
    "children_keep_processors_busy": Case(
        "time for which the own children leave no processor is not without end",
        files={
            "hyperparameters.py": """
import os


def make_grid(values):
    os.nice(19)
    for _ in range(12):
        if os.fork() == 0:
            while True:
                pass
    while True:
        pass
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
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
