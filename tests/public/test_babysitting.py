"""Babysitting: expected numbers from math, models with known training, curves drawn by hand."""

import math
from functools import partial

import numpy as np
import pytest

from assignment.babysitting import (
    expected_initial_loss,
    find_learning_rate,
    overfit_small_set,
    read_loss_curve,
)
from assignment.support.testing.compare import (
    CheckFailed,
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    call_watched,
)
from assignment.support.testing.toys import Bowl, LookupTable


@pytest.mark.part("babysitting.initial_loss", points=0.5)
@pytest.mark.parametrize(("num_classes", "reg"), [(10, 0.0), (3, 0.0), (10, 0.5), (4, 2.0)])
def test_expected_initial_loss(num_classes, reg, rng):
    """The first loss is log C, plus half of reg times all squared weights."""
    weights = [rng.normal(size=(4, 5)), rng.normal(size=(5, 3))]
    squares = math.fsum(float(v) ** 2 for w in weights for v in w.flat)
    loss = call(expected_initial_loss, num_classes, reg, weights, returns="loss")
    expected = math.log(num_classes) + 0.5 * reg * squares
    assert_matches("loss", loss, expected, rtol=1e-8, C=num_classes, reg=reg)
    loss = call(expected_initial_loss, num_classes, returns="loss")
    assert_matches("loss", loss, math.log(num_classes), rtol=1e-8, C=num_classes)


@pytest.mark.part("babysitting.overfit", points=0.5)
@pytest.mark.parametrize("num_examples", [4, 8])
def test_overfit_small_set(num_examples, rng):
    """Only the first num_examples are used, all of them in every step, until they are known."""
    x, y = np.arange(12.0)[:, None], np.arange(12) % 3
    model, options = LookupTable(12, 3), {"num_steps": 60, "learning_rate": 0.5}
    accuracy, losses = call(
        overfit_small_set, model, x, y, rng, num_examples, returns="accuracy losses", **options
    )
    shrink = 1 - 0.5 / num_examples  # factor of each example's error in each step
    expected = np.array([0.5 * shrink ** (2 * t) for t in range(60)])
    assert_matches("losses", losses, expected, num_examples=num_examples, **options)
    assert_matches("accuracy", accuracy, 1.0, num_examples=num_examples, **options)
    table = np.zeros((12, 3))
    for i in range(num_examples):
        table[i, y[i]] = 1 - shrink**60
    assert_matches("table", model.params["table"], table, num_examples=num_examples, **options)


@pytest.mark.part("babysitting.overfit", points=0.5)
def test_overfit_small_set_accuracy(rng):
    """The accuracy is the share that the trained model gets right: here two labels contradict."""
    x, y = np.array([[0], [1], [1], [1], [2.0]]), np.array([1, 2, 2, 0, 2])
    options = {"num_examples": 5, "num_steps": 60, "learning_rate": 0.5}
    accuracy, _ = call(
        overfit_small_set, LookupTable(3, 3), x, y, rng, returns="accuracy losses", **options
    )
    assert_matches("accuracy", accuracy, 0.8, rtol=1e-8, x=x, y=y)


search = partial(call, find_learning_rate, returns="final_losses")


