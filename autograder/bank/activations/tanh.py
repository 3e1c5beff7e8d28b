"""Variants of tanh_forward and tanh_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations as ref


@mistake(
    "tanh_forward",
    where="the exponentials in tanh_forward",
    what="exp overflows far from 0: inf / inf is nan.",
    how="Use np.tanh.",
)
def tanh_nan_far_out(x):
    up, down = np.exp(x), np.exp(-x)
    return (up - down) / (up + down), ref.tanh_forward(x)[1]


_X_SQUARED = {
    "where": "what is squared in tanh_backward",
    "what": "The local gradient is taken as 1 - x**2, but it is 1 minus the squared output.",
    "how": "Keep the output in the cache, or compute it again from x.",
    "together": "tanh_1_minus_x_squared",
}


@mistake("tanh_forward", **_X_SQUARED)
def tanh_with_x(x):
    return np.tanh(x), x


@mistake("tanh_backward", **_X_SQUARED)
def tanh_1_minus_x_squared(dout, cache):
    return dout * (1 - cache * cache)


@mistake(
    "tanh_backward",
    where="what is squared in tanh_backward",
    what="tanh is applied twice: the cache already holds the output.",
    how="Square the output itself, or keep x in the cache.",
)
def tanh_applied_twice(dout, cache):
    return dout * (1 - np.tanh(cache) ** 2)


@mistake(
    "tanh_backward",
    where="the local gradient in tanh_backward",
    what="It is taken as 1 - tanh(x): the square is missing.",
    how="The derivative is 1 - tanh(x)**2.",
)
def tanh_without_the_square(dout, cache):
    return dout * (1 - cache)


@mistake(
    "tanh_backward",
    where="what tanh_backward returns",
    what="dx is the local gradient alone: dout is not in it.",
    how="Multiply the local gradient by dout.",
)
def tanh_without_dout(dout, cache):
    return 1 - cache * cache


@mistake(
    "tanh_backward",
    where="what tanh_backward does to its cache",
    what="The cached output is squared in place: a second call starts from other numbers.",
    how="Make a new array: out * out, not out *= out.",
)
def tanh_changes_its_cache(dout, cache):
    cache *= cache
    return dout * (1 - cache)


@right("tanh_forward", "by expm1, the cache the slope", together="tanh_slope")
def tanh_slope_forward(x):
    t = np.expm1(-2 * np.abs(x))
    out = np.sign(x) * (-t / (2 + t))
    return out, {"slope": (1 - out) * (1 + out)}


@right("tanh_backward", "by expm1, the cache the slope", together="tanh_slope")
def tanh_slope_backward(dout, cache):
    return np.multiply(dout, cache["slope"])
