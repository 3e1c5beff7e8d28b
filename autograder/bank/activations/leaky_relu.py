"""Variants of leaky_relu_forward and leaky_relu_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations as ref


@mistake(
    "leaky_relu_forward",
    where="which side of 0 leaky_relu_forward gives the slope to",
    what="The slope multiplies the positive side.",
    how="Return x where x > 0, and slope * x elsewhere.",
)
def leaky_slope_on_the_positive_side(x, slope=0.01):
    return -ref.leaky_relu_forward(-x, slope)[0], (x, slope)


@mistake(
    "leaky_relu_forward",
    where="what leaky_relu_forward returns for a slope above 1",
    what="max(slope * x, x) takes the wrong one of the two if the slope is above 1.",
    how="Choose by the sign of x, not by which of the two is larger.",
)
def leaky_as_a_maximum(x, slope=0.01):
    return np.maximum(slope * x, x), (x, slope)


@mistake(
    "leaky_relu_forward",
    where="which slope leaky_relu_forward uses",
    what="The slope is always 0.01: the argument is ignored.",
    how="Multiply by slope.",
)
def leaky_slope_ignored(x, slope=0.01):
    return ref.leaky_relu_forward(x)[0], (x, slope)


@mistake(
    "leaky_relu_backward",
    where="which side of 0 leaky_relu_backward gives the slope to",
    what="The slope multiplies dout on the positive side.",
    how="The local gradient is 1 where x > 0, and slope elsewhere.",
)
def leaky_backward_slope_on_the_positive_side(dout, cache):
    x, slope = cache
    return np.where(x > 0, slope * dout, dout)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward returns on the left",
    what="The gradient is 0 on the negative side, as that of ReLU is.",
    how="Pass on slope * dout there.",
)
def leaky_backward_as_relu(dout, cache):
    return dout * (cache[0] > 0)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward returns on the left",
    what="dout is multiplied by slope * x, the output, instead of the slope.",
    how="Pass on slope * dout there.",
)
def leaky_backward_times_the_output(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, dout * slope * x)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward does where x is exactly 0",
    what="The gradient is 0 there: x = 0 belongs to neither of the two sides.",
    how="Let one side include 0: x > 0 and x <= 0.",
)
def leaky_gradient_0_at_0(dout, cache):
    x, slope = cache
    return dout * (x > 0) + slope * dout * (x < 0)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward does to dout",
    what="dout is changed in place.",
    how="Make a new array, or change a copy.",
)
def leaky_changes_dout(dout, cache):
    x, slope = cache
    dout[x <= 0] *= slope
    return dout


@right("leaky_relu_forward", "np.where; at 0 the slope of the right", together="leaky_where")
def leaky_where_forward(x, slope=0.01):
    slope = x.dtype.type(slope)
    return np.where(x < 0, slope * x, x), [x, slope]


@right("leaky_relu_backward", "np.where; at 0 the slope of the right", together="leaky_where")
def leaky_where_backward(dout, cache):
    x, slope = cache
    return np.where(x < 0, slope * dout, dout)


@right("leaky_relu_forward", "x less part of its left side, slopes cached", together="leaky_less")
def leaky_less_forward(x, slope=0.01):
    slopes = np.where(x > 0, 1, slope).astype(x.dtype)
    return x - (1 - float(slope)) * x.clip(max=0), slopes


@right("leaky_relu_backward", "x less part of its left side, slopes cached", together="leaky_less")
def leaky_less_backward(dout, cache):
    return cache * dout
