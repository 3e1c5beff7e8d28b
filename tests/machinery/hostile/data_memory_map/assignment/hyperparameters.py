import itertools
import tempfile

import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def convert(values):
    if not np.ndim(values):
        return values
    mapped = np.memmap(tempfile.TemporaryFile(), dtype=float, shape=values.shape)
    mapped[...] = values
    return mapped


def draw_uniform(low, high, rng, size=None):
    return convert(rng.uniform(low, high, size))


def draw_log_uniform(low, high, rng, size=None):
    return convert(np.exp(rng.uniform(np.log(low), np.log(high), size)))


def random_search(evaluate, space, num_trials, rng, map=map):
    draws = {"uniform": draw_uniform, "log_uniform": draw_log_uniform}
    for draw, _, _ in space.values():
        if draw not in draws:
            raise ValueError(f"unknown draw {draw}")
    trials = []
    for _ in range(num_trials):
        trials.append({k: float(draws[d](a, b, rng)) for k, (d, a, b) in space.items()})
    scored = list(zip(map(evaluate, trials), trials))
    return sorted(scored, key=lambda trial: np.nan_to_num(-trial[0], nan=np.inf))
