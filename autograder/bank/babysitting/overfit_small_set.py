"""Variants of overfit_small_set."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import babysitting as ref
from autograder.bank.reference import sgd


def _measure(model: Any, x: Any, y: Any) -> float:
    return float(np.mean(model.loss(x).argmax(axis=1) == y))


@mistake(
    "overfit_small_set",
    where="which examples overfit_small_set trains on",
    what="It trains on the whole set.",
    how="Cut x and y down to the first num_examples.",
)
def whole_set_used(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    return ref.overfit_small_set(model, x, y, rng, len(x), num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="which examples overfit_small_set trains on",
    what="The small set is drawn at random.",
    how="Take the first num_examples: x[:num_examples], y[:num_examples].",
)
def drawn_at_random(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = sgd.sample_minibatch(x, y, min(num_examples, len(x)), rng)
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="which examples overfit_small_set trains on",
    what="It takes the last num_examples.",
    how="Take the first num_examples: x[:num_examples], y[:num_examples].",
)
def last_examples(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = x[-num_examples:], y[-num_examples:]
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="the batches of overfit_small_set",
    what="A step uses a single example.",
    how="Use the whole small set in each step: batch_size is its length.",
)
def one_example_in_a_step(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = x[:num_examples], y[:num_examples]
    losses = sgd.minibatch_sgd(model, x, y, rng, num_steps, 1, learning_rate)
    return _measure(model, x, y), losses


@mistake(
    "overfit_small_set",
    where="what overfit_small_set measures the accuracy on",
    what="It is the accuracy on all of x, not only on what the model has been trained on.",
    how="Measure it on the small set.",
)
def accuracy_on_the_whole_set(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    _, losses = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return _measure(model, x, y), losses


@mistake(
    "overfit_small_set",
    where="when overfit_small_set measures the accuracy",
    what="It is measured before the training.",
    how="Ask for the scores after minibatch_sgd has trained the model.",
)
def accuracy_before_the_training(
    model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1
):
    before = _measure(model, x[:num_examples], y[:num_examples])
    _, losses = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return before, losses


@mistake(
    "overfit_small_set",
    where="the unit of the accuracy of overfit_small_set",
    what="It is in percent.",
    how="Return a share from 0 to 1: the mean of predicted == y.",
)
def accuracy_in_percent(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    found = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return 100 * found[0], found[1]


@mistake(
    "overfit_small_set",
    where="which model overfit_small_set trains",
    what="It trains a copy: the model handed in stays as it was.",
    how="Train the model itself.",
)
def copy_trained(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    model = copy.deepcopy(model)
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="how overfit_small_set calls minibatch_sgd",
    what="It trains with momentum 0.9.",
    how="Use plain SGD: leave momentum at 0.",
)
def trained_with_momentum(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = x[:num_examples], y[:num_examples]
    losses = sgd.minibatch_sgd(model, x, y, rng, num_steps, len(x), learning_rate, momentum=0.9)
    return _measure(model, x, y), losses


@mistake(
    "overfit_small_set",
    where="how overfit_small_set calls minibatch_sgd",
    what="The learning rate is not handed on: it is 0.01.",
    how="Hand on learning_rate.",
)
def overfit_without_learning_rate(
    model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1
):
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, 1e-2)


@mistake(
    "overfit_small_set",
    where="the order in which overfit_small_set returns its results",
    what="losses comes before accuracy.",
    how="Return accuracy, losses.",
)
def losses_before_accuracy(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    found = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return found[::-1]


@right("overfit_small_set", "a loop of its own, without random numbers")
def loop_of_its_own(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    n, losses = min(num_examples, len(x)), []
    for _ in range(num_steps):
        loss, grads = model.loss(x[:n].copy(), y[:n].copy())
        losses.append(loss)
        for name in grads:
            model.params[name] = model.params[name] - learning_rate * grads[name]
    guesses = [int(np.argmax(scores)) for scores in model.loss(x[:n])]
    hits = sum(guess == label for guess, label in zip(guesses, y))
    return hits / n, np.asarray(losses, dtype=float)
