"""The fully connected network: seeds, names, dtypes, depths and running statistics."""

import numpy as np
import pytest

from assignment.network import FullyConnectedNet
from assignment.support.testing.compare import CheckFailed, assert_matches, call
from tests.array_kinds import as_float32, as_fortran, as_view
from tests.oracles_normalization import (
    ACTIVATIONS,
    draw_params,
    eval_norm,
    network_buffers,
    network_gradients,
    network_loss,
    network_scores,
)
from tests.randomness import assert_shape

each_normalization = pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])


def build(rng, hidden_dims, dtype=np.float64, **options):
    """Return a network from 6 values to 3 classes, and parameters that are not 0 or 1."""
    net = FullyConnectedNet(hidden_dims, input_dim=6, num_classes=3, dtype=dtype, **options)
    params = draw_params(rng, [6, *hidden_dims, 3], options.get("normalization"))
    params = {name: value.astype(dtype) for name, value in params.items()}
    net.params = {name: value.copy() for name, value in params.items()}
    return net, params


@pytest.mark.part("network.init", points=0.75)
@each_normalization
def test_network_init_seed(normalization, seed):
    """The seed decides all weights; another seed, or none, gives others, and so does each layer."""
    options = {"input_dim": 4, "num_classes": 4, "normalization": normalization}
    one, same, other = (
        FullyConnectedNet([4, 4], seed=s, **options).params for s in (seed, seed, seed + 1)
    )
    for name, value in one.items():
        assert_matches(name, same[name], value, seed=seed)
    unseeded = [FullyConnectedNet([4, 4], **options).params["W1"] for _ in range(2)]
    drawn = [one["W1"], one["W2"], one["W3"], other["W1"], *unseeded]
    assert len({w.tobytes() for w in drawn}) == len(drawn)


@pytest.mark.part("network.init", points=0.75)
@pytest.mark.parametrize(
    ("option", "names", "unknown"),
    [
        ("activation", ACTIVATIONS, "step"),
        ("normalization", [None, "batchnorm", "layernorm"], "groupnorm"),
        ("initialization", ["zeros", "small_random", "xavier", "he", 1e-3], "ones"),
    ],
)
def test_network_init_names(option, names, unknown):
    """Every documented name makes a network, any other raises a ValueError that says it."""
    for name in names:
        net = FullyConnectedNet([3], input_dim=4, num_classes=2, **{option: name})
        assert {"W1", "b1", "W2", "b2"} <= net.params.keys()
        assert_shape("W1", net.params["W1"], (4, 3))
        weights = net.params["W1"]
        if not np.isfinite(weights).all() or (len({*weights.flat}) < 12) != (name == "zeros"):
            raise CheckFailed("wrong weights in W1", case=f"{option} {name!r}", got=repr(weights))
    with pytest.raises(ValueError, match=unknown):
        FullyConnectedNet([3], input_dim=4, num_classes=2, **{option: unknown})


@pytest.mark.part("network.loss", points=1)
@pytest.mark.parametrize(
    ("normalization", "draw"),
    [
        (None, as_fortran),
        ("batchnorm", as_view),
        ("batchnorm", as_float32),
        ("layernorm", as_fortran),
    ],
)
def test_network_loss_in_float32(normalization, draw, rng):
    """A float32 network takes images of any kind, and its gradients are right."""
    options = {"activation": "tanh", "normalization": normalization, "reg": 0.3}
    net, params = build(rng, [5], dtype=np.float32, **options)
    x, y = draw(rng, (7, 3, 2)), rng.integers(0, 3, 7)
    loss, grads = call(net.loss, x, y, returns="loss grads")
    assert_matches("loss", float(loss), network_loss(params, x, y, **options).real, rtol=1e-5)
    for name, expected in network_gradients(params, x, y, **options).items():
        # a gradient may cancel to almost 0, before batch norm to 0, but its rounding errors remain
        expected = (1 + expected).astype(np.float32)
        assert_matches(f"1+grads[{name}]", 1 + grads[name], expected, floor=0.1, **options)


@pytest.mark.part("network.loss", points=1)
@pytest.mark.parametrize("hidden_dims", [[], [3, 3, 3]], ids=str)
@each_normalization
def test_network_loss_any_depth(normalization, hidden_dims, rng):
    """Loss and gradients are right without a hidden layer and with three of the same width."""
    options = {"activation": "leaky_relu", "normalization": normalization, "reg": 0.7}
    net, params = build(rng, hidden_dims, **options)
    x, y = rng.normal(size=(6, 6)), rng.integers(0, 3, 6)
    loss, grads = call(net.loss, x, y, returns="loss grads")
    assert_matches("loss", loss, network_loss(params, x, y, **options).real, **options)
    for name, expected in network_gradients(params, x, y, **options).items():
        # a bias before batch norm has gradient 0 and no relative error, so compare with 1
        assert_matches(f"1+grads[{name}]", 1 + grads[name], 1 + expected, **options)
    kept = net.params
    for name, value in params.items():
        assert_matches(f"params[{name}]", kept[name], value, **options)


@pytest.mark.part("network.loss", points=1)
def test_network_running_statistics(rng):
    """Each layer has running statistics of its own, which asking for scores does not move."""
    net, params = build(rng, [4, 4], normalization="batchnorm")
    batches = [rng.normal(1, 2, (n, 6)) for n in (6, 8, 5)]
    for x in batches:
        net.loss(x, rng.integers(0, 3, len(x)))
        call(net.loss, 3 * x, returns="scores")
    buffers = network_buffers(params, batches)
    assert len(net.bn_params) == 2
    for bn_param, expected in zip(net.bn_params, buffers.values()):
        got = bn_param["running_mean"], bn_param["running_var"]
        assert_matches("running_mean running_var", got, expected)
    scores = call(net.loss, x[:1], returns="scores")
    expected = network_scores(params, x[:1], norm=eval_norm(buffers)).real
    assert_matches("scores", scores, expected, x=x[:1])
