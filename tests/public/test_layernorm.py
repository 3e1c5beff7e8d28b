"""Layer norm against loops over single numbers, and its gradients against the complex step."""

from functools import partial

import numpy as np
import pytest

from assignment.normalization import layernorm_backward, layernorm_forward
from assignment.support.testing.compare import (
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    get_cache,
)
from tests import oracles
from tests.oracles_normalization import layernorm

SHAPES = [(3, 5), (7, 3), (4, 4)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
each_eps = pytest.mark.parametrize("eps", [1e-5, 0.5])
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def draw(rng, shape):
    """Return x, gamma, beta and dout; gamma is far from 1, beta and dout from 0 and 1."""
    N, D = shape
    x = rng.normal(rng.normal(size=(N, 1)), rng.uniform(0.5, 3, (N, 1)), shape)
    return x, rng.uniform(1.5, 3, D), rng.uniform(-3, -1.5, D), rng.normal(size=shape)


@pytest.mark.part("layernorm.forward", points=0.75)
@each_eps
@pytest.mark.parametrize("shape", [*SHAPES, (1, 6), (5, 1)], ids=str)
def test_layernorm_forward_values(shape, eps, rng):
    """layernorm_forward gives the values of a plain loop over the examples."""
    x, gamma, beta, _ = draw(rng, shape)
    out, _ = call(layernorm_forward, x, gamma, beta, {"eps": eps}, returns="out cache")
    assert_matches("out", out, layernorm(x, gamma, beta, eps), x=x, eps=eps)


@pytest.mark.part("layernorm.forward", points=0.5)
def test_layernorm_forward_needs_eps(rng):
    """eps, 1e-5 unless ln_param says otherwise, keeps an example of equal values finite."""
    x, gamma, beta, _ = draw(rng, (3, 4))
    x[1] = 2.5
    out, _ = call(layernorm_forward, x, gamma, beta, {}, returns="out cache")
    assert_matches("out", out, layernorm(x, gamma, beta), x=x)


@pytest.mark.part("layernorm.forward", points=0.25)
@pytest.mark.parametrize("ln_param", [{}, {"eps": 0.5}, {"mode": "test"}], ids=str)
def test_layernorm_forward_reads_ln_param(ln_param, rng):
    """layernorm_forward knows no modes and writes nothing into ln_param."""
    x, gamma, beta, _ = draw(rng, (5, 3))
    given = dict(ln_param)
    out, _ = call(layernorm_forward, x, gamma, beta, given, returns="out cache")
    assert given == ln_param
    expected = layernorm(x, gamma, beta, ln_param.get("eps", 1e-5))
    assert_matches("out", out, expected, x=x, ln_param=ln_param)


def check_gradients(x, gamma, beta, dout, eps):
    """Compare with the gradients of a reference forward pass, not of the student's own."""
    cache = get_cache(layernorm_forward, x, gamma, beta, {"eps": eps})
    got = call(layernorm_backward, dout, cache, returns="dx dgamma dbeta")
    expected = oracles.gradients(partial(layernorm, eps=eps), (x, gamma, beta), dout)
    assert_matches("dx dgamma dbeta", got, expected, x=x, eps=eps)


@pytest.mark.part("layernorm.backward", points=1.25)
@each_eps
@each_shape
def test_layernorm_backward_values(shape, eps, rng):
    """layernorm_backward gives the gradients of the forward formula for any upstream gradient."""
    check_gradients(*draw(rng, shape), eps)


@pytest.mark.part("layernorm.backward", points=0.5)
def test_layernorm_backward_nearly_equal_features(rng):
    """layernorm_backward keeps eps: it decides where the values of an example are nearly equal."""
    x, gamma, beta, dout = draw(rng, (3, 4))
    x[1] = x[1, 0] + 1e-3 * rng.normal(size=4)
    check_gradients(x, gamma, beta, dout, 1e-5)


@pytest.mark.part("layernorm.forward", points=0.25)
def test_layernorm_forward_arguments(rng):
    """layernorm_forward leaves its arrays as they are, and a second call gives the same."""
    x, gamma, beta, _ = draw(rng, (5, 3))
    out, _ = call_twice(layernorm_forward, x, gamma, beta, {}, returns="out cache")
    assert_matches("out", out, layernorm(x, gamma, beta), x=x)


@pytest.mark.part("layernorm.forward", points=0.25)
@each_dtype
def test_layernorm_forward_dtypes(dtype, rng):
    """layernorm_forward answers in the dtype of x."""
    x, gamma, beta, _ = (array.astype(dtype) for array in draw(rng, (5, 3)))
    out, _ = call(layernorm_forward, x, gamma, beta, {}, returns="out cache")
    assert_dtypes("out", out, dtype, x=x)
    assert_matches("out", out, layernorm(x, gamma, beta), x=x)


@pytest.mark.part("layernorm.backward", points=0.25)
def test_layernorm_backward_arguments(rng):
    """layernorm_backward leaves dout and cache as they are: a second call gives the same."""
    x, gamma, beta, dout = draw(rng, (5, 3))
    cache = get_cache(layernorm_forward, x, gamma, beta, {})
    got = call_twice(layernorm_backward, dout, cache, returns="dx dgamma dbeta")
    expected = oracles.gradients(layernorm, (x, gamma, beta), dout)
    assert_matches("dx dgamma dbeta", got, expected, x=x)


@pytest.mark.part("layernorm.backward", points=0.25)
@each_dtype
def test_layernorm_backward_dtypes(dtype, rng):
    """layernorm_backward answers in the dtype of its inputs."""
    x, gamma, beta, dout = (array.astype(dtype) for array in draw(rng, (5, 3)))
    cache = get_cache(layernorm_forward, x, gamma, beta, {})
    got = call(layernorm_backward, dout, cache, returns="dx dgamma dbeta")
    assert_dtypes("dx dgamma dbeta", got, dtype, dout=dout)
    expected = oracles.gradients(layernorm, (x, gamma, beta), dout)
    assert_matches("dx dgamma dbeta", got, expected, x=x)