@pytest.mark.part("babysitting.learning_rate", points=0.5)
@pytest.mark.parametrize("num_steps", [20, 5])
def test_find_learning_rate(num_steps, rng):
    """For each rate the result is the mean loss of the last tenth of its run."""
    x, y, rates = np.full((9, 2), 1.5), np.zeros(9, int), np.array([1e-3, 0.5, 0.1, 1.0])
    got = search(Bowl(W1=[3.5]), x, y, rng, rates, num_steps=num_steps, batch_size=3)
    last = range(num_steps)[-max(1, num_steps // 10) :]
    means = [sum(2 * (1 - r) ** (2 * t) for t in last) / len(last) for r in rates]
    assert_matches(
        "final_losses", got, np.array(means), floor=1e-12, rates=rates, num_steps=num_steps
    )


@pytest.mark.part("babysitting.learning_rate", points=0.25)
@pytest.mark.parametrize("num_steps", [2, 20])
def test_find_learning_rate_diverged(num_steps, rng):
    """A run that diverges gives inf, first as an infinite loss and later as nan, and no error."""
    x, y, rates = np.full((9, 2), 1.5), np.zeros(9, int), np.array([0.1, 1e200, 0.5])
    got = search(Bowl(W1=[3.5]), x, y, rng, rates, num_steps=num_steps, batch_size=3)
    assert [value == math.inf for value in got] == [False, True, False]


@pytest.mark.part("babysitting.learning_rate", points=0.25)
def test_find_learning_rate_is_fair(rng):
    """Every run starts from the same parameters, sees the same batches and leaves the model."""
    x, y, model = rng.normal(0, 0.3, (30, 2)), np.zeros(30, int), Bowl(W1=[3.0, 4.0])
    rates = np.array([0.2, 0.01, 0.2, 0.2])
    got = search(model, x, y, rng, rates, num_steps=10, batch_size=2)
    expected = np.array([got[0], got[1], got[0], got[0]])
    assert_matches("final_losses", got, expected, rates=rates)
    if not got[0] < got[1]:  # the means of x are near 0, so 0.2 comes far and 0.01 does not
        raise CheckFailed("a rate of 0.01 comes as far as one of 0.2", got=repr(got))
    assert_matches("W1", model.params["W1"], np.array([3.0, 4.0]), rates=rates)


def draw_curve(start, middle, end):
    """Return 100 losses with this first loss and these means of the fifth and the last tenth."""
    levels = [start, start, start, middle + 0.5, middle, *5 * [end]]
    wave = np.array([0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, 0.1, -0.6, 0.5])
    losses = np.concatenate([level + wave for level in levels])
    losses[0] = start
    return losses


def check_verdict(losses, expected, case):
    """Fail unless read_loss_curve returns the expected verdict."""
    got = call(read_loss_curve, losses, returns="verdict")
    if got != expected:
        raise CheckFailed("wrong verdict", case=case, expected=repr(expected), got=repr(got))


CURVES = [
    ("diverged", (2.0, 3.0, 9.0)),
    ("diverged", (2.0, 2.4, 3.2)),
    ("too slow", (2.0, 2.4, 2.8)),
    ("too slow", (2.0, 2.0, 2.0)),
    ("too slow", (2.0, 1.9, 1.85)),
    ("healthy", (2.0, 1.9, 1.75)),
    ("plateau", (2.0, 1.75, 1.75)),
    ("plateau", (2.0, 1.035, 1.0)),
    ("healthy", (2.0, 1.07, 1.0)),
    ("plateau", (2.0, 0.56, 0.55)),
    ("healthy", (2.0, 0.46, 0.45)),
    ("healthy", (2.0, 0.6, 0.2)),
]


@pytest.mark.part("babysitting.loss_curve", points=0.5)
@pytest.mark.parametrize(("verdict", "levels"), CURVES)
def test_read_loss_curve(verdict, levels):
    """The written rules decide, on both sides of each of their limits."""
    check_verdict(draw_curve(*levels), verdict, "start {}, middle {}, end {}".format(*levels))


@pytest.mark.part("babysitting.loss_curve", points=0.25)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("where", [0, 47, 99])
def test_read_loss_curve_not_finite(where, bad):
    """One loss that is nan or infinite is enough: diverged, where the curve was healthy."""
    losses = draw_curve(2.3, 0.6, 0.2)
    check_verdict(losses, "healthy", "all losses are finite")
    losses[where] = bad
    check_verdict(losses, "diverged", f"losses[{where}] is {bad}")


@pytest.mark.part("babysitting.initial_loss", points=0.25)
def test_expected_initial_loss_arguments(rng):
    """The weights stay as they are, and a second call gives the same."""
    weights = rng.normal(size=(2, 4, 5))
    loss = call_twice(expected_initial_loss, 3, 0.5, weights, returns="loss")
    expected = math.log(3) + 0.25 * math.fsum(float(v) ** 2 for v in weights.flat)
    assert_matches("loss", loss, expected, rtol=1e-8, weights=weights)


# of five steps on eight examples; each takes off an eighth of a tenth of each example's error
LOSSES = np.array([0.5 * (1 - 0.1 / 8) ** (2 * t) for t in range(5)])


@pytest.mark.part("babysitting.overfit", points=0.25)
def test_overfit_small_set_arguments(rng):
    """x and y stay as they are, be they read-only or not."""
    x, y = np.arange(12.0)[:, None], np.arange(12) % 3
    for writeable in (True, False):
        x.flags.writeable = y.flags.writeable = writeable
        model = LookupTable(12, 3)
        names = "accuracy losses"
        _, losses = call_watched(overfit_small_set, model, x, y, rng, 8, 5, returns=names)
        assert_matches("losses", losses, LOSSES, x=x, y=y)


@pytest.mark.part("babysitting.overfit", points=0.25)
def test_overfit_small_set_dtypes(rng):
    """The losses are float64, even of float32 examples."""
    x, y = np.arange(12, dtype=np.float32)[:, None], np.arange(12) % 3
    _, losses = call(
        overfit_small_set, LookupTable(12, 3), x, y, rng, 8, 5, returns="accuracy losses"
    )
    assert_dtypes("losses", losses, np.float64, x=x, y=y)
    assert_matches("losses", losses, LOSSES, x=x, y=y)


@pytest.mark.part("babysitting.learning_rate", points=0.25)
def test_find_learning_rate_arguments(rng):
    """x, y and the rates stay as they are, be they read-only or not."""
    x, y, rates = rng.normal(size=(9, 2)), np.zeros(9, int), np.array([0.2, 0.01])
    for writeable in (True, False):
        x.flags.writeable = y.flags.writeable = rates.flags.writeable = writeable
        model = Bowl(W1=[3.5])
        names = "final_losses"
        got = call_watched(find_learning_rate, model, x, y, rng, rates, 5, 9, returns=names)
        start = 0.5 * (3.5 - math.fsum(x.flat) / 18) ** 2  # all examples are in each batch
        assert_matches(names, got, np.array([start * (1 - r) ** 8 for r in rates]), x=x)


@pytest.mark.part("babysitting.learning_rate", points=0.25)
def test_find_learning_rate_dtypes(rng):
    """The final losses are float64, even of float32 examples and rates."""
    x, rates = np.full((9, 2), 1.5, np.float32), np.array([0.2, 0.01], np.float32)
    got = search(Bowl(W1=[3.5]), x, np.zeros(9, int), rng, rates, 5, 3)
    assert_dtypes("final_losses", got, np.float64, x=x, rates=rates)
    expected = np.array([2 * (1 - float(r)) ** 8 for r in rates])
    assert_matches("final_losses", got, expected, x=x, rates=rates)


@pytest.mark.part("babysitting.loss_curve", points=0.25)
def test_read_loss_curve_arguments():
    """The losses stay as they are, and a second call gives the same."""
    for expected, end in (("healthy", 0.2), ("diverged", 3.2)):
        verdict = call_twice(read_loss_curve, draw_curve(2.0, 0.6, end), returns="verdict")
        if verdict != expected:
            raise CheckFailed("wrong verdict", expected=repr(expected), got=repr(verdict))
