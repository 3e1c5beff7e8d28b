"""Variants of batch, layer and spatial batch normalisation.

A wrong forward pass leaves the teacher's cache behind: the mistake is in one function alone. Batch
norm's holds s = x - mean, istd and gamma, layer norm's has xhat in the first place.
"""

from __future__ import annotations

from functools import partial, wraps
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import normalization as ref

BUFFERS = "running_mean", "running_var"
FORWARD = "batchnorm_forward", "layernorm_forward", "spatial_batchnorm_forward"
BOTH_OF_BATCHNORM = "batchnorm_backward", "batchnorm_backward_alt"
GRAPHS = "batchnorm_backward", "layernorm_backward"
BACKWARD_2D = *BOTH_OF_BATCHNORM, "layernorm_backward"
BACKWARD = *BACKWARD_2D, "spatial_batchnorm_backward"


# What several functions share


def _in_each(*names: str, where: str, what: str, how: str, label: str) -> Any:
    """Enter a mistake of several functions, for each of them as one of its own.

    The code gets the right function and its arguments; {} in a text is the name of the function.
    """

    def enter(code):
        for name in names:
            function = getattr(ref, name)
            variant = wraps(function)(partial(code, function))
            variant.__name__ = f"{name}_{code.__name__}"
            told = {"where": where.format(name), "label": label.format(name)}
            mistake(name, what=what, how=how, **told)(variant)
        return code

    return enter


@_in_each(
    *FORWARD,
    where="what {} does with gamma and beta",
    what="gamma and beta have changed places: the output is beta * xhat + gamma.",
    how="Scale by gamma and shift by beta, and look at the order of the arguments.",
    label="{}: gamma and beta swapped",
)
def gamma_and_beta_swapped(forward, x, gamma, beta, settings):
    out, _ = forward(x, beta, gamma, dict(settings))
    return out, forward(x, gamma, beta, settings)[1]


@_in_each(
    *FORWARD,
    where="what {} does with gamma and beta",
    what="The output is xhat itself, neither scaled by gamma nor shifted by beta.",
    how="Return gamma * xhat + beta.",
    label="{}: gamma and beta forgotten",
)
def gamma_and_beta_forgotten(forward, x, gamma, beta, settings):
    out, _ = forward(x, np.ones_like(gamma), np.zeros_like(beta), dict(settings))
    return out, forward(x, gamma, beta, settings)[1]


@_in_each(
    *FORWARD,
    where="which dtype the output of {} has",
    what="The output is float64 although x is float32.",
    how="Give each array that you create the dtype of x: np.zeros and np.ones make float64.",
    label="{}: output in float64",
)
def output_in_float64(forward, *args):
    out, cache = forward(*args)
    return out.astype(np.float64), cache


