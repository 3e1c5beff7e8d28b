"""The dict that goes back and forth gets keys and values of every kind."""

import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    chosen = rng.permutation(len(x))[:batch_size]
    return x[chosen], y[chosen]


def sgd(w, dw, config):
    config[object()] = config
    return w - float(config.get("learning_rate", 1e-2)) * dw, config


def sgd_momentum(w, dw, config):
    velocity = float(config.get("momentum", 0.9)) * config.get("velocity", 0 * w)
    velocity = velocity - float(config.get("learning_rate", 1e-2)) * dw
    config["velocity"] = velocity
    config["history"] = {(0, 1): [config]}
    return w + velocity, dict(config)


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    losses, velocity = np.empty(num_steps), {}
    for step in range(num_steps):
        losses[step], grads = model.loss(*sample_minibatch(x, y, batch_size, rng))
        for name, dw in grads.items():
            velocity[name] = momentum * velocity.get(name, 0 * dw) - learning_rate * dw
            model.params[name] = model.params[name] + velocity[name]
    return losses
