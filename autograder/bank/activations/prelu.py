"""Variants of prelu_forward and prelu_backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations as ref


@mistake(
    "prelu_forward",
    where="what prelu_forward returns for an alpha above 1",
    what="max(alpha * x, x) takes the wrong one of the two if alpha is above 1.",
    how="Use max(0, x) + alpha * min(0, x).",
)
def prelu_as_a_maximum(x, alpha):
    return np.maximum(alpha * x, x), (x, alpha)


@mistake(
    "prelu_forward",
    where="which side of 0 prelu_forward gives alpha to",
    what="alpha multiplies the positive side.",
    how="Use max(0, x) + alpha * min(0, x).",
)
def prelu_alpha_on_the_positive_side(x, alpha):
    return -ref.prelu_forward(-x, alpha)[0], (x, alpha)


@mistake(
    "prelu_forward",
    where="which alpha prelu_forward uses for each feature",
    what="All features get the first slope.",
    how="Let alpha of shape (D,) broadcast along the last axis of x.",
)
def prelu_first_slope_for_all_features(x, alpha):
    return ref.prelu_forward(x, np.ravel(alpha)[0])[0], (x, alpha)


@mistake(
    "prelu_backward",
    where="what dx is on the negative side in prelu_backward",
    what="dx is 0 there, as that of ReLU is.",
    how="Pass on alpha * dout there.",
)
def prelu_dx_as_relu(dout, cache):
    return dout * (cache[0] > 0), ref.prelu_backward(dout, cache)[1]


@mistake(
    "prelu_backward",
    where="what dx is in prelu_backward where x is exactly 0",
    what="Both sides count there: the local gradient is 1 + alpha.",
    how="Let only one side include 0: x > 0 and x <= 0.",
)
def prelu_both_slopes_at_0(dout, cache):
    x, alpha = cache
    dx = dout * (x >= 0) + alpha * dout * (x <= 0)
    return dx, ref.prelu_backward(dout, cache)[1]


def _sum_like(alpha: Any, per_element: Any) -> Any:
    axes = None if np.ndim(alpha) == 0 else tuple(range(per_element.ndim - 1))
    return np.sum(per_element, axis=axes)


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="dalpha is the sum of min(0, x): dout is not in it.",
    how="Multiply min(0, x) by dout before you sum.",
)
def prelu_dalpha_without_dout(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, np.minimum(x, 0))


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="The positive side counts, too.",
    how="Sum dout * min(0, x): alpha plays no part where x > 0.",
)
def prelu_dalpha_from_both_sides(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, dout * x)


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="alpha is still a factor in dalpha.",
    how="The derivative of alpha * min(0, x) by alpha is min(0, x).",
)
def prelu_dalpha_times_alpha(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, dout * alpha * np.minimum(x, 0))


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="dout is summed where x is not positive, but it is not multiplied by x there.",
    how="Sum dout * min(0, x).",
)
def prelu_dalpha_without_x(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, dout * (x <= 0))


@mistake(
    "prelu_backward",
    where="what shape dalpha has in prelu_backward",
    what="dalpha is not summed: it has the shape of x.",
    how="Sum over all elements that share a slope, so that dalpha has the shape of alpha.",
)
def prelu_dalpha_not_summed(dout, cache):
    return ref.prelu_backward(dout, cache)[0], dout * np.minimum(cache[0], 0)


@mistake(
    "prelu_backward",
    where="what shape dalpha has in prelu_backward",
    what="dalpha keeps the axes that it is summed over, with length 1.",
    how="Sum without keepdims, so that dalpha has the shape of alpha.",
)
def prelu_dalpha_with_keepdims(dout, cache):
    dx, dalpha = ref.prelu_backward(dout, cache)
    return dx, np.reshape(dalpha, (1,) * (dx.ndim - np.ndim(dalpha)) + np.shape(dalpha))


@mistake(
    "prelu_backward",
    where="what shape dalpha has in prelu_backward",
    what="dalpha is a single number, also where each feature has a slope of its own.",
    how="For alpha of shape (D,) sum over all axes but the last.",
)
def prelu_dalpha_a_number(dout, cache):
    dx, dalpha = ref.prelu_backward(dout, cache)
    return dx, np.sum(dalpha)


@mistake(
    "prelu_backward",
    where="over which axes prelu_backward sums dalpha",
    what="dalpha is summed over the first axis only, whatever shape x and alpha have.",
    how="Sum over all axes but the last; where alpha is a single number, over that, too.",
)
def prelu_dalpha_over_the_first_axis(dout, cache):
    dx, _ = ref.prelu_backward(dout, cache)
    return dx, np.sum(dout * np.minimum(cache[0], 0), axis=0)


@mistake(
    "prelu_backward",
    where="how dalpha is summed in prelu_backward",
    what="dalpha is the mean over the elements that share a slope instead of their sum.",
    how="Sum; the loss has put the 1 / N into dout.",
)
def prelu_dalpha_a_mean(dout, cache):
    dx, dalpha = ref.prelu_backward(dout, cache)
    return dx, dalpha * np.size(dalpha) / dx.dtype.type(dx.size)


@right("prelu_forward", "one feature after the other", together="prelu_loops")
def prelu_loops_forward(x, alpha):
    out, slopes = x.copy(), np.resize(alpha, x.shape[-1])
    for d, slope in enumerate(slopes):
        column = out[..., d]
        column[column < 0] *= slope
    return out, (x, alpha)


@right("prelu_backward", "one feature after the other", together="prelu_loops")
def prelu_loops_backward(dout, cache):
    x, alpha = cache
    dx, dalphas = dout.copy(), []
    for d, slope in enumerate(np.resize(alpha, x.shape[-1])):
        left = x[..., d] < 0
        dalphas.append(np.dot(dout[..., d][left], x[..., d][left]))
        dx[..., d][left] *= slope
    dalpha = np.array(dalphas, x.dtype)
    return dx, dalpha if np.ndim(alpha) else dalpha.sum()


@right(
    "prelu_forward",
    "as a matrix with a column a feature, the left side cached",
    together="prelu_2d",
)
def prelu_2d_forward(x, alpha):
    left, right_side = np.where(x < 0, x, 0), np.where(x < 0, 0, x)
    return right_side + left * alpha, (left, alpha)


@right(
    "prelu_backward",
    "as a matrix with a column a feature, the left side cached",
    together="prelu_2d",
)
def prelu_2d_backward(dout, cache):
    left, alpha = cache
    D = left.shape[-1]
    dalpha = np.einsum("nd,nd->d", dout.reshape(-1, D), left.reshape(-1, D))
    dx = np.where(left < 0, alpha * dout, dout)
    return dx, dalpha if alpha.shape else np.asarray(dalpha.sum())
