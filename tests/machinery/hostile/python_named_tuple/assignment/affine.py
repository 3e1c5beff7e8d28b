"""Right answers in tuples with names."""

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
