"""Variants of draw_uniform and draw_log_uniform."""

from __future__ import annotations

import math

import numpy as np

from autograder.bank import mistake, right


@mistake(
    "draw_uniform",
    where="the range of draw_uniform",
    what="The numbers lie between low and low + high.",
    how="The range is high - low wide: low + (high - low) * rng.random(size).",
)
def range_too_wide(low, high, rng, size=None):
    return low + high * rng.random(size)


@mistake(
    "draw_uniform",
    where="where the random numbers of draw_uniform come from",
    what="They come from np.random's global state, and not from rng.",
    how="Use rng.uniform.",
)
def drawn_by_np_random(low, high, rng, size=None):
    return np.random.uniform(low, high, size)  # noqa: NPY002


@mistake(
    "draw_uniform",
    where="what draw_uniform returns without a size",
    what="It is an array of length 1.",
    how="Hand size on as it is: None gives a single float.",
)
def array_for_a_float(low, high, rng, size=None):
    return rng.uniform(low, high, 1 if size is None else size)


@mistake(
    "draw_uniform",
    where="what draw_uniform does with size",
    what="It is ignored: a single float is drawn.",
    how="Hand it on: rng.uniform(low, high, size).",
)
def size_ignored(low, high, rng, size=None):
    return rng.uniform(low, high)


@mistake(
    "draw_log_uniform",
    where="which numbers draw_log_uniform makes likely",
    what="The numbers are uniform themselves: most of them lie in the top decade.",
    how="Draw the logarithm uniformly, and take exp of it.",
)
def drawn_uniformly(low, high, rng, size=None):
    return rng.uniform(low, high, size)


@mistake(
    "draw_log_uniform",
    where="the two logarithms in draw_log_uniform",
    what="The natural logarithm is drawn, but 10 is raised to it.",
    how="Use np.exp with np.log, or 10.0** with np.log10.",
)
def ten_to_the_natural_logarithm(low, high, rng, size=None):
    return 10.0 ** rng.uniform(np.log(low), np.log(high), size)


@mistake(
    "draw_log_uniform",
    where="the two logarithms in draw_log_uniform",
    what="The logarithm to base 10 is drawn, but exp is taken of it.",
    how="Use np.exp with np.log, or 10.0** with np.log10.",
)
def exp_of_log10(low, high, rng, size=None):
    return np.exp(rng.uniform(np.log10(low), np.log10(high), size))


@mistake(
    "draw_log_uniform",
    where="what draw_log_uniform returns",
    what="It is the logarithm of the number.",
    how="Take exp of what was drawn.",
)
def logarithm_returned(low, high, rng, size=None):
    return rng.uniform(np.log(low), np.log(high), size)


@mistake(
    "draw_log_uniform",
    where="which numbers draw_log_uniform can return",
    what="Only whole powers of ten are drawn.",
    how="Draw the exponent as a float, with rng.uniform.",
)
def whole_powers_of_ten(low, high, rng, size=None):
    exponents = math.floor(math.log10(low)), max(math.ceil(math.log10(high)), 1)
    return 10.0 ** rng.integers(*exponents, size)


@right("draw_uniform", "a factor and an offset")
def scaled_and_shifted(low, high, rng, size=None):
    return low + (high - low) * rng.random(size)


@right("draw_log_uniform", "a power of ten")
def power_of_ten(low, high, rng, size=None):
    return np.clip(10.0 ** rng.uniform(np.log10(low), np.log10(high), size), low, high)


@right("draw_log_uniform", "a power of the ratio")
def power_of_the_ratio(low, high, rng, size=None):
    return low * (high / low) ** rng.random(size)
