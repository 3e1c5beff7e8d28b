"""Batch norm against loops over single numbers, and its gradients against the complex step."""

from functools import partial

import numpy as np
import pytest

from assignment.normalization import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
)
from assignment.support.testing.compare import (
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    get_cache,
)
from tests import oracles
from tests.oracles_normalization import batchnorm, batchnorm_test, running_buffers

SHAPES = [(5, 3), (3, 7), (8, 2)]
GRADIENTS = "dx dgamma dbeta"
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
each_eps = pytest.mark.parametrize("eps", [1e-5, 0.5])
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])
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


def draw(rng, shape):
    """Return x, gamma, beta and dout; gamma is far from 1, beta and dout from 0 and 1."""
    D = shape[1]
    x = rng.normal(rng.normal(size=D), rng.uniform(0.5, 3, D), shape)
    return x, rng.uniform(1.5, 3, D), rng.uniform(-3, -1.5, D), rng.normal(size=shape)


@pytest.mark.part("batchnorm.forward", points=0.75)
@each_eps
@each_shape
def test_batchnorm_forward_train_values(shape, eps, rng):
    """In train mode batchnorm_forward gives the values of a plain loop."""
    x, gamma, beta, _ = draw(rng, shape)
    bn_param = {"mode": "train", "eps": eps}
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta, eps), x=x, eps=eps)


@pytest.mark.part("batchnorm.forward", points=0.5)
def test_batchnorm_forward_needs_eps(rng):
    """eps, 1e-5 unless bn_param says otherwise, keeps a constant feature finite in both modes."""
    x, gamma, beta, _ = draw(rng, (4, 3))
    x[:, 1] = 2.5
    bn_param = {"mode": "train"}
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta), x=x)
    bn_param = {"mode": "test", "running_mean": x[0], "running_var": np.array([4, 0, 1e-4])}
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm_test(x, gamma, beta, (x[0], [4, 0, 1e-4])), x=x)


@pytest.mark.part("batchnorm.forward", points=0.75)
@pytest.mark.parametrize("momentum", [0.9, 0.7])
def test_batchnorm_forward_running_statistics(momentum, rng):
    """Two steps of training move running_mean and running_var from 0, by 1 - momentum each."""
    batches = [rng.normal(2, 3, (n, 3)) for n in (5, 4)]
    bn_param = {"mode": "train"} if momentum == 0.9 else {"mode": "train", "momentum": momentum}
    for x in batches:
        call(batchnorm_forward, x, np.full(3, 2.0), np.ones(3), bn_param, returns="out cache")
    got = bn_param.get("running_mean"), bn_param.get("running_var")
    expected = running_buffers(batches, momentum)
    assert_matches("running_mean running_var", got, expected, momentum=momentum)


@pytest.mark.part("batchnorm.forward", points=0.75)
@each_eps
@each_shape
def test_batchnorm_forward_test_values(shape, eps, rng):
    """In test mode batchnorm_forward uses the buffers, with gamma and beta, and keeps them."""
    x, gamma, beta, _ = draw(rng, shape)
    buffers = rng.normal(size=shape[1]), rng.uniform(0.1, 2, shape[1])
    bn_param = {"mode": "test", "eps": eps}
    bn_param |= {"running_mean": buffers[0].copy(), "running_var": buffers[1].copy()}
    out, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_matches("out", out, batchnorm_test(x, gamma, beta, buffers, eps), x=x, eps=eps)
    got = bn_param["running_mean"], bn_param["running_var"]
    assert_matches("running_mean running_var", got, buffers, mode="test")


@pytest.mark.part("batchnorm.forward", points=0.25)
@pytest.mark.parametrize("mode", ["eval", "Train"])
def test_batchnorm_forward_unknown_mode(mode, rng):
    """A mode other than "train" and "test" raises a ValueError that names it; "train" does not."""
    x, gamma, beta, _ = draw(rng, (5, 3))
    out, _ = call(batchnorm_forward, x, gamma, beta, {"mode": "train"}, returns="out cache")
    assert_matches("out", out, batchnorm(x, gamma, beta), x=x, mode="train")
    with pytest.raises(ValueError, match=mode):
        batchnorm_forward(x, gamma, beta, {"mode": mode})


