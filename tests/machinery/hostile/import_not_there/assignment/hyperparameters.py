import itertools

import numpy as np
import tensorflow as tf
from assignment.my_helpers import *


def make_grid(values):
    return tf.meshgrid(*values.values())


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
