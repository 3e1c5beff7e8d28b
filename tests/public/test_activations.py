"""Activation functions against formulas for one number and the complex step."""

import cmath
import math
from functools import partial

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
from assignment.support.testing.compare import (
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    get_cache,
)
from tests import oracles

ARRAYS = [((6, 5), np.float64), ((2, 3, 2, 2), np.float32), ((7,), np.float64)]

of_sigmoid = pytest.mark.part("activations.sigmoid", points=0.25)
of_tanh = pytest.mark.part("activations.tanh", points=0.25)
of_relu = pytest.mark.part("activations.relu", points=0.25)
of_leaky_relu = pytest.mark.part("activations.leaky_relu", points=0.25)
of_elu = pytest.mark.part("activations.elu", points=0.25)
of_prelu = pytest.mark.part("activations.prelu", points=0.25)
of_maxout = pytest.mark.part("activations.maxout", points=0.25)


def case(part, *values, options=()):
    """Return one activation, its formula and options as a test case of its part."""
    name = part.args[0].removeprefix("activations.")
    return pytest.param(*values, options, marks=part, id="-".join([name, *map(str, options)]))


SIGMOID = (sigmoid_forward, sigmoid_backward, oracles.sigmoid)
TANH = (tanh_forward, tanh_backward, cmath.tanh)
RELU = (relu_forward, relu_backward, oracles.relu)
LEAKY_RELU = (leaky_relu_forward, leaky_relu_backward)
ELU = (elu_forward, elu_backward)
ACTIVATIONS = [
    *(case(of_sigmoid, array, *SIGMOID) for array in ARRAYS),
    *(case(of_tanh, array, *TANH) for array in ARRAYS),
    *(case(of_relu, array, *RELU) for array in ARRAYS),
    *(case(of_leaky_relu, array, *LEAKY_RELU, oracles.leaky_relu(0.01)) for array in ARRAYS),
    case(of_leaky_relu, ARRAYS[0], *LEAKY_RELU, oracles.leaky_relu(0.3), options=(0.3,)),
    case(of_leaky_relu, ARRAYS[1], *LEAKY_RELU, oracles.leaky_relu(1.5), options=(1.5,)),
    *(case(of_elu, array, *ELU, oracles.elu(1.0)) for array in ARRAYS),
    case(of_elu, ARRAYS[0], *ELU, oracles.elu(0.4), options=(0.4,)),
    case(of_elu, ARRAYS[1], *ELU, oracles.elu(2.5), options=(2.5,)),
]
each_activation = pytest.mark.parametrize(
    ("array", "forward", "backward", "formula", "options"), ACTIVATIONS
)


@each_activation
def test_activation_values(array, forward, backward, formula, options, rng):
    """The forward function gives the values of its formula."""
    shape, dtype = array
    x = rng.uniform(-3, 3, shape).astype(dtype)
    out, _ = call(forward, x, *options, returns="out cache")
    assert_matches("out", out, oracles.elementwise(formula, x).astype(dtype), x=x, options=options)


@each_activation
def test_activation_gradients(array, forward, backward, formula, options, rng):
    """The backward function gives dout times the derivative of the formula at x of its cache."""
    shape, dtype = array
    x, dout = rng.uniform(-3, 3, shape).astype(dtype), rng.normal(size=shape).astype(dtype)
    cache = get_cache(forward, x, *options)
    forward(1 - x, *options)  # like another layer of a network
    dx = call(backward, dout, cache, returns="dx")
    expected = dout * oracles.elementwise(oracles.derivative(formula), x)
    assert_matches("dx", dx, expected.astype(dtype), x=x, options=options)


@pytest.mark.part("activations.sigmoid", points=0.5)
def test_sigmoid_far_from_zero():
    """Far from 0 nothing overflows or is lost: exp(-720) is a positive number, exp(720) is inf."""
    x = np.array([-1000, -720, -700, -40, 40, 720, 1000.0])
    out, _ = call(sigmoid_forward, x, returns="out cache")
    expected = np.array([0, math.exp(-720), math.exp(-700), math.exp(-40), 1, 1, 1])
    assert_matches("out", out, expected, floor=0, x=x)


@pytest.mark.part("activations.relu", points=0.5)
def test_relu_at_zero(rng):
    """At exactly 0 the value of ReLU and, by our convention, its gradient are 0."""
    x, dout = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    x[1:3] = 0
    out, cache = call(relu_forward, x, returns="out cache")
    assert_matches("out", out, oracles.elementwise(oracles.relu, x), x=x)
    dx = call(relu_backward, dout, cache, returns="dx")
    assert_matches("dx", dx, dout * np.array([[v > 0 for v in row] for row in x]), x=x)


