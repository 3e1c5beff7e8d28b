"""Initialisation with normal numbers made by hand (Box and Muller 1958)."""

import math

import numpy as np

__all__ = ["init_he", "init_small_random", "init_xavier", "init_zeros"]


def _draw_normal(rows, columns, rng):
    radius = np.sqrt(-2 * np.log1p(-rng.random((rows, columns))))
    return radius * np.cos(2 * math.pi * rng.random((rows, columns)))


def init_zeros(fan_in, fan_out, rng):
    """Return nothing but 0."""
    return np.full((fan_in, fan_out), 0.0)


def init_small_random(fan_in, fan_out, rng, std=1e-2):
    """Return small weights."""
    return _draw_normal(fan_in, fan_out, rng) * std


def init_xavier(fan_in, fan_out, rng):
    """Variance 1 / fan_in."""
    return init_small_random(fan_in, fan_out, rng, std=fan_in**-0.5)


def init_he(fan_in, fan_out, rng):
    """Variance 2 / fan_in."""
    return math.sqrt(2) * init_xavier(fan_in, fan_out, rng)
