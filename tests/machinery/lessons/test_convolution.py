"""The given convolution against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from assignment.affine import affine_forward
from assignment.support.lessons.convolution import conv2d


def convolve_in_loops(x, w, b):
    (N, _, H, W), (F, _, HH, WW) = x.shape, w.shape
    out = np.empty((N, F, H - HH + 1, W - WW + 1))
    for n, f, i, j in np.ndindex(out.shape):
        out[n, f, i, j] = np.sum(x[n, :, i : i + HH, j : j + WW] * w[f]) + b[f]
    return out


@pytest.mark.parametrize(
    ("image", "filters"),
    [((2, 3, 6, 7), (4, 3, 3, 2)), ((1, 1, 4, 4), (1, 1, 1, 1)), ((3, 2, 5, 4), (2, 2, 5, 4))],
    ids=str,
)
def test_values_are_those_of_a_plain_loop(image, filters):
    rng = np.random.default_rng(231)
    x, w, b = rng.normal(size=image), rng.normal(size=filters), rng.normal(size=filters[0])
    np.testing.assert_allclose(conv2d(x, w, b), convolve_in_loops(x, w, b), rtol=1e-12, atol=1e-12)


def test_a_filter_as_large_as_the_image_is_an_affine_layer():
    rng = np.random.default_rng(231)
    x, w, b = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(6, 2, 4, 5)), rng.normal(size=6)
    expected, _ = affine_forward(x, w.reshape(6, -1).T, b)
    np.testing.assert_allclose(conv2d(x, w, b)[:, :, 0, 0], expected, rtol=1e-12)


def test_a_shifted_image_has_a_shifted_feature_map():
    x = np.zeros((1, 1, 8, 8))
    x[0, 0, 2:4, 2:4] = [[1, 2], [3, 4]]
    w = np.random.default_rng(231).normal(size=(2, 1, 3, 3))
    still, moved = conv2d(x, w, np.zeros(2)), conv2d(np.roll(x, 2, axis=3), w, np.zeros(2))
    np.testing.assert_array_equal(moved[..., 2:], still[..., :-2])


def test_float32_is_kept_and_arguments_are_not_changed():
    x, w, b = (np.ones(shape, np.float32) for shape in ((2, 1, 4, 4), (3, 1, 2, 2), (3,)))
    for array in (x, w, b):
        array.flags.writeable = False
    out = conv2d(x, w, b)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, np.full((2, 3, 3, 3), 5.0))


@pytest.mark.parametrize(
    ("image", "filters", "bias", "message"),
    [
        ((2, 5, 5), (3, 1, 3, 3), 3, "expected .N, C, H, W., .F, C, HH, WW., .F,."),
        ((2, 5, 5, 3), (4, 3, 3, 3), 4, "x has shape .2, 5, 5, 3."),
        ((2, 3, 5, 5), (4, 3, 3, 3), 3, "b .3,."),
        ((2, 3, 5, 5), (4, 3, 3, 6), 4, "filters of .3, 6. on images of .5, 5."),
    ],
    ids=["no channels", "channels last", "bias", "filter too large"],
)
def test_shapes_that_do_not_fit_are_refused(image, filters, bias, message):
    with pytest.raises(ValueError, match=message):
        conv2d(np.ones(image), np.ones(filters), np.ones(bias))