@pytest.mark.parametrize(
    ("forward", "backward", "slope", "options"),
    [
        case(
            pytest.mark.part("activations.leaky_relu", points=0.5),
            *LEAKY_RELU,
            0.3,
            options=(0.3,),
        ),
        case(of_elu, *ELU, 0.3, options=(0.3,)),
    ],
)
def test_activation_at_zero(forward, backward, slope, options, rng):
    """At exactly 0 the value is 0 and the gradient has the slope of one side."""
    x, dout = np.zeros((3, 4)), rng.normal(size=(3, 4))
    out, cache = call(forward, x, *options, returns="out cache")
    assert_matches("out", out, x, x=x)
    dx = call(backward, dout, cache, returns="dx")
    right = np.isclose(dx, dout)  # at a kink the slope of either side is right
    assert_matches("dx", dx, np.where(right, dout, slope * dout), x=x)


@pytest.mark.part("activations.elu", points=0.25)
def test_elu_far_from_zero():
    """ELU has no nan at x = 1000, where exp(x) overflows, and is -alpha at x = -1000."""
    x, dout = np.array([1000, 800, -1000, 2.0]), np.array([3, -2, 5, 0.5])
    out, cache = call(elu_forward, x, 0.5, returns="out cache")
    assert_matches("out", out, np.array([1000, 800, -0.5, 2]), floor=0, x=x)
    dx = call(elu_backward, dout, cache, returns="dx")
    assert_matches("dx", dx, np.array([3, -2, 0, 0.5]), x=x)


PRELU = [((6, 5), (5,)), ((4, 4), (4,)), ((2, 3, 4), (4,)), ((6, 5), ()), ((2, 3, 4), ())]
prelu_shapes = pytest.mark.parametrize(("shape", "alpha_shape"), PRELU, ids=str)


@pytest.mark.part("activations.prelu", points=0.25)
@prelu_shapes
def test_prelu_values(shape, alpha_shape, rng):
    """prelu_forward has a slope a feature or one for all, which may be larger than 1."""
    x, alpha = rng.normal(size=shape), np.array(rng.uniform(-0.5, 2.5, alpha_shape))
    alpha.flat[0] = 1.5  # one slope above 1 for any seed
    out, _ = call(prelu_forward, x, alpha, returns="out cache")
    assert_matches("out", out, oracles.prelu(x, alpha), x=x, alpha=alpha)


@pytest.mark.part("activations.prelu", points=0.5)
@prelu_shapes
def test_prelu_gradients(shape, alpha_shape, rng):
    """prelu_backward sums dalpha over all elements that share a slope."""
    x, alpha = rng.normal(size=shape), np.array(rng.uniform(-0.5, 2.5, alpha_shape))
    dout = rng.normal(size=shape)
    cache = get_cache(prelu_forward, x, alpha)
    got = call(prelu_backward, dout, cache, returns="dx dalpha")
    expected = oracles.gradients(oracles.prelu, (x, alpha), dout)
    assert_matches("dx dalpha", got, expected, x=x, alpha=alpha)


@pytest.mark.part("activations.prelu", points=0.5)
def test_prelu_at_zero(rng):
    """At exactly 0 dx has the slope of one side, and alpha gets no gradient."""
    x, alpha, dout = np.zeros((3, 4)), rng.normal(size=4), rng.normal(size=(3, 4))
    cache = get_cache(prelu_forward, x, alpha)
    dx, dalpha = call(prelu_backward, dout, cache, returns="dx dalpha")
    right = np.isclose(dx, dout)
    assert_matches("dx", dx, np.where(right, dout, alpha * dout), x=x, alpha=alpha)
    assert_matches("dalpha", dalpha, np.zeros(4), x=x, alpha=alpha)


def draw_maxout(rng, K, N, D, M):
    """Return x, w, b and dout for a maxout layer of K pieces."""
    shapes = (N, D), (K, D, M), (K, M), (N, M)
    return tuple(rng.normal(size=shape) for shape in shapes)


maxout_sizes = pytest.mark.parametrize(
    ("K", "N", "D", "M"), [(2, 6, 4, 3), (3, 5, 2, 4), (3, 3, 3, 3), (1, 4, 3, 2)]
)


