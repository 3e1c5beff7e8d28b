"""Batch norm on unusual inputs, and properties that hold at any size."""

import statistics
from functools import partial

import numpy as np
import pytest

from assignment.normalization import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
)
from assignment.support.testing.compare import assert_matches, call, get_cache
from tests import oracles
from tests.array_kinds import draw_float64, each_kind
from tests.oracles_normalization import (
    assert_vanishes,
    batchnorm,
    batchnorm_test,
    running_buffers,
)
from tests.slopes import assert_slopes

GRADIENTS = "dx dgamma dbeta"
BUFFERS = "running_mean running_var"
AWKWARD = [(1, 4), (6, 1), (1, 1), (5, 5), (2, 3)]
each_backward = pytest.mark.parametrize(
    "backward",
    [
        pytest.param(batchnorm_backward, marks=pytest.mark.part("batchnorm.backward", points=0.25)),
        pytest.param(
            batchnorm_backward_alt, marks=pytest.mark.part("batchnorm.backward_alt", points=0.25)
        ),
    ],
    ids=["node_by_node", "alt"],
)


@pytest.mark.part("batchnorm.forward", points=0.5)
@each_kind
def test_batchnorm_forward_takes_any_array(draw, rng):
    """batchnorm_forward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, gamma, beta = draw(rng, (6, 4)), draw(rng, (4,)), draw(rng, (4,))
    bn_param = {"mode": "train"}
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta).astype(x.dtype), floor=0.1, x=x)
    buffers = tuple(b.astype(x.dtype) for b in running_buffers([x]))
    got = bn_param["running_mean"], bn_param["running_var"]
    assert_matches(BUFFERS, got, buffers, floor=0.1, x=x)
    bn_param["mode"] = "test"
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    expected = batchnorm_test(x, gamma, beta, buffers).astype(x.dtype)
    assert_matches("out", out, expected, floor=0.1, x=x, mode="test")


@pytest.mark.part("batchnorm.forward", points=0.5)
@pytest.mark.parametrize("shape", AWKWARD, ids=str)
def test_batchnorm_forward_awkward_shapes(shape, rng):
    """batchnorm_forward works for one example, one feature, and as many of both."""
    x, gamma, beta, _ = draw_float64(rng, shape)
    bn_param = {"mode": "train"}
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta), x=x)
    got = bn_param["running_mean"], bn_param["running_var"]
    assert_matches(BUFFERS, got, running_buffers([x]), scale=np.max(x * x), x=x)


@pytest.mark.part("batchnorm.forward", points=0.5)
@pytest.mark.parametrize("momentum", [0, 0.3, 1])
def test_batchnorm_forward_momentum(momentum, rng):
    """Momentum 0 keeps the last batch only, 1 never moves the buffers; no setting is changed."""
    batches = [rng.normal(2, 3, (n, 4)) for n in (6, 4, 5)]
    settings = {"mode": "train", "momentum": momentum, "eps": 0.5}
    bn_param = dict(settings)
    for x in batches:
        call(batchnorm_forward, x, np.full(4, 2.0), np.ones(4), bn_param, returns="out cache")
    got = bn_param["running_mean"], bn_param["running_var"]
    assert_matches(BUFFERS, got, running_buffers(batches, momentum), momentum=momentum)
    assert {name: bn_param[name] for name in settings} == settings


@pytest.mark.part("batchnorm.forward", points=0.5)
def test_batchnorm_forward_far_from_zero(rng):
    """float32 features around 10,000 keep their digits: the mean comes off before the square."""
    # 8 whole numbers have an exact mean in any order of summation
    x = rng.integers(9_990, 10_010, (8, 5)).astype(np.float32)
    gamma, beta = np.full(5, 2, np.float32), np.full(5, -3, np.float32)
    out, _ = call(batchnorm_forward, x, gamma, beta, {"mode": "train"}, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta).astype(np.float32), floor=0.1, x=x)


@pytest.mark.part("batchnorm.forward", points=0.5)
def test_batchnorm_forward_test_mode_single_example(rng):
    """In test mode an example has the same output whatever stands beside it in the batch."""
    x, gamma, beta, _ = draw_float64(rng, (6, 3))
    bn_param = {"mode": "train"}
    batchnorm_forward(x, gamma, beta, bn_param)
    bn_param["mode"] = "test"
    out, _ = call(batchnorm_forward, x[2:3], gamma, beta, bn_param, returns="out cache")
    expected = batchnorm_test(x[2:3], gamma, beta, running_buffers([x]))
    assert_matches("out", out, expected, x=x[2:3], mode="test")


@each_backward
@each_kind
def test_batchnorm_backward_takes_any_array(backward, draw, rng):
    """The backward pass takes float32, Fortran-ordered and non-contiguous arrays."""
    x, gamma, beta, dout = (draw(rng, shape) for shape in [(6, 4), (4,), (4,), (6, 4)])
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(batchnorm, (x, gamma, beta), dout)
    expected = tuple(gradient.astype(x.dtype) for gradient in expected)
    assert_matches(GRADIENTS, got, expected, floor=0.1, x=x)


@each_backward
@pytest.mark.parametrize("shape", AWKWARD, ids=str)
def test_batchnorm_backward_awkward_shapes(backward, shape, rng):
    """The backward pass works for one example, one feature, and for a constant feature."""
    x, gamma, beta, dout = draw_float64(rng, shape)
    x[:, 0] = 2.5
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train", "eps": 0.5})
    got = call(backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(partial(batchnorm, eps=0.5), (x, gamma, beta), dout)
    # if x has no effect, the gradient is 0: a sum of terms of the size of dout
    assert_matches(GRADIENTS, got, expected, scale=1, x=x)


@each_backward
def test_batchnorm_backward_invariants(backward, rng):
    """Without any reference: dx sums to 0, sees eps along xhat, and doubles with dout."""
    x, gamma, beta, dout = draw_float64(rng, (40, 6))
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train", "eps": 0.5})
    dx, _, _ = call(backward, dout, cache, returns=GRADIENTS)
    assert_vanishes("the sum of dx over the batch", dx.sum(axis=0), x=x)
    xhat = batchnorm(x, np.ones(6), np.zeros(6), 0.5)
    var = np.array([statistics.pvariance(column) for column in x.T.tolist()])
    along_xhat = np.sum(gamma * dout * xhat, axis=0) * 0.5 / (var + 0.5) ** 1.5
    assert_matches("sum(xhat*dx)", np.sum(xhat * dx, axis=0), along_xhat, x=x, eps=0.5)
    doubled = call(backward, 2 * dout, cache, returns=GRADIENTS)
    assert_matches("dx", doubled[0], 2 * dx, x=x)


@pytest.mark.part("batchnorm.backward", points=0.5)
def test_batchnorm_backward_of_an_earlier_layer(rng):
    """batchnorm_backward uses the cache it is given, whatever was computed in between."""
    x, gamma, beta, dout = draw_float64(rng, (5, 3))
    bn_param = {"mode": "train"}
    cache = get_cache(batchnorm_forward, x, gamma, beta, bn_param)
    batchnorm_forward(2 * dout, beta, gamma, bn_param)
    batchnorm_forward(dout, beta, gamma, bn_param | {"mode": "test"})
    got = call(batchnorm_backward, dout, cache, returns=GRADIENTS)
    assert_matches(GRADIENTS, got, oracles.gradients(batchnorm, (x, gamma, beta), dout), x=x)


def normalize_columns(x, gamma, beta):
    """Return the output of batch norm on whole arrays, complex ones included."""
    s = x - np.mean(x, axis=0)
    return gamma * s / np.sqrt(np.mean(s * s, axis=0) + 1e-5) + beta


def check_at_full_size(backward, rng):
    """Compare slopes for a large batch."""
    x, gamma, beta, dout = draw_float64(rng, (500, 320))
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(backward, dout, cache, returns=GRADIENTS)
    assert_slopes(GRADIENTS, got, normalize_columns, (x, gamma, beta), dout, rng)


@pytest.mark.part("batchnorm.backward", points=1.5)
def test_batchnorm_backward_at_full_size(rng):
    """A large batch takes a few operations on arrays, not a forward pass for each number."""
    check_at_full_size(batchnorm_backward, rng)


@pytest.mark.part("batchnorm.backward_alt", points=1)
def test_batchnorm_backward_alt_at_full_size(rng):
    """A large batch takes a few operations on arrays, not a forward pass for each number."""
    check_at_full_size(batchnorm_backward_alt, rng)
