"""Mistakes that every forward pass can have."""

from __future__ import annotations

import numpy as np

from autograder.bank.normalization._helpers import FORWARD, in_each


@in_each(
    *FORWARD,
    where="what {} does with gamma and beta",
    what="gamma and beta have changed places: the output is beta * xhat + gamma.",
    how="Scale by gamma and shift by beta, and look at the order of the arguments.",
)
def gamma_and_beta_swapped(forward, x, gamma, beta, settings):
    out, _ = forward(x, beta, gamma, dict(settings))
    return out, forward(x, gamma, beta, settings)[1]


@in_each(
    *FORWARD,
    where="what {} does with gamma and beta",
    what="The output is xhat itself, neither scaled by gamma nor shifted by beta.",
    how="Return gamma * xhat + beta.",
)
def gamma_and_beta_forgotten(forward, x, gamma, beta, settings):
    out, _ = forward(x, np.ones_like(gamma), np.zeros_like(beta), dict(settings))
    return out, forward(x, gamma, beta, settings)[1]


@in_each(
    *FORWARD,
    where="which dtype the output of {} has",
    what="The output is float64 although x is float32.",
    how="Give each array that you create the dtype of x: np.zeros and np.ones make float64.",
)
def output_in_float64(forward, *args):
    out, cache = forward(*args)
    return out.astype(np.float64), cache
