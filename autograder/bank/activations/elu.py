"""Variants of elu_forward and elu_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations as ref


@mistake(
    "elu_forward",
    where="what elu_forward does where x is large",
    what="exp(x) overflows on the positive side, and 0 * inf is nan.",
    how="Take exp of np.minimum(x, 0) only.",
)
def elu_nan_at_large_x(x, alpha=1.0):
    return x * (x > 0) + alpha * (np.exp(x) - 1) * (x <= 0), (x, alpha)


@mistake(
    "elu_forward",
    where="what elu_forward returns just below 0",
    what="exp(x) - 1 loses its digits near 0.",
    how="Use np.expm1.",
)
def elu_without_expm1(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), (x, alpha)


@mistake(
    "elu_forward",
    where="what elu_forward multiplies by alpha",
    what="alpha is not used: the negative side is exp(x) - 1.",
    how="The negative side is alpha * (exp(x) - 1).",
)
def elu_without_alpha(x, alpha=1.0):
    return ref.elu_forward(x)[0], (x, alpha)


@mistake(
    "elu_forward",
    where="what elu_forward returns on the negative side",
    what="The negative side is alpha * exp(x): the - 1 is missing, and the curve has a jump at 0.",
    how="The negative side is alpha * (exp(x) - 1).",
)
def elu_without_the_minus_1(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0))), (x, alpha)


@mistake(
    "elu_forward",
    where="the parentheses in elu_forward",
    what="The negative side is alpha * exp(x) - 1: alpha does not multiply the 1.",
    how="The negative side is alpha * (exp(x) - 1).",
)
def elu_without_parentheses(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1), (x, alpha)


@mistake(
    "elu_forward",
    where="where alpha stands in elu_forward",
    what="alpha stands in the exponent: exp(alpha * x) - 1.",
    how="The negative side is alpha * (exp(x) - 1).",
)
def elu_alpha_in_the_exponent(x, alpha=1.0):
    return np.where(x > 0, x, np.expm1(alpha * np.minimum(x, 0))), (x, alpha)


@mistake(
    "elu_backward",
    where="what elu_backward does where x is large",
    what="exp(x) overflows on the positive side, and 0 * inf is nan.",
    how="Take exp of np.minimum(x, 0) only.",
)
def elu_backward_nan_at_large_x(dout, cache):
    x, alpha = cache
    return dout * ((x > 0) + alpha * np.exp(x) * (x <= 0))


@mistake(
    "elu_backward",
    where="the local gradient of the negative side in elu_backward",
    what="It is taken as exp(x): alpha is missing.",
    how="The derivative of alpha * (exp(x) - 1) is alpha * exp(x).",
)
def elu_backward_without_alpha(dout, cache):
    return ref.elu_backward(dout, (cache[0], 1.0))


@mistake(
    "elu_backward",
    where="the local gradient of the negative side in elu_backward",
    what="It is taken as the output plus 1.",
    how="In terms of the output it is out + alpha; the 1 is right for alpha = 1 only.",
)
def elu_backward_output_plus_1(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1, alpha * np.expm1(np.minimum(x, 0)) + 1)


@mistake(
    "elu_backward",
    where="the local gradient of the negative side in elu_backward",
    what="dout is multiplied by the output alpha * (exp(x) - 1) instead of its slope.",
    how="The derivative of alpha * (exp(x) - 1) is alpha * exp(x).",
)
def elu_backward_times_the_output(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1, alpha * np.expm1(np.minimum(x, 0)))


@mistake(
    "elu_backward",
    where="what elu_backward does where x is exactly 0",
    what="Both sides count there: the local gradient is 1 + alpha.",
    how="Let only one side include 0: x > 0 and x <= 0.",
)
def elu_both_slopes_at_0(dout, cache):
    x, alpha = cache
    return dout * ((x >= 0) + alpha * np.exp(np.minimum(x, 0)) * (x <= 0))


@right("elu_forward", "index by masks, the output cached", together="elu_output")
def elu_output_forward(x, alpha=1.0):
    out = np.array(x)
    out[x < 0] = alpha * np.expm1(x[x < 0])
    return out, (out.copy(), alpha)


@right("elu_backward", "index by masks, the output cached", together="elu_output")
def elu_output_backward(dout, cache):
    out, alpha = cache
    return np.where(out < 0, out + alpha, 1) * dout
