"""Preprocessing against loops, and against known properties of the transformed data."""

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
from assignment.support.testing.compare import assert_dtypes, assert_matches, call, call_twice
from tests import oracles

each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def draw_correlated(rng, N, D):
    """Return data with correlated features that differ in mean and scale."""
    return rng.normal(size=(N, D)) * rng.uniform(0.5, 3, D) @ rng.normal(size=(D, D)) + 5


@pytest.mark.part("preprocessing.mean", points=0.25)
@pytest.mark.parametrize("shape", [(6, 4), (4, 4), (5, 3, 2, 3)], ids=str)
@each_dtype
def test_fit_mean(dtype, shape, rng):
    """fit_mean averages over the examples only: one number a feature or pixel."""
    x_train = rng.normal(3, 2, shape).astype(dtype)
    mean = call(fit_mean, x_train, returns="mean")
    assert_matches("mean", mean, oracles.mean(x_train).astype(dtype), floor=0.1, x_train=x_train)


@pytest.mark.part("preprocessing.mean", points=0.25)
@pytest.mark.parametrize("shape", [(2, 4, 5, 3), (3, 3, 3, 3)], ids=str)
@each_dtype
def test_fit_channel_mean(dtype, shape, rng):
    """fit_channel_mean averages over examples, rows and columns: one number a channel."""
    x_train = rng.normal(3, 2, shape).astype(dtype)
    expected = [math.fsum(x_train[..., c].flat) / x_train[..., c].size for c in range(3)]
    mean = call(fit_channel_mean, x_train, returns="mean")
    assert_matches("mean", mean, np.array(expected, dtype), floor=0.1, x_train=x_train)


@pytest.mark.part("preprocessing.mean", points=0.25)
@pytest.mark.parametrize("mean_shape", [(2, 4, 3), (3,)], ids=str)
@each_dtype
def test_subtract_mean(dtype, mean_shape, rng):
    """subtract_mean takes off the mean it is given, whichever split it works on."""
    x, mean = rng.normal(size=(5, 2, 4, 3)).astype(dtype), rng.normal(size=mean_shape).astype(dtype)
    out = call(subtract_mean, x, mean, returns="out")
    expected = x.copy()
    for n, h, w, c in np.ndindex(x.shape):
        expected[n, h, w, c] -= mean[c] if mean_shape == (3,) else mean[h, w, c]
    assert_matches("out", out, expected, x=x, mean=mean)


@pytest.mark.part("preprocessing.standardize", points=0.25)
@pytest.mark.parametrize("shape", [(6, 4), (4, 4), (2, 3)], ids=str)
@each_dtype
def test_fit_standardize(dtype, shape, rng):
    """fit_standardize returns mean and biased standard deviation of each feature."""
    x_train = rng.normal(rng.normal(size=shape[1]), 2, shape).astype(dtype)
    variances = [oracles.covariance(x_train)[d, d] for d in range(shape[1])]
    std = np.array([math.sqrt(v) for v in variances], dtype)
    got = call(fit_standardize, x_train, returns="mean std")
    expected = oracles.mean(x_train).astype(dtype), std
    assert_matches("mean std", got, expected, floor=0.1, x_train=x_train)


def scale(x, mean, std):
    """Return the expected result of standardize, one number at a time."""
    expected = np.empty_like(x)
    for n, d in np.ndindex(x.shape):
        expected[n, d] = (float(x[n, d]) - float(mean[d])) / (float(std[d]) + 1e-8)
    return expected


@pytest.mark.part("preprocessing.standardize", points=0.25)
@each_dtype
def test_standardize(dtype, rng):
    """The mean and std handed in are used; 1e-8 more than std turns a constant feature into 0."""
    x, mean = rng.normal(size=(5, 4)).astype(dtype), rng.normal(size=4).astype(dtype)
    std = np.array([2, 1e-3, 0, 0.5], dtype)
    x[:, 2] = mean[2] = 7
    out = call(standardize, x, mean, std, returns="out")
    assert_matches("out", out, scale(x, mean, std), x=x, mean=mean, std=std)


