"""Hyper-parameter search."""

import math

import numpy as np

__all__ = ["draw_log_uniform", "draw_uniform", "make_grid", "random_search"]


def make_grid(values):
    """Begin with one empty configuration and extend all of them by one name after the other."""
    configurations = [{}]
    for name in values:
        longer = []
        for configuration in configurations:
            for value in values[name]:
                new = dict(configuration)
                new[name] = value
                longer.append(new)
        configurations = longer
    return configurations


def draw_uniform(low, high, rng, size=None):
    """Draw from all numbers between low and high alike."""
    return rng.uniform(low, high, size=size)


def draw_log_uniform(low, high, rng, size=None):
    """Draw the exponent uniformly."""
    if low <= 0 or high < low:
        raise ValueError(f"draw_log_uniform: low = {low} and high = {high} are no such range")
    exponent = rng.uniform(math.log10(low), math.log10(high), size=size)
    return 10.0**exponent


def random_search(evaluate, space, num_trials, rng, map=map):
    """First draw everything, then evaluate everything, then sort."""
    configurations = []
    for _ in range(num_trials):
        configuration = {}
        for name, (draw, low, high) in space.items():
            if draw == "uniform":
                configuration[name] = float(draw_uniform(low, high, rng))
            elif draw == "log_uniform":
                configuration[name] = float(draw_log_uniform(low, high, rng))
            else:
                raise ValueError(f"random_search: unknown draw {draw!r} for {name}")
        configurations.append(configuration)

    scores = list(map(evaluate, configurations))
    sortable = [-math.inf if np.isnan(score) else score for score in scores]
    order = sorted(range(num_trials), key=lambda i: sortable[i], reverse=True)
    return [(scores[i], configurations[i]) for i in order]
