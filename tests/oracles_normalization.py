"""Reference normalisation and network: one number at a time, complex numbers included.

tests/oracles.py explains how such a forward pass gives exact gradients.
"""

from __future__ import annotations

import cmath
import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from assignment.support.testing.compare import CheckFailed, describe
from tests.oracles import affine, elementwise, elu, gradients, leaky_relu, relu, sigmoid

Params = dict[str, np.ndarray]
Buffers = tuple[np.ndarray, np.ndarray]  # running mean and running variance, both (D,)

ACTIVATIONS: dict[str, Callable[[complex], complex]] = {
    "relu": relu,
    "leaky_relu": leaky_relu(0.01),
    "elu": elu(1.0),
    "tanh": cmath.tanh,
    "sigmoid": sigmoid,
}


def normalize(values: Sequence[complex], eps: float) -> list[complex]:
    """Return ``(v - mean) / sqrt(variance + eps)`` for each value of one column or row."""
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return [(v - mean) / (variance + eps) ** 0.5 for v in values]


def layernorm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Normalise each row by itself."""
    out = x.astype(np.result_type(x, gamma, beta, np.float64))
    for n, row in enumerate(out):
        for d, v in enumerate(normalize(row.tolist(), eps)):
            out[n, d] = gamma[d] * v + beta[d]
    return out


def batchnorm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Normalise each column by itself: x as (N, D), or images as (N, C, H, W)."""
    out = x.astype(np.result_type(x, gamma, beta, np.float64))
    for c in range(len(gamma)):
        column = normalize(out[:, c].ravel().tolist(), eps)
        out[:, c] = np.reshape([gamma[c] * v + beta[c] for v in column], out[:, c].shape)
    return out


def batchnorm_test(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, buffers: Buffers, eps: float = 1e-5
) -> np.ndarray:
    """Normalise each number with the buffers of its column."""
    mean, var = buffers
    out = x.astype(np.result_type(x, gamma, beta, np.float64))
    for index in np.ndindex(x.shape):
        c = index[1]
        out[index] = gamma[c] * (out[index] - mean[c]) / np.sqrt(var[c] + eps) + beta[c]
    return out


def running_buffers(batches: Sequence[np.ndarray], momentum: float = 0.9) -> Buffers:
    """Return the buffers after training on some batches, with exact sums."""
    D = batches[0].shape[1]
    mean, var = [0.0] * D, [0.0] * D
    for x in batches:
        for d in range(D):
            column = x[:, d].ravel().tolist()
            mean[d] = momentum * mean[d] + (1 - momentum) * statistics.fmean(column)
            var[d] = momentum * var[d] + (1 - momentum) * statistics.pvariance(column)
    return np.array(mean), np.array(var)


def draw_params(
    rng: np.random.Generator, dims: Sequence[int], normalization: str | None = None
) -> Params:
    """Return random float64 parameters of a network: none of them is 0 or 1."""
    params = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(dims), start=1):
        params[f"W{layer}"] = rng.normal(size=(fan_in, fan_out))
        params[f"b{layer}"] = rng.normal(size=fan_out)
        if normalization and layer < len(dims) - 1:
            params[f"gamma{layer}"] = rng.uniform(1.5, 3, fan_out)
            params[f"beta{layer}"] = rng.normal(size=fan_out)
    return params


def network_scores(
    params: Params,
    x: np.ndarray,
    activation: str = "relu",
    norm: Callable[..., np.ndarray] | None = None,
) -> np.ndarray:
    """Return the scores; ``norm(layer, x, gamma, beta)`` is applied before each activation."""
    last = sum(name.startswith("W") for name in params)
    x = x.reshape(len(x), -1).astype(complex)
    for layer in range(1, last):
        x = affine(x, params[f"W{layer}"], params[f"b{layer}"])
        if norm:
            x = norm(layer, x, params[f"gamma{layer}"], params[f"beta{layer}"])
        x = elementwise(ACTIVATIONS[activation], x)
    return affine(x, params[f"W{last}"], params[f"b{last}"])


def train_norm(normalization: str | None) -> Callable[..., np.ndarray] | None:
    """Return the argument ``norm`` of ``network_scores`` for train mode."""
    if normalization is None:
        return None
    function = {"batchnorm": batchnorm, "layernorm": layernorm}[normalization]
    return lambda layer, x, gamma, beta: function(x, gamma, beta)


def network_buffers(
    params: Params, batches: Sequence[np.ndarray], activation: str = "relu"
) -> dict[int, Buffers]:
    """Return the buffers of each hidden layer after training on some batches."""
    seen: dict[int, list[np.ndarray]] = {}

    def watch(layer: int, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
        seen.setdefault(layer, []).append(x.real)
        return batchnorm(x, gamma, beta)

    for batch in batches:
        network_scores(params, batch, activation, watch)
    return {layer: running_buffers(inputs) for layer, inputs in seen.items()}


def eval_norm(buffers: dict[int, Buffers]) -> Callable[..., np.ndarray]:
    """Return the argument ``norm`` of ``network_scores`` for test mode."""
    return lambda layer, x, gamma, beta: batchnorm_test(x, gamma, beta, buffers[layer])


def network_loss(
    params: Params,
    x: np.ndarray,
    y: np.ndarray,
    activation: str = "relu",
    normalization: str | None = None,
    reg: float = 0.0,
) -> complex:
    """Return the mean cross-entropy in train mode plus half of reg times the squared weights."""
    scores = network_scores(params, x, activation, train_norm(normalization))
    losses = [cmath.log(sum(cmath.exp(v) for v in row)) - row[k] for row, k in zip(scores, y)]
    weights = [v for name, w in params.items() if name.startswith("W") for v in w.flat]
    return complex(sum(losses) / len(losses) + 0.5 * reg * sum(v * v for v in weights))


def network_gradients(params: Params, x: np.ndarray, y: np.ndarray, **options: Any) -> Params:
    """Return the gradient of ``network_loss`` for each parameter."""

    def forward(*values: np.ndarray) -> np.ndarray:
        return np.array(network_loss(dict(zip(params, values)), x, y, **options))

    return dict(zip(params, gradients(forward, tuple(params.values()), np.array(1.0))))


def assert_vanishes(name: str, got: np.ndarray, limit: float = 1e-12, **case: object) -> None:
    """Fail unless all values are 0 up to rounding; a relative error would make no sense."""
    largest = float(np.max(np.abs(got)))
    if not largest <= limit:
        got = f"up to {largest:.1e} in size"
        raise CheckFailed(f"{name} should be 0", case=describe(**case), expected="0", got=got)
