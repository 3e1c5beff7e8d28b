import numpy as np


class Stop(BaseException):
    pass


def make_grid(values):
    raise Stop


raise Stop


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
