"""Mistakes of batchnorm_backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake
from autograder.bank.normalization._helpers import weigh
from autograder.bank.reference import normalization as ref

# dx


@mistake(
    "batchnorm_backward",
    where="the path through the variance in batchnorm_backward",
    what="The factor 1 / N is missing on the path through the variance.",
    how="Divide by N: each square is 1 / N of the variance.",
)
def variance_path_without_n(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, variance=len(dout))


@mistake(
    "batchnorm_backward",
    where="the path through the mean in batchnorm_backward",
    what="The factor 1 / N is missing on the path through the mean.",
    how="Divide by N: each x is 1 / N of the mean.",
)
def mean_path_without_n(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, mean=len(dout))


@mistake(
    "batchnorm_backward",
    where="what batchnorm_backward divides by on the path through the variance",
    what="The sum is divided by N - 1 while the forward pass divides by N.",
    how="Divide by N, as the biased variance of the forward pass does.",
)
def variance_path_with_n_minus_one(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, variance=len(dout) / (len(dout) - 1))


@mistake(
    "batchnorm_backward",
    where="the power of var + eps in batchnorm_backward",
    what="dvar has (var + eps)^(-3) where (var + eps)^(-3/2) belongs.",
    how="Take the power -3/2 of the variance, or -3 of the standard deviation.",
)
def variance_cubed(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, variance=cache[1] ** 3)


@mistake(
    "batchnorm_backward",
    where="the power of var + eps in batchnorm_backward",
    what="dvar has the power -3/2 of the standard deviation, not of the variance.",
    how="Take the power -3/2 of the variance, or -3 of the standard deviation.",
)
def deviation_taken_for_variance(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, variance=cache[1] ** -1.5)


@mistake(
    "batchnorm_backward",
    where="the direct path in batchnorm_backward",
    what="The direct path is divided by var + eps, not by its root.",
    how="Multiply by istd = (var + eps)^(-1/2) there, as xhat = s * istd says.",
)
def direct_path_without_root(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, direct=cache[1])


@mistake(
    "batchnorm_backward",
    where="the path through the variance in batchnorm_backward",
    what="The path through the variance has a factor 1 / std too many.",
    how="Compute dv = 2 / N * (x - mean) * dvar, with x - mean, which is not yet divided by std.",
)
def xhat_taken_for_x_minus_mean(dout, cache):
    return weigh(ref.batchnorm_backward, dout, cache, variance=cache[1])


@mistake(
    "batchnorm_backward",
    where="what batchnorm_backward does with eps",
    what="dx has eps twice: it is added to a variance that has it already.",
    how="Add eps once, in the forward pass or in the backward pass.",
)
def dx_with_eps_twice(dout, cache):
    return weigh(
        ref.batchnorm_backward, dout, cache, invert=lambda var, eps: 1 / np.sqrt(var + 2 * eps)
    )


@mistake(
    "batchnorm_backward",
    where="over what batchnorm_backward sums for the variance",
    what="The gradient of the variance is one sum over the whole array.",
    how="Sum over axis 0: each feature has a variance of its own.",
)
def variance_gradient_without_axis(dout, cache):
    s, istd, gamma = cache
    dx, dgamma, dbeta = weigh(ref.batchnorm_backward, dout, cache, variance=0)
    return dx - s / len(s) * np.sum(dout * gamma * s * istd**3), dgamma, dbeta


@mistake(
    "batchnorm_backward",
    where="over what batchnorm_backward sums for the mean",
    what="The gradient of the mean is one sum over the whole array.",
    how="Sum over axis 0: each feature has a mean of its own.",
)
def mean_gradient_without_axis(dout, cache):
    _, istd, gamma = cache
    dx, dgamma, dbeta = weigh(ref.batchnorm_backward, dout, cache, mean=0)
    return dx - np.sum(dout * gamma * istd) / len(dout), dgamma, dbeta


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward puts the paths together",
    what="As in the printed formula, dv is multiplied by the sum of ds + dv.",
    how="Compute dx = ds + dv - sum(ds + dv) / N: a gradient is linear in dout.",
)
def printed_formula_taken_literally(dout, cache):
    s, istd, gamma = cache
    _, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    ds, dv = dout * gamma * istd, -s * istd * istd / len(s) * gamma * dgamma
    return ds - dv / len(s) * np.sum(ds + dv, axis=0), dgamma, dbeta


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward computes dx",
    what="dx is zero everywhere.",
    how="Add up the three paths on which x reaches the output.",
)
def dx_all_zeros(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    return np.zeros_like(dx), dgamma, dbeta


# dgamma, dbeta, and use of the cache and the arguments


DGAMMA_WITH_X = {
    "where": "how batchnorm_backward computes dgamma",
    "what": "dgamma sums dout * x where xhat belongs.",
    "how": "Keep xhat in the cache and sum dout * xhat: gamma scales the normalised values.",
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
)
def dgamma_with_x_minus_mean(dout, cache):
    dx, _, dbeta = ref.batchnorm_backward(dout, cache)
    return dx, np.sum(dout * cache[0], axis=0), dbeta


@mistake(
    "batchnorm_backward",
    where="how batchnorm_backward computes dgamma and dbeta",
    what="dgamma and dbeta have a factor gamma too many.",
    how="Sum dout * xhat and dout as they came, and use dout * gamma for dx only.",
)
def dgamma_and_dbeta_from_dout_times_gamma(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    return dx, cache[2] * dgamma, cache[2] * dbeta


@mistake(
    "batchnorm_backward",
    where="what shape dbeta has in batchnorm_backward",
    what="dbeta has shape (D, 1) instead of (D,).",
    how="Sum dout over axis 0: that needs no matrix product.",
)
def dbeta_as_a_column(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout, cache)
    return dx, dgamma, dbeta[:, np.newaxis]


@mistake(
    "batchnorm_backward",
    where="what batchnorm_backward does to the cache",
    what="The arrays in the cache are changed in place, so that a second call gets other values.",
    how="Only read the cache, and write s * istd into a new array.",
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
