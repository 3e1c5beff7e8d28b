"""Mistakes of layernorm_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake
from autograder.bank.normalization._helpers import weigh
from autograder.bank.reference import normalization as ref


@mistake(
    "layernorm_backward",
    where="where gamma comes in for dx in layernorm_backward",
    what="gamma stands before the sums over the features, as it may in batch norm only.",
    how="Form g = dout * gamma first: gamma varies along the axis of the sums.",
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
)
def divided_by_n(dout, cache):
    N, D = dout.shape
    return weigh(ref.layernorm_backward, dout, cache, variance=D / N, mean=D / N)


@mistake(
    "layernorm_backward",
    where="what shape the sums of dx have in layernorm_backward",
    what="The sums have shape (N,), and where N == D each feature gets the sum of an example.",
    how="Use keepdims=True, so that they have shape (N, 1) and belong to the rows.",
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
)
def layernorm_dx_transposed(dout, cache):
    dx, dgamma, dbeta = ref.layernorm_backward(dout, cache)
    return dx.T, dgamma, dbeta
