"""Preprocessing: everything is fitted on the training split."""

import numpy as np

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


@shapes(x_train="N ... finite")
def fit_mean(x_train):
    """Average over the examples."""
    return np.mean(x_train, axis=0)


@shapes(x_train="N H W C finite")
def fit_channel_mean(x_train):
    """Average over examples and pixels: make one long list of pixels."""
    C = x_train.shape[3]
    pixels = x_train.reshape(-1, C)
    return np.mean(pixels, axis=0)


@shapes(x="N ...")
def subtract_mean(x, mean):
    """Centre."""
    return x - mean


@shapes(x_train="N D finite")
def fit_standardize(x_train):
    """Mean and standard deviation of each feature."""
    mean = np.mean(x_train, axis=0)
    variance = np.mean((x_train - mean) ** 2, axis=0)
    std = np.sqrt(variance)
    return mean, std


@shapes(x="N D", mean="D", std="D")
def standardize(x, mean, std):
    """Centre and scale."""
    centered = x - mean
    return centered / (std + 1e-8)


@shapes(x_train="N D finite")
def fit_pca(x_train):
    """Diagonalise the covariance matrix."""
    N = x_train.shape[0]
    mean = np.mean(x_train, axis=0)
    centered = x_train - mean
    covariance = np.dot(centered.T, centered) / N
    eigenvalues, eigenvectors = np.linalg.eigh(covariance)
    order = np.argsort(eigenvalues)[::-1]  # the largest first
    variances = eigenvalues[order]
    components = eigenvectors[:, order]
    variances[variances < 0] = 0  # they are only negative because of rounding
    return mean, components, variances


@shapes(x="N D", mean="D", components="D K")
def apply_pca(x, mean, components):
    """Centre and rotate."""
    centered = x - mean
    return np.dot(centered, components)


@shapes(x="N D", mean="D", components="D K", variances="K")
def whiten(x, mean, components, variances, eps=1e-5):
    """Centre, rotate and scale."""
    rotated = apply_pca(x, mean, components)
    std = np.sqrt(variances + eps)
    return rotated / std
