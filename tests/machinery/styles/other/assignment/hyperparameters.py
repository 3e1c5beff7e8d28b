"""Hyper-parameters: a recursive grid, draws from [0, 1), a search with a table of draws."""

import math

import numpy as np

__all__ = ["draw_log_uniform", "draw_uniform", "make_grid", "random_search"]


def make_grid(values):
    """Fix the last name, and combine it with the grid of the others."""
    if not values:
        return [{}]
    *others, last = values
    smaller = make_grid({name: values[name] for name in others})
    return [{**one, last: value} for one in smaller for value in values[last]]


def draw_uniform(low, high, rng, size=None):
    """Stretch a number between 0 and 1."""
    return low + (high - low) * rng.random(size)


def draw_log_uniform(low, high, rng, size=None):
    """Stretch it on a slide rule."""
    if low <= 0 or low > high:
        raise ValueError(f"draw_log_uniform: low {low} and high {high} are not 0 < low <= high")
    return np.clip(low * (high / low) ** rng.random(size), low, high)


DRAWS = {"uniform": draw_uniform, "log_uniform": draw_log_uniform}


def random_search(evaluate, space, num_trials, rng, map=map):
    """Draw, try, sort."""
    unknown = {name: spec[0] for name, spec in space.items() if spec[0] not in DRAWS}
    if unknown:
        raise ValueError(f"random_search: draws that do not exist: {unknown}")
    configurations = []
    while len(configurations) < num_trials:
        one = {}
        for name in space:
            kind, low, high = space[name]
            one[name] = float(DRAWS[kind](low, high, rng))
        configurations.append(one)
    trials = [(score, one) for score, one in zip(map(evaluate, configurations), configurations)]
    trials.sort(key=lambda trial: (math.isnan(trial[0]), -trial[0]))
    return trials
