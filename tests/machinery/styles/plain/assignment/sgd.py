"""Mini-batch SGD."""

import numpy as np

from assignment.contracts import shapes

__all__ = ["minibatch_sgd", "sample_minibatch", "sgd", "sgd_momentum"]


@shapes(x="N ...", y="N")
def sample_minibatch(x, y, batch_size, rng):
    """Shuffle the numbers of the examples and take the first ones."""
    N = len(x)
    if batch_size < 1 or batch_size > N:
        raise ValueError(f"sample_minibatch: batch_size is {batch_size}, use 1 to N = {N}")
    shuffled = rng.permutation(N)
    indices = shuffled[:batch_size]
    return x[indices], y[indices]


def sgd(w, dw, config):
    """One step of gradient descent."""
    learning_rate = float(config.get("learning_rate", 0.01))
    next_w = w - learning_rate * dw
    return next_w, config


def sgd_momentum(w, dw, config):
    """One step with momentum."""
    learning_rate = float(config.get("learning_rate", 0.01))
    momentum = float(config.get("momentum", 0.9))
    velocity = config.get("velocity")
    if velocity is None:
        velocity = np.zeros_like(w)
    velocity = momentum * velocity - learning_rate * dw
    next_w = w + velocity
    next_config = dict(config)
    next_config["velocity"] = velocity
    return next_w, next_config


@shapes(x="N ... finite", y="N")
def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    """Sample, forward and backward, update; again and again."""
    configs = {}
    for name in model.params:
        configs[name] = {"learning_rate": learning_rate, "momentum": momentum}

    losses = []
    for _ in range(num_steps):
        x_batch, y_batch = sample_minibatch(x, y, batch_size, rng)
        loss, grads = model.loss(x_batch, y_batch)
        losses.append(loss)
        for name in model.params:
            w = model.params[name]
            if momentum == 0:
                w, configs[name] = sgd(w, grads[name], configs[name])
            else:
                w, configs[name] = sgd_momentum(w, grads[name], configs[name])
            model.params[name] = w
    return np.array(losses, dtype=float)