@_in_each(
    *BACKWARD,
    where="which dtype dx has in {}",
    what="dx is float64 although x and dout are float32.",
    how="Give each array that you create the dtype of dout: np.zeros and np.ones make float64.",
    label="{}: dx in float64",
)
def dx_in_float64(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx.astype(np.float64), dgamma, dbeta


@_in_each(
    *BACKWARD,
    where="in which order {} returns its gradients",
    what="dgamma and dbeta have changed places.",
    how="Return dx, dgamma, dbeta, in the order of x, gamma, beta.",
    label="{}: dgamma and dbeta swapped",
)
def gradients_swapped(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx, dbeta, dgamma


@_in_each(
    *BACKWARD,
    where="how {} computes dgamma and dbeta",
    what="dgamma and dbeta are means instead of sums.",
    how="Sum over all values that share gamma and beta, and leave the mean to the loss.",
    label="{}: dgamma and dbeta means",
)
def means_for_sums(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    share = len(dbeta) / dout.size
    return dx, dgamma * share, dbeta * share


@_in_each(
    *BACKWARD,
    where="how {} computes dgamma",
    what="dgamma sums xhat alone, without dout.",
    how="Multiply xhat by dout before you sum.",
    label="{}: dgamma without dout",
)
def dgamma_without_dout(backward, dout, cache):
    dx, _, dbeta = backward(dout, cache)
    return dx, backward(np.ones_like(dout), cache)[1], dbeta


@_in_each(
    *BACKWARD,
    where="where gamma comes in for dx in {}",
    what="dx lacks gamma.",
    how="Begin dx with dxhat = dout * gamma.",
    label="{}: gamma missing in dx",
)
def gamma_missing_in_dx(backward, dout, cache):
    first, istd, gamma = cache
    return backward(dout, (first, istd, np.ones_like(gamma)))


@_in_each(
    *BACKWARD_2D,
    where="where gamma comes in for dx in {}",
    what="dx is multiplied by gamma once too often.",
    how="Multiply by gamma once, in dxhat = dout * gamma.",
    label="{}: gamma twice in dx",
)
def gamma_twice_in_dx(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx * cache[2], dgamma, dbeta


@_in_each(
    *BACKWARD_2D,
    where="what shape dgamma and dbeta have in {}",
    what="dgamma and dbeta have shape (1, D) instead of (D,).",
    how="Sum over axis 0 without keepdims.",
    label="{}: dgamma and dbeta of shape (1, D)",
)
def gradients_as_rows(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx, dgamma[np.newaxis], dbeta[np.newaxis]


@_in_each(
    *BACKWARD_2D,
    where="over which axis {} sums for dgamma and dbeta",
    what="dgamma and dbeta are summed over the features, not over the batch.",
    how="Sum over axis 0, so that each feature gets a gradient of its own.",
    label="{}: dgamma and dbeta summed over D",
)
def gradients_over_d(backward, dout, cache):
    dx, _, _ = backward(dout, cache)
    _, s, istd, _ = _open(cache)
    return dx, np.sum(dout * s * istd, axis=1), np.sum(dout, axis=1)


@_in_each(
    *BACKWARD_2D,
    where="what {} does to dout",
    what="dout is multiplied by gamma in place.",
    how="Write dxhat = dout * gamma instead of dout *= gamma.",
    label="{}: dout changed in place",
)
def dout_changed_in_place(backward, dout, cache):
    gradients = backward(dout, cache)
    dout *= cache[2]
    return gradients


# What several backward passes share on the way to dx


def _open(cache: Any) -> Any:
    """Return the axis of the statistics, and s, istd and gamma."""
    first, istd, gamma = cache
    return (0, first, istd, gamma) if istd.ndim == 1 else (1, first / istd, istd, gamma)


def _weigh(
    backward: Any,
    dout: Any,
    cache: Any,
    *,
    direct: Any = 1.0,
    variance: Any = 1.0,
    mean: Any = 1.0,
    invert: Any = None,
) -> Any:
    """Weigh each path to dx, 1 is right, or take 1 / std from invert(var, eps)."""
    axis, s, istd, gamma = _open(cache)
    if invert is not None:
        var = np.mean(s * s, axis=axis, keepdims=True)
        istd = invert(var, 1 / _open(cache)[2] ** 2 - var)
    g = dout * gamma
    ds = direct * g * istd
    dv = -s * istd**3 * np.mean(g * s, axis=axis, keepdims=True)
    dmean = -np.sum(ds, axis=axis, keepdims=True)  # dv sums to 0
    dx = ds + variance * dv + mean * dmean / dout.shape[axis]
    return dx, *backward(dout, cache)[1:]


@_in_each(
    *GRAPHS,
    where="the paths that add up to dx in {}",
    what="The path through the mean is missing.",
    how="Subtract from ds its mean over the values that share a mean.",
    label="{}: path through the mean missing",
)
def mean_path_missing(backward, dout, cache):
    return _weigh(backward, dout, cache, mean=0)


@_in_each(
    *GRAPHS,
    where="the paths that add up to dx in {}",
    what="The path through the variance is missing.",
    how="Add dv = 2 / M * (x - mean) * dvar, where M values share a variance.",
    label="{}: path through the variance missing",
)
def variance_path_missing(backward, dout, cache):
    return _weigh(backward, dout, cache, variance=0)


@_in_each(
    *GRAPHS,
    where="the paths that add up to dx in {}",
    what="The paths through mean and variance are missing, as if both were constants.",
    how="Add what reaches each x through the variance and through the mean.",
    label="{}: only the direct path",
)
def only_the_direct_path(backward, dout, cache):
    return _weigh(backward, dout, cache, variance=0, mean=0)


@_in_each(
    *GRAPHS,
    where="the path through the variance in {}",
    what="The path through the variance has the wrong sign.",
    how="Keep the minus: the derivative of (var + eps)^(-1/2) is -1/2 (var + eps)^(-3/2).",
    label="{}: sign of the path through the variance",
)
def variance_path_with_the_wrong_sign(backward, dout, cache):
    return _weigh(backward, dout, cache, variance=-1)


@_in_each(
    *GRAPHS,
    where="the path through the mean in {}",
    what="The path through the mean has the wrong sign.",
    how="Keep the minus: s = x - mean passes the gradient of s on to the mean with a minus.",
    label="{}: sign of the path through the mean",
)
def mean_path_with_the_wrong_sign(backward, dout, cache):
    return _weigh(backward, dout, cache, mean=-1)


@_in_each(
    *GRAPHS,
    where="the path through the variance in {}",
    what="The path through the variance is half as large as it should be.",
    how="Keep the factor 2 that comes from the derivative of (x - mean)^2.",
    label="{}: factor 2 of the square forgotten",
)
def factor_2_forgotten(backward, dout, cache):
    return _weigh(backward, dout, cache, variance=0.5)


@_in_each(
    *GRAPHS,
    where="the path through the variance in {}",
    what="The path through the variance is twice as large as it should be.",
    how="Keep the factor 1/2 that comes from the root: dvar has -1/2 (var + eps)^(-3/2).",
    label="{}: factor 1/2 of the root forgotten",
)
def factor_half_forgotten(backward, dout, cache):
    return _weigh(backward, dout, cache, variance=2)


@_in_each(
    *BOTH_OF_BATCHNORM,
    where="what {} divides the sums over the batch by",
    what="The sums are divided by D, the number of features, instead of N.",
    how="Divide by N, the number of examples that are summed over.",
    label="{}: 1 / D instead of 1 / N",
)
def divided_by_d(backward, dout, cache):
    N, D = dout.shape
    return _weigh(backward, dout, cache, variance=N / D, mean=N / D)


@_in_each(
    *BACKWARD_2D,
    where="what {} does with eps",
    what="dx uses the variance without eps.",
    how="Use var + eps, as the forward pass does, wherever the variance is needed.",
    label="{}: eps forgotten",
)
def eps_forgotten(backward, dout, cache):
    return _weigh(backward, dout, cache, invert=lambda var, eps: 1 / np.sqrt(var))


@_in_each(
    *BACKWARD_2D,
    where="what {} does with eps",
    what="dx uses eps = 1e-5, whatever the forward pass has used.",
    how="Put var + eps, or eps, into the cache.",
    label="{}: eps always 1e-5",
)
def eps_always_the_default(backward, dout, cache):
    return _weigh(backward, dout, cache, invert=lambda var, eps: 1 / np.sqrt(var + 1e-5))


# What many mistakes of batchnorm_forward share


def _forward(x: Any, gamma: Any, beta: Any, bn_param: Any, **settings: Any) -> Any:
    """batchnorm_forward as if bn_param had other settings."""
    own = bn_param | settings
    result = ref.batchnorm_forward(x, gamma, beta, own)
    bn_param.update({name: own[name] for name in BUFFERS if name in own})
    return result


def _move(x: Any, gamma: Any, beta: Any, bn_param: Any, move: Any) -> Any:
    """batchnorm_forward whose train mode makes move(running, sample, momentum) of a buffer."""
    zeros = np.zeros(x.shape[1], x.dtype)
    before = [bn_param.get(name, zeros) for name in BUFFERS]
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        momentum = bn_param.get("momentum", 0.9)
        for name, running, sample in zip(BUFFERS, before, (x.mean(axis=0), x.var(axis=0))):
            bn_param[name] = move(running, sample, momentum)
    return result


def _train(x: Any, gamma: Any, beta: Any, bn_param: Any, mean: Any, var: Any) -> Any:
    """batchnorm_forward whose train mode takes mean and variance from elsewhere."""
    samples = iter((mean, var))
    result = _move(
        x, gamma, beta, bn_param, lambda running, _, m: m * running + (1 - m) * next(samples)
    )
    if bn_param["mode"] != "train":
        return result
    return gamma * (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5)) + beta, result[1]


def _statistics(x: Any, bn_param: Any) -> Any:
    """Return the mean, the variance and eps that the mode normalises with."""
    eps = bn_param.get("eps", 1e-5)
    if bn_param["mode"] == "train":
        return x.mean(axis=0), x.var(axis=0), eps
    zeros = np.zeros(x.shape[1], x.dtype)
    return *(bn_param.get(name, zeros) for name in BUFFERS), eps


# Mistakes of batchnorm_forward: scale, shift and eps


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward returns in test mode",
    what="In test mode the output is neither scaled by gamma nor shifted by beta.",
    how="Apply gamma * xhat + beta in both modes.",
    label="batchnorm_forward, test mode: no gamma and beta",
)
def test_mode_forgets_gamma_and_beta(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        gamma, beta = np.ones_like(gamma), np.zeros_like(beta)
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward returns in test mode",
    what="In test mode the output is scaled by gamma, but not shifted by beta.",
    how="Apply gamma * xhat + beta in both modes.",
    label="batchnorm_forward, test mode: no beta",
)
def test_mode_forgets_beta(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        beta = np.zeros_like(beta)
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps",
    what="Neither mode adds eps to the variance.",
    how="Divide by the root of variance + eps, so that a constant feature gives no 0 / 0.",
    label="batchnorm_forward: no eps at all",
)
def no_eps(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, _ = _statistics(x, bn_param)
    return gamma * (x - mean) / np.sqrt(var) + beta, cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps in test mode",
    what="In test mode no eps is added to the running variance.",
    how="Divide by the root of running_var + eps in test mode, too.",
    label="batchnorm_forward, test mode: no eps",
)
def test_mode_without_eps(x, gamma, beta, bn_param):
    function = no_eps if bn_param["mode"] == "test" else ref.batchnorm_forward
    return function(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps",
    what="eps is added to the standard deviation, outside the root.",
    how="Add eps to the variance, and then take the root.",
    label="batchnorm_forward: eps outside the root",
)
def eps_outside_the_root(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, eps = _statistics(x, bn_param)
    return gamma * (x - mean) / (np.sqrt(var) + eps) + beta, cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps in test mode",
    what="In test mode eps is added outside the root, in train mode inside.",
    how="Divide by the root of running_var + eps in test mode.",
    label="batchnorm_forward, test mode: eps outside the root",
)
def test_mode_with_eps_outside_the_root(x, gamma, beta, bn_param):
    function = eps_outside_the_root if bn_param["mode"] == "test" else ref.batchnorm_forward
    return function(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps in test mode",
    what="In test mode eps is added to the stored variance itself, anew with each call.",
    how="Add eps in the formula, and leave bn_param alone in test mode.",
    label="batchnorm_forward, test mode: eps added to the stored variance",
)
def test_mode_stores_eps(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        _, var, eps = _statistics(x, bn_param)
        bn_param["running_var"] = var + eps
    return result


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward reads from bn_param",
    what="eps is always 1e-5, whatever bn_param says.",
    how='Use bn_param.get("eps", 1e-5).',
    label="batchnorm_forward: eps of bn_param ignored",
)
def eps_ignored(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, _ = _statistics(x, bn_param)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta, cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward divides by",
    what="The output is divided by variance + eps, not by its root.",
    how="Divide by the root of variance + eps in both modes.",
    label="batchnorm_forward: root forgotten",
)
def root_forgotten(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, eps = _statistics(x, bn_param)
    return gamma * (x - mean) / (var + eps) + beta, cache


# Mistakes of batchnorm_forward: statistics, modes and arrays


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward computes the variance of a batch",
    what="The squares are divided by N - 1 instead of N.",
    how="Use the biased variance, which divides by N, for the output and the running variance.",
    label="batchnorm_forward: N - 1 in the variance",
)
def variance_unbiased(x, gamma, beta, bn_param):
    mean = x.mean(axis=0)
    return _train(x, gamma, beta, bn_param, mean, np.sum((x - mean) ** 2, axis=0) / (len(x) - 1))


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward computes the variance of a batch",
    what="The variance is E[x^2] - E[x]^2, which has no digits left where the mean is large.",
    how="Subtract the mean first, and take the mean of the squares of what is left.",
    label="batchnorm_forward: variance as E[x^2] - E[x]^2",
)
def variance_by_difference(x, gamma, beta, bn_param):
    mean = x.mean(axis=0)
    return _train(x, gamma, beta, bn_param, mean, np.mean(x * x, axis=0) - mean * mean)


@mistake(
    "batchnorm_forward",
    where="over which axis batchnorm_forward takes mean and variance",
    what="One mean and one variance of the whole array serve for all features.",
    how="Take mean and variance over axis 0: each feature has its own.",
    label="batchnorm_forward: statistics of the whole array",
)
def statistics_of_the_whole_array(x, gamma, beta, bn_param):
    return _train(x, gamma, beta, bn_param, x.mean(), x.var())


@mistake(
    "batchnorm_forward",
    where="over which axis batchnorm_forward takes mean and variance",
    what="Each example is normalised over its features, which is layer norm.",
    how="Take mean and variance over axis 0, the batch.",
    label="batchnorm_forward: statistics over the features",
)
def statistics_over_the_features(x, gamma, beta, bn_param):
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return _train(x, gamma, beta, bn_param, mean, var)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward normalises with in test mode",
    what="In test mode mean and variance are those of the batch at hand.",
    how="Use running_mean and running_var in test mode.",
    label="batchnorm_forward, test mode: the batch's own statistics",
)
def test_mode_uses_the_batch(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        return ref.batchnorm_forward(x, gamma, beta, bn_param | {"mode": "train"})[0], None
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward normalises with in train mode",
    what="In train mode mean and variance are the running ones.",
    how="Use the statistics of the batch in train mode, and keep the running ones for test mode.",
    label="batchnorm_forward, train mode: running statistics used",
)
def train_mode_uses_the_buffers(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    return ref.batchnorm_forward(x, gamma, beta, bn_param | {"mode": "test"})[0], cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with an unknown mode",
    what="Every mode but train is taken for test.",
    how='Raise a ValueError that names the mode where it is neither "train" nor "test".',
    label="batchnorm_forward: unknown mode taken for test",
)
def unknown_mode_taken_for_test(x, gamma, beta, bn_param):
    mode = "train" if bn_param["mode"] == "train" else "test"
    return _forward(x, gamma, beta, bn_param, mode=mode)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does to x",
    what="In train mode x itself loses its mean.",
    how="Write s = x - mean instead of x -= mean.",
    label="batchnorm_forward: x changed in place",
)
def x_changed_in_place(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        x -= x.mean(axis=0)
    return result


# Mistakes of batchnorm_forward: running statistics


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward moves the running statistics",
    what="Momentum weighs the new batch, as in PyTorch, instead of the old value.",
    how="Compute momentum * running + (1 - momentum) * sample.",
    label="batchnorm_forward: momentum swapped",
)
def momentum_swapped(x, gamma, beta, bn_param):
    return _forward(x, gamma, beta, bn_param, momentum=1 - bn_param.get("momentum", 0.9))


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward reads from bn_param",
    what="Momentum is always 0.9, whatever bn_param says.",
    how='Use bn_param.get("momentum", 0.9).',
    label="batchnorm_forward: momentum of bn_param ignored",
)
def momentum_ignored(x, gamma, beta, bn_param):
    return _forward(x, gamma, beta, bn_param, momentum=0.9)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores in bn_param",
    what="bn_param gets the running statistics as they were before the step.",
    how="Store the moved running_mean and running_var in bn_param.",
    label="batchnorm_forward: running statistics stay zero",
)
def running_statistics_stay_zero(x, gamma, beta, bn_param):
    return _move(x, gamma, beta, bn_param, lambda running, sample, momentum: running)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores in bn_param",
    what="In train mode bn_param gets no running statistics.",
    how="Store running_mean and running_var in the dict that the caller has given.",
    label="batchnorm_forward: running statistics not stored",
)
def running_statistics_not_stored(x, gamma, beta, bn_param):
    return ref.batchnorm_forward(x, gamma, beta, dict(bn_param))


