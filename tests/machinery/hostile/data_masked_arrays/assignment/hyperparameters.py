import itertools

import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    return np.ma.masked_all(size) if size else rng.uniform(low, high)


def draw_log_uniform(low, high, rng, size=None):
    return np.ma.masked_all(size) if size else np.exp(rng.uniform(np.log(low), np.log(high)))


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