@pytest.mark.part("activations.maxout", points=0.25)
@maxout_sizes
def test_maxout_values(K, N, D, M, rng):
    """maxout_forward returns the largest of its K affine functions, each with its own bias."""
    x, w, b, _ = draw_maxout(rng, K, N, D, M)
    out, _ = call(maxout_forward, x, w, b, returns="out cache")
    assert_matches("out", out, oracles.maxout(x, w, b), x=x, w=w, b=b)


@pytest.mark.part("activations.maxout", points=0.5)
@maxout_sizes
def test_maxout_gradients(K, N, D, M, rng):
    """maxout_backward sends the gradient to the piece that won, weights and bias alike."""
    x, w, b, dout = draw_maxout(rng, K, N, D, M)
    cache = get_cache(maxout_forward, x, w, b)
    got = call(maxout_backward, dout, cache, returns="dx dw db")
    expected = oracles.gradients(oracles.maxout, (x, w, b), dout)
    assert_matches("dx dw db", got, expected, x=x, w=w, b=b)


@pytest.mark.part("activations.maxout", points=0.25)
@pytest.mark.parametrize("K", [2, 3])
def test_maxout_tie(K, rng):
    """Where all pieces are equal exactly one of them gets the gradient, and all of it."""
    x, w, b, dout = draw_maxout(rng, K, 1, 3, 4)
    w[:], b[:] = w[0], b[0]
    cache = get_cache(maxout_forward, x, w, b)
    dx, _, db = call(maxout_backward, dout, cache, returns="dx dw db")
    expected, _, _ = oracles.gradients(oracles.affine, (x, w[0], b[0]), dout)
    assert_matches("dx", dx, expected, x=x, w=w, b=b)
    one_winner = np.zeros((K, 4))
    one_winner[-1] = abs(dout[0])
    assert_matches("sort(|db|)", np.sort(abs(db), axis=0), one_winner, w=w, b=b)


def layer(part, formula, forward, backward):
    """Return an activation of one number as a case: shapes of x and dout, oracle, functions."""
    of_array = partial(oracles.elementwise, formula)
    return case(part, [(6, 5), (6, 5)], "dx", of_array, forward, backward)


PRELU_SHAPES = [(6, 5), (5,), (6, 5)]
MAXOUT_SHAPES = [(6, 5), (2, 5, 3), (2, 3), (6, 3)]
LAYERS = [
    layer(of_sigmoid, oracles.sigmoid, sigmoid_forward, sigmoid_backward),
    layer(of_tanh, cmath.tanh, tanh_forward, tanh_backward),
    layer(of_relu, oracles.relu, relu_forward, relu_backward),
    layer(of_leaky_relu, oracles.leaky_relu(0.01), *LEAKY_RELU),
    layer(of_elu, oracles.elu(1.0), *ELU),
    case(of_prelu, PRELU_SHAPES, "dx dalpha", oracles.prelu, prelu_forward, prelu_backward),
    case(of_maxout, MAXOUT_SHAPES, "dx dw db", oracles.maxout, maxout_forward, maxout_backward),
]
each_layer = pytest.mark.parametrize(
    ("shapes", "gradients", "oracle", "forward", "backward", "options"), LAYERS
)


def check_layer(out, got, arguments, dout, gradients, oracle):
    """Compare the answers of both functions with those of an oracle."""
    assert_matches("out", out, oracle(*arguments), x=arguments[0])
    expected = oracles.gradients(oracle, tuple(arguments), dout)
    expected = expected if len(expected) > 1 else expected[0]
    assert_matches(gradients, got, expected, x=arguments[0])


@each_layer
def test_activation_arguments(shapes, gradients, oracle, forward, backward, options, rng):
    """Both functions leave their arguments as they are, and a second call gives the same."""
    *arguments, dout = (rng.normal(size=shape) for shape in shapes)
    out, _ = call_twice(forward, *arguments, *options, returns="out cache")
    cache = get_cache(forward, *arguments, *options)
    got = call_twice(backward, dout, cache, returns=gradients)
    check_layer(out, got, arguments, dout, gradients, oracle)


@each_layer
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_activation_dtypes(dtype, shapes, gradients, oracle, forward, backward, options, rng):
    """Both functions answer in the dtype of x."""
    *arguments, dout = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    out, cache = call(forward, *arguments, *options, returns="out cache")
    assert_dtypes("out", out, dtype, x=arguments[0])
    got = call(backward, dout, cache, returns=gradients)
    assert_dtypes(gradients, got, dtype, dout=dout)
    check_layer(out, got, arguments, dout, gradients, oracle)
