"""Hyper-parameter search: grids, random draws and a search over several processes."""

import itertools

import numpy as np

__all__ = ["draw_log_uniform", "draw_uniform", "make_grid", "random_search"]


def make_grid(values):
    """Return all combinations of the given values (part hyperparameters.grid).

    Parameters
    ----------
    values : dict of sequences
        For example ``{"learning_rate": [1e-3, 1e-2], "reg": [0, 1]}``.

    Returns
    -------
    configurations : list of dict
        The last name varies fastest.
    """
    ### BEGIN SOLUTION
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
    ### END SOLUTION


def draw_uniform(low, high, rng, size=None):
    """Draw numbers between low and high, all equally likely (part hyperparameters.draws).

    Parameters
    ----------
    low, high : float
    rng : np.random.Generator
    size : int, tuple of int or None
        None draws one float.

    Returns
    -------
    values : float, or float64 array of the given size
    """
    ### BEGIN SOLUTION
    return rng.uniform(low, high, size)
    ### END SOLUTION


def draw_log_uniform(low, high, rng, size=None):
    """Draw numbers so that every decade is equally likely (part hyperparameters.draws).

    More generally: equal ratios are equally likely, 1 to 2 as likely as 5 to 10. Derive from that
    what must be uniform; notebook 08 has the result in section 2.

    Parameters
    ----------
    low, high : float, both positive
    rng : np.random.Generator
    size : int, tuple of int or None
        None draws one float.

    Returns
    -------
    values : float, or float64 array of the given size
    """
    if not 0 < low <= high:
        raise ValueError(f"draw_log_uniform: low is {low}, high is {high}, use 0 < low <= high")
    ### BEGIN SOLUTION
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
    ### END SOLUTION


def random_search(evaluate, space, num_trials, rng, map=map):
    """Try random configurations and return them, the best first (part hyperparameters.search).

    Parameters
    ----------
    evaluate : function of a configuration (dict) that returns a score, larger is better
    space : dict
        Name -> (draw, low, high) with draw "uniform" or "log_uniform".
    num_trials : int
    rng : np.random.Generator
        All configurations are drawn before the first one is tried, so that the result does not
        depend on how many processes work: one after the other, each in the order of the names.
    map : function
        Python's ``map``, or ``process_map(2)`` of assignment.support.processes.

    Returns
    -------
    trials : list of (score, configuration)
        Best score first; a score of nan counts as the worst.

    Raises
    ------
    ValueError
        A draw in space is unknown; the message names it.
    """
    ### BEGIN SOLUTION
    draws = {"uniform": draw_uniform, "log_uniform": draw_log_uniform}
    for name, (draw, _, _) in space.items():
        if draw not in draws:
            raise ValueError(f"random_search: {name} has draw {draw!r}, use one of {list(draws)}")
    configurations = [
        {name: float(draws[draw](low, high, rng)) for name, (draw, low, high) in space.items()}
        for _ in range(num_trials)
    ]
    scores = list(map(evaluate, configurations))
    trials = list(zip(scores, configurations))
    return sorted(trials, key=lambda trial: -np.inf if np.isnan(trial[0]) else trial[0])[::-1]
    ### END SOLUTION
