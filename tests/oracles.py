"""Right answers from somewhere else than the solution: plain loops, and the complex step.

A reference forward pass here is written for one number at a time and also takes complex numbers,
so that ``gradients`` can differentiate it exactly: f(x + ih) = f(x) + ih f'(x) + ..., and no
difference is taken that could cancel (Squire and Trapp, SIAM Review 40, 1998).
"""

from __future__ import annotations

import cmath
from collections.abc import Callable

import numpy as np

STEP = 1e-30


def gradients(
    forward: Callable[..., np.ndarray], args: tuple[np.ndarray, ...], dout: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return the gradient of ``sum(forward(*args) * dout)`` for each argument, in float64."""
    found = []
    for k, arg in enumerate(args):
        gradient = np.empty(arg.shape)
        for index in np.ndindex(arg.shape):
            shifted = [a.astype(complex) for a in args]
            shifted[k][index] += STEP * 1j
            gradient[index] = np.sum(forward(*shifted).imag * dout) / STEP
        found.append(gradient)
    return tuple(found)


def affine(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return ``flatten(x) @ w + b``, one product at a time."""
    N, M = len(x), len(b)
    out = np.zeros((N, M), np.result_type(x, w, b))
    for n in range(N):
        for m in range(M):
            out[n, m] = b[m] + sum(v * w[d, m] for d, v in enumerate(x[n].flat))
    return out


def elementwise(function: Callable[[complex], complex], x: np.ndarray) -> np.ndarray:
    """Apply a function of one number to each element."""
    return np.array([function(v) for v in x.flat], np.result_type(x, np.float64)).reshape(x.shape)


def sum_of_exponentials(values: np.ndarray) -> complex:
    """Return ``sum(exp(values))`` of a short row."""
    return sum(cmath.exp(v) for v in values)
