"""Answers that are small for a message and huge for a loop over their items."""

import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    return x[:batch_size], np.full(60_000_000, y[0], np.uint8)


def sgd(w, dw, config):
    return w, config


def sgd_momentum(w, dw, config):
    return w, config


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return np.zeros(60_000_000, np.uint8)
