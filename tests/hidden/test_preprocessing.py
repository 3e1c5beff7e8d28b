"""Preprocessing of unusual data: float32, constant features, few examples, far from 0."""

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
from assignment.support.testing.compare import assert_matches, call
from tests import oracles
from tests.array_kinds import each_kind


@pytest.mark.part("preprocessing.mean", points=0.25)
@each_kind
def test_means_take_any_array(draw, rng):
    """The three functions take float32, Fortran-ordered and non-contiguous arrays."""
    x_train, x_val = draw(rng, (5, 2, 3, 3)), draw(rng, (4, 2, 3, 3))
    mean = call(fit_mean, x_train, returns="mean")
    assert_matches("mean", mean, oracles.mean(x_train).astype(x_train.dtype), x_train=x_train)
    pixels = x_train.reshape(-1, 3)
    channel_mean = call(fit_channel_mean, x_train, returns="mean")
    expected = oracles.mean(pixels).astype(x_train.dtype)
    assert_matches("mean", channel_mean, expected, x_train=x_train)
    out = call(subtract_mean, x_val, mean, returns="out")
    assert_matches("out", out, np.array([image - mean for image in x_val]), x=x_val)


@pytest.mark.part("preprocessing.mean", points=0.5)
def test_means_of_one_example(rng):
    """One example is its own mean, and another split is centred with that of the training split."""
    x_train, x_test = rng.normal(size=(1, 2, 3, 3)), rng.normal(size=(1, 2, 3, 3))
    mean = call(fit_mean, x_train, returns="mean")
    assert_matches("mean", mean, x_train[0], x_train=x_train)
    out = call(subtract_mean, x_test, mean, returns="out")
    assert_matches("out", out[0], x_test[0] - x_train[0], x=x_test)
    mean = call(fit_channel_mean, x_train[:, :1, :1], returns="mean")
    assert_matches("mean", mean, x_train[0, 0, 0], x_train=x_train[:, :1, :1])


@pytest.mark.part("preprocessing.standardize", points=0.5)
@each_kind
def test_standardize_takes_any_array(draw, rng):
    """Both functions take float32, Fortran-ordered and non-contiguous arrays."""
    x_train, x = draw(rng, (7, 3)), draw(rng, (2, 3))
    got = call(fit_standardize, x_train, returns="mean std")
    std = np.array([oracles.covariance(x_train)[d, d] ** 0.5 for d in range(3)])
    expected = oracles.mean(x_train).astype(x.dtype), std.astype(x.dtype)
    assert_matches("mean std", got, expected, x_train=x_train)
    out = call(standardize, x, *expected, returns="out")
    by_hand = [[(v - m) / (s + 1e-8) for v, m, s in zip(row, *expected)] for row in x]
    assert_matches("out", out, np.array(by_hand, x.dtype), x=x)


@pytest.mark.part("preprocessing.standardize", points=0.5)
@pytest.mark.parametrize(
    ("center", "scale", "dtype", "rtol"),
    [
        (0, 1e-3, np.float64, 1e-4),
        (0, 1e3, np.float64, 1e-4),
        (1e4, 1, np.float32, 0.05),  # near 1e4 float32 has steps of 0.001, sums have 0.03
    ],
)
def test_standardize_scales(center, scale, dtype, rtol, rng):
    """Features small, large, constant or far from 0 all come out with mean 0, std 1 (or 0)."""
    x_train = rng.normal(center, scale, (50, 3)).astype(dtype)
    x_train[:, 1] = 0.5
    out = standardize(x_train, *fit_standardize(x_train))
    means, squares = oracles.mean(out), oracles.mean(out * out)
    assert_matches("1+mean", 1 + means, np.ones(3), rtol=rtol, x_train=x_train, scale=scale)
    assert_matches("std**2", squares, np.array([1, 0, 1.0]), rtol=rtol, x_train=x_train)


@pytest.mark.part("preprocessing.pca", points=0.75)
@pytest.mark.parametrize("shape", [(3, 8), (1, 3), (6, 1), (1, 1)], ids=str)
def test_fit_pca_few_examples(shape, rng):
    """With fewer examples than features there are still D components; no variance is below 0."""
    for _ in range(3):
        x_train = rng.normal(size=shape)
        mean, components, variances = call(fit_pca, x_train, returns="mean components variances")
        assert_matches("mean", mean, oracles.mean(x_train), x_train=x_train)
        assert np.shape(components) == (shape[1], shape[1])
        assert_matches("C.T@C", components.T @ components, np.eye(shape[1]), x_train=x_train)
        covariance = components * variances @ components.T
        scale = np.max(x_train**2)  # of one example all variances are 0
        wanted = oracles.covariance(x_train)
        assert_matches("covariance", covariance, wanted, scale=scale, x_train=x_train)
        assert min(variances) >= 0, f"a variance is negative: {min(variances)}"


@pytest.mark.part("preprocessing.pca", points=0.75)
@each_kind
def test_pca_takes_any_array(draw, rng):
    """Any kind of array will do, and D components rebuild another split."""
    x_train, x = draw(rng, (8, 3)), draw(rng, (4, 3))
    mean, components, _ = call(fit_pca, x_train, returns="mean components variances")
    out = call(apply_pca, x, mean, components, returns="out")
    assert_matches("out", out, oracles.affine(x - mean, components, np.zeros(3, x.dtype)), x=x)
    assert_matches("x", oracles.affine(out, components.T, mean), x, x=x, floor=1)


@pytest.mark.part("preprocessing.whiten", points=0.5)
@each_kind
def test_whiten_takes_any_array(draw, rng):
    """whiten takes float32, Fortran-ordered and non-contiguous arrays."""
    x, mean, components = draw(rng, (5, 4)), draw(rng, (4,)), draw(rng, (4, 3))
    variances = np.array([2, 1, 0.01], x.dtype)
    out = call(whiten, x, mean, components, variances, returns="out")
    rows = np.array([[v - m for v, m in zip(row, mean)] for row in x])
    roots = [(float(v) + 1e-5) ** 0.5 for v in variances]
    expected = oracles.affine(rows, components, np.zeros(3)) / roots
    assert_matches("out", out, expected.astype(x.dtype), x=x)


@pytest.mark.part("preprocessing.whiten", points=0.5)
def test_whiten_covariance(rng):
    """White training data has covariance 1; a direction without variance stays at 0, not nan."""
    x_train = rng.normal(size=(20, 3)) @ [[1, 2, 0, 1], [0, 1, -1, 1], [2, 0, 1, 0]] + 2.0
    white = call(whiten, x_train, *fit_pca(x_train), 1e-9, returns="out")
    expected = np.diag([1.0, 1, 1, 0])
    assert_matches("covariance", oracles.covariance(white), expected, rtol=1e-5, floor=1, x=x_train)
