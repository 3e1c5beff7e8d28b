"""Mistakes that several backward passes can have, except those in dx."""

from __future__ import annotations

import numpy as np

from autograder.bank.normalization._helpers import (
    BACKWARD,
    BACKWARD_2D,
    in_each,
    open_cache,
)


@in_each(
    *BACKWARD,
    where="which dtype dx has in {}",
    what="dx is float64 although x and dout are float32.",
    how="Give each array that you create the dtype of dout: np.zeros and np.ones make float64.",
)
def dx_in_float64(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx.astype(np.float64), dgamma, dbeta


@in_each(
    *BACKWARD,
    where="in which order {} returns its gradients",
    what="dgamma and dbeta have changed places.",
    how="Return dx, dgamma, dbeta, in the order of x, gamma, beta.",
)
def dgamma_and_dbeta_swapped(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx, dbeta, dgamma


@in_each(
    *BACKWARD,
    where="how {} computes dgamma and dbeta",
    what="dgamma and dbeta are means instead of sums.",
    how="Sum over all values that share gamma and beta, and leave the mean to the loss.",
)
def dgamma_and_dbeta_as_means(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    share = len(dbeta) / dout.size
    return dx, dgamma * share, dbeta * share


@in_each(
    *BACKWARD,
    where="how {} computes dgamma",
    what="dgamma sums xhat alone, without dout.",
    how="Multiply xhat by dout before you sum.",
)
def dgamma_without_dout(backward, dout, cache):
    dx, _, dbeta = backward(dout, cache)
    return dx, backward(np.ones_like(dout), cache)[1], dbeta


@in_each(
    *BACKWARD,
    where="where gamma comes in for dx in {}",
    what="dx lacks gamma.",
    how="Begin dx with dxhat = dout * gamma.",
)
def gamma_missing_in_dx(backward, dout, cache):
    first, istd, gamma = cache
    return backward(dout, (first, istd, np.ones_like(gamma)))


@in_each(
    *BACKWARD_2D,
    where="where gamma comes in for dx in {}",
    what="dx is multiplied by gamma once too often.",
    how="Multiply by gamma once, in dxhat = dout * gamma.",
)
def gamma_twice_in_dx(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx * cache[2], dgamma, dbeta


@in_each(
    *BACKWARD_2D,
    where="what shape dgamma and dbeta have in {}",
    what="dgamma and dbeta have shape (1, D) instead of (D,).",
    how="Sum over axis 0 without keepdims.",
)
def dgamma_and_dbeta_as_rows(backward, dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx, dgamma[np.newaxis], dbeta[np.newaxis]


@in_each(
    *BACKWARD_2D,
    where="over which axis {} sums for dgamma and dbeta",
    what="dgamma and dbeta are summed over the features, not over the batch.",
    how="Sum over axis 0, so that each feature gets a gradient of its own.",
)
def dgamma_and_dbeta_summed_over_d(backward, dout, cache):
    dx, _, _ = backward(dout, cache)
    _, s, istd, _ = open_cache(cache)
    return dx, np.sum(dout * s * istd, axis=1), np.sum(dout, axis=1)


@in_each(
    *BACKWARD_2D,
    where="what {} does to dout",
    what="dout is multiplied by gamma in place.",
    how="Write dxhat = dout * gamma instead of dout *= gamma.",
)
def dout_changed_in_place(backward, dout, cache):
    gradients = backward(dout, cache)
    dout *= cache[2]
    return gradients
