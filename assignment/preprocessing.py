"""Preprocessing: every statistic is fitted on the training split and applied to all splits."""

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
    """Return the mean of each feature, for images the mean image (part preprocessing.mean).

    Parameters
    ----------
    x_train : float array, shape (N, d_1, ..., d_k)

    Returns
    -------
    mean : float array, shape (d_1, ..., d_k), in the dtype of x_train
    """
    ### BEGIN SOLUTION
    return x_train.mean(axis=0, dtype=np.float64).astype(x_train.dtype)
    ### END SOLUTION


@shapes(x_train="N H W C finite")
def fit_channel_mean(x_train):
    """Return the mean of each colour channel (part preprocessing.mean).

    Parameters
    ----------
    x_train : float array, shape (N, H, W, C)

    Returns
    -------
    mean : float array, shape (C,), in the dtype of x_train
    """
    ### BEGIN SOLUTION
    return x_train.mean(axis=(0, 1, 2), dtype=np.float64).astype(x_train.dtype)
    ### END SOLUTION


@shapes(x="N ...")
def subtract_mean(x, mean):
    """Return ``x - mean`` for any split (part preprocessing.mean).

    Parameters
    ----------
    x : float array, shape (N, d_1, ..., d_k)
    mean : float array from fit_mean or fit_channel_mean
        It broadcasts over the examples, the channel mean over the pixels too.

    Returns
    -------
    out : float array like x; x itself is not changed
    """
    ### BEGIN SOLUTION
    return x - mean
    ### END SOLUTION


@shapes(x_train="N D finite")
def fit_standardize(x_train):
    """Return what standardize needs (part preprocessing.standardize).

    Parameters
    ----------
    x_train : float array, shape (N, D)

    Returns
    -------
    mean, std : float arrays, shape (D,), in the dtype of x_train
        The standard deviation is the biased one (divided by N).
    """
    ### BEGIN SOLUTION
    mean = x_train.mean(axis=0, dtype=np.float64)
    std = x_train.std(axis=0, dtype=np.float64)
    return mean.astype(x_train.dtype), std.astype(x_train.dtype)
    ### END SOLUTION


@shapes(x="N D", mean="D", std="D")
def standardize(x, mean, std):
    """Give each feature mean 0 and standard deviation 1 (part preprocessing.standardize).

    Parameters
    ----------
    x : float array, shape (N, D)
        Any split.
    mean, std : float arrays, shape (D,), from fit_standardize

    Returns
    -------
    out : float array like x

    Notes
    -----
    Find the shift and the scale from this condition; notebook 3, section 2, has the result. A
    constant feature (std 0, the corner pixels of many data sets) becomes 0, not nan: add 1e-8
    to std.
    """
    ### BEGIN SOLUTION
    return (x - mean) / (std + 1e-8)
    ### END SOLUTION


@shapes(x_train="N D finite")
def fit_pca(x_train):
    """Return the principal components of the training split (part preprocessing.pca).

    Parameters
    ----------
    x_train : float array, shape (N, D)

    Returns
    -------
    mean : float array, shape (D,)
    components : float array, shape (D, D)
        Column k is the unit eigenvector of the covariance (divided by N) with the k-th largest
        eigenvalue. Its sign is free.
    variances : float array, shape (D,)
        The eigenvalues, largest first, none negative.
    """
    ### BEGIN SOLUTION
    mean = x_train.mean(axis=0, dtype=np.float64)
    centered = x_train - mean
    covariance = centered.T @ centered / len(x_train)
    variances, components = np.linalg.eigh(covariance)  # smallest first
    variances = np.maximum(variances[::-1], 0)  # rounding may leave -1e-17
    dtype = x_train.dtype
    return mean.astype(dtype), components[:, ::-1].astype(dtype), variances.astype(dtype)
    ### END SOLUTION


@shapes(x="N D", mean="D", components="D K")
def apply_pca(x, mean, components):
    """Rotate the centred data onto the components (part preprocessing.pca).

    Parameters
    ----------
    x : float array, shape (N, D)
        Any split.
    mean : float array, shape (D,), from fit_pca
    components : float array, shape (D, K)
        All components of fit_pca, or the first K columns to reduce the dimension.

    Returns
    -------
    out : float array, shape (N, K), in the dtype of x
    """
    ### BEGIN SOLUTION
    return (x - mean) @ components
    ### END SOLUTION


@shapes(x="N D", mean="D", components="D K", variances="K")
def whiten(x, mean, components, variances, eps=1e-5):
    """Rotate as apply_pca does, then give each component variance 1 (part preprocessing.whiten).

    Parameters
    ----------
    x : float array, shape (N, D)
        Any split.
    mean, components, variances : float arrays from fit_pca
    eps : float
        Added to each variance before it is used; it keeps directions without variance small.

    Notes
    -----
    By what must a number be divided for its variance to become 1? Notebook 3, section 4, has the
    hint and the result.

    Returns
    -------
    out : float array, shape (N, K), in the dtype of x
    """
    ### BEGIN SOLUTION
    return apply_pca(x, mean, components) / np.sqrt(variances + eps)
    ### END SOLUTION
