"""Mistakes in dx that several backward passes can have."""

from __future__ import annotations

import numpy as np

from autograder.bank.normalization._helpers import (
    BACKWARD_2D,
    BOTH_OF_BATCHNORM,
    GRAPHS,
    in_each,
    weigh,
)


@in_each(
    *GRAPHS,
    where="the paths that add up to dx in {}",
    what="The path through the mean is missing.",
    how="Subtract from ds its mean over the values that share a mean.",
)
def mean_path_missing(backward, dout, cache):
    return weigh(backward, dout, cache, mean=0)


@in_each(
    *GRAPHS,
    where="the paths that add up to dx in {}",
    what="The path through the variance is missing.",
    how="Add dv = 2 / M * (x - mean) * dvar, where M values share a variance.",
)
def variance_path_missing(backward, dout, cache):
    return weigh(backward, dout, cache, variance=0)


@in_each(
    *GRAPHS,
    where="the paths that add up to dx in {}",
    what="The paths through mean and variance are missing, as if both were constants.",
    how="Add what reaches each x through the variance and through the mean.",
)
def only_the_direct_path(backward, dout, cache):
    return weigh(backward, dout, cache, variance=0, mean=0)


@in_each(
    *GRAPHS,
    where="the path through the variance in {}",
    what="The path through the variance has the wrong sign.",
    how="Keep the minus: the derivative of (var + eps)^(-1/2) is -1/2 (var + eps)^(-3/2).",
)
def variance_path_with_the_wrong_sign(backward, dout, cache):
    return weigh(backward, dout, cache, variance=-1)


@in_each(
    *GRAPHS,
    where="the path through the mean in {}",
    what="The path through the mean has the wrong sign.",
    how="Keep the minus: s = x - mean passes the gradient of s on to the mean with a minus.",
)
def mean_path_with_the_wrong_sign(backward, dout, cache):
    return weigh(backward, dout, cache, mean=-1)


@in_each(
    *GRAPHS,
    where="the path through the variance in {}",
    what="The path through the variance is half as large as it should be.",
    how="Keep the factor 2 that comes from the derivative of (x - mean)^2.",
)
def factor_2_of_the_square_forgotten(backward, dout, cache):
    return weigh(backward, dout, cache, variance=0.5)


@in_each(
    *GRAPHS,
    where="the path through the variance in {}",
    what="The path through the variance is twice as large as it should be.",
    how="Keep the factor 1/2 that comes from the root: dvar has -1/2 (var + eps)^(-3/2).",
)
def factor_half_of_the_root_forgotten(backward, dout, cache):
    return weigh(backward, dout, cache, variance=2)


@in_each(
    *BOTH_OF_BATCHNORM,
    where="what {} divides the sums over the batch by",
    what="The sums are divided by D, the number of features, instead of N.",
    how="Divide by N, the number of examples that are summed over.",
)
def divided_by_d(backward, dout, cache):
    N, D = dout.shape
    return weigh(backward, dout, cache, variance=N / D, mean=N / D)


@in_each(
    *BACKWARD_2D,
    where="what {} does with eps",
    what="dx uses the variance without eps.",
    how="Use var + eps, as the forward pass does, wherever the variance is needed.",
)
def eps_forgotten(backward, dout, cache):
    return weigh(backward, dout, cache, invert=lambda var, eps: 1 / np.sqrt(var))


@in_each(
    *BACKWARD_2D,
    where="what {} does with eps",
    what="dx uses eps = 1e-5, whatever the forward pass has used.",
    how="Put var + eps, or eps, into the cache.",
)
def eps_always_the_default(backward, dout, cache):
    return weigh(backward, dout, cache, invert=lambda var, eps: 1 / np.sqrt(var + 1e-5))