@pytest.mark.part("preprocessing.pca", points=1)
@pytest.mark.parametrize("shape", [(9, 4), (5, 5), (3, 6)], ids=str)
def test_fit_pca(shape, rng):
    """The columns of components are orthonormal eigenvectors, the largest variance first."""
    x_train = draw_correlated(rng, *shape)
    mean, components, variances = call(fit_pca, x_train, returns="mean components variances")
    assert_matches("mean", mean, oracles.mean(x_train), x_train=x_train)
    found = np.shape(components)
    assert found == (shape[1], shape[1]), f"components of shape {found}, not (D, D)"
    products = components.T @ components
    assert_matches("components.T@components", products, np.eye(shape[1]), x_train=x_train)
    stretched = oracles.covariance(x_train) @ components
    assert_matches("covariance@components", stretched, components * variances, x_train=x_train)
    in_order = np.array(sorted(variances, reverse=True))
    assert_matches("variances", variances, in_order, x_train=x_train)


def draw_fitted(rng, K, dtype):
    """Return x, and a mean and components as if fitted on other data."""
    return tuple(rng.normal(size=shape).astype(dtype) for shape in [(5, 4), (4,), (4, K)])


def rotate(x, mean, components):
    """Return the expected result of apply_pca in float64, one product at a time."""
    distances = np.array([[float(v) - float(m) for v, m in zip(row, mean)] for row in x])
    return oracles.affine(distances, components, np.zeros(components.shape[1]))


@pytest.mark.part("preprocessing.pca", points=0.5)
@pytest.mark.parametrize("K", [4, 2])
@each_dtype
def test_apply_pca(dtype, K, rng):
    """apply_pca takes off the mean it is given and multiplies by the components."""
    x, mean, components = draw_fitted(rng, K, dtype)
    out = call(apply_pca, x, mean, components, returns="out")
    assert_matches("out", out, rotate(x, mean, components).astype(dtype), floor=0.1, x=x, K=K)


@pytest.mark.part("preprocessing.pca", points=0.5)
def test_pca_decorrelates(rng):
    """Rotated training data has no correlations left, and the rotation can be undone."""
    x_train = draw_correlated(rng, 30, 4)
    mean, components, variances = call(fit_pca, x_train, returns="mean components variances")
    rotated = call(apply_pca, x_train, mean, components, returns="out")
    covariance = oracles.covariance(rotated)
    assert_matches("covariance", covariance, np.diag(variances), x_train=x_train)
    assert_matches("x", oracles.affine(rotated, components.T, mean), x_train, x_train=x_train)


@pytest.mark.part("preprocessing.whiten", points=0.5)
@pytest.mark.parametrize("options", [(), (0.5,)], ids=["eps-1e-5", "eps-0.5"])
@pytest.mark.parametrize(("K", "dtype"), [(4, np.float64), (2, np.float32)])
def test_whiten(K, dtype, options, rng):
    """Each rotated value is divided by the root of its component's variance plus eps."""
    x, mean, components = draw_fitted(rng, K, dtype)
    variances, eps = np.array([9, 0.01, 2, 1e-3], dtype)[:K], options[0] if options else 1e-5
    out = call(whiten, x, mean, components, variances, *options, returns="out")
    expected = rotate(x, mean, components)
    for n, k in np.ndindex(expected.shape):
        expected[n, k] /= math.sqrt(variances[k] + eps)
    assert_matches("out", out, expected.astype(dtype), floor=0.1, x=x, variances=variances, eps=eps)


def check_means(results, x, mean):
    """Compare mean image, channel mean and centred images with exact sums."""
    expected = oracles.mean(x), oracles.mean(x.reshape(-1, 3)), np.array([v - mean for v in x])
    assert_matches("mean channel_mean out", results, expected, floor=0.1, x=x)


@pytest.mark.part("preprocessing.mean", points=0.25)
def test_mean_arguments(rng):
    """The three functions leave their arguments as they are, and a second call gives the same."""
    x, mean = rng.normal(size=(5, 2, 4, 3)), rng.normal(size=(2, 4, 3))
    image, channels = (
        call_twice(fit_mean, x, returns="mean"),
        call_twice(fit_channel_mean, x, returns="mean"),
    )
    check_means((image, channels, call_twice(subtract_mean, x, mean, returns="out")), x, mean)


