import numpy as np


def make_grid(values):
    grid = [dict(values)]
    grid[0]["grid"] = grid
    grid.append(grid)
    return grid


def draw_uniform(low, high, rng, size=None):
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


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
