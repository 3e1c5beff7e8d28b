"""Functions and files that end their process."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case, witnessed

__all__ = ["CASES"]

CASES = {
    "aborts": Case(
        "os.abort() ends only the process",
        files={
            "hyperparameters.py": """
import os


def make_grid(values):
    os.abort()
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "stopped: the process ended"},
    ),
    "closes_files": Case(
        "a process that closes the connection gives no answer",
        files={
            "hyperparameters.py": """
import os


def make_grid(values):
    os.closerange(0, 4096)
    return []
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "stopped: the process ended"},
    ),
    "exits_at_import": Case(
        "os._exit(0) at import earns nothing",
        files={
            "hyperparameters.py": """
import os

os._exit(0)
""",
        },
        outcomes={
            "hyperparameters.grid": "crashed",
            "hyperparameters.draws": "crashed",
            "hyperparameters.search": "crashed",
        },
        evidence={
            "hyperparameters.grid": "cannot be imported: the process ended",
            "hyperparameters.draws": "cannot be imported: the process ended",
            "hyperparameters.search": "cannot be imported: the process ended",
        },
    ),
    "exits_in_function": Case(
        "os._exit(0) in a function costs only its points; the others run in a new process",
        files={
            "hyperparameters.py": """
import os

import numpy as np


def make_grid(values):
    os._exit(0)


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "not written", "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "stopped: the process ended"},
    ),
    "exits_later": Case(
        "a process that ends after its answer does not fail the next test",
        files={
            "hyperparameters.py": """
import itertools
import os
import threading
import time


def leave():
    time.sleep(0.02)
    os._exit(0)


def make_grid(values):
    threading.Thread(target=leave).start()
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    make_grid({})
    time.sleep(99)  # the thread of make_grid ends this


draw_log_uniform = draw_uniform
""",
        },
        outcomes={"hyperparameters.draws": "crashed", "hyperparameters.search": "not written"},
        evidence={"hyperparameters.draws": "stopped: the process ended"},
    ),
    "segfaults": Case(
        "a segmentation fault ends only the process",
        files={
            "hyperparameters.py": """
import ctypes


def make_grid(values):
    return ctypes.string_at(0)
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "stopped: the process ended"},
    ),
    "atexit": Case(
        "functions registered with atexit never run",
        files=witnessed("""
import atexit
import itertools
import os


def stay():
    while True:
        pass


def make_grid(values):
    atexit.register(stay)
    os.register_at_fork(before=stay)
    FIRED.append("2 functions wait")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 2 functions wait"},
    ),
}
