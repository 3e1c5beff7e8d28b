"""Mini-batch SGD by sorting random numbers; a model gets a new dict of parameters each step."""

import numpy as np
from assignment.helpers import demand_array, demand_equal

__all__ = ["minibatch_sgd", "sample_minibatch", "sgd", "sgd_momentum"]


def _demand_pair(where, x, y):
    demand_array(where, "x", x)
    demand_array(where, "y", y, 1)
    demand_equal(where, "the length of y", len(y), len(x))


def sample_minibatch(x, y, batch_size, rng):
    """Give each example a random number; the smallest ones are the batch."""
    _demand_pair("sample_minibatch", x, y)
    if batch_size not in range(1, len(x) + 1):
        raise ValueError(f"sample_minibatch: batch_size is {batch_size}, use 1 to N = {len(x)}")
    tickets = rng.random(len(x)).argsort()[:batch_size]
    return x.take(tickets, axis=0), y.take(tickets)


def sgd(w, dw, config):
    """Walk downhill."""
    rate = config.get("learning_rate", 0.01)
    return np.subtract(w, rate * dw).astype(w.dtype), {"learning_rate": rate, **config}


def sgd_momentum(w, dw, config):
    """Roll downhill."""
    config = {"learning_rate": 0.01, "momentum": 0.9, **config}
    velocity = config["momentum"] * config.get("velocity", 0 * w)
    config["velocity"] = (velocity - config["learning_rate"] * dw).astype(w.dtype)
    return config["velocity"] + w, config


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    """Sample, forward, backward, update: with momentum 0 the velocity is just the step."""
    _demand_pair("minibatch_sgd", x, y)
    if not np.isfinite(x).all():
        raise ValueError("minibatch_sgd: x holds nan or infinity, expected finite numbers")
    velocities, losses = {}, []
    for _ in range(num_steps):
        loss, grads = model.loss(*sample_minibatch(x, y, batch_size, rng))
        losses.append(float(loss))
        new = dict(model.params)
        for name in sorted(grads):
            step = momentum * velocities.get(name, 0.0) - learning_rate * grads[name]
            velocities[name] = step.astype(new[name].dtype)
            new[name] = new[name] + velocities[name]
        model.params = new
    return np.array(losses, dtype=np.float64)
