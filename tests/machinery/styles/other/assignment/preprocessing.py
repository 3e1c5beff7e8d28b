"""Preprocessing with running means and the singular value decomposition."""

import math

import numpy as np

from assignment import helpers
from assignment.contracts import shapes

__all__ = [
    "apply_pca",
    "fit_channel_mean",
    "fit_mean",
    "fit_pca",
    "fit_standardize",
    "standardize",
    "subtract_mean",
    "whiten",
]


def _welford(rows):
    """Return mean and sum of squared distances, updated row by row (Welford 1962)."""
    mean, squares = np.zeros(rows.shape[1:]), np.zeros(rows.shape[1:])
    for count, row in enumerate(rows.astype(np.float64), start=1):
        step = row - mean
        mean = mean + step / count
        squares = squares + step * (row - mean)
    return mean, squares


def _demand_finite(where, value):
    helpers.demand_array(where, "x_train", value)
    if not np.isfinite(value).all():
        raise ValueError(f"{where}: x_train holds nan or infinity, expected finite numbers")


def fit_mean(x_train):
    """Update the mean with each example."""
    _demand_finite("fit_mean", x_train)
    return _welford(x_train)[0].astype(x_train.dtype)


def fit_channel_mean(x_train):
    """Sum exactly, channel by channel."""
    _demand_finite("fit_channel_mean", x_train)
    if x_train.ndim != 4:
        raise ValueError(f"fit_channel_mean: x_train has shape {x_train.shape}, expected 4 axes")
    channels = np.moveaxis(x_train, -1, 0).reshape(x_train.shape[-1], -1)
    means = [math.fsum(channel) / len(channel) for channel in channels.tolist()]
    return np.array(means, x_train.dtype)


def subtract_mean(x, mean):
    """Subtract, out of place."""
    helpers.demand_array("subtract_mean", "x", x)
    return np.subtract(x, np.broadcast_to(mean, x.shape))


@shapes(x_train="N D finite")
def fit_standardize(x_train):
    """Mean and root of the mean square distance."""
    mean, squares = _welford(x_train)
    return mean.astype(x_train.dtype), np.sqrt(squares / len(x_train)).astype(x_train.dtype)


@shapes(x="N D", mean="D", std="D")
def standardize(x, mean, std):
    """Column by column."""
    columns = [(x[:, d] - mean[d]) / (float(std[d]) + 1e-8) for d in range(x.shape[1])]
    return np.stack(columns, axis=1).astype(x.dtype)


def fit_pca(x_train):
    """Take the right singular vectors: no covariance matrix is needed."""
    _demand_finite("fit_pca", x_train)
    if x_train.ndim != 2:
        raise ValueError(f"fit_pca: x_train has shape {x_train.shape}, expected (N, D)")
    N, D = x_train.shape
    mean = _welford(x_train)[0]
    _, singular, vt = np.linalg.svd(x_train - mean, full_matrices=True)
    variances = np.zeros(D)
    variances[: len(singular)] = singular**2 / N
    return tuple(result.astype(x_train.dtype) for result in (mean, vt.T, variances))


def apply_pca(x, mean, components):
    """Multiply first and subtract the rotated mean afterwards would cancel: subtract first."""
    for name, value in (("x", x), ("mean", mean), ("components", components)):
        helpers.demand_array("apply_pca", name, value)
    helpers.demand_equal("apply_pca", "the length of components", len(components), x.shape[1])
    return np.einsum("nd,dk->nk", x - mean[np.newaxis], components)


@shapes(x="N D", mean="D", components="D K", variances="K")
def whiten(x, mean, components, variances, eps=1e-5):
    """Scale the components before the data is rotated onto them."""
    scaled = components * (variances.astype(np.float64) + eps) ** -0.5
    return ((x - mean).astype(np.float64) @ scaled).astype(x.dtype)
