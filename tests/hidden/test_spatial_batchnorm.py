"""Spatial batch norm on unusual inputs."""

from functools import partial

import numpy as np
import pytest

from assignment.normalization import spatial_batchnorm_backward, spatial_batchnorm_forward
from assignment.support.testing.compare import assert_matches, call, get_cache
from tests import oracles
from tests.array_kinds import draw_float64, each_kind
from tests.oracles_normalization import batchnorm, batchnorm_test, running_buffers
from tests.slopes import assert_slopes

GRADIENTS = "dx dgamma dbeta"
BUFFERS = "running_mean running_var"
AWKWARD = [(1, 3, 4, 2), (4, 1, 2, 3), (5, 3, 1, 1), (2, 2, 2, 2), (1, 2, 1, 1)]
each_shape = pytest.mark.parametrize("shape", AWKWARD, ids=str)


@pytest.mark.part("spatial_batchnorm.forward", points=0.5)
@each_kind
def test_spatial_batchnorm_forward_takes_any_array(draw, rng):
    """The forward pass takes float32, Fortran-ordered and non-contiguous images."""
    x, gamma, beta = draw(rng, (2, 3, 4, 2)), draw(rng, (3,)), draw(rng, (3,))
    bn_param = {"mode": "train"}
    out, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta).astype(x.dtype), floor=0.1, x=x)
    buffers = tuple(b.astype(x.dtype) for b in running_buffers([x]))
    got = bn_param["running_mean"], bn_param["running_var"]
    assert_matches(BUFFERS, got, buffers, floor=0.1, x=x)


@pytest.mark.part("spatial_batchnorm.forward", points=0.5)
@each_shape
def test_spatial_batchnorm_forward_awkward_shapes(shape, rng):
    """Both modes work for one image, one channel, one pixel, and when all axes are as long."""
    x, gamma, beta, _ = draw_float64(rng, shape)
    bn_param = {"mode": "train", "eps": 0.5}
    out, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta, 0.5), x=x)
    bn_param["mode"] = "test"
    out, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    expected = batchnorm_test(x, gamma, beta, running_buffers([x]), 0.5)
    assert_matches("out", out, expected, x=x, mode="test")


@pytest.mark.part("spatial_batchnorm.backward", points=0.25)
@each_kind
def test_spatial_batchnorm_backward_takes_any_array(draw, rng):
    """The backward pass takes float32, Fortran-ordered and non-contiguous images."""
    shape = (2, 3, 2, 4)
    x, gamma, beta, dout = (draw(rng, s) for s in [shape, (3,), (3,), shape])
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(spatial_batchnorm_backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(batchnorm, (x, gamma, beta), dout)
    expected = tuple(gradient.astype(x.dtype) for gradient in expected)
    assert_matches(GRADIENTS, got, expected, floor=0.1, x=x)


@pytest.mark.part("spatial_batchnorm.backward", points=0.25)
@each_shape
def test_spatial_batchnorm_backward_awkward_shapes(shape, rng):
    """The backward pass works for one image, one channel, one pixel, and a constant channel."""
    x, gamma, beta, dout = draw_float64(rng, shape)
    x[:, 0] = 2.5
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train", "eps": 0.5})
    got = call(spatial_batchnorm_backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(partial(batchnorm, eps=0.5), (x, gamma, beta), dout)
    # if x has no effect, the gradient is 0: a sum of terms of the size of dout
    assert_matches(GRADIENTS, got, expected, scale=1, x=x)


def normalize_channels(x, gamma, beta):
    """Return the output of spatial batch norm on whole arrays, complex ones included."""
    s = x - np.mean(x, axis=(0, 2, 3), keepdims=True)
    var = np.mean(s * s, axis=(0, 2, 3), keepdims=True)
    return gamma[:, None, None] * s / np.sqrt(var + 1e-5) + beta[:, None, None]


@pytest.mark.part("spatial_batchnorm.backward", points=0.5)
def test_spatial_batchnorm_backward_at_full_size(rng):
    """A batch of real images takes a few operations on arrays, not a pass for each number."""
    x, gamma, beta, dout = draw_float64(rng, (12, 100, 10, 10))
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(spatial_batchnorm_backward, dout, cache, returns=GRADIENTS)
    assert_slopes(GRADIENTS, got, normalize_channels, (x, gamma, beta), dout, rng)
