"""Babysitting: defaults, state besides the parameters, and both sides of each rule."""

import math

import numpy as np
import pytest

from assignment.babysitting import (
    expected_initial_loss,
    find_learning_rate,
    overfit_small_set,
    read_loss_curve,
)
from assignment.support.testing.compare import assert_matches, call
from assignment.support.testing.toys import Bowl, LookupTable
from tests.array_kinds import each_kind
from tests.randomness import assert_uses_only


@pytest.mark.part("babysitting.initial_loss", points=0.25)
@each_kind
def test_expected_initial_loss_takes_any_array(draw, rng):
    """The weights may be float32, Fortran-ordered and non-contiguous, one matrix or four."""
    for num_matrices in (1, 4):
        weights = [draw(rng, (4, 3)) for _ in range(num_matrices)]
        loss = call(expected_initial_loss, 5, 0.5, weights, returns="loss")
        expected = math.log(5) + 0.25 * math.fsum(float(v) ** 2 for w in weights for v in w.flat)
        assert_matches("loss", loss, expected, rtol=1e-5, layers=num_matrices)


@pytest.mark.part("babysitting.overfit", points=0.5)
def test_overfit_small_set_defaults(rng):
    """By default 20 examples, 200 steps and a learning rate of 0.1."""
    x, y = np.arange(30.0)[:, None], np.arange(30) % 3
    accuracy, losses = overfit_small_set(LookupTable(30, 3), x, y, rng)
    shrink = 1 - 0.1 / 20  # factor of each example's error in each step
    assert_matches("losses", losses, np.array([0.5 * shrink ** (2 * t) for t in range(200)]))
    assert_matches("accuracy", accuracy, 1.0)


@pytest.mark.part("babysitting.learning_rate", points=0.25)
def test_find_learning_rate_leaves_everything(rng):
    """Running statistics are as they were too, and 50 steps are the default."""
    x, y, model = np.full((120, 2), 1.5), np.zeros(120, int), Bowl(W1=[3.5])
    got = find_learning_rate(model, x, y, rng, np.array([0.1, 0.01], np.float32))
    rates = [float(r) for r in np.array([0.1, 0.01], np.float32)]
    means = [sum(2 * (1 - r) ** (2 * t) for t in range(45, 50)) / 5 for r in rates]
    assert_matches("final_losses", got, np.array(means), rates=rates)
    assert_matches("W1", model.params["W1"], np.array([3.5]))
    assert model.bn_params == [{"running_mean": 0.0}], "the running statistics changed"


@pytest.mark.part("babysitting.learning_rate", points=0.25)
def test_find_learning_rate_uses_only_rng(rng, seed):
    """The batches come from the generator that is handed in."""
    x, y, rates = rng.normal(size=(30, 2)), np.zeros(30, int), np.array([0.1, 0.2])
    assert_uses_only(lambda rng: find_learning_rate(Bowl(W1=[3.0]), x, y, rng, rates, 5, 2), seed)


def draw_curve(start, middle, end, length=1000):
    """Return losses with this first loss and these means of the fifth and the last tenth."""
    levels = [start, start, start, middle + 0.5, middle, *5 * [end]]
    return np.repeat(np.array(levels), length // 10)


@pytest.mark.part("babysitting.loss_curve", points=0.5)
@pytest.mark.parametrize(("scale", "length"), [(0.01, 1000), (100, 10)])
@pytest.mark.parametrize(
    ("verdict", "levels"),
    [
        ("diverged", (2.0, 2.4, 3.2)),
        ("too slow", (2.0, 1.9, 1.85)),
        ("healthy", (2.0, 1.9, 1.75)),
        ("healthy", (2.0, 1.07, 1.0)),
        ("plateau", (3.5, 1.08, 1.0)),
        ("plateau", (2.0, 0.9, 1.0)),
        ("healthy", (2.0, 0.46, 0.45)),
    ],
)
def test_read_loss_curve_scales(verdict, levels, scale, length):
    """The verdict does not depend on the unit of the loss, nor on the length of the run."""
    losses = (scale * draw_curve(*levels, length)).astype(np.float32)
    assert read_loss_curve(losses) == verdict


@pytest.mark.part("babysitting.loss_curve", points=0.25)
def test_read_loss_curve_single_losses():
    """The start is the first loss alone; later a few large losses only count in their mean."""
    losses = draw_curve(0.6, 0.451, 0.45)
    losses[0] = 2.3
    assert read_loss_curve(losses) == "healthy"
    losses = draw_curve(2.0, 0.6, 0.2)
    losses[500] = losses[-1] = 5
    assert read_loss_curve(losses) == "healthy"
    losses = draw_curve(2.0, 0.97, 0.1)
    losses[-30:] = 3
    assert read_loss_curve(losses) == "plateau"


@pytest.mark.part("babysitting.loss_curve", points=0.25)
@pytest.mark.parametrize("length", [37, 55, 128])
def test_read_loss_curve_any_length(length):
    """The number of losses need not be a multiple of ten."""
    time = np.arange(length) / length
    curves = {
        "healthy": 2.3 * np.exp(-4 * time),
        "plateau": 1 + 1.3 * np.exp(-12 * time),
        "too slow": 2.3 - 0.05 * time,
        "diverged": 2.3 + 5 * time * time,
    }
    verdicts = {verdict: read_loss_curve(losses) for verdict, losses in curves.items()}
    assert list(verdicts.values()) == list(verdicts)
