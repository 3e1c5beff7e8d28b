"""Reference answers, independent of the solution: plain loops, and the complex step.

The forward passes here compute one number at a time and also accept complex numbers, so that
``gradients`` can differentiate them exactly: f(x + ih) = f(x) + ih f'(x) + ..., without a
difference that could cancel (Squire and Trapp, SIAM Review 40, 1998).
"""

from __future__ import annotations

import cmath
import decimal
import math
from collections.abc import Callable
from decimal import Decimal

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


def elementwise(function: Callable[[complex], complex], x: np.ndarray) -> np.ndarray:
    """Apply a function of one number to each element."""
    values = np.array([function(v) for v in x.flat], complex).reshape(x.shape)
    return values if np.iscomplexobj(x) else values.real


def derivative(function: Callable[[complex], complex]) -> Callable[[float], float]:
    """Return the derivative of a function of one number."""
    return lambda v: complex(function(complex(v, STEP))).imag / STEP


def affine(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return ``flatten(x) @ w + b``, one product at a time."""
    N, M = len(x), len(b)
    out = np.zeros((N, M), np.result_type(x, w, b))
    for n in range(N):
        for m in range(M):
            out[n, m] = b[m] + sum(v * w[d, m] for d, v in enumerate(x[n].flat))
    return out


def sigmoid(v: complex) -> complex:
    """Return ``1 / (1 + exp(-v))``, for v that is not so negative that exp overflows."""
    return 1 / (1 + cmath.exp(-v))


def relu(v: complex) -> complex:
    """Return v if it is positive, else 0."""
    return v if v.real > 0 else 0


def leaky_relu(slope: float) -> Callable[[complex], complex]:
    """Return the function that is v for positive v, else ``slope * v``."""
    return lambda v: v if v.real > 0 else slope * v


def elu(alpha: float) -> Callable[[complex], complex]:
    """Return the function that is v for positive v, else ``alpha * (exp(v) - 1)``."""
    return lambda v: v if v.real > 0 else alpha * (cmath.exp(v) - 1)


def prelu(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Apply leaky ReLU with a slope for each feature (last axis), or one slope for all."""
    out = np.zeros(x.shape, np.result_type(x, alpha, np.float64))
    for index in np.ndindex(x.shape):
        out[index] = leaky_relu(alpha[index[-1]] if alpha.ndim else alpha[()])(x[index])
    return out


def maxout(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the largest of the affine functions ``x @ w[k] + b[k]``, the first one at a tie."""
    pieces = [affine(x, *piece) for piece in zip(w, b)]
    out = np.zeros_like(pieces[0])
    for index in np.ndindex(out.shape):
        out[index] = max((piece[index] for piece in pieces), key=lambda v: v.real)
    return out


def softmax_loss(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return mean loss and gradient, computed with 50 digits, where exp(1000) does not overflow."""
    total, dx = Decimal(0), np.empty(x.shape)
    with decimal.localcontext(decimal.Context(prec=50)):
        for n, row in enumerate(x):
            exps = [Decimal(float(v)).exp() for v in row]
            total -= (exps[y[n]] / sum(exps)).ln()
            for c, e in enumerate(exps):
                dx[n, c] = float((e / sum(exps) - int(c == y[n])) / len(x))
        return float(total / len(x)), dx


def mean(x: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis, with exact sums."""
    out = np.empty(x.shape[1:])
    for index in np.ndindex(out.shape):
        out[index] = math.fsum(float(example[index]) for example in x) / len(x)
    return out


def covariance(x: np.ndarray) -> np.ndarray:
    """Return the (D, D) covariance matrix, divided by N, with exact sums."""
    D, center = x.shape[1], mean(x)
    out = np.empty((D, D))
    for i, j in np.ndindex(D, D):
        products = [float((row[i] - center[i]) * (row[j] - center[j])) for row in x]
        out[i, j] = math.fsum(products) / len(x)
    return out
