"""The fully connected network against one of plain loops, and the complex step."""

import numpy as np
import pytest

from assignment.network import FullyConnectedNet
from assignment.support.testing.compare import (
    CheckFailed,
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
)
from tests.oracles_normalization import (
    ACTIVATIONS,
    assert_vanishes,
    draw_params,
    eval_norm,
    network_buffers,
    network_gradients,
    network_loss,
    network_scores,
)

each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
each_normalization = pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def build(rng, **options):
    """Return a network with layers 4 - 5 - 3 - 3, and parameters that are not 0 or 1."""
    net = FullyConnectedNet([5, 3], input_dim=4, num_classes=3, dtype=np.float64, **options)
    params = draw_params(rng, [4, 5, 3, 3], options.get("normalization"))
    net.params = {name: value.copy() for name, value in params.items()}
    return net, params


def check_loss(net, params, rng, **options):
    """Compare loss and gradients with those of a network of plain loops."""
    x, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    loss, grads = call(net.loss, x, y, returns="loss grads")
    assert_matches("loss", loss, network_loss(params, x, y, **options).real, **options)
    shapes = {name: value.shape for name, value in params.items()}
    assert {name: value.shape for name, value in grads.items()} == shapes
    for name, expected in network_gradients(params, x, y, **options).items():
        if options.get("normalization") == "batchnorm" and name in ("b1", "b2"):
            assert_vanishes(f"grads[{name}]", grads[name], **options)
        else:
            assert_matches(f"grads[{name}]", grads[name], expected, **options)


def check_start(net, normalization):
    """Compare the first parameters other than weights; fail if the weights of a layer are equal."""
    for name, value in net.params.items():
        if not name.startswith("W"):
            start = np.ones_like(value) if name.startswith("gamma") else np.zeros_like(value)
            assert_matches(name, value, start, normalization=normalization)
        elif len(set(value.flat)) == 1:
            raise CheckFailed(f"all numbers of {name} are equal", expected="a draw for each")


@pytest.mark.part("network.init", points=0.75)
@each_normalization
def test_network_init_params(normalization, seed):
    """Every layer has W and b in params, and gamma and beta where it is normalised."""
    options = {"normalization": normalization, "seed": seed}
    net = FullyConnectedNet([5, 4], input_dim=6, num_classes=3, **options)
    expected = {"W1": (6, 5), "b1": (5,), "W2": (5, 4), "b2": (4,), "W3": (4, 3), "b3": (3,)}
    if normalization:
        expected |= {"gamma1": (5,), "beta1": (5,), "gamma2": (4,), "beta2": (4,)}
    assert {name: value.shape for name, value in net.params.items()} == expected
    check_start(net, normalization)


@pytest.mark.part("network.init", points=0.5)
@pytest.mark.parametrize(
    ("initialization", "stds"),
    [
        ("zeros", (0, 0)),
        ("small_random", (0.01, 0.01)),
        ("xavier", (1 / 20, 1 / 8)),
        ("he", (2**0.5 / 20, 2**0.5 / 8)),
        (0.3, (0.3, 0.3)),
    ],
)
def test_network_init_weights(initialization, stds, seed):
    """The weights spread as the initialisation says, by the number of inputs of each layer."""
    options = {"initialization": initialization, "dtype": np.float64, "seed": seed}
    params = FullyConnectedNet([64], input_dim=400, num_classes=160, **options).params
    for name, std in zip(("W1", "W2"), stds):
        got = float(np.std(params[name]))
        # from 10,000 draws or more, the standard deviation is known to 0.7 percent
        assert_matches(f"std({name})", got, std, rtol=0.05, initialization=initialization)


@pytest.mark.part("network.loss", points=1)
@each_activation
def test_network_scores(activation, rng):
    """Without labels, loss returns the scores of a network of plain loops."""
    net, params = build(rng, activation=activation)
    x = rng.normal(size=(6, 4))
    scores = call(net.loss, x, returns="scores")
    expected = network_scores(params, x, activation).real
    assert_matches("scores", scores, expected, x=x, activation=activation)


@pytest.mark.part("network.loss", points=1)
@each_activation
def test_network_gradients(activation, rng):
    """Loss and gradients are those of the formula, with ½·reg·ΣW² over the weights only."""
    net, params = build(rng, activation=activation, reg=0.3)
    check_loss(net, params, rng, activation=activation, reg=0.3)


@pytest.mark.part("network.loss", points=0.75)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_network_gradients_batchnorm(activation, rng):
    """With batch norm too, loss and gradients are right; a bias before it has gradient 0."""
    options = {"activation": activation, "normalization": "batchnorm", "reg": 0.3}
    net, params = build(rng, **options)
    check_loss(net, params, rng, **options)


@pytest.mark.part("network.loss", points=0.75)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_network_gradients_layernorm(activation, rng):
    """With layer norm too, loss and gradients are right."""
    options = {"activation": activation, "normalization": "layernorm", "reg": 0.3}
    net, params = build(rng, **options)
    check_loss(net, params, rng, **options)


@pytest.mark.part("network.loss", points=1)
def test_network_scores_batchnorm(rng):
    """Without labels, batch norm runs in test mode with the running statistics of each layer."""
    net, params = build(rng, normalization="batchnorm")
    batches = [rng.normal(1, 2, (n, 4)) for n in (6, 8)]
    for x in batches:
        call(net.loss, x, rng.integers(0, 3, len(x)), returns="loss grads")
    x = rng.normal(size=(5, 4))
    scores = call(net.loss, x, returns="scores")
    norm = eval_norm(network_buffers(params, batches))
    assert_matches("scores", scores, network_scores(params, x, norm=norm).real, x=x)


@pytest.mark.part("network.init", points=0.25)
@each_normalization
@each_dtype
def test_network_init_dtypes(dtype, normalization, seed):
    """All parameters have the dtype asked for."""
    options = {"normalization": normalization, "dtype": dtype, "seed": seed}
    net = FullyConnectedNet([5, 4], input_dim=6, num_classes=3, **options)
    assert {"W1", "b1", "W2", "b2", "W3", "b3"} <= net.params.keys()
    for name, value in net.params.items():
        assert_dtypes(name, value, dtype, normalization=normalization)
    check_start(net, normalization)


@pytest.mark.part("network.loss", points=0.25)
@each_normalization
def test_network_loss_arguments(normalization, rng):
    """loss leaves x and y as they are, and a second call gives the same."""
    net, params = build(rng, normalization=normalization)
    x, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    loss, _ = call_twice(net.loss, x, y, returns="loss grads")
    call_twice(net.loss, x, returns="scores")
    expected = network_loss(params, x, y, normalization=normalization).real
    assert_matches("loss", loss, expected, x=x, normalization=normalization)


@pytest.mark.part("network.loss", points=0.25)
@each_normalization
@each_dtype
def test_network_loss_dtypes(dtype, normalization, rng):
    """Scores and gradients have the dtype of the network, whatever that of x is."""
    options = {"normalization": normalization, "dtype": dtype, "reg": 0.3, "seed": 0}
    net = FullyConnectedNet([5, 3], input_dim=4, num_classes=3, **options)
    x, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    expected = network_loss(dict(net.params), x, y, normalization=normalization, reg=0.3).real
    loss, grads = call(net.loss, x, y, returns="loss grads")
    for name, value in grads.items():
        assert_dtypes(f"grads[{name}]", value, dtype, x=x, normalization=normalization)
    scores = call(net.loss, x, returns="scores")
    assert_dtypes("scores", scores, dtype, x=x, normalization=normalization)
    assert_matches("loss", float(loss), expected, rtol=1e-4, normalization=normalization)