@mistake(
    "batchnorm_forward",
    where="what shape the running statistics of batchnorm_forward have",
    what="running_mean and running_var have shape (1, D) instead of (D,).",
    how="Take mean and variance over axis 0 without keepdims.",
    label="batchnorm_forward: running statistics of shape (1, D)",
)
def running_statistics_as_rows(x, gamma, beta, bn_param):
    return _move(
        x, gamma, beta, bn_param, lambda r, sample, m: np.atleast_2d(m * r + (1 - m) * sample)
    )


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward moves the running statistics",
    what="The running statistics are those of the last batch alone.",
    how="Compute momentum * running + (1 - momentum) * sample.",
    label="batchnorm_forward: running statistics of the last batch",
)
def running_statistics_of_the_last_batch(x, gamma, beta, bn_param):
    return _move(x, gamma, beta, bn_param, lambda running, sample, momentum: sample)


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward moves the running statistics",
    what="The running statistics are plain means over all batches so far, without momentum.",
    how="Compute momentum * running + (1 - momentum) * sample.",
    label="batchnorm_forward: running statistics as a cumulative mean",
)
def running_statistics_cumulative(x, gamma, beta, bn_param):
    batches = bn_param.get("batches", 0) + 1
    result = _move(x, gamma, beta, bn_param, lambda r, sample, m: r + (sample - r) / batches)
    if bn_param["mode"] == "train":
        bn_param["batches"] = batches
    return result


