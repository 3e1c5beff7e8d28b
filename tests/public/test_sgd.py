"""Mini-batch SGD: random batches, updates against Python floats, and the loop on given models."""

import math
import statistics
from functools import partial
from itertools import combinations

import numpy as np
import pytest

from assignment.sgd import minibatch_sgd, sample_minibatch, sgd, sgd_momentum
from assignment.support.testing.compare import (
    CheckFailed,
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    call_watched,
)
from assignment.support.testing.toys import Bowl, RollCall
from tests.randomness import assert_near, assert_shape, assert_share, assert_uses_only


def make_examples(N, shape=()):
    """Return N examples filled with their index, which is also their label."""
    y = np.arange(N)
    return np.stack([np.full(shape, float(i)) for i in y]), y


@pytest.mark.part("sgd.sample", points=0.25)
@pytest.mark.parametrize(
    ("shape", "batch_size", "dtype"),
    [((3,), 4, np.float64), ((2, 3), 1, np.float32), ((2, 3), 10, np.uint8)],
)
def test_sample_minibatch(shape, batch_size, dtype, rng):
    """A batch has batch_size different examples, each with its own label beside it."""
    x, y = make_examples(10, shape)
    x, y = x.astype(dtype), y + 50
    x_batch, y_batch = call(sample_minibatch, x, y, batch_size, rng, returns="x_batch y_batch")
    expected = np.stack([x[int(label) - 50] for label in y_batch])
    assert_matches("x_batch", x_batch, expected, x=x, y=y, batch_size=batch_size)
    if len(set(y_batch.tolist())) < batch_size or y_batch.shape != (batch_size,):
        raise CheckFailed("not batch_size different examples", got=f"labels {y_batch}")


def count_neighbours(batch):
    """Count the pairs of examples that follow one another in the data."""
    return sum(i + 1 in batch for i in batch)


@pytest.mark.part("sgd.sample", points=0.25)
def test_sample_minibatch_is_random(rng, seed):
    """By rng alone every example is drawn equally often, each time with other neighbours."""
    x, y = make_examples(10)
    drawn = [call(sample_minibatch, x, y, 5, rng, returns="x_batch y_batch") for _ in range(60)]
    batches = [y_batch.tolist() for _, y_batch in drawn]
    if {len(batch) for batch in batches} != {5}:
        raise CheckFailed("not always batch_size examples", got=f"batches {batches[:3]} ...")
    for i in range(10):
        assert_share(f"batches with example {i}", sum(i in b for b in batches), 60, 0.5)
    # five examples in a row have four neighbours, but 0, 2, 4, 6, 8 have none
    neighbours = [count_neighbours(batch) for batch in combinations(range(10), 5)]
    found = sum(map(count_neighbours, batches)) / 60
    sigma = statistics.pstdev(neighbours) / math.sqrt(60)
    assert_near("neighbours in a batch", found, statistics.fmean(neighbours), sigma)
    x, y = make_examples(1000)
    assert_uses_only(lambda rng: sample_minibatch(x, y, 10, rng)[1], seed)


each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def take_steps(update, w, gradients, config):
    """Return w after one step for each gradient."""
    for dw in gradients:
        w, config = call(update, w, dw, config, returns="next_w config")
    return w


@pytest.mark.part("sgd.update", points=0.25)
@pytest.mark.parametrize("config", [{}, {"learning_rate": np.float64(0.3)}])
@each_dtype
def test_sgd(dtype, config, rng):
    """A step of sgd is -learning_rate * dw, by default -0.01 * dw; config is handed on."""
    w, gradients = rng.normal(size=(3, 4)).astype(dtype), rng.normal(size=(2, 3, 4)).astype(dtype)
    got = take_steps(sgd, w, gradients, dict(config))
    expected = w.astype(float)
    for index in np.ndindex(w.shape):
        for dw in gradients:
            expected[index] -= config.get("learning_rate", 1e-2) * dw[index]
    assert_matches("w", got, expected.astype(dtype), floor=0.1, w=w, config=config)


@pytest.mark.part("sgd.update", points=0.25)
@pytest.mark.parametrize(
    "config",
    [
        {},
        {"learning_rate": 0.3},
        {"learning_rate": np.float64(0.1), "momentum": 0.7},
        {"momentum": 0},
    ],
)
@each_dtype
def test_sgd_momentum(dtype, config, rng):
    """sgd_momentum carries a velocity from step to step; default 0.01 and momentum 0.9."""
    w, gradients = rng.normal(size=(3, 4)).astype(dtype), rng.normal(size=(3, 3, 4)).astype(dtype)
    got = take_steps(sgd_momentum, w, gradients, dict(config))
    learning_rate, momentum = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    expected = w.astype(float)
    for index in np.ndindex(w.shape):
        velocity = 0.0
        for dw in gradients:
            velocity = momentum * velocity - learning_rate * dw[index]
            expected[index] += velocity
    assert_matches("w", got, expected.astype(dtype), floor=0.1, w=w, config=config)


def roll_down(start, m, num_steps, learning_rate, momentum):
    """Return losses and end of a Bowl with one parameter, if all examples are equal to m."""
    p, velocity, losses = start, 0.0, []
    for _ in range(num_steps):
        losses.append(0.5 * (p - m) ** 2)
        velocity = momentum * velocity - learning_rate * (p - m)
        p += velocity
    return losses, p


