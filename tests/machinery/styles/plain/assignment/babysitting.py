"""Babysitting."""

import copy

import numpy as np

from assignment.contracts import shapes
from assignment.sgd import minibatch_sgd

__all__ = ["expected_initial_loss", "find_learning_rate", "overfit_small_set", "read_loss_curve"]


def expected_initial_loss(num_classes, reg=0.0, weights=()):
    """Each class has probability 1 / num_classes."""
    data_loss = -np.log(1.0 / num_classes)
    penalty = 0.0
    for w in weights:
        penalty += 0.5 * reg * np.sum(w**2)
    return float(data_loss + penalty)


@shapes(x="N ... finite", y="N")
def overfit_small_set(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    """Train on all of the small set in each step."""
    small_x = x[:num_examples]
    small_y = y[:num_examples]
    losses = minibatch_sgd(
        model,
        small_x,
        small_y,
        rng,
        num_steps=num_steps,
        batch_size=len(small_x),
        learning_rate=learning_rate,
    )
    scores = model.loss(small_x)
    predicted = np.argmax(scores, axis=1)
    num_right = 0
    for i in range(len(small_y)):
        if predicted[i] == small_y[i]:
            num_right += 1
    return num_right / len(small_y), losses


@shapes(x="N ... finite", y="N", learning_rates="R finite")
def find_learning_rate(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    """Train a fresh copy with each rate."""
    final_losses = []
    for rate in learning_rates:
        model_copy = copy.deepcopy(model)
        rng_copy = copy.deepcopy(rng)
        losses = minibatch_sgd(
            model_copy,
            x,
            y,
            rng_copy,
            num_steps=num_steps,
            batch_size=batch_size,
            learning_rate=float(rate),
        )
        num_last = max(1, num_steps // 10)
        final_loss = np.mean(losses[num_steps - num_last :])
        if np.isnan(final_loss) or np.isinf(final_loss):
            final_loss = np.inf
        final_losses.append(final_loss)
    return np.array(final_losses, dtype=float)


@shapes(losses="T")
def read_loss_curve(losses):
    """Apply the rules from top to bottom."""
    if len(losses) < 10:
        raise ValueError(f"read_loss_curve: only {len(losses)} losses, at least 10 are needed")
    parts = np.array_split(losses, 10)
    start = losses[0]
    middle = np.mean(parts[4])
    end = np.mean(parts[9])
    if np.any(np.isnan(losses)) or np.any(np.isinf(losses)):
        return "diverged"
    if end > 1.5 * start:
        return "diverged"
    if start - end < 0.1 * start:
        return "too slow"
    if end > 0.25 * start and middle - end < 0.05 * (start - end):
        return "plateau"
    return "healthy"
