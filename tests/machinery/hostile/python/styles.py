"""Honest functions, right in a way that the teacher did not expect."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case

__all__ = ["CASES"]

CASES = {
    "callables": Case(
        "objects with __call__, partials and decorated functions count as functions",
        files={
            "affine.py": """
import functools


class Forward:
    # Called like a function.
    def __call__(self, x, w, b):
        return x.reshape(len(x), -1) @ w + b, (x, w)


def count(function):
    # Hide the signature, as a careless decorator does.
    def counted(*args, **kwargs):
        counted.calls += 1
        return function(*args, **kwargs)

    counted.calls = 0
    return counted


@functools.lru_cache
def make_backward():
    # Return the function, made once.
    def backward(scale, dout, cache):
        x, w = cache
        dx = scale * (dout @ w.T).reshape(x.shape)
        return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)

    return functools.partial(backward, 1)


affine_forward = Forward()
affine_backward = count(make_backward())
""",
        },
        honest=True,
    ),
    "errors_raised": Case(
        "np.seterr(raise) does not harm code without floating-point errors",
        files={
            "losses.py": """
import numpy as np

np.seterr(divide="raise", over="raise", invalid="raise")


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -float(log_p[rows, y].mean()), dx / len(x)
""",
        },
        honest=True,
    ),
    "global_settings": Case(
        "changed global settings of Python and NumPy do no harm",
        files={
            "losses.py": """
import decimal
import gc
import locale
import random
import sys
import time

import numpy as np

decimal.getcontext().prec = 1
np.set_printoptions(threshold=0, precision=1, suppress=True, legacy="1.13")
locale.setlocale(locale.LC_ALL, "C")
random.seed(0)
np.random.seed(0)
gc.disable()
sys.setswitchinterval(1)
sys.float_repr_style = "short"
time.tzset()


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -float(log_p[rows, y].mean()), dx / len(x)
""",
        },
        honest=True,
    ),
    "keyword_only_extras": Case(
        "additional parameters with defaults do no harm",
        files={
            "affine.py": """
def affine_forward(x, w, b, *, debug=False, **options):
    return x.reshape(len(x), -1) @ w + b, {"x": x, "w": w, "options": options}


def affine_backward(dout, cache, /, scale=1, *, debug=False):
    x, w = cache["x"], cache["w"]
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, scale * dout.sum(axis=0)
""",
        },
        honest=True,
    ),
    "named_tuple": Case(
        "a named tuple counts as a tuple",
        files={
            "affine.py": """
from typing import NamedTuple

import numpy as np


class Cache(NamedTuple):
    x: np.ndarray
    w: np.ndarray


class Gradients(NamedTuple):
    dx: np.ndarray
    dw: np.ndarray
    db: np.ndarray


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, Cache(x, w)


def affine_backward(dout, cache):
    rows = cache.x.reshape(len(cache.x), -1)
    return Gradients((dout @ cache.w.T).reshape(cache.x.shape), rows.T @ dout, dout.sum(axis=0))
""",
        },
        honest=True,
    ),
    "noise": Case(
        "right code may print, warn and log",
        files={
            "affine.py": """
import logging
import sys
import warnings


def affine_forward(x, w, b):
    print("affine_forward", x.shape, 10_000 * "=")
    print("x has shape", x.shape, file=sys.stderr)
    warnings.warn("this may be slow", stacklevel=2)
    logging.getLogger("affine").error("nothing is wrong")
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
""",
        },
        honest=True,
    ),
    "small_recursion_limit": Case(
        "a low recursion limit does not harm code without deep recursion",
        files={
            "losses.py": """
import sys

import numpy as np

sys.setrecursionlimit(150)


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -float(log_p[rows, y].mean()), dx / len(x)
""",
        },
        honest=True,
    ),
}
