"""Babysitting: a model is pickled before it is tried, so that it cannot be harmed."""

import math
import pickle
import warnings

import numpy as np

from assignment import helpers, sgd

__all__ = ["expected_initial_loss", "find_learning_rate", "overfit_small_set", "read_loss_curve"]


def expected_initial_loss(num_classes, reg=0.0, weights=()):
    """Log of the number of classes, and the penalty."""
    penalty = math.fsum(float(np.linalg.norm(w)) ** 2 for w in weights)
    return -math.log(1 / num_classes) + reg * penalty / 2


def overfit_small_set(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    """Learn a few examples by heart."""
    helpers.demand_array("overfit_small_set", "x", x)
    helpers.demand_equal("overfit_small_set", "the length of y", len(y), len(x))
    few = slice(0, min(num_examples, len(x)))
    options = {"num_steps": num_steps, "batch_size": len(x[few]), "learning_rate": learning_rate}
    losses = sgd.minibatch_sgd(model, x[few], y[few], rng, **options)
    guesses = [int(np.argmax(scores)) for scores in model.loss(x[few])]
    return sum(g == int(t) for g, t in zip(guesses, y[few])) / len(guesses), losses


def find_learning_rate(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    """Give each learning rate a copy of the model and of the generator."""
    helpers.demand_array("find_learning_rate", "learning_rates", learning_rates, 1)
    if not np.isfinite(learning_rates).all():
        raise ValueError("find_learning_rate: learning_rates holds nan or infinity")
    frozen = pickle.dumps((model, rng.bit_generator.state))
    return np.array(
        [
            _try(frozen, x, y, type(rng.bit_generator), rate, num_steps, batch_size)
            for rate in learning_rates.tolist()
        ]
    )


def _try(frozen, x, y, kind, rate, num_steps, batch_size):
    model, state = pickle.loads(frozen)
    source = kind()
    source.state = state
    with warnings.catch_warnings():
        warnings.simplefilter("always")  # overflow may be seen
        losses = sgd.minibatch_sgd(
            model, x, y, np.random.Generator(source), num_steps, batch_size, rate
        )
    tail = losses.tolist()[num_steps - max(num_steps // 10, 1) :]
    mean = sum(tail) / len(tail)
    return mean if math.isfinite(mean) else math.inf


def read_loss_curve(losses):
    """Cut at i * T // 10 and go through the rules."""
    helpers.demand_array("read_loss_curve", "losses", losses, 1)
    T = len(losses)
    if T < 10:
        raise ValueError(f"read_loss_curve: {T} losses are too few, 10 or more are needed")
    values = losses.tolist()
    start, middle, end = (
        values[0],
        _mean(values[4 * T // 10 : 5 * T // 10]),
        _mean(values[9 * T // 10 :]),
    )
    rules = [
        ("diverged", not all(map(math.isfinite, values)) or end > 1.5 * start),
        ("too slow", start - end < 0.1 * start),
        ("plateau", end > 0.25 * start and middle - end < 0.05 * (start - end)),
        ("healthy", True),
    ]
    return next(word for word, holds in rules if holds)


def _mean(values):
    return sum(values) / len(values)
