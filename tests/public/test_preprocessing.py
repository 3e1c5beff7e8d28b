"""Preprocessing against loops, and against what the transformed data must look like."""

import math

import numpy as np
import pytest

from assignment.preprocessing import (
    apply_pca,
    fit_channel_mean,
    fit_mean,
    fit_pca,
    fit_standardize,
    standardize,
    subtract_mean,
    whiten,
)
from assignment.support.compare import assert_matches, call
from tests import oracles


def draw_correlated(rng, N, D):
    """Return data whose features differ in mean and scale and depend on each other."""
    return rng.normal(size=(N, D)) * rng.uniform(0.5, 3, D) @ rng.normal(size=(D, D)) + 5


@pytest.mark.part("preprocessing.mean", points=0.5)
@pytest.mark.parametrize("shape", [(6, 4), (4, 4), (5, 3, 2, 3)], ids=str)
def test_fit_mean(shape, rng):
    """fit_mean averages over the examples only: one number a feature or pixel."""
    x_train = rng.normal(3, 2, shape)
    mean = call(fit_mean, x_train, returns="mean")
    assert_matches("mean", mean, oracles.mean(x_train), x_train=x_train)


@pytest.mark.part("preprocessing.mean", points=1)
@pytest.mark.parametrize("shape", [(2, 4, 5, 3), (3, 3, 3, 3)], ids=str)
def test_fit_channel_mean(shape, rng):
    """fit_channel_mean averages over examples, rows and columns: one number a channel."""
    x_train = rng.normal(3, 2, shape)
    expected = [math.fsum(x_train[..., c].flat) / x_train[..., c].size for c in range(3)]
    mean = call(fit_channel_mean, x_train, returns="mean")
    assert_matches("mean", mean, np.array(expected), x_train=x_train)


@pytest.mark.part("preprocessing.mean", points=0.5)
@pytest.mark.parametrize("mean_shape", [(2, 4, 3), (3,)], ids=str)
def test_subtract_mean(mean_shape, rng):
    """subtract_mean takes off the mean it is given, whichever split it works on."""
    x, mean = rng.normal(size=(5, 2, 4, 3)), rng.normal(size=mean_shape)
    out = call(subtract_mean, x, mean, returns="out")
    expected = x.copy()
    for n, h, w, c in np.ndindex(x.shape):
        expected[n, h, w, c] -= mean[c] if mean_shape == (3,) else mean[h, w, c]
    assert_matches("out", out, expected, x=x, mean=mean)


@pytest.mark.part("preprocessing.standardize", points=0.5)
@pytest.mark.parametrize("shape", [(6, 4), (4, 4), (2, 3)], ids=str)
def test_fit_standardize(shape, rng):
    """fit_standardize returns mean and biased standard deviation of each feature."""
    x_train = rng.normal(rng.normal(size=shape[1]), rng.uniform(0.5, 3, shape[1]), shape)
    variances = [oracles.covariance(x_train)[d, d] for d in range(shape[1])]
    expected = oracles.mean(x_train), np.array([math.sqrt(v) for v in variances])
    got = call(fit_standardize, x_train, returns="mean std")
    assert_matches("mean std", got, expected, x_train=x_train)


@pytest.mark.part("preprocessing.standardize", points=0.5)
def test_standardize(rng):
    """The mean and std handed in are used; a constant feature becomes 0."""
    x, mean, std = rng.normal(size=(5, 4)), rng.normal(size=4), rng.uniform(0.5, 3, 4)
    x[:, 2], mean[2], std[2] = 7, 7, 0
    out = call(standardize, x, mean, std, returns="out")
    expected = np.empty_like(x)
    for n, d in np.ndindex(x.shape):
        expected[n, d] = (x[n, d] - mean[d]) / (std[d] + 1e-8)
    assert_matches("out", out, expected, x=x, mean=mean, std=std)


@pytest.mark.part("preprocessing.pca", points=1)
@pytest.mark.parametrize("shape", [(9, 4), (5, 5), (40, 2)], ids=str)
def test_fit_pca(shape, rng):
    """The columns of components are orthonormal eigenvectors, the largest variance first."""
    x_train = draw_correlated(rng, *shape)
    mean, components, variances = call(fit_pca, x_train, returns="mean components variances")
    assert_matches("mean", mean, oracles.mean(x_train), x_train=x_train)
    products = components.T @ components
    assert_matches("components.T@components", products, np.eye(shape[1]), x_train=x_train)
    stretched = oracles.covariance(x_train) @ components
    assert_matches("covariance@components", stretched, components * variances, x_train=x_train)
    in_order = np.array(sorted(variances, reverse=True))
    assert_matches("variances", variances, in_order, x_train=x_train)


@pytest.mark.part("preprocessing.pca", points=0.5)
@pytest.mark.parametrize("K", [4, 2])
def test_apply_pca(K, rng):
    """apply_pca takes off the mean it is given and multiplies by the components."""
    x, mean, components = rng.normal(size=(5, 4)), rng.normal(size=4), rng.normal(size=(4, K))
    out = call(apply_pca, x, mean, components, returns="out")
    distance = np.array([[v - m for v, m in zip(row, mean)] for row in x])
    assert_matches("out", out, oracles.affine(distance, components, np.zeros(K)), x=x, K=K)


@pytest.mark.part("preprocessing.pca", points=0.5)
def test_pca_decorrelates(rng):
    """Rotated training data has no correlations left, and the rotation can be undone."""
    x_train = draw_correlated(rng, 30, 4)
    mean, components, variances = fit_pca(x_train)
    rotated = apply_pca(x_train, mean, components)
    covariance = oracles.covariance(rotated)
    assert_matches("covariance", covariance, np.diag(variances), x_train=x_train)
    assert_matches("x", oracles.affine(rotated, components.T, mean), x_train, x_train=x_train)


@pytest.mark.part("preprocessing.whiten", points=1)
@pytest.mark.parametrize("options", [(), (0.5,)], ids=["eps-1e-5", "eps-0.5"])
@pytest.mark.parametrize("K", [4, 2])
def test_whiten(K, options, rng):
    """Each rotated value is divided by the root of its component's variance plus eps."""
    x, mean, components = rng.normal(size=(5, 4)), rng.normal(size=4), rng.normal(size=(4, K))
    variances, eps = np.array([9, 2, 0.3, 1e-3])[:K], options[0] if options else 1e-5
    out = call(whiten, x, mean, components, variances, *options, returns="out")
    distance = np.array([[v - m for v, m in zip(row, mean)] for row in x])
    expected = oracles.affine(distance, components, np.zeros(K))
    for n, k in np.ndindex(expected.shape):
        expected[n, k] /= math.sqrt(variances[k] + eps)
    assert_matches("out", out, expected, x=x, variances=variances, eps=eps)
