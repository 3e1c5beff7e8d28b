"""Rows on batch and layer norm, compared with textbook backward passes and numpy-ml."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.normalization import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from tools.bench.packages import import_numpy_ml
from tools.bench.timing import Call, Case, times_faster

__all__ = ["list_cases"]

SIZES = [(50, 100), (200, 100), (256, 512)]
EPS = 1e-5

Array = npt.NDArray[Any]
Gradients = tuple[Array, Array, Array]


def list_cases() -> list[Case]:
    """Return the rows on normalization."""
    forms = [
        ("textbook graph", times_faster(2), _go_node_by_node),
        ("our graph", times_faster(2), None),
        ("simplified, with dxhat", times_faster(1.4), _simplify_with_dxhat),
        ("simplified, with dout", times_faster(1.4), _simplify_with_dout),
    ]
    layers = [
        ("batch norm", times_faster(1.6), _prepare_batchnorm),
        ("layer norm", times_faster(1.3), _prepare_layernorm),
    ]
    backward = [
        Case("batch norm backward", f"{N}x{D}", name, goal, partial(_prepare_backward, form, N, D))
        for name, goal, form in forms
        for N, D in SIZES
    ]
    both_ways = [
        Case(name, f"{N}x{D} float64", "numpy-ml", goal, partial(prepare, N, D))
        for name, goal, prepare in layers
        for N, D in SIZES
    ]
    return backward + both_ways


def _prepare_backward(form: Callable[..., Gradients] | None, N: int, D: int) -> tuple[Call, Call]:
    """Prepare batchnorm_backward_alt and another form; None means our batchnorm_backward."""
    x, dout, gamma, beta = _draw(N, D, np.float32)
    _, cache = batchnorm_forward(x, gamma, beta, {"mode": "train"})
    ours = partial(batchnorm_backward_alt, dout, cache)
    if form is None:
        return ours, partial(batchnorm_backward, dout, cache)
    s = x - x.mean(axis=0)
    std = np.sqrt(x.var(axis=0) + np.float32(EPS))
    return ours, partial(form, dout, s, s / std, std, gamma)


def _go_node_by_node(dout: Array, s: Array, xhat: Array, std: Array, gamma: Array) -> Gradients:
    """Compute a gradient for each node of the graph, in the shape of the node."""
    N = len(dout)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    dinverse = np.sum(dxhat * s, axis=0)
    ds = dxhat / std
    dstd = -dinverse / std**2
    dvar = 0.5 * dstd / std
    dsquares = np.ones_like(s) * dvar / N
    ds = ds + 2 * s * dsquares
    dmean = -np.sum(ds, axis=0)
    return ds + np.ones_like(s) * dmean / N, dgamma, dbeta


def _simplify_with_dxhat(dout: Array, _: Array, xhat: Array, std: Array, gamma: Array) -> Gradients:
    """Leave gamma inside the sums, as most published solutions do."""
    N = len(dout)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    sums = np.sum(dxhat, axis=0), np.sum(dxhat * xhat, axis=0)
    return 1 / (N * std) * (N * dxhat - sums[0] - xhat * sums[1]), dgamma, dbeta


def _simplify_with_dout(dout: Array, _: Array, xhat: Array, std: Array, gamma: Array) -> Gradients:
    """Take gamma out of the sums, so that dbeta and dgamma can be reused."""
    N = len(dout)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    return (1 / N) * gamma / std * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


def _prepare_batchnorm(N: int, D: int) -> tuple[Call, Call]:
    x, dout, gamma, beta = _draw(N, D, np.float64)
    bn_param = {"mode": "train"}

    def ours() -> Any:
        _, cache = batchnorm_forward(x, gamma, beta, bn_param)
        return batchnorm_backward_alt(dout, cache)

    return ours, _prepare_numpy_ml(import_numpy_ml().BatchNorm1D(), x, dout, gamma)


def _prepare_layernorm(N: int, D: int) -> tuple[Call, Call]:
    x, dout, gamma, beta = _draw(N, D, np.float64)

    def ours() -> Any:
        _, cache = layernorm_forward(x, gamma, beta, {})
        return layernorm_backward(dout, cache)

    return ours, _prepare_numpy_ml(import_numpy_ml().LayerNorm1D(), x, dout, gamma)


def _prepare_numpy_ml(layer: Any, x: Array, dout: Array, gamma: Array) -> Call:
    layer.forward(x, retain_derived=False)  # draws the parameters
    layer.parameters["scaler"] = gamma

    def other() -> tuple[Array]:
        layer.X.clear()
        layer.forward(x)
        return (layer.backward(dout),)

    return other


def _draw(N: int, D: int, dtype: Any) -> tuple[Array, Array, Array, Array]:
    """Return x, dout, gamma and beta."""
    rng = np.random.default_rng(231)
    x, dout = rng.standard_normal((2, N, D)).astype(dtype)
    gamma, beta = rng.standard_normal((2, D)).astype(dtype)
    return x, dout, gamma, beta
