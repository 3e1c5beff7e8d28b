"""Mini-batch SGD: source of random numbers, unusual arrays, extreme options, real batches."""

import math

import numpy as np
import pytest

from assignment.sgd import minibatch_sgd, sample_minibatch, sgd, sgd_momentum
from assignment.support.testing.compare import assert_matches, call
from assignment.support.testing.toys import Bowl, RollCall
from tests.array_kinds import each_kind
from tests.randomness import assert_shape, assert_share


@pytest.mark.part("sgd.sample", points=0.5)
def test_sample_minibatch_again(rng):
    """Each call draws anew, and examples of the data."""
    x, y = np.arange(2000).reshape(1000, 2), np.arange(1000)
    batches = [call(sample_minibatch, x, y, 10, rng, returns="x_batch y_batch") for _ in range(2)]
    for x_batch, y_batch in batches:
        assert_shape("y_batch", y_batch, (10,))
        expected = np.array([[2 * i, 2 * i + 1] for i in y_batch.tolist()])
        assert_matches("x_batch", x_batch, expected, x=x, y=y)
    first, second = (y_batch.tolist() for _, y_batch in batches)
    assert first != second, "two calls with one generator give the same batch"


@pytest.mark.part("sgd.sample", points=0.5)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_sample_minibatch_takes_any_array(dtype, rng):
    """x and y may be views of any dtype, and may hold a single example."""
    x = np.arange(48).astype(dtype).reshape(4, 3, 4)[:, :, ::2]
    y = np.array([5, 6, 7, 8], np.uint8)[::-1]
    for N, batch_size in ((4, 4), (4, 3), (1, 1)):
        got = call(sample_minibatch, x[:N], y[:N], batch_size, rng, returns="x_batch y_batch")
        assert_shape("y_batch", got[1], (batch_size,))
        order = [8 - int(label) for label in got[1]]
        assert len({*order} & {*range(N)}) == batch_size, "not batch_size different examples"
        expected = np.array([x[i] for i in order]), np.array([y[i] for i in order])
        assert_matches("x_batch y_batch", got, expected, x=x[:N], y=y[:N])


@pytest.mark.part("sgd.update", points=0.5)
@pytest.mark.parametrize("update", [sgd, sgd_momentum])
@each_kind
def test_update_takes_any_array(draw, update, rng):
    """Any kind of array will do, also when the rate is an np.float64."""
    w, dw = draw(rng, (5, 4)), draw(rng, (5, 4))
    config = {"learning_rate": np.float64(0.1), "momentum": np.float64(0)}
    expected = np.empty_like(w)
    for index in np.ndindex(w.shape):
        expected[index] = float(w[index]) - 0.1 * float(dw[index])
    got, config = call(update, w, dw, config, returns="next_w config")
    assert_matches("w", got, expected, w=w, config=config)
    again, _ = call(update, got, np.zeros_like(dw), config, returns="next_w config")
    assert_matches("w", again, expected, w=got, dw=0.0)


@pytest.mark.part("sgd.update", points=0.5)
@pytest.mark.parametrize("momentum", [0.0, 0.7, 1.0])
def test_sgd_momentum_continues(momentum, rng):
    """A velocity in config is used; the new one is handed on under the same name."""
    w, dw, velocity = rng.normal(size=(3, 4, 3))
    config = {"learning_rate": 0.2, "momentum": momentum, "velocity": velocity.copy()}
    new_velocity, expected = np.empty((4, 3)), np.empty((4, 3))
    for index in np.ndindex(w.shape):
        new_velocity[index] = momentum * velocity[index] - 0.2 * dw[index]
        expected[index] = w[index] + new_velocity[index]
    got, config = sgd_momentum(w, dw, config)
    assert_matches("w velocity", (got, config["velocity"]), (expected, new_velocity), w=w)
    assert config["learning_rate"] == 0.2


@pytest.mark.part("sgd.loop", points=0.25)
def test_minibatch_sgd_full_batch(rng):
    """Arrays of different shapes train side by side, with the mean of the batch at that step."""
    x, y, start = rng.normal(size=(6, 2)), np.zeros(6, int), rng.normal(size=(2, 3))
    model = Bowl(W1=start, b1=[1.0, 2, 3])
    losses = minibatch_sgd(model, x, y, rng, num_steps=3, batch_size=6, learning_rate=0.5)
    m = sum(x.flat) / 12
    squares = sum((p - m) ** 2 for p in [*start.flat, 1.0, 2, 3])
    assert_matches("losses", losses, np.array([0.5 * squares * 0.25**t for t in range(3)]), x=x)
    expected = np.array([m + (p - m) / 8 for p in start.flat]).reshape(2, 3)
    assert_matches("W1", model.params["W1"], expected, x=x)


@pytest.mark.part("sgd.loop", points=0.25)
def test_minibatch_sgd_defaults(rng):
    """By default 100 steps on 100 examples each, with a learning rate of 0.01, no momentum."""
    x, y = rng.normal(size=(100, 1)), np.zeros(100, int)
    losses = minibatch_sgd(Bowl(w=[5.0]), x, y, rng)
    first = 0.5 * (5 - math.fsum(x.flat) / 100) ** 2
    assert_matches("losses", losses, np.array([first * 0.99 ** (2 * t) for t in range(100)]), x=x)


@pytest.mark.part("sgd.loop", points=0.25)
def test_minibatch_sgd_reaches_everyone(rng):
    """Every example gets its turn."""
    x, y = np.arange(40.0)[:, None], np.arange(40)
    losses = minibatch_sgd(RollCall(), x, y, rng, 120, 20)
    for i in range(40):
        hits = sum(int(loss) >> i & 1 for loss in losses)
        assert_share(f"batches with example {i}", hits, 120, 0.5)