def check_gradients(backward, x, gamma, beta, dout, eps):
    """Compare with the gradients of a reference forward pass, not of the student's own."""
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train", "eps": eps})
    got = call(backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(partial(batchnorm, eps=eps), (x, gamma, beta), dout)
    assert_matches(GRADIENTS, got, expected, x=x, eps=eps)


@pytest.mark.part("batchnorm.backward", points=1.75)
@each_eps
@each_shape
def test_batchnorm_backward_values(shape, eps, rng):
    """batchnorm_backward gives the gradients of the forward formula for any upstream gradient."""
    check_gradients(batchnorm_backward, *draw(rng, shape), eps)


@pytest.mark.part("batchnorm.backward", points=1)
def test_batchnorm_backward_nearly_equal_rows(rng):
    """batchnorm_backward keeps eps: it decides where the rows of a batch are nearly equal."""
    x, gamma, beta, dout = draw(rng, (2, 4))
    x[1] = x[0] + 1e-3 * rng.normal(size=4)
    check_gradients(batchnorm_backward, x, gamma, beta, dout, 1e-5)


@pytest.mark.part("batchnorm.backward_alt", points=1.25)
@each_eps
@each_shape
def test_batchnorm_backward_alt_values(shape, eps, rng):
    """batchnorm_backward_alt gives the gradients of the forward formula as well."""
    check_gradients(batchnorm_backward_alt, *draw(rng, shape), eps)


@pytest.mark.part("batchnorm.backward_alt", points=0.5)
def test_batchnorm_backward_alt_nearly_equal_rows(rng):
    """batchnorm_backward_alt keeps eps: it decides where the rows of a batch are nearly equal."""
    x, gamma, beta, dout = draw(rng, (2, 4))
    x[1] = x[0] + 1e-3 * rng.normal(size=4)
    check_gradients(batchnorm_backward_alt, x, gamma, beta, dout, 1e-5)


def check_both_modes(train, test, x, gamma, beta):
    """Compare the output in train mode, and afterwards in test mode, with plain loops."""
    assert_matches("out", train, batchnorm(x, gamma, beta), x=x, mode="train")
    expected = batchnorm_test(x, gamma, beta, running_buffers([x]))
    assert_matches("out", test, expected, x=x, mode="test")


@pytest.mark.part("batchnorm.forward", points=0.25)
def test_batchnorm_forward_arguments(rng):
    """In both modes nothing but bn_param is changed, and a second call gives the same."""
    x, gamma, beta, _ = draw(rng, (5, 3))
    bn_param = {"mode": "train"}
    train, _ = call_twice(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    bn_param["mode"] = "test"
    test, _ = call_twice(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    check_both_modes(train, test, x, gamma, beta)


@pytest.mark.part("batchnorm.forward", points=0.25)
@each_dtype
def test_batchnorm_forward_dtypes(dtype, rng):
    """The output in both modes and the running statistics have the dtype of x."""
    x, gamma, beta, _ = (array.astype(dtype) for array in draw(rng, (5, 3)))
    bn_param = {"mode": "train"}
    train, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    buffers = bn_param.get("running_mean"), bn_param.get("running_var")
    bn_param["mode"] = "test"
    test, _ = call(batchnorm_forward, x, gamma, beta, bn_param, returns="out cache")
    assert_dtypes("out", train, dtype, x=x, mode="train")
    assert_dtypes("out", test, dtype, x=x, mode="test")
    assert_dtypes("running_mean running_var", buffers, dtype, x=x)
    check_both_modes(train, test, x, gamma, beta)


@each_backward
def test_batchnorm_backward_arguments(backward, rng):
    """The backward pass leaves dout and cache as they are: a second call gives the same."""
    x, gamma, beta, dout = draw(rng, (5, 3))
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call_twice(backward, dout, cache, returns=GRADIENTS)
    assert_matches(GRADIENTS, got, oracles.gradients(batchnorm, (x, gamma, beta), dout), x=x)


@each_backward
@each_dtype
def test_batchnorm_backward_dtypes(dtype, backward, rng):
    """The backward pass answers in the dtype of its inputs."""
    x, gamma, beta, dout = (array.astype(dtype) for array in draw(rng, (5, 3)))
    cache = get_cache(batchnorm_forward, x, gamma, beta, {"mode": "train"})
    got = call(backward, dout, cache, returns=GRADIENTS)
    assert_dtypes(GRADIENTS, got, dtype, dout=dout)
    assert_matches(GRADIENTS, got, oracles.gradients(batchnorm, (x, gamma, beta), dout), x=x)
