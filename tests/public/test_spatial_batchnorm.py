"""Spatial batch norm against loops over single numbers and the complex step."""

import pytest

from assignment.normalization import spatial_batchnorm_backward, spatial_batchnorm_forward
from assignment.support.testing.compare import assert_matches, call, call_twice, get_cache
from tests import oracles
from tests.oracles_normalization import batchnorm, batchnorm_test, running_buffers

BUFFERS = "running_mean running_var"


def draw(rng, shape):
    """Return images, gamma, beta and dout; each channel has a different mean and spread."""
    C = shape[1]
    means, spreads = rng.normal(size=(C, 1, 1)), rng.uniform(0.5, 3, (C, 1, 1))
    x = rng.normal(means, spreads, shape)
    return x, rng.uniform(1.5, 3, C), rng.uniform(-3, -1.5, C), rng.normal(size=shape)


@pytest.mark.part("spatial_batchnorm.forward", points=0.5)
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (4, 2, 3, 2)], ids=str)
def test_spatial_batchnorm_forward_train_values(shape, rng):
    """In train mode each channel is normalised over examples, height and width."""
    x, gamma, beta, _ = draw(rng, shape)
    bn_param = {"mode": "train", "eps": 0.5}
    out, _ = call_twice(spatial_batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta, 0.5), x=x, eps=0.5)


@pytest.mark.part("spatial_batchnorm.forward", points=0.5)
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


@pytest.mark.part("spatial_batchnorm.backward", points=1)
@pytest.mark.parametrize("shape", [(2, 3, 2, 4), (3, 2, 4, 2)], ids=str)
def test_spatial_batchnorm_backward_values(shape, rng):
    """spatial_batchnorm_backward gives the gradients of the forward formula."""
    x, gamma, beta, dout = draw(rng, shape)
    cache = get_cache(spatial_batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call_twice(spatial_batchnorm_backward, dout, cache, returns="dx dgamma dbeta")
    expected = oracles.gradients(batchnorm, (x, gamma, beta), dout)
    assert_matches("dx dgamma dbeta", got, expected, x=x)
