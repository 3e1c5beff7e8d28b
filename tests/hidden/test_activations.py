"""Activation functions on arrays of all kinds, at kinks and ties, and far from 0."""

import cmath
import math

import numpy as np
import pytest

from assignment.activations import (
    elu_backward,
    elu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    maxout_backward,
    maxout_forward,
    prelu_backward,
    prelu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from assignment.support.testing.compare import CheckFailed, assert_matches, call, get_cache
from tests import oracles
from tests.array_kinds import each_kind
from tests.randomness import assert_shape
from tests.slopes import assert_slopes


def case(part, forward, backward, formula):
    """Return one activation and its formula as a test case of its part."""
    name = part.args[0].removeprefix("activations.")
    return pytest.param(forward, backward, formula, marks=part, id=name)


of_sigmoid = pytest.mark.part("activations.sigmoid", points=0.25)
of_tanh = pytest.mark.part("activations.tanh", points=0.5)
of_relu = pytest.mark.part("activations.relu", points=0.5)
of_leaky_relu = pytest.mark.part("activations.leaky_relu", points=0.5)
of_elu = pytest.mark.part("activations.elu", points=0.25)
ACTIVATIONS = [
    case(of_sigmoid, sigmoid_forward, sigmoid_backward, oracles.sigmoid),
    case(of_tanh, tanh_forward, tanh_backward, cmath.tanh),
    case(of_relu, relu_forward, relu_backward, oracles.relu),
    case(of_leaky_relu, leaky_relu_forward, leaky_relu_backward, oracles.leaky_relu(0.01)),
    case(of_elu, elu_forward, elu_backward, oracles.elu(1.0)),
]


@pytest.mark.parametrize(("forward", "backward", "formula"), ACTIVATIONS)
@each_kind
def test_activation_takes_any_array(draw, forward, backward, formula, rng):
    """Any kind of array will do, and another forward pass in between does no harm."""
    x, dout = draw(rng, (3, 4)), draw(rng, (3, 4))
    out, cache = call(forward, x, returns="out cache")
    assert_matches("out", out, oracles.elementwise(formula, x).astype(x.dtype), x=x)
    forward(1 - x)
    dx = call(backward, dout, cache, returns="dx")
    expected = dout * oracles.elementwise(oracles.derivative(formula), x)
    assert_matches("dx", dx, expected.astype(x.dtype), x=x)


@pytest.mark.part("activations.sigmoid", points=0.25)
def test_sigmoid_gradient_far_from_zero(rng):
    """The gradient of the sigmoid is exp(-|x|) far from 0, on the right too: never nan."""
    x = np.array([-1000, -700, -37, 37, 50, 700, 1000.0])
    dout = rng.normal(size=x.shape)
    cache = get_cache(sigmoid_forward, x)
    dx = call(sigmoid_backward, dout, cache, returns="dx")
    expected = dout * np.array([math.exp(-abs(v)) for v in x])
    assert_matches("dx", dx, expected, floor=0, x=x)


@pytest.mark.part("activations.tanh", points=0.5)
def test_tanh_far_from_zero(rng):
    """tanh is -1 or 1 far from 0, where exp(x) overflows, and its gradient 0: never nan."""
    x = np.array([-1000, -400, 400, 1000.0])
    out, cache = call(tanh_forward, x, returns="out cache")
    assert_matches("out", out, np.sign(x), x=x)
    dx = call(tanh_backward, rng.normal(size=x.shape), cache, returns="dx")
    assert_matches("dx", dx, 0 * x, scale=1, x=x)  # 1 - out**2


@pytest.mark.part("activations.elu", points=0.25)
def test_elu_near_zero():
    """ELU keeps its digits near 0, where exp(x) - 1 would lose them."""
    x = np.array([-1e-6, -1e-9, -1e-12, 1e-9])
    out, _ = call(elu_forward, x, 2.0, returns="out cache")
    expected = np.array([2 * (v + v * v / 2) if v < 0 else v for v in x])
    assert_matches("out", out, expected, floor=0, x=x)


@pytest.mark.part("activations.prelu", points=0.25)
@pytest.mark.parametrize("per_feature", [True, False])
@each_kind
def test_prelu_takes_any_array(draw, per_feature, rng):
    """PReLU takes float32, Fortran-ordered and non-contiguous arrays."""
    x, alpha, dout = draw(rng, (5, 4)), draw(rng, (4,)), draw(rng, (5, 4))
    alpha = alpha if per_feature else np.array(alpha[0])
    out, cache = call(prelu_forward, x, alpha, returns="out cache")
    assert_matches("out", out, oracles.prelu(x, alpha).astype(x.dtype), x=x, alpha=alpha)
    got = call(prelu_backward, dout, cache, returns="dx dalpha")
    dx, dalpha = oracles.gradients(oracles.prelu, (x, alpha), dout)
    expected = dx.astype(x.dtype), dalpha.astype(x.dtype)
    if not per_feature:  # a single sum may cancel to almost 0, so compare on the scale of dx
        got, expected = np.append(*got), np.append(*expected)
        assert_matches("dx,dalpha", got, expected, x=x, alpha=alpha)
        return
    assert_matches("dx dalpha", got, expected, x=x, alpha=alpha)


@pytest.mark.part("activations.prelu", points=0.25)
@pytest.mark.parametrize(
    ("shape", "alpha_shape"), [((5, 1), (1,)), ((1, 4), (4,)), ((4,), (4,)), ((1, 1), ())], ids=str
)
def test_prelu_smallest_shapes(shape, alpha_shape, rng):
    """PReLU works for one feature, for one example and without a batch."""
    x, alpha = rng.normal(size=shape), np.array(rng.normal(size=alpha_shape))
    dout = rng.normal(size=shape)
    cache = get_cache(prelu_forward, x, alpha)
    got = call(prelu_backward, dout, cache, returns="dx dalpha")
    expected = oracles.gradients(oracles.prelu, (x, alpha), dout)
    assert_matches("dx dalpha", got, expected, x=x, alpha=alpha)


def check_maxout(x, w, b, dout):
    """Compare both passes with plain loops, in the dtype of x."""
    out, cache = call(maxout_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.maxout(x, w, b).astype(x.dtype), x=x, w=w, b=b)
    got = call(maxout_backward, dout, cache, returns="dx dw db")
    expected = oracles.gradients(oracles.maxout, (x, w, b), dout)
    assert_matches("dx dw db", got, tuple(g.astype(x.dtype) for g in expected), x=x, w=w, b=b)


@pytest.mark.part("activations.maxout", points=0.25)
@each_kind
def test_maxout_takes_any_array(draw, rng):
    """Maxout takes float32, Fortran-ordered and non-contiguous arrays."""
    x, w, b = draw(rng, (5, 2)), draw(rng, (3, 2, 4)), draw(rng, (3, 4))
    check_maxout(x, w, b, draw(rng, (5, 4)))


@pytest.mark.part("activations.maxout", points=0.25)
@pytest.mark.parametrize("sizes", [(2, 1, 3, 4), (2, 5, 1, 3), (3, 4, 2, 1), (1, 1, 1, 1)], ids=str)
def test_maxout_smallest_shapes(sizes, rng):
    """Maxout works for one example, one feature, one output and one piece (K, N, D, M)."""
    K, N, D, M = sizes
    shapes = (N, D), (K, D, M), (K, M), (N, M)
    check_maxout(*(rng.normal(size=shape) for shape in shapes))


@pytest.mark.part("activations.maxout", points=0.25)
def test_maxout_tie_of_different_pieces(rng):
    """At a tie one piece gets everything: dx, dw and db are all those of the same piece."""
    x, b, dout = np.array([[1.0, 1]]), np.zeros((3, 1)), rng.normal(size=(1, 1))
    w = np.array([[1.0, 2], [2, 1], [-1, -1]]).reshape(3, 2, 1)
    cache = get_cache(maxout_forward, x, w, b)
    dx, dw, db = call(maxout_backward, dout, cache, returns="dx dw db")
    winner = int(np.argmax(np.abs(db)))
    if winner == 2:
        raise CheckFailed("the gradient goes to a piece that lost", expected="piece 0 or 1")
    share = np.eye(3)[winner]
    expected = dout * w[winner].T, share[:, None, None] * (x.T * dout), share[:, None] * dout
    assert_matches("dx dw db", (dx, dw, db), expected, x=x, w=w, winner=winner)


@pytest.mark.part("activations.prelu", points=0.75)
def test_prelu_at_full_size(rng):
    """A large batch takes a few operations on arrays, not a forward pass for each number."""
    x, dout = rng.normal(size=(2, 500, 320))
    alpha = rng.uniform(-0.5, 2.5, 320)
    cache = get_cache(prelu_forward, x, alpha)
    got = call(prelu_backward, dout, cache, returns="dx dalpha")

    def bend(x, alpha):
        return np.where(x.real > 0, x, alpha * x)

    assert_slopes("dx dalpha", got, bend, (x, alpha), dout, rng)


def choose_pieces(x, w, b):
    """Return the output of maxout on whole arrays, complex ones included."""
    pieces = np.einsum("nd,kdm->knm", x, w, optimize=True) + b[:, None]
    return np.take_along_axis(pieces, np.argmax(pieces.real, axis=0)[None], axis=0)[0]


@pytest.mark.part("activations.maxout", points=0.75)
def test_maxout_at_full_size(rng):
    """A large layer takes matrix products, not loops over numbers or a pass for each weight."""
    shapes = (520, 520), (4, 520, 520), (4, 520)
    x, w, b = (rng.standard_normal(shape, np.float32) for shape in shapes)
    out, _ = call(maxout_forward, x, w, b, returns="out cache")
    assert_shape("out", out, (520, 520))
    rows = rng.choice(520, 40, replace=False)
    expected = choose_pieces(*(array.astype(float) for array in (x[rows], w, b)))
    assert_matches("out[rows]", out[rows], expected.astype(np.float32), w=w, rows=rows)
    shapes = (140, 140), (3, 140, 140), (3, 140), (140, 140)
    x, w, b, dout = (rng.normal(size=shape) for shape in shapes)
    cache = get_cache(maxout_forward, x, w, b)
    got = call(maxout_backward, dout, cache, returns="dx dw db")
    assert_slopes("dx dw db", got, choose_pieces, (x, w, b), dout, rng)
