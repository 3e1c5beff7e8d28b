"""Functions and names that several files of this folder share."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

import numpy as np

from autograder.bank import mistake
from autograder.bank.reference import normalization as ref

__all__ = [
    "BACKWARD",
    "BACKWARD_2D",
    "BOTH_OF_BATCHNORM",
    "BUFFERS",
    "FORWARD",
    "GRAPHS",
    "choose_statistics",
    "in_each",
    "move_running",
    "open_cache",
    "read_statistics",
    "run_with",
    "train_with",
    "weigh",
]

BUFFERS = "running_mean", "running_var"
FORWARD = "batchnorm_forward", "layernorm_forward", "spatial_batchnorm_forward"
BOTH_OF_BATCHNORM = "batchnorm_backward", "batchnorm_backward_alt"
GRAPHS = "batchnorm_backward", "layernorm_backward"
BACKWARD_2D = *BOTH_OF_BATCHNORM, "layernorm_backward"
BACKWARD = *BACKWARD_2D, "spatial_batchnorm_backward"


def in_each(*names: str, where: str, what: str, how: str) -> Any:
    """Register a mistake of several functions as a separate mistake of each one.

    The code gets the right function and its arguments; {} in ``where`` is the function's name.
    """

    def enter(code):
        for name in names:
            function = getattr(ref, name)
            variant = wraps(function)(partial(code, function))
            variant.__name__ = f"{name}_{code.__name__}"
            variant.__module__ = code.__module__  # the file of the mistake, not the teacher's
            mistake(name, where=where.format(name), what=what, how=how)(variant)
        return code

    return enter


def open_cache(cache: Any) -> Any:
    """Return the axis of the statistics, and s, istd and gamma."""
    first, istd, gamma = cache
    return (0, first, istd, gamma) if istd.ndim == 1 else (1, first / istd, istd, gamma)


def weigh(
    backward: Any,
    dout: Any,
    cache: Any,
    *,
    direct: Any = 1.0,
    variance: Any = 1.0,
    mean: Any = 1.0,
    invert: Any = None,
) -> Any:
    """Return the gradients with weights on the paths to dx, or with 1 / std from invert(var, eps).

    The right weights are 1.
    """
    axis, s, istd, gamma = open_cache(cache)
    if invert is not None:
        var = np.mean(s * s, axis=axis, keepdims=True)
        istd = invert(var, 1 / open_cache(cache)[2] ** 2 - var)
    g = dout * gamma
    ds = direct * g * istd
    dv = -s * istd**3 * np.mean(g * s, axis=axis, keepdims=True)
    dmean = -np.sum(ds, axis=axis, keepdims=True)  # dv sums to 0
    dx = ds + variance * dv + mean * dmean / dout.shape[axis]
    return dx, *backward(dout, cache)[1:]


def run_with(x: Any, gamma: Any, beta: Any, bn_param: Any, **settings: Any) -> Any:
    """Run batchnorm_forward as if bn_param had other settings."""
    own = bn_param | settings
    result = ref.batchnorm_forward(x, gamma, beta, own)
    bn_param.update({name: own[name] for name in BUFFERS if name in own})
    return result


def move_running(x: Any, gamma: Any, beta: Any, bn_param: Any, move: Any) -> Any:
    """Run batchnorm_forward; in train mode set each buffer to move(running, sample, momentum)."""
    zeros = np.zeros(x.shape[1], x.dtype)
    before = [bn_param.get(name, zeros) for name in BUFFERS]
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        momentum = bn_param.get("momentum", 0.9)
        for name, running, sample in zip(BUFFERS, before, (x.mean(axis=0), x.var(axis=0))):
            bn_param[name] = move(running, sample, momentum)
    return result


def train_with(x: Any, gamma: Any, beta: Any, bn_param: Any, mean: Any, var: Any) -> Any:
    """Run batchnorm_forward with another mean and variance in train mode."""
    samples = iter((mean, var))
    result = move_running(
        x, gamma, beta, bn_param, lambda running, _, m: m * running + (1 - m) * next(samples)
    )
    if bn_param["mode"] != "train":
        return result
    return gamma * (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5)) + beta, result[1]


def read_statistics(x: Any, bn_param: Any) -> Any:
    """Return the mean, the variance and eps that are used in the mode."""
    eps = bn_param.get("eps", 1e-5)
    if bn_param["mode"] == "train":
        return x.mean(axis=0), x.var(axis=0), eps
    zeros = np.zeros(x.shape[1], x.dtype)
    return *(bn_param.get(name, zeros) for name in BUFFERS), eps


def choose_statistics(x: Any, bn_param: Any, measure: Any) -> Any:
    """Return the mean and variance that are used in the mode; in train mode update the buffers."""
    if bn_param["mode"] not in ("train", "test"):
        raise ValueError(f"no such mode: {bn_param['mode']}")
    running = [bn_param.setdefault(name, np.zeros(x.shape[1], x.dtype)) for name in BUFFERS]
    if bn_param["mode"] == "test":
        return running
    samples, m = measure(x), bn_param.setdefault("momentum", 0.9)
    bn_param |= {n: m * r + (1 - m) * s for n, r, s in zip(BUFFERS, running, samples)}
    return samples
