import itertools

import numpy as np


# Größe des Rasters
def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
