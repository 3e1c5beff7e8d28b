"""Answers of a wrong type or length, and missing answers."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, Case, below

__all__ = ["CASES"]

CASES = {
    "broadcasts": Case(
        "db of shape (1, M) is wrong, although it broadcasts",
        files={
            "affine.py": """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)[None]
""",
        },
        outcomes={"affine.backward": "failed"},
        points={
            "network.loss": FULL["network.loss"],  # given a right affine_backward
        },
        evidence={"affine.backward": r"wrong shape of db.*got +\(1, "},
    ),
    "generators": Case(
        "a generator object is neither a list nor an array",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values):
    for chosen in itertools.product(*values.values()):
        yield dict(zip(values, chosen))


def convert(values):
    return (value for value in values) if np.ndim(values) else values


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))
""",
        ),
        outcomes={"hyperparameters.grid": "failed", "hyperparameters.draws": "failed"},
        evidence={
            "hyperparameters.grid": "a generator is no plain",
            "hyperparameters.draws": "got       generator|values is a generator",
        },
    ),
    "lists_for_arrays": Case(
        "a list of numbers is not an array",
        files=below(
            "hyperparameters.py",
            """
def convert(values):
    return values.tolist() if np.ndim(values) else values


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "got       list|values is a list"},
    ),
    "none_for_tuple": Case(
        "a missing return costs the functions and the network that calls them",
        files={
            "affine.py": """
def affine_forward(x, w, b):
    x.reshape(len(x), -1) @ w + b


def affine_backward(dout, cache):
    dout.sum(axis=0)
""",
        },
        outcomes={
            "affine.forward": "failed",
            "affine.backward": "failed",
            "network.loss": "crashed",
        },
        evidence={
            "affine.forward": "affine_forward returned None",
            "affine.backward": "affine_forward returned None",
            "network.loss": "cannot unpack non-iterable NoneType",
        },
    ),
    "wrong_tuple_lengths": Case(
        "a tuple that is too long or too short is wrong",
        files={
            "losses.py": """
import numpy as np


def compute(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -float(log_p[rows, y].mean()), dx / len(x)


def softmax_loss(x, y):
    loss, dx = compute(x, y)
    return (loss, dx, "the answer") if len(x) % 2 else (loss,)
""",
        },
        outcomes={"loss.softmax": "failed"},
        points={
            "network.loss": FULL["network.loss"],  # given a right softmax_loss
        },
        evidence={"loss.softmax": "returned a tuple of [13]"},
    ),
    "zero_d_for_floats": Case(
        "a loss may be a 0-dimensional array, as without a wall",
        files={
            "losses.py": """
import numpy as np


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return np.array(-log_p[rows, y].mean(dtype=float)), dx / len(x)
""",
        },
        honest=True,
    ),
    "nan_everywhere": Case(
        "nan and inf are wrong answers",
        files={
            "affine.py": """
import numpy as np


def affine_forward(x, w, b):
    return np.full((len(x), len(b)), np.nan, x.dtype), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return np.full_like(x, np.inf), np.full_like(w, -np.inf), np.full_like(dout[0], np.nan)
""",
        },
        outcomes={
            "affine.forward": "failed",
            "affine.backward": "failed",
            "network.loss": "failed",
        },
        evidence={
            "affine.forward": "got .* nan",
            "affine.backward": "got .* inf",
            "network.loss": "got .*nan",
        },
    ),
    "nan_weights": Case(
        "nan is no weight that was drawn, although no two of them are equal",
        files=below(
            "initialization.py",
            """
def without_small_layers(function):
    def draw(fan_in, fan_out, rng, *std):
        if 1 in (fan_in, fan_out):
            return np.full((fan_in, fan_out), np.nan)
        return function(fan_in, fan_out, rng, *std)

    return draw


init_he, init_xavier = without_small_layers(init_he), without_small_layers(init_xavier)
""",
        ),
        points={
            "initialization.xavier": FULL["initialization.xavier"] - 0.75,
            "initialization.he": FULL["initialization.he"] - 0.75,
        },
        evidence={
            "initialization.xavier": "the standard deviation is off",
            "initialization.he": "the standard deviation is off",
        },
    ),
}
