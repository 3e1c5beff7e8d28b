"""Initialisation: all of them are normal, only the standard deviation differs."""

import numpy as np

__all__ = ["init_he", "init_small_random", "init_xavier", "init_zeros"]


def init_zeros(fan_in, fan_out, rng):
    """Zeros."""
    return np.zeros((fan_in, fan_out))


def init_small_random(fan_in, fan_out, rng, std=1e-2):
    """Small random numbers."""
    return rng.normal(loc=0.0, scale=std, size=(fan_in, fan_out))


def init_xavier(fan_in, fan_out, rng):
    """Divide by the root of the number of inputs."""
    std = 1 / np.sqrt(fan_in)
    return rng.normal(0.0, std, (fan_in, fan_out))


def init_he(fan_in, fan_out, rng):
    """Double the variance, because ReLU throws half of it away."""
    std = np.sqrt(2.0 / fan_in)
    return rng.normal(0.0, std, (fan_in, fan_out))