@mistake(
    "batchnorm_forward",
    where="where the running statistics of batchnorm_forward begin",
    what="The first batch becomes the running statistics, undiminished by momentum.",
    how="Begin with zeros, and move the running statistics by momentum from the first batch on.",
    label="batchnorm_forward: running statistics begin with the first batch",
)
def running_statistics_begin_with_the_first_batch(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train" and "running_mean" not in bn_param:
        bn_param |= {"running_mean": x.mean(axis=0), "running_var": x.var(axis=0)}
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="where the running statistics of batchnorm_forward begin",
    what="running_var begins with ones, as in PyTorch, instead of zeros.",
    how="Begin with zeros for both running statistics.",
    label="batchnorm_forward: running variance begins at 1",
)
def running_variance_begins_at_one(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        bn_param.setdefault("running_var", np.ones(x.shape[1], x.dtype))
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores as running_var",
    what="running_var is overwritten with the running mean.",
    how="Store the running variance as running_var.",
    label="batchnorm_forward: running variance overwritten with the mean",
)
def running_variance_holds_the_mean(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        bn_param["running_var"] = bn_param["running_mean"].copy()
    return result


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores as running_var",
    what="The running variance divides by N - 1 while the output divides by N.",
    how="Use the same biased variance, which divides by N, for the output and for running_var.",
    label="batchnorm_forward: running variance with N - 1",
)
def running_variance_unbiased(x, gamma, beta, bn_param):
    mean, (out, _) = x.mean(axis=0), ref.batchnorm_forward(x, gamma, beta, dict(bn_param))
    var = np.sum((x - mean) ** 2, axis=0) / (len(x) - 1)
    return out, _train(x, gamma, beta, bn_param, mean, var)[1]


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does to bn_param in test mode",
    what="In test mode the running statistics move as well.",
    how="Move the running statistics in train mode only.",
    label="batchnorm_forward, test mode: running statistics move",
)
def test_mode_moves_the_buffers(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        _forward(x, gamma, beta, bn_param, mode="train")
    return result


@mistake(
    "batchnorm_forward",
    where="which dtype the running statistics of batchnorm_forward have",
    what="The running statistics are float64 although x is float32.",
    how="Begin with zeros in the dtype of x, np.zeros(D, x.dtype).",
    label="batchnorm_forward: running statistics in float64",
)
def running_statistics_in_float64(x, gamma, beta, bn_param):
    return _move(
        x, gamma, beta, bn_param, lambda r, sample, m: m * r.astype(float) + (1 - m) * sample
    )


_buffers_of_all: dict[int, Any] = {}


@mistake(
    "batchnorm_forward",
    where="where batchnorm_forward keeps the running statistics",
    what="All layers of the same width share one pair of running statistics outside bn_param.",
    how="Read the running statistics from bn_param, store them there, and use no global name.",
    label="batchnorm_forward: running statistics in a global variable",
)
def running_statistics_outside_bn_param(x, gamma, beta, bn_param):
    kept = _buffers_of_all.setdefault(x.shape[1], {})
    result = _forward(x, gamma, beta, bn_param, **kept)
    kept.update({name: bn_param[name] for name in BUFFERS if name in bn_param})
    return result


# Mistakes of batchnorm_backward: dx


@mistake(
    "batchnorm_backward",
    where="the path through the variance in batchnorm_backward",
    what="The factor 1 / N is missing on the path through the variance.",
    how="Divide by N: each square is 1 / N of the variance.",
    label="batchnorm_backward: 1 / N missing in the path through the variance",
)
def variance_path_without_n(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, variance=len(dout))


@mistake(
    "batchnorm_backward",
    where="the path through the mean in batchnorm_backward",
    what="The factor 1 / N is missing on the path through the mean.",
    how="Divide by N: each x is 1 / N of the mean.",
    label="batchnorm_backward: 1 / N missing in the path through the mean",
)
def mean_path_without_n(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, mean=len(dout))


@mistake(
    "batchnorm_backward",
    where="what batchnorm_backward divides by on the path through the variance",
    what="The sum is divided by N - 1 while the forward pass divides by N.",
    how="Divide by N, as the biased variance of the forward pass does.",
    label="batchnorm_backward: N - 1 in the path through the variance",
)
def variance_path_with_n_minus_one(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, variance=len(dout) / (len(dout) - 1))


@mistake(
    "batchnorm_backward",
    where="the power of var + eps in batchnorm_backward",
    what="dvar has (var + eps)^(-3) where (var + eps)^(-3/2) belongs.",
    how="Take the power -3/2 of the variance, or -3 of the standard deviation.",
    label="batchnorm_backward: variance cubed",
)
def variance_cubed(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, variance=cache[1] ** 3)


@mistake(
    "batchnorm_backward",
    where="the power of var + eps in batchnorm_backward",
    what="dvar has the power -3/2 of the standard deviation, not of the variance.",
    how="Take the power -3/2 of the variance, or -3 of the standard deviation.",
    label="batchnorm_backward: std taken for var",
)
def deviation_taken_for_variance(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, variance=cache[1] ** -1.5)


@mistake(
    "batchnorm_backward",
    where="the direct path in batchnorm_backward",
    what="The direct path is divided by var + eps, not by its root.",
    how="Multiply by istd = (var + eps)^(-1/2) there, as xhat = s * istd says.",
    label="batchnorm_backward: direct path divided by the variance",
)
def direct_path_without_root(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, direct=cache[1])


@mistake(
    "batchnorm_backward",
    where="the path through the variance in batchnorm_backward",
    what="The path through the variance has a factor 1 / std too many.",
    how="Compute dv = 2 / N * (x - mean) * dvar, with x - mean, which is not yet divided by std.",
    label="batchnorm_backward: xhat taken for x - mean",
)
def xhat_taken_for_s(dout, cache):
    return _weigh(ref.batchnorm_backward, dout, cache, variance=cache[1])


@mistake(
    "batchnorm_backward",
    where="what batchnorm_backward does with eps",
    what="dx has eps twice: it is added to a variance that has it already.",
    how="Add eps once, in the forward pass or in the backward pass.",
    label="batchnorm_backward: eps added twice",
)
def dx_with_eps_twice(dout, cache):
    return _weigh(
        ref.batchnorm_backward, dout, cache, invert=lambda var, eps: 1 / np.sqrt(var + 2 * eps)
    )


@mistake(
    "batchnorm_backward",
    where="over what batchnorm_backward sums for the variance",
    what="The gradient of the variance is one sum over the whole array.",
    how="Sum over axis 0: each feature has a variance of its own.",
    label="batchnorm_backward: gradient of the variance without axis",
)
def variance_gradient_without_axis(dout, cache):
    s, istd, gamma = cache
    dx, dgamma, dbeta = _weigh(ref.batchnorm_backward, dout, cache, variance=0)
    return dx - s / len(s) * np.sum(dout * gamma * s * istd**3), dgamma, dbeta


@mistake(
    "batchnorm_backward",
    where="over what batchnorm_backward sums for the mean",
    what="The gradient of the mean is one sum over the whole array.",
    how="Sum over axis 0: each feature has a mean of its own.",
    label="batchnorm_backward: gradient of the mean without axis",
)
def mean_gradient_without_axis(dout, cache):
    _, istd, gamma = cache
    dx, dgamma, dbeta = _weigh(ref.batchnorm_backward, dout, cache, mean=0)
    return dx - np.sum(dout * gamma * istd) / len(dout), dgamma, dbeta


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward puts the paths together",
    what="As in the printed formula, dv is multiplied by the sum of ds + dv.",
    how="Compute dx = ds + dv - sum(ds + dv) / N: a gradient is linear in dout.",
    label="batchnorm_backward: the printed formula taken literally",
)
def printed_formula(dout, cache):
    s, istd, gamma = cache
    _, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    ds, dv = dout * gamma * istd, -s * istd * istd / len(s) * gamma * dgamma
    return ds - dv / len(s) * np.sum(ds + dv, axis=0), dgamma, dbeta


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward computes dx",
    what="dx is zero everywhere.",
    how="Add up the three paths on which x reaches the output.",
    label="batchnorm_backward: dx all zeros",
)
def dx_all_zeros(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    return np.zeros_like(dx), dgamma, dbeta


# Mistakes of batchnorm_backward: dgamma, dbeta, and what is read and written


DGAMMA_WITH_X = {
    "where": "how batchnorm_backward computes dgamma",
    "what": "dgamma sums dout * x where xhat belongs.",
    "how": "Keep xhat in the cache and sum dout * xhat: gamma scales the normalised values.",
    "label": "batchnorm_backward: dgamma with x",
    "together": "dgamma_with_x",
}


@mistake("batchnorm_forward", **DGAMMA_WITH_X)
def keep_x(x, gamma, beta, bn_param):
    out, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    return out, (x, cache)


@mistake("batchnorm_backward", **DGAMMA_WITH_X)
def dgamma_with_x(dout, cache):
    dx, _, dbeta = ref.batchnorm_backward(dout, cache[1])
    return dx, np.sum(dout * cache[0], axis=0), dbeta


@mistake("batchnorm_backward_alt", **DGAMMA_WITH_X)
def leave_x(dout, cache):
    return ref.batchnorm_backward_alt(dout, cache[1])


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward computes dgamma",
    what="dgamma sums dout * (x - mean), not divided by the standard deviation.",
    how="Sum dout * xhat: gamma scales what has been divided already.",
    label="batchnorm_backward: dgamma with x - mean",
)
def dgamma_with_s(dout, cache):
    dx, _, dbeta = ref.batchnorm_backward(dout, cache)
    return dx, np.sum(dout * cache[0], axis=0), dbeta


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward computes dgamma and dbeta",
    what="dgamma and dbeta have a factor gamma too many.",
    how="Sum dout * xhat and dout as they came, and use dout * gamma for dx only.",
    label="batchnorm_backward: dgamma and dbeta from dout * gamma",
)
def gamma_before_dgamma_and_dbeta(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    return dx, cache[2] * dgamma, cache[2] * dbeta


@mistake(
    "batchnorm_backward",
    where="what shape dbeta has in batchnorm_backward",
    what="dbeta has shape (D, 1) instead of (D,).",
    how="Sum dout over axis 0: that needs no matrix product.",
    label="batchnorm_backward: dbeta of shape (D, 1)",
)
def dbeta_as_a_column(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    return dx, dgamma, dbeta[:, np.newaxis]


@mistake(
    "batchnorm_backward",
    where="what batchnorm_backward does to the cache",
    what="The arrays in the cache are changed in place, so that a second call gets other values.",
    how="Only read the cache, and write s * istd into a new array.",
    label="batchnorm_backward: cache changed in place",
)
def cache_changed_in_place(dout, cache):
    s, istd, _ = cache
    gradients = ref.batchnorm_backward(dout, cache)
    s *= istd
    return gradients


GLOBAL_CACHE = {
    "where": "what batchnorm_backward reads besides its cache",
    "what": "The gradients come from what the last forward pass on that shape has left behind.",
    "how": "Put all that the backward pass needs into the cache, and use no global name.",
    "label": "batchnorm_backward: a global cache for each shape",
    "together": "global_cache",
}
_caches: dict[tuple[int, ...], Any] = {}


@mistake("batchnorm_forward", **GLOBAL_CACHE)
def global_cache_forward(x, gamma, beta, bn_param):
    out, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        _caches[x.shape] = cache
    return out, cache


@mistake("batchnorm_backward", **GLOBAL_CACHE)
def global_cache_backward(dout, cache):
    return ref.batchnorm_backward(dout, _caches[dout.shape])


# Mistakes of batchnorm_backward_alt


@mistake(
    "batchnorm_backward_alt",
    where="the terms of dx in batchnorm_backward_alt",
    what="The term with the sum of dout is missing.",
    how="Subtract dbeta / N from dout: that is the path through the mean.",
    label="batchnorm_backward_alt: sum of dout missing",
)
def alt_sum_of_dout_missing(dout, cache):
    return _weigh(ref.batchnorm_backward_alt, dout, cache, mean=0)


@mistake(
    "batchnorm_backward_alt",
    where="the terms of dx in batchnorm_backward_alt",
    what="The term with xhat is missing.",
    how="Subtract xhat * dgamma / N: that is the path through the variance.",
    label="batchnorm_backward_alt: term with xhat missing",
)
def alt_xhat_term_missing(dout, cache):
    return _weigh(ref.batchnorm_backward_alt, dout, cache, variance=0)


@mistake(
    "batchnorm_backward_alt",
    where="the terms of dx in batchnorm_backward_alt",
    what="The term with xhat has the wrong sign.",
    how="Subtract xhat * dgamma / N: both sums take something away from dout.",
    label="batchnorm_backward_alt: sign of the term with xhat",
)
def alt_xhat_term_with_the_wrong_sign(dout, cache):
    return _weigh(ref.batchnorm_backward_alt, dout, cache, variance=-1)


@mistake(
    "batchnorm_backward_alt",
    where="the factor N in batchnorm_backward_alt",
    what="dx is N times too large.",
    how="Divide N * dout - dbeta - xhat * dgamma by N.",
    label="batchnorm_backward_alt: not divided by N",
)
def alt_not_divided_by_n(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward_alt(dout, cache)
    return len(dout) * dx, dgamma, dbeta


@mistake(
    "batchnorm_backward_alt",
    where="the factor N in batchnorm_backward_alt",
    what="dout has the same weight 1 / N as the sums that are subtracted from it.",
    how="Put N before dout: (N * dout - dbeta - xhat * dgamma) / N.",
    label="batchnorm_backward_alt: N before dout forgotten",
)
def alt_n_before_dout_forgotten(dout, cache):
    s, istd, gamma = cache
    _, dgamma, dbeta = ref.batchnorm_backward_alt(dout, cache)
    return gamma * istd / len(s) * (dout - dbeta - s * istd * dgamma), dgamma, dbeta


@mistake(
    "batchnorm_backward_alt",
    where="the factor N in batchnorm_backward_alt",
    what="The sums are subtracted from dout without the factor 1 / N.",
    how="Divide dbeta and xhat * dgamma by N before you subtract them.",
    label="batchnorm_backward_alt: sums not divided by N",
)
def alt_sums_not_divided_by_n(dout, cache):
    return _weigh(ref.batchnorm_backward_alt, dout, cache, variance=len(dout), mean=len(dout))


@mistake(
    "batchnorm_backward_alt",
    where="the term with xhat in batchnorm_backward_alt",
    what="The term with xhat lacks a factor 1 / std.",
    how="Multiply dgamma / N by xhat = (x - mean) / std, not by x - mean.",
    label="batchnorm_backward_alt: x - mean taken for xhat",
)
def alt_s_taken_for_xhat(dout, cache):
    return _weigh(ref.batchnorm_backward_alt, dout, cache, variance=1 / cache[1])


@mistake(
    "batchnorm_backward_alt",
    where="the sums in batchnorm_backward_alt",
    what="dx subtracts sums over the whole array instead of one for each feature.",
    how="Sum over axis 0.",
    label="batchnorm_backward_alt: sums without axis",
)
def alt_sums_without_axis(dout, cache):
    s, istd, gamma = cache
    _, dgamma, dbeta = ref.batchnorm_backward_alt(dout, cache)
    sums = dbeta.sum() + s * istd * dgamma.sum()
    return gamma * istd * (dout - sums / len(s)), dgamma, dbeta


# Mistakes of layernorm_forward


def _normalize_rows(
    x: Any, gamma: Any, beta: Any, ln_param: Any, divisor: Any, mean: Any = None
) -> Any:
    """layernorm_forward with another mean, and with divisor(s, eps) in the place of the root."""
    _, cache = ref.layernorm_forward(x, gamma, beta, ln_param)
    s = x - (x.mean(axis=1, keepdims=True) if mean is None else mean)
    return gamma * s / divisor(s, ln_param.get("eps", 1e-5)) + beta, cache


def _row_variance(s: Any) -> Any:
    return np.mean(s * s, axis=1, keepdims=True)


@mistake(
    "layernorm_forward",
    where="over which axis layernorm_forward takes mean and variance",
    what="Each feature is normalised over the batch, which is batch norm.",
    how="Take mean and variance over axis 1, the features of one example.",
    label="layernorm_forward: statistics over the batch",
)
def layernorm_over_the_batch(x, gamma, beta, ln_param):
    out, _ = ref.batchnorm_forward(x, gamma, beta, {**ln_param, "mode": "train"})
    return out, ref.layernorm_forward(x, gamma, beta, ln_param)[1]


@mistake(
    "layernorm_forward",
    where="over which axis layernorm_forward takes mean and variance",
    what="One mean and one variance of the whole array serve for all examples.",
    how="Take mean and variance over axis 1: each example has its own.",
    label="layernorm_forward: statistics of the whole array",
)
def layernorm_over_the_whole_array(x, gamma, beta, ln_param):
    return _normalize_rows(
        x, gamma, beta, ln_param, lambda s, eps: np.sqrt(np.mean(s * s) + eps), x.mean()
    )


@mistake(
    "layernorm_forward",
    where="what shape mean and variance have in layernorm_forward",
    what="Mean and variance have shape (N,), and where N == D each feature gets an example's.",
    how="Use keepdims=True, so that they have shape (N, 1) and belong to the rows.",
    label="layernorm_forward: keepdims forgotten",
)
def layernorm_without_keepdims(x, gamma, beta, ln_param):
    return _normalize_rows(
        x, gamma, beta, ln_param, lambda s, eps: np.sqrt(x.var(axis=1) + eps), x.mean(axis=1)
    )


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does with eps",
    what="No eps is added to the variance.",
    how="Divide by the root of variance + eps, so that an example of equal values gives no 0 / 0.",
    label="layernorm_forward: no eps",
)
def layernorm_without_eps(x, gamma, beta, ln_param):
    return _normalize_rows(x, gamma, beta, ln_param, lambda s, eps: np.sqrt(_row_variance(s)))


@mistake(
    "layernorm_forward",
    where="what layernorm_forward reads from ln_param",
    what="eps is always 1e-5, whatever ln_param says.",
    how='Use ln_param.get("eps", 1e-5).',
    label="layernorm_forward: eps of ln_param ignored",
)
def layernorm_eps_ignored(x, gamma, beta, ln_param):
    return _normalize_rows(
        x, gamma, beta, ln_param, lambda s, eps: np.sqrt(_row_variance(s) + 1e-5)
    )


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does with eps",
    what="eps is added to the standard deviation, outside the root.",
    how="Add eps to the variance, and then take the root.",
    label="layernorm_forward: eps outside the root",
)
def layernorm_eps_outside_the_root(x, gamma, beta, ln_param):
    return _normalize_rows(x, gamma, beta, ln_param, lambda s, eps: np.sqrt(_row_variance(s)) + eps)


@mistake(
    "layernorm_forward",
    where="how layernorm_forward computes the variance of an example",
    what="The squares are divided by D - 1 instead of D.",
    how="Use the biased variance, which divides by D.",
    label="layernorm_forward: D - 1 in the variance",
)
def layernorm_variance_unbiased(x, gamma, beta, ln_param):
    def divisor(s, eps):
        return np.sqrt(np.sum(s * s, axis=1, keepdims=True) / (s.shape[1] - 1) + eps)

    return _normalize_rows(x, gamma, beta, ln_param, divisor)


@mistake(
    "layernorm_forward",
    where="how layernorm_forward computes the variance of an example",
    what="The variance is E[x^2] - E[x]^2, which has no digits left where the mean is large.",
    how="Subtract the mean first, and take the mean of the squares of what is left.",
    label="layernorm_forward: variance as E[x^2] - E[x]^2",
)
def layernorm_variance_by_difference(x, gamma, beta, ln_param):
    def divisor(s, eps):
        return np.sqrt(_row_variance(x) - x.mean(axis=1, keepdims=True) ** 2 + eps)

    return _normalize_rows(x, gamma, beta, ln_param, divisor)


@mistake(
    "layernorm_forward",
    where="what layernorm_forward writes into ln_param",
    what="ln_param gets a mode.",
    how="Only read ln_param: layer norm does the same in training and in testing.",
    label="layernorm_forward: mode written into ln_param",
)
def layernorm_writes_a_mode(x, gamma, beta, ln_param):
    ln_param["mode"] = "train"
    return ref.layernorm_forward(x, gamma, beta, ln_param)


@mistake(
    "layernorm_forward",
    where="what layernorm_forward writes into ln_param",
    what="ln_param gets running statistics.",
    how="Only read ln_param: each example brings its own statistics, in testing, too.",
    label="layernorm_forward: running statistics written into ln_param",
)
def layernorm_writes_running_statistics(x, gamma, beta, ln_param):
    ln_param |= {"running_mean": 0.1 * x.mean(axis=1), "running_var": 0.1 * x.var(axis=1)}
    return ref.layernorm_forward(x, gamma, beta, ln_param)


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does in a test mode",
    what="In a test mode the examples are not normalised, as if they had mean 0 and variance 1.",
    how="Look at no mode: layer norm does the same in training and in testing.",
    label="layernorm_forward: depends on a mode",
)
def layernorm_depends_on_a_mode(x, gamma, beta, ln_param):
    out, cache = ref.layernorm_forward(x, gamma, beta, ln_param)
    return (gamma * x + beta if ln_param.get("mode") == "test" else out), cache


