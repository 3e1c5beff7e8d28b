"""The gradient checker: the verdict on right and wrong gradients of any size."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from assignment import activations, normalization
from assignment.affine import affine_backward, affine_forward
from assignment.losses import softmax_loss
from assignment.network import FullyConnectedNet
from assignment.support.gradient_check import check_gradient, numeric_gradient
from tests import oracles


def affine(rng):
    """Linear: the only error is rounding, at every h."""
    x, w, b, dout = (rng.normal(size=shape) for shape in [(6, 2, 4), (8, 3), 3, (6, 3)])
    _, cache = affine_forward(x, w, b)
    return lambda t: affine_forward(x, t, b)[0], w, dout, affine_backward(dout, cache)[1]


def elementwise(name):
    def draw(rng):
        x, dout = rng.normal(size=(2, 5, 4))
        _, cache = getattr(activations, f"{name}_forward")(x)
        dx = getattr(activations, f"{name}_backward")(dout, cache)
        return lambda t: getattr(activations, f"{name}_forward")(t)[0], x, dout, dx

    return draw


def prelu_alpha(rng):
    """Learn one slope: a gradient of shape ()."""
    x, dout = rng.normal(size=(2, 5, 4))
    alpha = np.array(1.5)
    _, cache = activations.prelu_forward(x, alpha)
    dalpha = activations.prelu_backward(dout, cache)[1]
    return lambda t: activations.prelu_forward(x, t)[0], alpha, dout, dalpha


def batchnorm(mean, scale):
    def draw(rng):
        x, dout = mean + scale * rng.normal(size=(7, 4)), rng.normal(size=(7, 4))
        gamma, beta = rng.normal(size=(2, 4))

        def forward(t):
            return normalization.batchnorm_forward(t, gamma, beta, {"mode": "train"})

        return (
            lambda t: forward(t)[0],
            x,
            dout,
            normalization.batchnorm_backward(dout, forward(x)[1])[0],
        )

    return draw


def softmax(rng):
    """Return a case whose function returns a number: there is no dout."""
    x, y = rng.normal(size=(6, 5)), rng.integers(0, 5, 6)
    return lambda t: softmax_loss(t, y)[0], x, None, softmax_loss(x, y)[1]


def network(parameter):
    def draw(rng):
        net = FullyConnectedNet(
            [7, 6], 5, 4, normalization="batchnorm", reg=0.1, dtype=np.float64, seed=1
        )
        x, y = rng.normal(size=(8, 5)), rng.integers(0, 4, 8)

        def loss(t):
            net.params[parameter] = t
            return net.loss(x, y)[0]

        value = net.params[parameter]
        return loss, value, None, net.loss(x, y)[1][parameter]

    return draw


def scaled(draw, factor):
    """Return the same case with the gradient multiplied by a factor."""

    def draw_scaled(rng):
        f, x, dout, analytic = draw(rng)
        return f, x, dout * factor, analytic * factor

    return draw_scaled


CASES = {
    "affine": affine,
    **{name: elementwise(name) for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu")},
    "prelu alpha": prelu_alpha,
    "softmax": softmax,
    "batch norm": batchnorm(0, 1),
    "batch norm, mean 1e4": batchnorm(1e4, 1),
    "batch norm, scale 1e-3": batchnorm(0, 1e-3),
    "network": network("W1"),
    "tiny": scaled(elementwise("tanh"), 1e-30),
    "huge": scaled(elementwise("tanh"), 1e30),
}


def saturated(rng):
    """Return tanh far from 0, where rounding hides every change of F."""
    x, dout = 17 + rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    return np.tanh, x, dout, dout / np.cosh(x) ** 2


ZERO = {"bias before batch norm": network("b1"), "saturated": saturated}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("case", [*CASES, *ZERO])
def test_right_gradients_are_right(case, seed):
    report = check_gradient(*{**CASES, **ZERO}[case](np.random.default_rng(seed)))
    assert report.verdict == "right", report


def change_one_value(gradient):
    changed = np.array(gradient)
    changed.flat[np.argmax(np.abs(gradient))] *= 1.01
    return changed


MISTAKES = {
    "factor 1.0001": lambda gradient: gradient * 1.0001,
    "sign": lambda gradient: -gradient,
    "zero": np.zeros_like,
    "one value": change_one_value,
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("case", CASES)
def test_wrong_gradients_are_wrong(case, mistake):
    f, x, dout, analytic = CASES[case](np.random.default_rng(1))
    report = check_gradient(f, x, dout, MISTAKES[mistake](analytic))
    assert report.verdict == "wrong", report


def test_forgotten_eps_is_wrong():
    """The smallest of the usual mistakes: 1e-5 beside the variance."""
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(2, 7, 4))
    one, zero = np.ones(4), np.zeros(4)

    def forward(t, eps):
        return normalization.batchnorm_forward(t, one, zero, {"mode": "train", "eps": eps})

    dx = normalization.batchnorm_backward(dout, forward(x, 0.0)[1])[0]
    report = check_gradient(lambda t: forward(t, 1e-5)[0], x, dout, dx)
    assert report.verdict == "wrong", report


def test_missing_path_through_the_mean_is_wrong():
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(2, 7, 4))
    centred = check_gradient(lambda t: t - t.mean(axis=0), x, dout, dout - dout.mean(axis=0))
    assert centred.verdict == "right", centred
    assert check_gradient(lambda t: t - t.mean(axis=0), x, dout, dout).verdict == "wrong"


def test_one_wrong_value_of_many_is_found():
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(4, 3072)), rng.normal(size=(4, 10))
    w = rng.normal(size=(3072, 10))
    dw = x.T @ dout
    assert check_gradient(lambda t: x @ t, w, dout, dw).verdict == "right"
    dw[1000, 5] *= 1.01
    assert check_gradient(lambda t: x @ t, w, dout, dw).verdict == "wrong"


def test_error_falls_as_h_squared_or_stays_on_a_plateau():
    f, x, dout, dx = elementwise("tanh")(np.random.default_rng(1))
    right, wrong = check_gradient(f, x, dout, dx), check_gradient(f, x, dout, 1.01 * dx)
    assert right.slope == pytest.approx(2, abs=0.1)
    assert right.plateau < 1e-9
    assert wrong.plateau > 1e-3
    small = wrong.hs < 1e-3
    assert np.ptp(wrong.errors[small]) < 0.01 * wrong.plateau


def test_kink_is_recognised():
    x, dout = np.random.default_rng(1).normal(size=(2, 5, 4))
    x[0, 0] = 0
    report = check_gradient(
        lambda t: activations.relu_forward(t)[0], x, dout, activations.relu_backward(dout, x)
    )
    assert report.verdict == "kink"
    assert "kink" in report.message


def test_verdict_on_a_noisy_function_is_unclear():
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(2, 5, 4))
    report = check_gradient(lambda t: t + 1e-3 * rng.normal(size=t.shape), x, dout, dout)
    assert report.verdict == "unclear", report


def test_float32_gradient_is_judged_as_float32():
    f, x, dout, dx = elementwise("tanh")(np.random.default_rng(1))
    x = x.astype(np.float32)
    dx = activations.tanh_backward(dout.astype(np.float32), np.tanh(x))
    assert check_gradient(f, x, dout, dx).verdict == "right"
    assert check_gradient(f, x, dout, dx * np.float32(1.01)).verdict == "wrong"


@pytest.mark.parametrize(
    ("analytic", "verdict"),
    [
        (None, "wrong type"),
        ([[1.0] * 4] * 5, "wrong type"),
        (np.ones((1, 4)), "wrong shape"),
        (np.ones((5, 4), np.float32), "wrong dtype"),
        (np.ones((5, 4), int), "wrong dtype"),
        (np.full((5, 4), np.nan), "not finite"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_type_shape_and_dtype_are_checked_before_values(analytic, verdict):
    def f(t):
        raise AssertionError("no value is needed")

    report = check_gradient(f, np.ones((5, 4)), np.ones((5, 4)), analytic)
    assert (report.verdict, len(report.hs)) == (verdict, 0)
    assert str(report).startswith(f"{verdict}: ")


def test_nan_of_f_is_reported():
    report = check_gradient(np.log, -np.ones(3), np.ones(3), np.ones(3))
    assert report.verdict == "not finite"
    assert "f(x)" in report.message


def test_steps_that_leave_the_domain_of_f_are_harmless():
    x, dout = np.array([0.01, 0.02]), np.array([1.0, -2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_gradient(np.log, x, dout, dout / x).verdict == "right"


@pytest.mark.parametrize("x", [[1.0, 2.0], np.array([1, 2])], ids=["list", "int"])
def test_x_must_be_a_float_array(x):
    with pytest.raises(TypeError, match=r"check_gradient: x is an? .*expected a float array"):
        check_gradient(lambda t: t, x, np.ones(2), np.ones(2))


def test_f_must_fit_dout():
    x = np.ones((5, 4))
    with pytest.raises(ValueError, match=r"f\(x\) has shape \(5, 4\), dout \(4,\)"):
        check_gradient(lambda t: t, x, np.ones(4), x)
    with pytest.raises(TypeError, match="returns a tuple"):
        check_gradient(activations.relu_forward, x, x, x)


def test_check_does_not_change_its_arguments():
    f, x, dout, dx = elementwise("tanh")(np.random.default_rng(1))
    for array in (x, dout, dx):
        array.flags.writeable = False
    first, second = check_gradient(f, x, dout, dx), check_gradient(f, x, dout, dx)
    assert np.array_equal(first.errors, second.errors)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)], ids=str)
def test_numeric_gradient_agrees_with_the_complex_step(shape):
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(2, *shape))
    x, dout = np.asarray(x), np.asarray(dout)
    (expected,) = oracles.gradients(np.sin, (x,), dout)
    found = numeric_gradient(np.sin, x, dout)
    assert (found.shape, found.dtype) == (shape, np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_numeric_gradient_perturbs_a_float64_copy():
    x = np.full(3, 1e3, np.float32)
    x.flags.writeable = False
    assert numeric_gradient(lambda t: t, x, np.arange(3.0)).tolist() == [0, 1, 2]
    assert numeric_gradient(lambda t: float(np.sum(t * t)), x, h=1e-3) == pytest.approx(2 * x)
