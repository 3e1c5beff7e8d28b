"""Variants of random_search."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import hyperparameters as ref


@mistake(
    "random_search",
    where="the order of the trials of random_search",
    what="The worst score comes first.",
    how="Sort by descending score.",
)
def worst_first(evaluate, space, num_trials, rng, map=map):
    return ref.random_search(evaluate, space, num_trials, rng, map)[::-1]


@mistake(
    "random_search",
    where="the order of the trials of random_search",
    what="The trials are not sorted.",
    how="Sort by descending score.",
)
def not_sorted(evaluate, space, num_trials, rng, map=map):
    return _search(evaluate, space, num_trials, rng, map)


def _draw(space: Any, num_trials: Any, rng: Any) -> Any:
    draws = {"uniform": ref.draw_uniform, "log_uniform": ref.draw_log_uniform}
    for name, (draw, _, _) in space.items():
        if draw not in draws:
            raise ValueError(f"{name} has draw {draw}")
    return [
        {name: float(draws[draw](low, high, rng)) for name, (draw, low, high) in space.items()}
        for _ in range(num_trials)
    ]


def _search(evaluate: Any, space: Any, num_trials: Any, rng: Any, map: Any) -> Any:
    """Return the trials in the order in which they are drawn."""
    configurations = _draw(space, num_trials, rng)
    return list(zip(map(evaluate, configurations), configurations))


def _rank(trial: Any) -> float:
    """Return the sort key of a trial: smaller is better."""
    return math.inf if math.isnan(trial[0]) else -trial[0]


@mistake(
    "random_search",
    where="where random_search puts a score of nan",
    what="Trials with a score of nan come first.",
    how="Count nan as minus infinity: NumPy sorts it last, which in reverse is first.",
)
def nan_first(evaluate, space, num_trials, rng, map=map):
    trials = _search(evaluate, space, num_trials, rng, map)
    return [trials[i] for i in np.argsort([score for score, _ in trials])[::-1]]


@mistake(
    "random_search",
    where="how random_search sorts if a score is nan",
    what="nan is compared with the other scores, which leaves them out of order.",
    how="Count nan as minus infinity before you sort.",
)
def nan_compared(evaluate, space, num_trials, rng, map=map):
    trials = _search(evaluate, space, num_trials, rng, map)
    return sorted(trials, key=lambda trial: trial[0], reverse=True)


@mistake(
    "random_search",
    where="what random_search does with a score of nan",
    what="Such trials are left out.",
    how="Return all num_trials trials, those with nan at the end.",
)
def nan_left_out(evaluate, space, num_trials, rng, map=map):
    trials = ref.random_search(evaluate, space, num_trials, rng, map)
    return [trial for trial in trials if not math.isnan(trial[0])]


@mistake(
    "random_search",
    where="which configuration stands beside which score in random_search",
    what="The scores are sorted by themselves: each stands beside another's configuration.",
    how="Sort pairs of score and configuration.",
)
def only_the_scores_sorted(evaluate, space, num_trials, rng, map=map):
    trials = _search(evaluate, space, num_trials, rng, map)
    scores = [score for score, _ in sorted(trials, key=_rank)]
    return [(score, configuration) for score, (_, configuration) in zip(scores, trials)]


@mistake(
    "random_search",
    where="how many trials random_search returns",
    what="It returns the best one only.",
    how="Return all num_trials of them, the best first.",
)
def best_trial_only(evaluate, space, num_trials, rng, map=map):
    return ref.random_search(evaluate, space, num_trials, rng, map)[:1]


@mistake(
    "random_search",
    where="what random_search does with trials of equal score",
    what="Of several trials with one score only the last one is kept: scores are keys of a dict.",
    how="Collect the trials in a list.",
)
def ties_lost(evaluate, space, num_trials, rng, map=map):
    return list(dict(ref.random_search(evaluate, space, num_trials, rng, map)).items())


@mistake(
    "random_search",
    where="how often random_search draws a configuration",
    what="One configuration is drawn, and tried num_trials times.",
    how="Draw a new one for each trial.",
)
def one_configuration_for_all_trials(evaluate, space, num_trials, rng, map=map):
    configurations = _draw(space, 1, rng) * num_trials
    return list(zip(map(evaluate, configurations), configurations))


@mistake(
    "random_search",
    where="how random_search draws a value",
    what="All values are drawn uniformly: log_uniform is ignored.",
    how="Choose draw_uniform or draw_log_uniform by what the space says.",
)
def all_draws_uniform(evaluate, space, num_trials, rng, map=map):
    _draw(space, 0, rng)  # raises for an unknown draw
    space = {name: ("uniform", low, high) for name, (_, low, high) in space.items()}
    return ref.random_search(evaluate, space, num_trials, rng, map)


@mistake(
    "random_search",
    where="what random_search does with an unknown draw",
    what="It is taken for a uniform one.",
    how="Raise a ValueError that names it.",
)
def unknown_draw_taken_for_uniform(evaluate, space, num_trials, rng, map=map):
    space = {
        name: (draw if draw == "log_uniform" else "uniform", low, high)
        for name, (draw, low, high) in space.items()
    }
    return ref.random_search(evaluate, space, num_trials, rng, map)


@mistake(
    "random_search",
    where="who calls evaluate in random_search",
    what="The map handed in is not used: all trials run in this process.",
    how="Use map(evaluate, configurations).",
)
def map_ignored(evaluate, space, num_trials, rng, map=map):
    return ref.random_search(evaluate, space, num_trials, rng)


@mistake(
    "random_search",
    where="where the random numbers of random_search come from",
    what="They come from a generator with a fixed seed: it is always the same search.",
    how="Draw with rng, the argument.",
)
def always_the_same_search(evaluate, space, num_trials, rng, map=map):
    return ref.random_search(evaluate, space, num_trials, np.random.default_rng(0), map)


@right("random_search", "sorted by argsort of scores in which nan is minus infinity")
def sorted_by_argsort(evaluate, space, num_trials, rng, map=map):
    trials = _search(evaluate, space, num_trials, rng, map)
    scores = np.nan_to_num(np.array([score for score, _ in trials]), nan=-np.inf)
    return [trials[i] for i in np.argsort(-scores)]


@right("random_search", "each trial put into its place, values as NumPy scalars")
def inserted_one_by_one(evaluate, space, num_trials, rng, map=map):
    configurations = _draw(space, num_trials, rng)
    configurations = [{n: np.float64(v) for n, v in found.items()} for found in configurations]
    trials: list[Any] = []
    for trial in zip(map(evaluate, configurations), configurations):
        place = sum(_rank(other) <= _rank(trial) for other in trials)
        trials.insert(place, trial)
    return trials
