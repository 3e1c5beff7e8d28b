"""Bad input raises an error of one line: the argument, its value and the expected one."""

import numpy as np
import pytest

from assignment.activations import prelu_forward
from assignment.affine import affine_forward
from assignment.babysitting import find_learning_rate, read_loss_curve
from assignment.contracts import shapes
from assignment.hyperparameters import draw_log_uniform, random_search
from assignment.losses import softmax_loss
from assignment.network import FullyConnectedNet
from assignment.normalization import batchnorm_forward, layernorm_forward
from assignment.preprocessing import fit_channel_mean, fit_mean, standardize
from assignment.sgd import minibatch_sgd, sample_minibatch

ones, zeros = np.ones, np.zeros
with_nan = np.array([[1.0, 2.0], [np.nan, 4.0]])
infinite = np.array([[[[np.inf]]]])
net = FullyConnectedNet([4], input_dim=6, num_classes=3)
rng = np.random.default_rng(0)

BAD_CALLS = [
    (
        affine_forward,
        (ones((3, 4, 5)), ones((6, 2)), ones(2)),
        "affine_forward: w has shape (6, 2), expected (D, M) with D = 20",
    ),
    (
        affine_forward,
        (ones((3, 4)), ones((4, 2)), ones((1, 2))),
        "affine_forward: b has shape (1, 2), expected (M,) with M = 2",
    ),
    (
        affine_forward,
        (ones((0, 4)), ones((4, 2)), ones(2)),
        "affine_forward: x is empty: shape (0, 4)",
    ),
    (
        affine_forward,
        ([[1.0]], ones((1, 2)), ones(2)),
        "affine_forward: x is a list, expected a NumPy array",
    ),
    (
        affine_forward,
        (ones((3, 4), complex), ones((4, 2)), ones(2)),
        "affine_forward: x has dtype complex128, expected real numbers",
    ),
    (
        softmax_loss,
        (ones((3, 4)), np.array([0, 4, 1])),
        "softmax_loss: y holds the label 4, expected 0 to 3",
    ),
    (
        softmax_loss,
        (ones((3, 4)), np.array([0, -1, 1])),
        "softmax_loss: y holds the label -1, expected 0 to 3",
    ),
    (
        softmax_loss,
        (ones((3, 4)), ones(3)),
        "softmax_loss: y has dtype float64, expected integer labels",
    ),
    (
        softmax_loss,
        (ones((3, 4)), ones(4, int)),
        "softmax_loss: y has shape (4,), expected (N,) with N = 3",
    ),
    (
        prelu_forward,
        (ones((3, 4)), ones(3)),
        "prelu_forward: alpha has shape (3,), expected () or (D,) with D = 4",
    ),
    (
        batchnorm_forward,
        (ones((3, 4)), ones(3), ones(4), {"mode": "train"}),
        "batchnorm_forward: gamma has shape (3,), expected (D,) with D = 4",
    ),
    (
        batchnorm_forward,
        (ones((3, 4)), ones(4), ones(4), {"mode": "eval"}),
        'batchnorm_forward: bn_param["mode"] is \'eval\', use "train" or "test"',
    ),
    (
        batchnorm_forward,
        (ones((3, 4)), ones(4), ones(4), {}),
        'batchnorm_forward: bn_param["mode"] is None, use "train" or "test"',
    ),
    (
        layernorm_forward,
        (ones(4), ones(4), ones(4), {}),
        "layernorm_forward: x has shape (4,), expected (N, D)",
    ),
    (fit_mean, (with_nan,), "fit_mean: x_train holds nan at index (1, 0), expected finite numbers"),
    (
        fit_channel_mean,
        (infinite,),
        "fit_channel_mean: x_train holds inf at index (0, 0, 0, 0), expected finite numbers",
    ),
    (
        standardize,
        (ones((3, 4)), ones(4), ones((1, 4))),
        "standardize: std has shape (1, 4), expected (D,) with D = 4",
    ),
    (
        sample_minibatch,
        (ones((3, 4)), ones(3), 4, rng),
        "sample_minibatch: batch_size is 4, use 1 to N = 3",
    ),
    (
        sample_minibatch,
        (ones((3, 4)), ones(2), 2, rng),
        "sample_minibatch: y has shape (2,), expected (N,) with N = 3",
    ),
    (
        minibatch_sgd,
        (net, with_nan, ones(2, int), rng),
        "minibatch_sgd: x holds nan at index (1, 0), expected finite numbers",
    ),
    (
        find_learning_rate,
        (net, ones((3, 6)), ones(3, int), rng, zeros(0)),
        "find_learning_rate: learning_rates is empty: shape (0,)",
    ),
    (read_loss_curve, (ones(9),), "read_loss_curve: losses has 9 values, expected 10 or more"),
    (draw_log_uniform, (0, 1, rng), "draw_log_uniform: low is 0, high is 1, use 0 < low <= high"),
    (
        random_search,
        (len, {"reg": ("normal", 0, 1)}, 3, rng),
        "random_search: reg has draw 'normal', use one of ['uniform', 'log_uniform']",
    ),
    (
        FullyConnectedNet,
        ([4], 6, 3, "swish"),
        "FullyConnectedNet: activation is 'swish', "
        "use one of ('relu', 'leaky_relu', 'elu', 'tanh', 'sigmoid')",
    ),
    (net.loss, (ones((2, 7)),), "affine_forward: w has shape (6, 4), expected (D, M) with D = 7"),
]


@pytest.mark.parametrize(
    ("function", "args", "message"), BAD_CALLS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_bad_input_is_named(function, args, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        function(*args)
    assert str(caught.value) == message


def test_an_accepted_shape_does_not_let_another_one_pass():
    affine_forward(ones((3, 4)), ones((4, 2)), ones(2))
    with pytest.raises(ValueError, match="w has shape"):
        affine_forward(ones((3, 4)), ones((5, 2)), ones(2))


def test_values_are_checked_in_every_call():
    softmax_loss(ones((2, 3)), np.array([0, 2]))
    with pytest.raises(ValueError, match="label 3"):
        softmax_loss(ones((2, 3)), np.array([0, 3]))


def test_keywords_are_checked_too():
    with pytest.raises(ValueError, match="w has shape"):
        affine_forward(ones((3, 4)), b=ones(2), w=ones((5, 2)))


def test_an_ellipsis_stands_for_any_leading_axes():
    @shapes(x="... D", alpha="D")
    def function(x, alpha):
        return x * alpha

    assert function(ones((2, 3, 4)), ones(4)).shape == (2, 3, 4)
    with pytest.raises(ValueError, match=r"alpha has shape \(3,\), expected \(D,\) with D = 4"):
        function(ones((2, 3, 4)), ones(3))