@pytest.mark.part("preprocessing.mean", points=0.25)
@each_dtype
def test_mean_dtypes(dtype, rng):
    """The three functions answer in the dtype of the images."""
    x, mean = (rng.normal(size=shape).astype(dtype) for shape in [(5, 2, 4, 3), (2, 4, 3)])
    image, channels = call(fit_mean, x, returns="mean"), call(fit_channel_mean, x, returns="mean")
    results = image, channels, call(subtract_mean, x, mean, returns="out")
    assert_dtypes("mean channel_mean out", results, dtype, x=x)
    check_means(results, x, mean)


def draw_standardize(rng, dtype):
    """Return x, and a mean and a std as if fitted on other data."""
    arrays = rng.normal(size=(5, 4)), rng.normal(size=4), rng.uniform(1, 2, 4)
    return tuple(array.astype(dtype) for array in arrays)


def check_standardize(fitted, out, x, mean, std):
    """Compare what was fitted on x, and x standardised with mean and std, with exact sums."""
    stds = np.sqrt(np.diag(oracles.covariance(x)))
    assert_matches("mean std", fitted, (oracles.mean(x), stds), floor=0.1, x_train=x)
    assert_matches("out", out, scale(x, mean, std), x=x)


@pytest.mark.part("preprocessing.standardize", points=0.25)
def test_standardize_arguments(rng):
    """Both functions leave their arguments as they are, and a second call gives the same."""
    x, mean, std = draw_standardize(rng, np.float64)
    fitted = call_twice(fit_standardize, x, returns="mean std")
    check_standardize(fitted, call_twice(standardize, x, mean, std, returns="out"), x, mean, std)


@pytest.mark.part("preprocessing.standardize", points=0.25)
@each_dtype
def test_standardize_dtypes(dtype, rng):
    """Both functions answer in the dtype of the features."""
    x, mean, std = draw_standardize(rng, dtype)
    fitted = call(fit_standardize, x, returns="mean std")
    out = call(standardize, x, mean, std, returns="out")
    assert_dtypes("mean std out", (*fitted, out), dtype, x=x)
    check_standardize(fitted, out, x, mean, std)


FITTED = "mean components variances"


def check_pca(fitted, out, x, mean, components):
    """Compare what was fitted on x, and x rotated with mean and components, with plain loops."""
    own_mean, own_components, variances = fitted
    rebuilt = own_components * variances @ own_components.T
    expected = oracles.mean(x), oracles.covariance(x), rotate(x, mean, components)
    assert_matches("mean covariance out", (own_mean, rebuilt, out), expected, floor=0.1, x=x)


@pytest.mark.part("preprocessing.pca", points=0.25)
def test_pca_arguments(rng):
    """Both functions leave their arguments as they are, and a second call gives the same."""
    x, mean, components = draw_fitted(rng, 4, np.float64)
    fitted = call_twice(fit_pca, x, returns=FITTED)
    check_pca(
        fitted, call_twice(apply_pca, x, mean, components, returns="out"), x, mean, components
    )


@pytest.mark.part("preprocessing.pca", points=0.25)
@each_dtype
def test_pca_dtypes(dtype, rng):
    """Both functions answer in the dtype of the features."""
    x, mean, components = draw_fitted(rng, 4, dtype)
    fitted = call(fit_pca, x, returns=FITTED)
    out = call(apply_pca, x, mean, components, returns="out")
    assert_dtypes(f"{FITTED} out", (*fitted, out), dtype, x=x)
    check_pca(fitted, out, x, mean, components)


@pytest.mark.part("preprocessing.whiten", points=0.25)
def test_whiten_arguments(rng):
    """whiten leaves its arguments as they are, and a second call gives the same."""
    x, mean, components = draw_fitted(rng, 4, np.float64)
    variances = rng.uniform(1, 2, 4)
    out = call_twice(whiten, x, mean, components, variances, returns="out")
    assert_matches("out", out, rotate(x, mean, components) / np.sqrt(variances + 1e-5), x=x)


@pytest.mark.part("preprocessing.whiten", points=0.25)
@each_dtype
def test_whiten_dtypes(dtype, rng):
    """whiten answers in the dtype of x."""
    x, mean, components = draw_fitted(rng, 4, dtype)
    variances = rng.uniform(1, 2, 4).astype(dtype)
    out = call(whiten, x, mean, components, variances, returns="out")
    assert_dtypes("out", out, dtype, x=x)
    assert_matches("out", out, rotate(x, mean, components) / np.sqrt(variances + 1e-5), x=x)
