"""Variants of find_learning_rate."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import babysitting as ref
from autograder.bank.reference import sgd


def _try_rate(model: Any, x: Any, y: Any, rng: Any, rate: Any, *sizes: Any) -> Any:
    with np.errstate(all="ignore"):
        return sgd.minibatch_sgd(model, x, y, rng, *sizes, float(rate))


def _try_each(model: Any, x: Any, y: Any, rng: Any, rates: Any, *sizes: Any) -> Any:
    """Return the losses of each run, as the teacher's function gets them."""
    start = copy.deepcopy
    return [_try_rate(start(model), x, y, start(rng), rate, *sizes) for rate in rates]


def _tell(final_losses: Any) -> Any:
    final_losses = np.array(final_losses, np.float64)
    return np.where(np.isfinite(final_losses), final_losses, np.inf)


def _average_last(losses: Any) -> Any:
    return np.mean(losses[-max(1, len(losses) // 10) :])


@mistake(
    "find_learning_rate",
    where="where each run of find_learning_rate starts",
    what="All runs go on with the same model: each starts where the one before has ended.",
    how="Train a copy for each rate: copy.deepcopy(model).",
)
def model_not_copied(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = []
    for rate in learning_rates:
        runs.append(_try_rate(model, x, y, copy.deepcopy(rng), rate, num_steps, batch_size))
    return _tell([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="what find_learning_rate puts back after each run",
    what="Only params are put back: running statistics stay as the run has left them.",
    how="Train a copy of the whole model: copy.deepcopy(model).",
)
def only_params_put_back(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs, start = [], dict(model.params)
    for rate in learning_rates:
        runs.append(_try_rate(model, x, y, copy.deepcopy(rng), rate, num_steps, batch_size))
        model.params = dict(start)
    return _tell([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="which batches each run of find_learning_rate sees",
    what="The generator goes on from run to run, so that each run sees other batches.",
    how="Give each run a copy of the generator: copy.deepcopy(rng).",
)
def generator_not_copied(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = []
    for rate in learning_rates:
        runs.append(_try_rate(copy.deepcopy(model), x, y, rng, rate, num_steps, batch_size))
    return _tell([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="where the random numbers of find_learning_rate come from",
    what="The runs use a generator with a fixed seed, and not rng.",
    how="Give each run a copy of rng: copy.deepcopy(rng).",
)
def generator_with_a_fixed_seed(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    rng = np.random.default_rng(0)
    return ref.find_learning_rate(model, x, y, rng, learning_rates, num_steps, batch_size)


@mistake(
    "find_learning_rate",
    where="which losses of a run find_learning_rate averages",
    what="It is the very last one alone.",
    how="Average the last tenth of the run, or its last step if a tenth is less than one.",
)
def last_loss_only(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([losses[-1] for losses in runs])


@mistake(
    "find_learning_rate",
    where="which losses of a run find_learning_rate averages",
    what="It is all of them.",
    how="Average the last tenth of the run, or its last step if a tenth is less than one.",
)
def whole_run_averaged(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([np.mean(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="which losses of a run find_learning_rate takes",
    what="It is the smallest one, however the run ends.",
    how="Average the last tenth of the run, or its last step if a tenth is less than one.",
)
def smallest_loss(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([np.min(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="the last tenth of a short run in find_learning_rate",
    what="For fewer than ten steps num_steps // 10 is 0, and losses[-0:] is the whole run.",
    how="Use max(1, num_steps // 10).",
)
def tenth_of_a_short_run(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([np.mean(losses[-(num_steps // 10) :]) for losses in runs])


@mistake(
    "find_learning_rate",
    where="what find_learning_rate returns for a run that diverges",
    what="nan stays nan.",
    how="Replace what is not finite by np.inf.",
)
def nan_stays_nan(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return np.array([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="what find_learning_rate does after a run that diverges",
    what="It stops there: the rates that follow are not tried.",
    how="Go on with the next rate.",
)
def stopped_at_a_divergence(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    found = _tell([_average_last(losses) for losses in runs])
    return np.where(np.cumsum(np.isinf(found)) > 0, np.inf, found)


@mistake(
    "find_learning_rate",
    where="the order of what find_learning_rate returns",
    what="The results are in the order of the sorted rates.",
    how="Return them in the order of learning_rates.",
)
def rates_sorted(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    rates = np.sort(learning_rates)
    return ref.find_learning_rate(model, x, y, rng, rates, num_steps, batch_size)


@right("find_learning_rate", "batches drawn once, a copy of the model a rate")
def batches_drawn_once(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    batches = [sgd.sample_minibatch(x, y, batch_size, rng) for _ in range(num_steps)]
    last, found = max(1, num_steps // 10), np.full(len(learning_rates), np.inf)
    for i, rate in enumerate(learning_rates.astype(float)):
        trial, losses = copy.deepcopy(model), []
        with np.errstate(all="ignore"):
            for batch in batches:
                loss, grads = trial.loss(*batch)
                losses.append(loss)
                trial.params = {n: p - float(rate) * grads[n] for n, p in trial.params.items()}
            mean = sum(losses[-last:]) / last
        if math.isfinite(mean):
            found[i] = mean
    return found
