"""Spatial batch norm against loops over single numbers and the complex step."""

import numpy as np
import pytest

from assignment.normalization import spatial_batchnorm_backward, spatial_batchnorm_forward
from assignment.support.testing.compare import (
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    get_cache,
)
from tests import oracles
from tests.oracles_normalization import batchnorm, batchnorm_test, running_buffers

BUFFERS = "running_mean running_var"
GRADIENTS = "dx dgamma dbeta"
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def draw(rng, shape):
    """Return images, gamma, beta and dout; each channel has a different mean and spread."""
    C = shape[1]
    means, spreads = rng.normal(size=(C, 1, 1)), rng.uniform(0.5, 3, (C, 1, 1))
    x = rng.normal(means, spreads, shape)
    return x, rng.uniform(1.5, 3, C), rng.uniform(-3, -1.5, C), rng.normal(size=shape)


@pytest.mark.part("spatial_batchnorm.forward", points=0.25)
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (4, 2, 3, 2)], ids=str)
def test_spatial_batchnorm_forward_train_values(shape, rng):
    """In train mode each channel is normalised over examples, height and width."""
    x, gamma, beta, _ = draw(rng, shape)
    bn_param = {"mode": "train", "eps": 0.5}
    out, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta, 0.5), x=x, eps=0.5)


@pytest.mark.part("spatial_batchnorm.forward", points=0.25)
def test_spatial_batchnorm_forward_buffers(rng):
    """Training fills running statistics of shape (C,); test mode uses them and keeps them."""
    batches = [draw(rng, (n, 3, 4, 2))[0] for n in (2, 5)]
    bn_param = {"mode": "train", "momentum": 0.7}
    _, gamma, beta, _ = draw(rng, (2, 3, 4, 2))
    for x in batches:
        call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    buffers = running_buffers(batches, 0.7)
    bn_param["mode"] = "test"
    out, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    got = bn_param.get("running_mean"), bn_param.get("running_var")
    assert_matches(BUFFERS, got, buffers, x=x)
    assert_matches("out", out, batchnorm_test(x, gamma, beta, buffers), x=x, mode="test")


@pytest.mark.part("spatial_batchnorm.backward", points=0.5)
@pytest.mark.parametrize("shape", [(2, 3, 2, 4), (3, 2, 4, 2)], ids=str)
def test_spatial_batchnorm_backward_values(shape, rng):
    """spatial_batchnorm_backward gives the gradients of the forward formula."""
    x, gamma, beta, dout = draw(rng, shape)
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(spatial_batchnorm_backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(batchnorm, (x, gamma, beta), dout)
    assert_matches(GRADIENTS, got, expected, x=x)


def check_both_modes(train, test, x, gamma, beta):
    """Compare the output in train mode, and afterwards in test mode, with plain loops."""
    assert_matches("out", train, batchnorm(x, gamma, beta), x=x, mode="train")
    expected = batchnorm_test(x, gamma, beta, running_buffers([x]))
    assert_matches("out", test, expected, x=x, mode="test")


@pytest.mark.part("spatial_batchnorm.forward", points=0.25)
def test_spatial_batchnorm_forward_arguments(rng):
    """In both modes nothing but bn_param is changed, and a second call gives the same."""
    x, gamma, beta, _ = draw(rng, (2, 3, 4, 5))
    bn_param = {"mode": "train"}
    train, _ = call_twice(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    bn_param["mode"] = "test"
    test, _ = call_twice(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    check_both_modes(train, test, x, gamma, beta)


@pytest.mark.part("spatial_batchnorm.forward", points=0.25)
@each_dtype
def test_spatial_batchnorm_forward_dtypes(dtype, rng):
    """The output in both modes and the running statistics have the dtype of x."""
    x, gamma, beta, _ = (array.astype(dtype) for array in draw(rng, (2, 3, 4, 5)))
    bn_param = {"mode": "train"}
    train, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    buffers = bn_param.get("running_mean"), bn_param.get("running_var")
    bn_param["mode"] = "test"
    test, _ = call(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_dtypes("out", train, dtype, x=x, mode="train")
    assert_dtypes("out", test, dtype, x=x, mode="test")
    assert_dtypes(BUFFERS, buffers, dtype, x=x)
    check_both_modes(train, test, x, gamma, beta)


@pytest.mark.part("spatial_batchnorm.backward", points=0.25)
def test_spatial_batchnorm_backward_arguments(rng):
    """The backward pass leaves dout and cache as they are: a second call gives the same."""
    x, gamma, beta, dout = draw(rng, (2, 3, 2, 4))
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call_twice(spatial_batchnorm_backward, dout, cache, returns=GRADIENTS)
    assert_matches(GRADIENTS, got, oracles.gradients(batchnorm, (x, gamma, beta), dout), x=x)


@pytest.mark.part("spatial_batchnorm.backward", points=0.25)
@each_dtype
def test_spatial_batchnorm_backward_dtypes(dtype, rng):
    """The backward pass answers in the dtype of its inputs."""
    x, gamma, beta, dout = (array.astype(dtype) for array in draw(rng, (2, 3, 2, 4)))
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(spatial_batchnorm_backward, dout, cache, returns=GRADIENTS)
    assert_dtypes(GRADIENTS, got, dtype, dout=dout)
    assert_matches(GRADIENTS, got, oracles.gradients(batchnorm, (x, gamma, beta), dout), x=x)