@mistake(
    "layernorm_forward",
    where="what layernorm_forward reads from ln_param",
    what='It asks for ln_param["mode"], which need not be there.',
    how="Read eps only: layer norm knows no modes.",
    label="layernorm_forward: needs a mode",
)
def layernorm_needs_a_mode(x, gamma, beta, ln_param):
    if ln_param["mode"] in ("train", "test"):
        return ref.layernorm_forward(x, gamma, beta, ln_param)
    raise ValueError("Invalid forward layernorm mode")


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does after it has worked on x.T",
    what="The output is transposed, which its shape shows only if N != D.",
    how="Transpose the normalised values back, and then apply gamma and beta.",
    label="layernorm_forward: output transposed",
)
def layernorm_output_transposed(x, gamma, beta, ln_param):
    out, cache = ref.layernorm_forward(x, gamma, beta, ln_param)
    return out.T, cache


# Mistakes of layernorm_backward


@mistake(
    "layernorm_backward",
    where="where gamma comes in for dx in layernorm_backward",
    what="gamma stands before the sums over the features, as it may in batch norm only.",
    how="Form g = dout * gamma first: gamma varies along the axis of the sums.",
    label="layernorm_backward: gamma left out of the sums",
)
def gamma_left_out_of_the_sums(dout, cache):
    xhat, istd, gamma = cache
    dx, dgamma, dbeta = ref.layernorm_backward(dout, (xhat, istd, np.ones_like(gamma)))
    return gamma * dx, dgamma, dbeta


@mistake(
    "layernorm_backward",
    where="over which axis layernorm_backward sums for dx",
    what="The sums in dx run over the batch.",
    how="Sum over axis 1, the features that share one mean and one variance.",
    label="layernorm_backward: sums of dx over the batch",
)
def dx_summed_over_the_batch(dout, cache):
    xhat, istd, gamma = cache
    g = dout * gamma
    dx = istd * (g - g.mean(axis=0) - xhat * np.mean(g * xhat, axis=0))
    return dx, *ref.layernorm_backward(dout, cache)[1:]


