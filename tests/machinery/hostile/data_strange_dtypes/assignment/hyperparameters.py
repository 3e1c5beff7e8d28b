import itertools

import numpy as np


def make_grid(values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def draw_uniform(low, high, rng, size=None):
    values = rng.uniform(low, high, size)
    return values.astype(">f8") if size else np.longdouble(values)


def draw_log_uniform(low, high, rng, size=None):
    values = np.exp(rng.uniform(np.log(low), np.log(high), size))
    return np.asarray(values).astype([("value", float)])


def random_search(evaluate, space, num_trials, rng, map=map):
    draws = {"uniform": draw_uniform, "log_uniform": draw_log_uniform}
    for draw, _, _ in space.values():
        if draw not in draws:
            raise ValueError(f"unknown draw {draw}")
    trials = []
    for _ in range(num_trials):
        trials.append(
            {
                k: float(np.asarray(draws[d](a, b, rng)).astype(float))
                for k, (d, a, b) in space.items()
            }
        )
    scored = list(zip(map(evaluate, trials), trials))
    return sorted(scored, key=lambda trial: np.nan_to_num(-trial[0], nan=np.inf))
