"""Arrays without a byte that become millions of lists."""

import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    return x[:batch_size], np.empty((2**26, 0))


def sgd(w, dw, config):
    return w, config


def sgd_momentum(w, dw, config):
    return w, config


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return np.zeros((2**26, 0))