@mistake(
    "layernorm_backward",
    where="over which axis layernorm_backward sums for dx",
    what="The sums in dx run over the whole array.",
    how="Sum over axis 1: each example has a mean and a variance of its own.",
    label="layernorm_backward: sums of dx without axis",
)
def dx_summed_over_the_whole_array(dout, cache):
    xhat, istd, gamma = cache
    g = dout * gamma
    dx = istd * (g - (g.sum() + xhat * np.sum(g * xhat)) / g.shape[1])
    return dx, *ref.layernorm_backward(dout, cache)[1:]


@mistake(
    "layernorm_backward",
    where="what layernorm_backward divides the sums over the features by",
    what="The sums are divided by N, the number of examples, instead of D.",
    how="Divide by D, the number of features that mean and variance are taken over.",
    label="layernorm_backward: 1 / N instead of 1 / D",
)
def divided_by_n(dout, cache):
    N, D = dout.shape
    return _weigh(ref.layernorm_backward, dout, cache, variance=D / N, mean=D / N)


@mistake(
    "layernorm_backward",
    where="what shape the sums of dx have in layernorm_backward",
    what="The sums have shape (N,), and where N == D each feature gets the sum of an example.",
    how="Use keepdims=True, so that they have shape (N, 1) and belong to the rows.",
    label="layernorm_backward: keepdims forgotten",
)
def sums_without_keepdims(dout, cache):
    xhat, istd, gamma = cache
    g = dout * gamma
    dx = istd * (g - g.mean(axis=1) - xhat * np.mean(g * xhat, axis=1))
    return dx, *ref.layernorm_backward(dout, cache)[1:]


@mistake(
    "layernorm_backward",
    where="what layernorm_backward does after it has worked on transposed arrays",
    what="dx is transposed, which its shape shows only if N != D.",
    how="Transpose dx back at the end.",
    label="layernorm_backward: dx transposed",
)
def layernorm_dx_transposed(dout, cache):
    dx, dgamma, dbeta = ref.layernorm_backward(dout, cache)
    return dx.T, dgamma, dbeta


# Mistakes of spatial_batchnorm_forward


def _put_rows(x: Any, gamma: Any, beta: Any, bn_param: Any, rows: Any, back: Any) -> Any:
    """spatial_batchnorm_forward that normalises other rows, and leads them back to images."""
    _, cache = ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
    out, _ = ref.batchnorm_forward(rows, gamma, beta, bn_param)
    return back(out), cache


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward makes rows of the images",
    what="The images are reshaped to (N * H * W, C) while the channels still stand second.",
    how="Move the channels last, transpose(0, 2, 3, 1), before you reshape.",
    label="spatial_batchnorm_forward: channels not moved last",
)
def channels_not_moved(x, gamma, beta, bn_param):
    rows = x.reshape(-1, x.shape[1])
    return _put_rows(x, gamma, beta, bn_param, rows, lambda out: out.reshape(x.shape))


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward makes images of the rows again",
    what="The rows are reshaped to (N, C, H, W) at once, and the channels end up in the pixels.",
    how="Reshape to (N, H, W, C), and then transpose(0, 3, 1, 2).",
    label="spatial_batchnorm_forward: not transposed back",
)
def not_transposed_back(x, gamma, beta, bn_param):
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    return _put_rows(x, gamma, beta, bn_param, rows, lambda out: out.reshape(x.shape))


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward makes images of the rows again",
    what="Height and width have changed places, which the shape shows only if H != W.",
    how="Go back by the inverse permutation: transpose(0, 3, 1, 2) undoes transpose(0, 2, 3, 1).",
    label="spatial_batchnorm_forward: height and width swapped",
)
def height_and_width_swapped(x, gamma, beta, bn_param):
    out, cache = ref.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    return out.transpose(0, 1, 3, 2), cache


@mistake(
    "spatial_batchnorm_forward",
    where="what spatial_batchnorm_forward takes mean and variance over",
    what="Each pixel has statistics of its own, taken over the N images alone.",
    how="Take mean and variance over images, height and width: a channel has one of each.",
    label="spatial_batchnorm_forward: statistics for each pixel",
)
def statistics_for_each_pixel(x, gamma, beta, bn_param):
    _, cache = ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
    pixels = x.shape[2] * x.shape[3]
    wide = np.repeat(gamma, pixels), np.repeat(beta, pixels)
    out, _ = ref.batchnorm_forward(x.reshape(len(x), -1), *wide, bn_param)
    return out.reshape(x.shape), cache


@mistake(
    "spatial_batchnorm_forward",
    where="what spatial_batchnorm_forward takes mean and variance over",
    what="Each image has statistics of its own in train mode, taken over height and width alone.",
    how="Take mean and variance over images, height and width: all images of a batch share them.",
    label="spatial_batchnorm_forward: statistics for each image",
)
def statistics_for_each_image(x, gamma, beta, bn_param):
    result = ref.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return result
    function, settings = ref.spatial_batchnorm_forward, dict(bn_param)
    return np.concatenate([function(i, gamma, beta, settings)[0] for i in x[:, None]]), result[1]


@mistake(
    "spatial_batchnorm_forward",
    where="what shape the running statistics of spatial_batchnorm_forward have",
    what="running_mean and running_var have shape (1, C, 1, 1) instead of (C,).",
    how="Keep them as vectors in bn_param, and reshape them only where you compute with them.",
    label="spatial_batchnorm_forward: running statistics of shape (1, C, 1, 1)",
)
def running_statistics_as_images(x, gamma, beta, bn_param):
    own = {name: v.reshape(-1) if name in BUFFERS else v for name, v in bn_param.items()}
    result = ref.spatial_batchnorm_forward(x, gamma, beta, own)
    bn_param |= {name: own[name].reshape(1, -1, 1, 1) for name in BUFFERS if name in own}
    return result


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward hands bn_param on",
    what="The channels share one bn_param: each starts from the running statistics of the last.",
    how="Normalise all channels in one call, or give each channel its own slice of the statistics.",
    label="spatial_batchnorm_forward: one bn_param for all channels",
)
def one_bn_param_for_all_channels(x, gamma, beta, bn_param):
    _, cache = ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
    out = np.empty_like(x)
    for c in range(x.shape[1]):
        column, one = x[:, c].reshape(-1, 1), slice(c, c + 1)
        rows, _ = ref.batchnorm_forward(column, gamma[one], beta[one], bn_param)
        out[:, c] = rows.reshape(out[:, c].shape)
    return out, cache


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward hands bn_param on",
    what="The running statistics go into a copy of bn_param that nobody keeps.",
    how="Hand over the dict that the caller has given.",
    label="spatial_batchnorm_forward: running statistics lost with a copy",
)
def running_statistics_lost(x, gamma, beta, bn_param):
    return ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))


# Mistakes of spatial_batchnorm_backward


def _to_rows(images: Any) -> Any:
    return images.transpose(0, 2, 3, 1).reshape(-1, images.shape[1])


def _to_images(rows: Any, shape: Any) -> Any:
    N, C, H, W = shape
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)