@pytest.mark.part("sgd.loop", points=0.5)
@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.5])
def test_minibatch_sgd_descends(momentum, rng):
    """The losses are those before each update; every parameter has a velocity of its own."""
    starts = {"W1": 3.0, "b1": -2.0, "W2": 0.5}
    model = Bowl(**{name: [start] for name, start in starts.items()})
    x, y = np.full((20, 2), 1.5), np.zeros(20, int)
    options = {"num_steps": 12, "batch_size": 4, "learning_rate": 0.2, "momentum": momentum}
    losses = call(minibatch_sgd, model, x, y, rng, returns="losses", **options)
    paths = {name: roll_down(p, 1.5, 12, 0.2, momentum) for name, p in starts.items()}
    expected = [math.fsum(step) for step in zip(*(path[0] for path in paths.values()))]
    assert_matches("losses", losses, np.array(expected), x=x, **options)
    for name, (_, end) in paths.items():
        assert_matches(name, model.params[name], np.array([end]), **options)


def check_sizes(losses, batch_size):
    """Fail unless each batch of a RollCall had so many different examples."""
    sizes = [bin(int(abs(loss))).count("1") for loss in losses]
    if set(sizes) != {batch_size}:
        got = f"{sizes[:5]} ..."
        raise CheckFailed(f"not always {batch_size} different examples", got=got)


@pytest.mark.part("sgd.loop", points=0.25)
def test_minibatch_sgd_batches(rng, seed):
    """Each step draws with rng a new batch of batch_size examples, labels alongside."""
    x, y = make_examples(30, (1,))
    train = partial(call, minibatch_sgd, RollCall(), x, y, returns="losses")
    assert_uses_only(lambda rng: train(rng, 5, 3), seed)
    losses = train(rng, num_steps=40, batch_size=7)
    batches = [[i for i in range(30) if int(abs(loss)) >> i & 1] for loss in losses]
    assert_shape("losses", losses, (40,))
    if min(losses) < 0:
        raise CheckFailed("a label of another example stands beside an example")
    check_sizes(losses, 7)
    if len({tuple(batch) for batch in batches}) < 39:
        raise CheckFailed("some batches came twice", expected="a new draw in each step")


def check_alongside(x_batch, y_batch, batch_size, x, y):
    """Compare a batch with the examples that its labels name, batch_size different ones."""
    assert_shape("y_batch", y_batch, (batch_size,))
    if len(set(y_batch.tolist())) < batch_size:
        raise CheckFailed("not batch_size different examples", got=f"labels {y_batch}")
    expected = np.stack([x[int(label)] for label in y_batch])
    assert_matches("x_batch", x_batch, expected, x=x, y=y)


@pytest.mark.part("sgd.sample", points=0.25)
def test_sample_minibatch_arguments(rng):
    """x and y stay as they are, in their old order, and an equal generator gives the same batch."""
    x, y = make_examples(10, (3,))
    x_batch, y_batch = call_twice(sample_minibatch, x, y, 4, rng, returns="x_batch y_batch")
    check_alongside(x_batch, y_batch, 4, x, y)


@pytest.mark.part("sgd.sample", points=0.25)
@pytest.mark.parametrize("dtypes", [(np.float64, np.int64), (np.float32, np.uint8)])
def test_sample_minibatch_dtypes(dtypes, rng):
    """A batch has the dtypes of x and y."""
    x, y = (array.astype(dtype) for array, dtype in zip(make_examples(10, (3,)), dtypes))
    got = call(sample_minibatch, x, y, 4, rng, returns="x_batch y_batch")
    for name, batch, dtype in zip(("x_batch", "y_batch"), got, dtypes):
        assert_dtypes(name, batch, dtype, x=x, y=y)
    check_alongside(*got, 4, x, y)


each_update = pytest.mark.parametrize("update", [sgd, sgd_momentum])


@pytest.mark.part("sgd.update", points=0.25)
@each_update
def test_update_arguments(update, rng):
    """Both updates leave w and dw as they are, and a second call gives the same."""
    w, dw = rng.normal(size=(2, 3, 4))
    got, _ = call_twice(update, w, dw, {"learning_rate": 0.3}, returns="next_w config")
    assert_matches("next_w", got, w - 0.3 * dw, w=w, dw=dw)


@pytest.mark.part("sgd.update", points=0.25)
@each_update
@each_dtype
def test_update_dtypes(dtype, update, rng):
    """Both updates answer in the dtype of w, even with settings of np.float64."""
    w, dw = rng.normal(size=(2, 3, 4)).astype(dtype)
    config = {"learning_rate": np.float64(0.1), "momentum": np.float64(0.9)}
    next_w, config = call(update, w, dw, config, returns="next_w config")
    assert_dtypes("next_w", next_w, dtype, w=w)
    assert_matches("next_w", next_w, w - 0.1 * dw.astype(float), floor=0.1, w=w, dw=dw)
    next_w, _ = call(update, w, dw, config, returns="next_w config")
    assert_dtypes("next_w", next_w, dtype, w=w)


@pytest.mark.part("sgd.loop", points=0.25)
def test_minibatch_sgd_arguments(rng):
    """The loop leaves x and y as they are, be they read-only or not."""
    x, y = make_examples(30, (1,))
    for writeable in (True, False):
        x.flags.writeable = y.flags.writeable = writeable
        losses = call_watched(minibatch_sgd, RollCall(), x, y, rng, 5, 3, returns="losses")
        check_sizes(losses, 3)


@pytest.mark.part("sgd.loop", points=0.25)
def test_minibatch_sgd_dtypes(rng):
    """The losses are float64, even of a model that computes in float32."""
    x, y = make_examples(30, (1,))
    x = x.astype(np.float32)
    losses = call(minibatch_sgd, RollCall(), x, y, rng, 5, 3, returns="losses")
    assert_dtypes("losses", losses, np.float64, x=x, y=y)
    check_sizes(losses, 3)
