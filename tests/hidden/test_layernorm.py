"""Layer norm on unusual inputs, and properties that hold at any size."""

import statistics
from functools import partial

import numpy as np
import pytest

from assignment.normalization import layernorm_backward, layernorm_forward
from assignment.support.testing.compare import assert_matches, call, get_cache
from tests import oracles
from tests.array_kinds import draw_float64, each_kind
from tests.oracles_normalization import assert_vanishes, layernorm
from tests.slopes import assert_slopes

GRADIENTS = "dx dgamma dbeta"
AWKWARD = [(1, 4), (6, 1), (1, 1), (5, 5), (3, 2)]


@pytest.mark.part("layernorm.forward", points=0.5)
@each_kind
def test_layernorm_forward_takes_any_array(draw, rng):
    """layernorm_forward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, gamma, beta = draw(rng, (6, 4)), draw(rng, (4,)), draw(rng, (4,))
    out, _ = call(layernorm_forward, x, gamma, beta, {}, returns="out cache")
    assert_matches("out", out, layernorm(x, gamma, beta).astype(x.dtype), floor=0.1, x=x)


@pytest.mark.part("layernorm.forward", points=0.5)
def test_layernorm_forward_far_from_zero(rng):
    """float32 features around 10,000 keep their digits: the mean comes off before the square."""
    # 8 whole numbers have an exact mean in any order of summation
    x = rng.integers(9_990, 10_010, (5, 8)).astype(np.float32)
    gamma, beta = np.full(8, 2, np.float32), np.full(8, -3, np.float32)
    out, _ = call(layernorm_forward, x, gamma, beta, {}, returns="out cache")
    assert_matches("out", out, layernorm(x, gamma, beta).astype(np.float32), floor=0.1, x=x)


@pytest.mark.part("layernorm.backward", points=0.25)
@each_kind
def test_layernorm_backward_takes_any_array(draw, rng):
    """layernorm_backward takes float32, Fortran-ordered and non-contiguous arrays."""
    x, gamma, beta, dout = (draw(rng, shape) for shape in [(6, 4), (4,), (4,), (6, 4)])
    cache = get_cache(layernorm_forward, x, gamma, beta, {})
    got = call(layernorm_backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(layernorm, (x, gamma, beta), dout)
    expected = tuple(gradient.astype(x.dtype) for gradient in expected)
    assert_matches(GRADIENTS, got, expected, floor=0.1, x=x)


@pytest.mark.part("layernorm.backward", points=0.25)
@pytest.mark.parametrize("shape", AWKWARD, ids=str)
def test_layernorm_backward_awkward_shapes(shape, rng):
    """layernorm_backward works for one example, one feature, and an example of equal values."""
    x, gamma, beta, dout = draw_float64(rng, shape)
    x[0] = 2.5
    cache = get_cache(layernorm_forward, x, gamma, beta, {"eps": 0.5})
    got = call(layernorm_backward, dout, cache, returns=GRADIENTS)
    expected = oracles.gradients(partial(layernorm, eps=0.5), (x, gamma, beta), dout)
    # if x has no effect, the gradient is 0: a sum of terms of the size of dout
    assert_matches(GRADIENTS, got, expected, scale=1, x=x)


@pytest.mark.part("layernorm.backward", points=0.25)
def test_layernorm_backward_invariants(rng):
    """Without any reference: dx sums to 0, sees eps along xhat, and doubles with dout."""
    x, gamma, beta, dout = draw_float64(rng, (6, 40))
    cache = get_cache(layernorm_forward, x, gamma, beta, {"eps": 0.5})
    dx, _, _ = call(layernorm_backward, dout, cache, returns=GRADIENTS)
    assert_vanishes("the sum of dx over the features", dx.sum(axis=1), x=x)
    xhat = layernorm(x, np.ones(40), np.zeros(40), 0.5)
    var = np.array([statistics.pvariance(row) for row in x.tolist()])
    along_xhat = np.sum(gamma * dout * xhat, axis=1) * 0.5 / (var + 0.5) ** 1.5
    assert_matches("sum(xhat*dx)", np.sum(xhat * dx, axis=1), along_xhat, x=x, eps=0.5)
    doubled = call(layernorm_backward, 2 * dout, cache, returns=GRADIENTS)
    assert_matches("dx", doubled[0], 2 * dx, x=x)


def normalize_rows(x, gamma, beta):
    """Return the output of layer norm on whole arrays, complex ones included."""
    s = x - np.mean(x, axis=1, keepdims=True)
    return gamma * s / np.sqrt(np.mean(s * s, axis=1, keepdims=True) + 1e-5) + beta


@pytest.mark.part("layernorm.backward", points=1)
def test_layernorm_backward_at_full_size(rng):
    """A large batch takes a few operations on arrays, not a forward pass for each number."""
    x, gamma, beta, dout = draw_float64(rng, (500, 320))
    cache = get_cache(layernorm_forward, x, gamma, beta, {})
    got = call(layernorm_backward, dout, cache, returns=GRADIENTS)
    assert_slopes(GRADIENTS, got, normalize_rows, (x, gamma, beta), dout, rng)