@mistake(
    "spatial_batchnorm_backward",
    where="how spatial_batchnorm_backward makes rows of dout",
    what="dout is reshaped to (N * H * W, C) while the channels still stand second.",
    how="Move the channels last, transpose(0, 2, 3, 1), before you reshape.",
    label="spatial_batchnorm_backward: channels not moved last",
)
def dout_channels_not_moved(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@mistake(
    "spatial_batchnorm_backward",
    where="how spatial_batchnorm_backward makes images of dx",
    what="The rows of dx are reshaped to (N, C, H, W) at once.",
    how="Reshape to (N, H, W, C), and then transpose(0, 3, 1, 2).",
    label="spatial_batchnorm_backward: dx not transposed back",
)
def dx_not_transposed_back(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(_to_rows(dout), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@mistake(
    "spatial_batchnorm_backward",
    where="how spatial_batchnorm_backward makes images of dx",
    what="Height and width have changed places, which the shape shows only if H != W.",
    how="Go back by the inverse permutation: transpose(0, 3, 1, 2) undoes transpose(0, 2, 3, 1).",
    label="spatial_batchnorm_backward: height and width swapped",
)
def dx_height_and_width_swapped(dout, cache):
    dx, dgamma, dbeta = ref.spatial_batchnorm_backward(dout, cache)
    return dx.transpose(0, 1, 3, 2), dgamma, dbeta


@mistake(
    "spatial_batchnorm_backward",
    where="what spatial_batchnorm_backward divides the sums by",
    what="The sums are divided by N, the number of images, instead of N * H * W.",
    how="Divide by the number of values that share a mean, len(dout) of the rows.",
    label="spatial_batchnorm_backward: N instead of N * H * W",
)
def divided_by_the_number_of_images(dout, cache):
    rows, pixels = _to_rows(dout), dout.shape[2] * dout.shape[3]
    dx, _, _ = _weigh(ref.batchnorm_backward, rows, cache, variance=pixels, mean=pixels)
    return _to_images(dx, dout.shape), *ref.spatial_batchnorm_backward(dout, cache)[1:]


@mistake(
    "spatial_batchnorm_backward",
    where="over what spatial_batchnorm_backward sums for dgamma and dbeta",
    what="dgamma and dbeta are summed over the images only, and have shape (C, H * W).",
    how="Sum over images, height and width: a channel has one gamma and one beta.",
    label="spatial_batchnorm_backward: dgamma and dbeta of shape (C, H * W)",
)
def dgamma_and_dbeta_for_each_pixel(dout, cache):
    s, istd, _ = cache
    dx, _, _ = ref.spatial_batchnorm_backward(dout, cache)
    products = dout * _to_images(s * istd, dout.shape)
    C = dout.shape[1]
    return dx, products.sum(axis=0).reshape(C, -1), dout.sum(axis=0).reshape(C, -1)


@mistake(
    "spatial_batchnorm_backward",
    where="what shape dgamma and dbeta have in spatial_batchnorm_backward",
    what="dgamma and dbeta have shape (1, C, 1, 1) instead of (C,).",
    how="Sum over the axes (0, 2, 3) without keepdims.",
    label="spatial_batchnorm_backward: dgamma and dbeta of shape (1, C, 1, 1)",
)
def dgamma_and_dbeta_as_images(dout, cache):
    dx, dgamma, dbeta = ref.spatial_batchnorm_backward(dout, cache)
    return dx, dgamma.reshape(1, -1, 1, 1), dbeta.reshape(1, -1, 1, 1)


@mistake(
    "spatial_batchnorm_backward",
    where="what spatial_batchnorm_backward keeps of each channel",
    what="dgamma and dbeta are those of the last channel, overwritten in the loop.",
    how="Write into dgamma[c] and dbeta[c], or handle all channels in one call.",
    label="spatial_batchnorm_backward: dgamma and dbeta of the last channel",
)
def dgamma_and_dbeta_of_the_last_channel(dout, cache):
    dx, dgamma, dbeta = ref.spatial_batchnorm_backward(dout, cache)
    return dx, dgamma[-1:], dbeta[-1:]


# Right variants


def _choose(x: Any, bn_param: Any, measure: Any) -> Any:
    """Return mean and variance that the mode normalises with; in train mode move the buffers."""
    if bn_param["mode"] not in ("train", "test"):
        raise ValueError(f"no such mode: {bn_param['mode']}")
    running = [bn_param.setdefault(name, np.zeros(x.shape[1], x.dtype)) for name in BUFFERS]
    if bn_param["mode"] == "test":
        return running
    samples, m = measure(x), bn_param.setdefault("momentum", 0.9)
    bn_param |= {n: m * r + (1 - m) * s for n, r, s in zip(BUFFERS, running, samples)}
    return samples


def _measure(x):
    return x.mean(axis=0), x.var(axis=0)


LOOPS = "one number at a time, the cache a dict"


def _measure_in_loops(x):
    mean, var = np.zeros(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)
    for d, column in enumerate(x.T.tolist()):
        mean[d] = sum(column) / len(column)
        var[d] = sum((value - float(mean[d])) ** 2 for value in column) / len(column)
    return mean, var


@right("batchnorm_forward", LOOPS, together="loops")
def loops_forward(x, gamma, beta, bn_param):
    mean, var = _choose(x, bn_param, _measure_in_loops)
    out, xhat, eps = np.empty_like(x), np.empty_like(x), bn_param.get("eps", 1e-5)
    for n, d in np.ndindex(x.shape):
        xhat[n, d] = (x[n, d] - mean[d]) / (var[d] + eps) ** 0.5
        out[n, d] = gamma[d] * xhat[n, d] + beta[d]
    return out, {"xhat": xhat, "std": [(v + eps) ** 0.5 for v in var], "gamma": gamma}


@right("batchnorm_backward", LOOPS, together="loops")
@right("batchnorm_backward_alt", LOOPS, together="loops")
def loops_backward(dout, cache):
    xhat, (N, D) = cache["xhat"], dout.shape
    dx, dgamma, dbeta = np.empty_like(dout), np.zeros(D, dout.dtype), np.zeros(D, dout.dtype)
    for n, d in np.ndindex(dout.shape):
        dgamma[d] += dout[n, d] * xhat[n, d]
        dbeta[d] += dout[n, d]
    for n, d in np.ndindex(dout.shape):
        left = N * dout[n, d] - dbeta[d] - xhat[n, d] * dgamma[d]
        dx[n, d] = cache["gamma"][d] * left / (N * cache["std"][d])
    return dx, dgamma, dbeta


EINSUM = "sums by einsum and matrix product, the cache a list"


@right("batchnorm_forward", EINSUM, together="einsum")
def einsum_forward(x, gamma, beta, bn_param):
    def measure(x):
        mean = np.einsum("nd->d", x) / len(x)
        return mean, np.einsum("nd,nd->d", x - mean, x - mean) / len(x)

    mean, var = _choose(x, bn_param, measure)
    std = (var + bn_param.get("eps", 1e-5)) ** 0.5
    return np.einsum("nd,d->nd", x - mean, gamma / std) + beta, [(x - mean) / std, gamma / std]


@right("batchnorm_backward", EINSUM, together="einsum")
@right("batchnorm_backward_alt", EINSUM, together="einsum")
def einsum_backward(dout, cache):
    xhat, scale = cache
    ones = np.ones(len(dout), dout.dtype)
    dbeta, dgamma = ones @ dout, np.einsum("nd,nd->d", xhat, dout)
    sums = np.outer(ones, dbeta) + np.einsum("nd,d->nd", xhat, dgamma)
    return np.einsum("nd,d->nd", dout - sums / len(dout), scale), dgamma, dbeta


FROM_X = "the cache holds the inputs alone, and the backward pass computes all anew"


@right("batchnorm_forward", FROM_X, together="from_x")
def from_x_forward(x, gamma, beta, bn_param):
    mean, var = _choose(x, bn_param, _measure)
    eps = bn_param.setdefault("eps", 1e-5)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x, gamma, eps)


@right("batchnorm_backward", FROM_X, together="from_x")
@right("batchnorm_backward_alt", FROM_X, together="from_x")
def from_x_backward(dout, cache):
    x, gamma, eps = cache
    std, s, N = np.sqrt(x.var(axis=0) + eps), x - x.mean(axis=0), len(x)
    dxhat = dout * gamma
    dstd = np.sum(dxhat * -s / std**2, axis=0)
    dvar = dstd / (2 * std)
    dmean = np.sum(-dxhat / std, axis=0) + dvar * np.mean(-2 * s, axis=0)
    dx = dxhat / std + dvar * 2 * s / N + dmean / N
    return dx, np.sum(dout * s / std, axis=0), dout.sum(axis=0)


TRANSPOSED = "features first, arithmetic in place on copies, the cache an object"


@right("batchnorm_forward", TRANSPOSED, together="transposed")
def transposed_forward(x, gamma, beta, bn_param):
    mean, var = _choose(x, bn_param, lambda x: (x.T.mean(axis=1), x.T.var(axis=1)))
    xhat, std = x.T.copy(), np.sqrt(var + bn_param.get("eps", 1e-5))[:, np.newaxis]
    xhat -= mean[:, np.newaxis]
    xhat /= std
    return xhat.T * gamma + beta, SimpleNamespace(xhat=xhat, std=std, gamma=gamma)


@right("batchnorm_backward", TRANSPOSED, together="transposed")
@right("batchnorm_backward_alt", TRANSPOSED, together="transposed")
def transposed_backward(dout, cache):
    dgamma, dbeta = np.sum(dout.T * cache.xhat, axis=1), np.sum(dout.T, axis=1)
    dx = dout.T.copy()
    dx -= dout.T.mean(axis=1, keepdims=True)
    dx -= cache.xhat * (dgamma / len(dout))[:, np.newaxis]
    dx *= cache.gamma[:, np.newaxis] / cache.std
    return dx.T, dgamma, dbeta


STEPS = "each step returns its result and a function that goes back; the cache is a function"


def _center(x: Any) -> Any:
    return x - x.mean(axis=0), lambda d: d - d.mean(axis=0)


def _divide(s: Any, eps: Any) -> Any:
    std = np.sqrt(np.mean(s * s, axis=0) + eps)
    return s / std, lambda d: d / std - s * np.mean(d * s, axis=0) / std**3


@right("batchnorm_forward", STEPS, together="steps")
def steps_forward(x, gamma, beta, bn_param):
    mean, var = _choose(x, bn_param, _measure)
    eps = bn_param.get("eps", 1e-5)
    s, uncenter = _center(x)
    xhat, undivide = _divide(s, eps)

    def go_back(dout):
        return uncenter(undivide(dout * gamma)), (dout * xhat).sum(axis=0), dout.sum(axis=0)

    if bn_param["mode"] == "test":
        xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, go_back


@right("batchnorm_backward", STEPS, together="steps")
@right("batchnorm_backward_alt", STEPS, together="steps")
def steps_backward(dout, cache):
    return cache(dout)


@right("batchnorm_forward", "sums in float64, the variance from E[d^2] with the first row as zero")
def shifted_moments(x, gamma, beta, bn_param):
    def measure(x):
        shifted = x.astype(np.float64) - x[0]
        mean, square = shifted.mean(axis=0), np.mean(shifted**2, axis=0)
        return (x[0] + mean).astype(x.dtype), (square - mean**2).astype(x.dtype)

    mean, var = _choose(x, bn_param, measure)
    istd = 1 / np.sqrt(var + bn_param.get("eps", 1e-5))
    return (x - mean) * (gamma * istd) + beta, (x - mean, istd, gamma)


@right("batchnorm_forward", "one formula for both modes, scale * x + shift in float64")
def scale_and_shift(x, gamma, beta, bn_param):
    cache = None
    if bn_param["mode"] != "test":
        cache = ref.batchnorm_forward(x, gamma, beta, bn_param)[1]
    mean, var, eps = _statistics(x.astype(np.float64), bn_param)
    scale = gamma / np.sqrt(var + eps)
    return (scale * x + (beta - scale * mean)).astype(x.dtype), cache


@right("batchnorm_backward", "the Jacobian of each column, times its upstream gradient")
def column_jacobians(dout, cache):
    s, istd, gamma = cache
    xhat, N, dx = s * istd, len(s), np.empty_like(dout)
    for d, column in enumerate(xhat.T):
        jacobian = np.eye(N) - 1 / N - np.outer(column, column) / N
        dx[:, d] = gamma[d] * istd[d] * jacobian.T @ dout[:, d]
    return dx, np.diag(dout.T @ xhat).copy(), dout.sum(axis=0)


@right("batchnorm_backward_alt", "exact derivatives of the forward formula by the complex step")
def complex_step(dout, cache):
    s, istd, gamma = cache
    eps, dx = 1 / istd**2 - np.mean(s * s, axis=0), np.empty_like(dout)
    for n in range(len(s)):
        shifted = s.astype(complex)
        shifted[n] += 1e-30j
        shifted -= shifted.mean(axis=0)
        out = gamma * shifted / np.sqrt(np.mean(shifted * shifted, axis=0) + eps)
        dx[n] = np.sum(dout * out.imag / 1e-30, axis=0)
    return dx, np.sum(dout * s, axis=0) * istd, dout.sum(axis=0)


@right("batchnorm_backward", "what is left of dout when its shadows on 1 and xhat are taken away")
def projection(dout, cache):
    s, istd, gamma = cache
    g, N = dout * gamma, len(dout)
    left = g - np.ones((N, N), dout.dtype) @ g / N
    left -= s * istd * istd * (np.sum(s * left, axis=0) / N)
    return left * istd, istd * (s * dout).sum(0), dout.sum(0)


ROW_LOOPS = "one example after the other"


@right("layernorm_forward", ROW_LOOPS, together="row_loops")
def row_loops_forward(x, gamma, beta, ln_param):
    rows, stds = [], []
    for row in x:
        s = row - row.mean()
        stds.append(np.sqrt(s @ s / len(s) + np.asarray(ln_param.get("eps", 1e-5), x.dtype)))
        rows.append(s / stds[-1])
    return np.stack([gamma * row + beta for row in rows]), {"rows": rows, "stds": stds, "g": gamma}


@right("layernorm_backward", ROW_LOOPS, together="row_loops")
def row_loops_backward(dout, cache):
    dx, dgamma, dbeta = [], 0, 0
    for upstream, xhat, std in zip(dout, cache["rows"], cache["stds"]):
        g = upstream * cache["g"]
        dx.append((g - g.mean() - xhat * np.mean(g * xhat)) / std)
        dgamma, dbeta = dgamma + upstream * xhat, dbeta + upstream
    return np.array(dx), dgamma, dbeta


THROUGH_BATCHNORM = "batch norm of x.T without scale and shift, then gamma and beta"


@right("layernorm_forward", THROUGH_BATCHNORM, together="through_batchnorm")
def through_batchnorm_forward(x, gamma, beta, ln_param):
    ones, eps = np.ones(len(x), x.dtype), ln_param.get("eps", 1e-5)
    out, cache = ref.batchnorm_forward(x.T, ones, 0 * ones, {"mode": "train", "eps": eps})
    return gamma * out.T + beta, (out.T, gamma, cache)


@right("layernorm_backward", THROUGH_BATCHNORM, together="through_batchnorm")
def through_batchnorm_backward(dout, cache):
    xhat, gamma, inner = cache
    dx, _, _ = ref.batchnorm_backward((dout * gamma).T, inner)
    return dx.T, (dout * xhat).sum(axis=0), dout.sum(axis=0)


ROWS_FROM_X = "the graph node by node, with std instead of 1 / std, the cache a list with x"


@right("layernorm_forward", ROWS_FROM_X, together="rows_from_x")
def rows_from_x_forward(x, gamma, beta, ln_param):
    std = np.sqrt(x.var(axis=1) + ln_param.get("eps", 1e-5))
    out = ((x.T - x.mean(axis=1)) / std).T
    return out * gamma + beta, [x, gamma, std]


@right("layernorm_backward", ROWS_FROM_X, together="rows_from_x")
def rows_from_x_backward(dout, cache):
    x, gamma, std = cache
    s, std, D = x - x.mean(axis=1)[:, None], std[:, None], x.shape[1]
    dxhat = dout * gamma
    dvar = np.sum(dxhat * s, axis=1)[:, None] * -0.5 / std**3
    ds = dxhat / std + dvar * 2 * s / D
    return ds - ds.mean(axis=1)[:, None], np.einsum("nd,nd->d", dout, s / std), dout.sum(0)


@right("layernorm_backward", "the Jacobian of each row, all of them in one array (N, D, D)")
def row_jacobians(dout, cache):
    xhat, istd, gamma = cache
    D = len(gamma)
    jacobians = np.eye(D, dtype=dout.dtype) - 1 / D - np.einsum("ni,nj->nij", xhat, xhat) / D
    dx = np.einsum("ni,nij->nj", dout * gamma * istd, jacobians)
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)


AXES = "sums over three axes, no rows"


@right("spatial_batchnorm_forward", AXES, together="axes")
def axes_forward(x, gamma, beta, bn_param):
    def measure(_):
        return x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))

    mean, var, gamma, beta = (
        v[:, None, None] for v in (*_choose(x, bn_param, measure), gamma, beta)
    )
    std = np.sqrt(var + bn_param.get("eps", 1e-5))
    return gamma * (x - mean) / std + beta, ((x - mean) / std, std, gamma)


