"""Exceptions that try to affect more than one function."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case

__all__ = ["CASES"]

INTERRUPTED = r"cannot be imported, line \d+: KeyboardInterrupt"

CASES = {
    "base_exception": Case(
        "an exception that derives from BaseException is caught as well",
        files={
            "hyperparameters.py": """
import numpy as np


class Stop(BaseException):
    pass


def make_grid(values):
    raise Stop


raise Stop


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "crashed", "hyperparameters.grid": "crashed"},
        evidence={
            "hyperparameters.grid": r"Stop\n.*cannot be imported, line \d+: Stop",
            "hyperparameters.search": r"cannot be imported, line \d+: Stop",
        },
    ),
    "endless_exception": Case(
        "an exception whose __str__ never returns hits the time limit",
        files={
            "hyperparameters.py": """
class Riddle(Exception):
    def __str__(self):
        while True:
            pass


def make_grid(values):
    raise Riddle
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: no answer within"},
    ),
    "exiting_exception": Case(
        "an exception whose __str__ calls sys.exit() is still only a failure",
        files={
            "hyperparameters.py": """
import sys

import numpy as np


class Trap(Exception):
    def __str__(self):
        sys.exit(0)

    __repr__ = __str__


def make_grid(values):
    raise Trap


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "not written", "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": r"Trap\n.*raise Trap"},
    ),
    "generator_exit": Case(
        "StopIteration and GeneratorExit count as the student's failure",
        files={
            "hyperparameters.py": """
import numpy as np


def make_grid(values):
    raise StopIteration


def draw_uniform(low, high, rng, size=None):
    raise GeneratorExit


def draw_log_uniform(low, high, rng, size=None):
    raise GeneratorExit
""",
        },
        outcomes={
            "hyperparameters.search": "not written",
            "hyperparameters.grid": "crashed",
            "hyperparameters.draws": "crashed",
        },
        evidence={
            "hyperparameters.grid": "raise StopIteration",
            "hyperparameters.draws": "raise GeneratorExit",
        },
    ),
    "keyboard_interrupt": Case(
        "a KeyboardInterrupt raised by the student does not stop the class",
        files={
            "hyperparameters.py": """
import numpy as np


def make_grid(values):
    raise KeyboardInterrupt


raise KeyboardInterrupt


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "crashed", "hyperparameters.grid": "crashed"},
        evidence={
            "hyperparameters.grid": r"raise KeyboardInterrupt\n.*" + INTERRUPTED,
            "hyperparameters.search": INTERRUPTED,
        },
    ),
    "long_exception": Case(
        "an exception text of 100 MB is shown shortened",
        files={
            "hyperparameters.py": """
def make_grid(values):
    raise ValueError("much ado " * 10**7)
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "ValueError: (much ado ){30}"},
    ),
    "sys_exit": Case(
        "sys.exit(0) is an ordinary exception in a function, and stops nothing at import",
        files={
            "hyperparameters.py": """
import sys

import numpy as np


def make_grid(values):
    sys.exit(0)


sys.exit(0)


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
""",
        },
        outcomes={"hyperparameters.search": "crashed", "hyperparameters.grid": "crashed"},
        evidence={
            "hyperparameters.grid": r"SystemExit: 0\n.*cannot be imported, line \d+: SystemExit: 0",
            "hyperparameters.search": r"cannot be imported, line \d+: SystemExit: 0",
        },
    ),
    "unprintable_exception": Case(
        "a text with lone surrogates and control characters can be stored and shown",
        files={
            "hyperparameters.py": r"""
def make_grid(values):
    raise ValueError(
        "\ud800 \x00 \x1b[2J \u202e [/bold] =1+1 </td> " + "".join(map(chr, range(32)))
    )
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": r"ValueError: .*\[/bold\] =1\+1 </td>"},
    ),
}