@right("spatial_batchnorm_backward", AXES, together="axes")
def axes_backward(dout, cache):
    xhat, std, gamma = cache
    g, axes = dout * gamma, (0, 2, 3)
    g_mean, gx_mean = (np.mean(a, axes, keepdims=True) for a in (g, g * xhat))
    dx = (g - g_mean - xhat * gx_mean) / std
    return dx, np.einsum("nchw,nchw->c", dout, xhat), np.einsum("nchw->c", dout)


CHANNELS = "one channel after the other, each with a bn_param of its own"


@right("spatial_batchnorm_forward", CHANNELS, together="channels")
def channels_forward(x, gamma, beta, bn_param):
    out, caches, own = np.empty_like(x), [], []
    for c in range(x.shape[1]):
        one = slice(c, c + 1)
        own.append({k: v[one] if k in BUFFERS else v for k, v in bn_param.items()})
        column = x[:, c].reshape(-1, 1)
        rows, cache = ref.batchnorm_forward(column, gamma[one], beta[one], own[-1])
        out[:, c] = rows.reshape(out[:, c].shape)
        caches.append(cache)
    bn_param |= {n: np.concatenate([o[n] for o in own]) for n in BUFFERS if n in own[0]}
    return out, caches


@right("spatial_batchnorm_backward", CHANNELS, together="channels")
def channels_backward(dout, cache):
    dx, sums = np.empty_like(dout), []
    for c, one in enumerate(cache):
        rows, *both = ref.batchnorm_backward(dout[:, c].reshape(-1, 1), one)
        dx[:, c] = rows.reshape(dx[:, c].shape)
        sums.append(both)
    dgamma, dbeta = (np.concatenate(parts) for parts in zip(*sums))
    return dx, dgamma, dbeta


SWAPPED = "channels and width change places, there and back"


@right("spatial_batchnorm_forward", SWAPPED, together="swapped_axes")
def swapped_axes_forward(x, gamma, beta, bn_param):
    last = x.swapaxes(1, 3)
    out, cache = ref.batchnorm_forward(last.reshape(-1, x.shape[1]), gamma, beta, bn_param)
    return out.reshape(last.shape).swapaxes(1, 3), cache


@right("spatial_batchnorm_backward", SWAPPED, together="swapped_axes")
def swapped_axes_backward(dout, cache):
    last = dout.swapaxes(1, 3)
    dx, dgamma, dbeta = ref.batchnorm_backward(last.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(last.shape).swapaxes(1, 3), dgamma, dbeta
