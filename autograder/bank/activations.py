"""Variants of the activation functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations as ref


@mistake(
    "sigmoid_forward",
    where="the argument of exp in sigmoid_forward",
    what="exp(-x) overflows far on the left: the result is 0 instead of a tiny positive number.",
    how="Use exp(-|x|), which is never above 1, with a formula for each side of 0.",
    label="sigmoid overflows on the left",
)
def sigmoid_overflows_on_the_left(x):
    return 1 / (1 + np.exp(-x)), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="the argument of exp in sigmoid_forward",
    what="exp(x) overflows far on the right: inf / inf is nan.",
    how="Use exp(-|x|), which is never above 1, with a formula for each side of 0.",
    label="sigmoid nan on the right",
)
def sigmoid_nan_on_the_right(x):
    return np.exp(x) / (1 + np.exp(x)), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="what sigmoid_forward returns far from 0",
    what="x is clipped to -500 ... 500: beyond that the sigmoid does not become smaller any more.",
    how="Leave out the clipping; exp(-|x|) cannot overflow.",
    label="sigmoid of clipped x",
)
def sigmoid_of_clipped_x(x):
    return 1 / (1 + np.exp(-np.clip(x, -500, 500))), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="what sigmoid_forward returns far on the left",
    what="(1 + tanh(x / 2)) / 2 loses its digits on the left, where tanh is nearly -1.",
    how="Use exp(-|x|), with a formula for each side of 0.",
    label="sigmoid by tanh",
)
def sigmoid_by_tanh(x):
    return 0.5 * (1 + np.tanh(0.5 * x)), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="the sign of the exponent in sigmoid_forward",
    what="The curve is mirrored: it falls from 1 to 0.",
    how="The formula is 1 / (1 + exp(-x)), with a minus in the exponent.",
    label="sigmoid mirrored",
)
def sigmoid_mirrored(x):
    return ref.sigmoid_forward(-x)


@mistake(
    "sigmoid_forward",
    where="what dtype sigmoid_forward returns",
    what="out is float64 even if x is float32.",
    how="Make new arrays with np.empty_like(x): np.zeros without a dtype gives float64.",
    label="sigmoid in float64",
)
def sigmoid_in_float64(x):
    out, cache = ref.sigmoid_forward(x)
    return out.astype(np.float64), cache


@mistake(
    "sigmoid_backward",
    where="what sigmoid_backward returns",
    what="dx is the local gradient alone: dout is not in it.",
    how="Multiply the local gradient by dout.",
    label="sigmoid backward without dout",
)
def sigmoid_without_dout(dout, cache):
    return ref.sigmoid_backward(np.ones_like(dout), cache)


_X_FOR_S = {
    "where": "what sigmoid_backward puts into s * (1 - s)",
    "what": "The local gradient is taken as x * (1 - x), but s is the output of the sigmoid.",
    "how": "Keep the output in the cache, or compute it again from x.",
    "label": "sigmoid backward: x where s was meant",
    "together": "sigmoid_x_for_s",
}
_SIGMOID_TWICE = {
    "where": "what sigmoid_backward puts into s * (1 - s)",
    "what": "The sigmoid is applied twice: the cache already holds the output s.",
    "how": "Put the output itself into the formula, or keep x in the cache.",
    "label": "sigmoid backward: sigmoid applied twice",
    "together": "sigmoid_twice",
}
_S_FOR_SLOPE = {
    "where": "the local gradient in sigmoid_backward",
    "what": "dout is multiplied by the output s: the factor 1 - s is missing.",
    "how": "The derivative of s is s * (1 - s).",
    "label": "sigmoid backward without 1 - s",
    "together": "sigmoid_output_for_slope",
}
_ONE_MINUS_S = {
    "where": "what sigmoid_backward returns far on the right",
    "what": "1 - s is exactly 0 there, because s has been rounded to 1.",
    "how": "Write it as sigmoid(x) * sigmoid(-x), which loses no digits on either side.",
    "label": "sigmoid backward: 1 - s rounded to 0",
    "together": "sigmoid_one_minus_s",
}


@mistake("sigmoid_forward", **_X_FOR_S)
@mistake("sigmoid_forward", **_SIGMOID_TWICE)
@mistake("sigmoid_forward", **_S_FOR_SLOPE)
@mistake("sigmoid_forward", **_ONE_MINUS_S)
def sigmoid_with_x_and_output(x):
    out, _ = ref.sigmoid_forward(x)
    return out, (x, out)


@mistake("sigmoid_backward", **_X_FOR_S)
def sigmoid_x_for_s(dout, cache):
    x, _ = cache
    return dout * x * (1 - x)


@mistake("sigmoid_backward", **_SIGMOID_TWICE)
def sigmoid_twice(dout, cache):
    s, _ = ref.sigmoid_forward(cache[1])
    return dout * s * (1 - s)


@mistake("sigmoid_backward", **_S_FOR_SLOPE)
def sigmoid_output_for_slope(dout, cache):
    return dout * cache[1]


@mistake("sigmoid_backward", **_ONE_MINUS_S)
def sigmoid_one_minus_s(dout, cache):
    _, s = cache
    return dout * s * (1 - s)


@mistake(
    "tanh_forward",
    where="the exponentials in tanh_forward",
    what="exp overflows far from 0: inf / inf is nan.",
    how="Use np.tanh.",
    label="tanh nan far from 0",
)
def tanh_nan_far_out(x):
    up, down = np.exp(x), np.exp(-x)
    return (up - down) / (up + down), ref.tanh_forward(x)[1]


_X_SQUARED = {
    "where": "what is squared in tanh_backward",
    "what": "The local gradient is taken as 1 - x**2, but it is 1 minus the squared output.",
    "how": "Keep the output in the cache, or compute it again from x.",
    "label": "tanh backward: 1 - x**2",
    "together": "tanh_x_squared",
}


@mistake("tanh_forward", **_X_SQUARED)
def tanh_with_x(x):
    return np.tanh(x), x


@mistake("tanh_backward", **_X_SQUARED)
def tanh_x_squared(dout, cache):
    return dout * (1 - cache * cache)


@mistake(
    "tanh_backward",
    where="what is squared in tanh_backward",
    what="tanh is applied twice: the cache already holds the output.",
    how="Square the output itself, or keep x in the cache.",
    label="tanh backward: tanh applied twice",
)
def tanh_twice(dout, cache):
    return dout * (1 - np.tanh(cache) ** 2)


@mistake(
    "tanh_backward",
    where="the local gradient in tanh_backward",
    what="It is taken as 1 - tanh(x): the square is missing.",
    how="The derivative is 1 - tanh(x)**2.",
    label="tanh backward without the square",
)
def tanh_not_squared(dout, cache):
    return dout * (1 - cache)


@mistake(
    "tanh_backward",
    where="what tanh_backward returns",
    what="dx is the local gradient alone: dout is not in it.",
    how="Multiply the local gradient by dout.",
    label="tanh backward without dout",
)
def tanh_without_dout(dout, cache):
    return 1 - cache * cache


@mistake(
    "tanh_backward",
    where="what tanh_backward does to its cache",
    what="The cached output is squared in place: a second call starts from other numbers.",
    how="Make a new array: out * out, not out *= out.",
    label="tanh backward changes its cache",
)
def tanh_changes_its_cache(dout, cache):
    cache *= cache
    return dout * (1 - cache)


@mistake(
    "relu_forward",
    where="what relu_forward returns where x is positive",
    what="The output is 1 wherever x is positive: a step function.",
    how="Return x itself there: np.maximum(x, 0).",
    label="ReLU as a step function",
)
def relu_as_a_step(x):
    return (x > 0).astype(x.dtype), x


@mistake(
    "relu_forward",
    where="what relu_forward does to its argument x",
    what="x is changed in place.",
    how="Return a new array: np.maximum(x, 0).",
    label="ReLU changes x in place",
)
def relu_in_place(x):
    x[x < 0] = 0
    return x, x


@mistake(
    "relu_backward",
    where="what relu_backward does where x is exactly 0",
    what="The gradient is passed on at x = 0, where by our convention it is 0.",
    how="Let it pass where x > 0, not where x >= 0.",
    label="ReLU gradient 1 at 0",
)
def relu_gradient_1_at_0(dout, cache):
    return dout * (cache >= 0)


@mistake(
    "relu_backward",
    where="what relu_backward does where x is exactly 0",
    what="Half of the gradient is passed on at x = 0, where by our convention it is 0.",
    how="Let it pass where x > 0 and nowhere else.",
    label="ReLU gradient one half at 0",
)
def relu_gradient_half_at_0(dout, cache):
    return dout * np.heaviside(cache, cache.dtype.type(0.5))


@mistake(
    "relu_backward",
    where="what relu_backward does to dout",
    what="dout is changed in place.",
    how="Make a new array: dout * (x > 0), or change a copy.",
    label="ReLU backward changes dout",
)
def relu_changes_dout(dout, cache):
    dout[cache <= 0] = 0
    return dout


@mistake(
    "relu_backward",
    where="what relu_backward returns",
    what="dx is the mask alone: dout is not in it.",
    how="Multiply the mask by dout.",
    label="ReLU backward without dout",
)
def relu_without_dout(dout, cache):
    return (cache > 0).astype(dout.dtype)


@mistake(
    "relu_backward",
    where="what the mask in relu_backward is made of",
    what="The mask asks whether dout is positive, not whether x is.",
    how="Compare the x of the forward pass with 0.",
    label="ReLU backward masks by dout",
)
def relu_masked_by_dout(dout, cache):
    return dout * (dout > 0)


@mistake(
    "relu_backward",
    where="the local gradient in relu_backward",
    what="dout is multiplied by max(0, x), the output, instead of its slope.",
    how="The slope is 1 where x > 0, and 0 elsewhere.",
    label="ReLU backward times the output",
)
def relu_times_the_output(dout, cache):
    return dout * np.maximum(cache, 0)


_LAST_X = {
    "where": "where relu_backward gets x from",
    "what": "It uses the x of the latest forward pass, not the one of its cache.",
    "how": "Return x as the cache, and read it from there: a network has many ReLU layers.",
    "label": "ReLU remembers the last x in a global variable",
    "together": "relu_last_x",
}
_last_x = [np.zeros(0)]


@mistake("relu_forward", **_LAST_X)
def relu_remembers_x(x):
    _last_x[0] = x
    return np.maximum(x, 0), None


@mistake("relu_backward", **_LAST_X)
def relu_by_the_last_x(dout, cache):
    return dout * (_last_x[0] > 0)


@mistake(
    "leaky_relu_forward",
    where="which side of 0 leaky_relu_forward gives the slope to",
    what="The slope multiplies the positive side.",
    how="Return x where x > 0, and slope * x elsewhere.",
    label="leaky ReLU: slope on the positive side",
)
def leaky_on_the_positive_side(x, slope=0.01):
    return -ref.leaky_relu_forward(-x, slope)[0], (x, slope)


@mistake(
    "leaky_relu_forward",
    where="what leaky_relu_forward returns for a slope above 1",
    what="max(slope * x, x) takes the wrong one of the two if the slope is above 1.",
    how="Choose by the sign of x, not by which of the two is larger.",
    label="leaky ReLU as max(slope * x, x)",
)
def leaky_as_a_maximum(x, slope=0.01):
    return np.maximum(slope * x, x), (x, slope)


@mistake(
    "leaky_relu_forward",
    where="which slope leaky_relu_forward uses",
    what="The slope is always 0.01: the argument is ignored.",
    how="Multiply by slope.",
    label="leaky ReLU: slope ignored",
)
def leaky_slope_ignored(x, slope=0.01):
    return ref.leaky_relu_forward(x)[0], (x, slope)


@mistake(
    "leaky_relu_backward",
    where="which side of 0 leaky_relu_backward gives the slope to",
    what="The slope multiplies dout on the positive side.",
    how="The local gradient is 1 where x > 0, and slope elsewhere.",
    label="leaky ReLU backward: slope on the positive side",
)
def leaky_backward_on_the_positive_side(dout, cache):
    x, slope = cache
    return np.where(x > 0, slope * dout, dout)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward returns on the left",
    what="The gradient is 0 on the negative side, as that of ReLU is.",
    how="Pass on slope * dout there.",
    label="leaky ReLU backward as that of ReLU",
)
def leaky_backward_as_relu(dout, cache):
    return dout * (cache[0] > 0)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward returns on the left",
    what="dout is multiplied by slope * x, the output, instead of the slope.",
    how="Pass on slope * dout there.",
    label="leaky ReLU backward times the output",
)
def leaky_backward_times_the_output(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, dout * slope * x)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward does where x is exactly 0",
    what="The gradient is 0 there: x = 0 belongs to neither of the two sides.",
    how="Let one side include 0: x > 0 and x <= 0.",
    label="leaky ReLU gradient 0 at 0",
)
def leaky_gradient_0_at_0(dout, cache):
    x, slope = cache
    return dout * (x > 0) + slope * dout * (x < 0)


@mistake(
    "leaky_relu_backward",
    where="what leaky_relu_backward does to dout",
    what="dout is changed in place.",
    how="Make a new array, or change a copy.",
    label="leaky ReLU backward changes dout",
)
def leaky_changes_dout(dout, cache):
    x, slope = cache
    dout[x <= 0] *= slope
    return dout


@mistake(
    "prelu_forward",
    where="what prelu_forward returns for an alpha above 1",
    what="max(alpha * x, x) takes the wrong one of the two if alpha is above 1.",
    how="Use max(0, x) + alpha * min(0, x).",
    label="PReLU as max(alpha * x, x)",
)
def prelu_as_a_maximum(x, alpha):
    return np.maximum(alpha * x, x), (x, alpha)


@mistake(
    "prelu_forward",
    where="which side of 0 prelu_forward gives alpha to",
    what="alpha multiplies the positive side.",
    how="Use max(0, x) + alpha * min(0, x).",
    label="PReLU: alpha on the positive side",
)
def prelu_on_the_positive_side(x, alpha):
    return -ref.prelu_forward(-x, alpha)[0], (x, alpha)


@mistake(
    "prelu_forward",
    where="which alpha prelu_forward uses for each feature",
    what="All features get the first slope.",
    how="Let alpha of shape (D,) broadcast along the last axis of x.",
    label="PReLU: first slope for all features",
)
def prelu_first_slope_for_all(x, alpha):
    return ref.prelu_forward(x, np.ravel(alpha)[0])[0], (x, alpha)


@mistake(
    "prelu_backward",
    where="what dx is on the negative side in prelu_backward",
    what="dx is 0 there, as that of ReLU is.",
    how="Pass on alpha * dout there.",
    label="PReLU backward: dx as that of ReLU",
)
def prelu_dx_as_relu(dout, cache):
    return dout * (cache[0] > 0), ref.prelu_backward(dout, cache)[1]


@mistake(
    "prelu_backward",
    where="what dx is in prelu_backward where x is exactly 0",
    what="Both sides count there: the local gradient is 1 + alpha.",
    how="Let only one side include 0: x > 0 and x <= 0.",
    label="PReLU backward: both slopes at 0",
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
    label="PReLU dalpha without dout",
)
def prelu_dalpha_without_dout(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, np.minimum(x, 0))


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="The positive side counts, too.",
    how="Sum dout * min(0, x): alpha plays no part where x > 0.",
    label="PReLU dalpha from both sides",
)
def prelu_dalpha_from_both_sides(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, dout * x)


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="alpha is still a factor in dalpha.",
    how="The derivative of alpha * min(0, x) by alpha is min(0, x).",
    label="PReLU dalpha times alpha",
)
def prelu_dalpha_times_alpha(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, dout * alpha * np.minimum(x, 0))


@mistake(
    "prelu_backward",
    where="what dalpha sums in prelu_backward",
    what="dout is summed where x is not positive, but it is not multiplied by x there.",
    how="Sum dout * min(0, x).",
    label="PReLU dalpha without x",
)
def prelu_dalpha_without_x(dout, cache):
    x, alpha = cache
    return ref.prelu_backward(dout, cache)[0], _sum_like(alpha, dout * (x <= 0))


@mistake(
    "prelu_backward",
    where="what shape dalpha has in prelu_backward",
    what="dalpha is not summed: it has the shape of x.",
    how="Sum over all elements that share a slope, so that dalpha has the shape of alpha.",
    label="PReLU dalpha not summed",
)
def prelu_dalpha_not_summed(dout, cache):
    return ref.prelu_backward(dout, cache)[0], dout * np.minimum(cache[0], 0)


@mistake(
    "prelu_backward",
    where="what shape dalpha has in prelu_backward",
    what="dalpha keeps the axes that it is summed over, with length 1.",
    how="Sum without keepdims, so that dalpha has the shape of alpha.",
    label="PReLU dalpha with keepdims",
)
def prelu_dalpha_with_keepdims(dout, cache):
    dx, dalpha = ref.prelu_backward(dout, cache)
    return dx, np.reshape(dalpha, (1,) * (dx.ndim - np.ndim(dalpha)) + np.shape(dalpha))


@mistake(
    "prelu_backward",
    where="what shape dalpha has in prelu_backward",
    what="dalpha is a single number, also where each feature has a slope of its own.",
    how="For alpha of shape (D,) sum over all axes but the last.",
    label="PReLU dalpha a single number",
)
def prelu_dalpha_a_number(dout, cache):
    dx, dalpha = ref.prelu_backward(dout, cache)
    return dx, np.sum(dalpha)


@mistake(
    "prelu_backward",
    where="over which axes prelu_backward sums dalpha",
    what="dalpha is summed over the first axis only, whatever shape x and alpha have.",
    how="Sum over all axes but the last; where alpha is a single number, over that, too.",
    label="PReLU dalpha over the first axis only",
)
def prelu_dalpha_over_the_first_axis(dout, cache):
    dx, _ = ref.prelu_backward(dout, cache)
    return dx, np.sum(dout * np.minimum(cache[0], 0), axis=0)


@mistake(
    "prelu_backward",
    where="how dalpha is summed in prelu_backward",
    what="dalpha is the mean over the elements that share a slope instead of their sum.",
    how="Sum; the loss has put the 1 / N into dout.",
    label="PReLU dalpha a mean",
)
def prelu_dalpha_a_mean(dout, cache):
    dx, dalpha = ref.prelu_backward(dout, cache)
    return dx, dalpha * np.size(dalpha) / dx.dtype.type(dx.size)


@mistake(
    "elu_forward",
    where="what elu_forward does where x is large",
    what="exp(x) overflows on the positive side, and 0 * inf is nan.",
    how="Take exp of np.minimum(x, 0) only.",
    label="ELU nan at large x",
)
def elu_nan_at_large_x(x, alpha=1.0):
    return x * (x > 0) + alpha * (np.exp(x) - 1) * (x <= 0), (x, alpha)


@mistake(
    "elu_forward",
    where="what elu_forward returns just below 0",
    what="exp(x) - 1 loses its digits near 0.",
    how="Use np.expm1.",
    label="ELU without expm1",
)
def elu_without_expm1(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), (x, alpha)


@mistake(
    "elu_forward",
    where="what elu_forward multiplies by alpha",
    what="alpha is not used: the negative side is exp(x) - 1.",
    how="The negative side is alpha * (exp(x) - 1).",
    label="ELU without alpha",
)
def elu_without_alpha(x, alpha=1.0):
    return ref.elu_forward(x)[0], (x, alpha)


@mistake(
    "elu_forward",
    where="what elu_forward returns on the negative side",
    what="The negative side is alpha * exp(x): the - 1 is missing, and the curve has a jump at 0.",
    how="The negative side is alpha * (exp(x) - 1).",
    label="ELU without the - 1",
)
def elu_without_the_minus_1(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0))), (x, alpha)


@mistake(
    "elu_forward",
    where="the parentheses in elu_forward",
    what="The negative side is alpha * exp(x) - 1: alpha does not multiply the 1.",
    how="The negative side is alpha * (exp(x) - 1).",
    label="ELU: parentheses missing",
)
def elu_without_parentheses(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1), (x, alpha)


@mistake(
    "elu_forward",
    where="where alpha stands in elu_forward",
    what="alpha stands in the exponent: exp(alpha * x) - 1.",
    how="The negative side is alpha * (exp(x) - 1).",
    label="ELU: alpha in the exponent",
)
def elu_alpha_in_the_exponent(x, alpha=1.0):
    return np.where(x > 0, x, np.expm1(alpha * np.minimum(x, 0))), (x, alpha)


@mistake(
    "elu_backward",
    where="what elu_backward does where x is large",
    what="exp(x) overflows on the positive side, and 0 * inf is nan.",
    how="Take exp of np.minimum(x, 0) only.",
    label="ELU backward nan at large x",
)
def elu_backward_nan_at_large_x(dout, cache):
    x, alpha = cache
    return dout * ((x > 0) + alpha * np.exp(x) * (x <= 0))


@mistake(
    "elu_backward",
    where="the local gradient of the negative side in elu_backward",
    what="It is taken as exp(x): alpha is missing.",
    how="The derivative of alpha * (exp(x) - 1) is alpha * exp(x).",
    label="ELU backward without alpha",
)
def elu_backward_without_alpha(dout, cache):
    return ref.elu_backward(dout, (cache[0], 1.0))


@mistake(
    "elu_backward",
    where="the local gradient of the negative side in elu_backward",
    what="It is taken as the output plus 1.",
    how="In terms of the output it is out + alpha; the 1 is right for alpha = 1 only.",
    label="ELU backward: the output plus 1",
)
def elu_backward_output_plus_1(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1, alpha * np.expm1(np.minimum(x, 0)) + 1)


@mistake(
    "elu_backward",
    where="the local gradient of the negative side in elu_backward",
    what="dout is multiplied by the output alpha * (exp(x) - 1) instead of its slope.",
    how="The derivative of alpha * (exp(x) - 1) is alpha * exp(x).",
    label="ELU backward times the output",
)
def elu_backward_times_the_output(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1, alpha * np.expm1(np.minimum(x, 0)))


@mistake(
    "elu_backward",
    where="what elu_backward does where x is exactly 0",
    what="Both sides count there: the local gradient is 1 + alpha.",
    how="Let only one side include 0: x > 0 and x <= 0.",
    label="ELU backward: both slopes at 0",
)
def elu_both_slopes_at_0(dout, cache):
    x, alpha = cache
    return dout * ((x >= 0) + alpha * np.exp(np.minimum(x, 0)) * (x <= 0))


@mistake(
    "maxout_forward",
    where="the pieces in maxout_forward",
    what="The pieces have no bias.",
    how="Add b[k] to x @ w[k] before you take the maximum.",
    label="maxout without a bias",
)
def maxout_without_bias(x, w, b):
    out, _ = ref.maxout_forward(x, w, np.zeros_like(b))
    return out, ref.maxout_forward(x, w, b)[1]


@mistake(
    "maxout_forward",
    where="which bias each piece has in maxout_forward",
    what="All pieces have the bias of the first one.",
    how="Add b[k] to x @ w[k]: b[:, np.newaxis] has shape (K, 1, M).",
    label="maxout: one bias for all pieces",
)
def maxout_one_bias_for_all(x, w, b):
    out, _ = ref.maxout_forward(x, w, np.broadcast_to(b[0], b.shape))
    return out, ref.maxout_forward(x, w, b)[1]


@mistake(
    "maxout_forward",
    where="when maxout_forward adds the bias",
    what="Products and biases have maxima of their own: a piece may win with another's bias.",
    how="Add b[k] to x @ w[k], and only then take the maximum over k.",
    label="maxout: bias added after the maximum",
)
def maxout_bias_after_the_maximum(x, w, b):
    return (x @ w).max(axis=0) + b.max(axis=0), ref.maxout_forward(x, w, b)[1]


@mistake(
    "maxout_forward",
    where="what dtype maxout_forward returns",
    what="out is float64 even if the inputs are float32.",
    how="Make new arrays with the dtype of x: np.zeros without a dtype gives float64.",
    label="maxout in float64",
)
def maxout_in_float64(x, w, b):
    out, cache = ref.maxout_forward(x, w, b)
    return out.astype(np.float64), cache


_TIES_TWICE = {
    "where": "what the backward pass of maxout does at a tie",
    "what": "Every piece that reaches the maximum gets the whole gradient.",
    "how": "Choose one winner for each output, for example by argmax.",
    "label": "maxout: ties counted twice",
    "together": "maxout_ties_twice",
}
_TIES_SHARED = {
    "where": "what the backward pass of maxout does at a tie",
    "what": "The pieces that reach the maximum share the gradient.",
    "how": "Choose one winner for each output, for example by argmax; it gets all of it.",
    "label": "maxout: ties share the gradient",
    "together": "maxout_ties_shared",
}


@mistake("maxout_forward", **_TIES_TWICE)
@mistake("maxout_forward", **_TIES_SHARED)
def maxout_with_all_winners(x, w, b):
    pieces = x @ w + b[:, np.newaxis]
    out = pieces.max(axis=0)
    return out, (x, w, pieces == out)


@mistake("maxout_backward", **_TIES_TWICE)
def maxout_ties_twice(dout, cache):
    return ref.maxout_backward(dout, cache)


@mistake("maxout_backward", **_TIES_SHARED)
def maxout_ties_shared(dout, cache):
    return ref.maxout_backward(dout / cache[2].sum(axis=0, dtype=dout.dtype), cache)


@mistake(
    "maxout_backward",
    where="which pieces get a gradient in maxout_backward",
    what="All pieces get the gradient, not only the one that won.",
    how="Multiply dout by a mask of the winners, shape (K, N, M).",
    label="maxout: gradient to all pieces",
)
def maxout_gradient_to_all(dout, cache):
    x, w, is_winner = cache
    return ref.maxout_backward(dout, (x, w, np.ones_like(is_winner)))


@mistake(
    "maxout_backward",
    where="how maxout_backward computes db",
    what="Each piece's bias gets the gradient of all examples, not only of those that it won.",
    how="Sum the masked gradient of each piece over the examples.",
    label="maxout: db not split by piece",
)
def maxout_db_not_split(dout, cache):
    dx, dw, db = ref.maxout_backward(dout, cache)
    return dx, dw, np.broadcast_to(dout.sum(axis=0), db.shape).copy()


@mistake(
    "maxout_backward",
    where="how maxout_backward computes dw",
    what="Each piece's weights get the gradient of all examples, not only of those that it won.",
    how="Multiply x.T by the masked gradient of each piece.",
    label="maxout: dw not split by piece",
)
def maxout_dw_not_split(dout, cache):
    dx, dw, db = ref.maxout_backward(dout, cache)
    return dx, np.broadcast_to(cache[0].T @ dout, dw.shape).copy(), db


@mistake(
    "maxout_backward",
    where="how maxout_backward computes dx",
    what="Only the first piece contributes to dx.",
    how="Sum the contributions of all K pieces.",
    label="maxout: dx from the first piece only",
)
def maxout_dx_from_the_first_piece(dout, cache):
    _, w, is_winner = cache
    _, dw, db = ref.maxout_backward(dout, cache)
    return (is_winner[0] * dout) @ w[0].T, dw, db


@mistake(
    "maxout_backward",
    where="what shape db has in maxout_backward",
    what="db has shape (K, 1, M) instead of (K, M).",
    how="Sum over the examples without keepdims.",
    label="maxout: db of shape (K, 1, M)",
)
def maxout_db_with_keepdims(dout, cache):
    dx, dw, db = ref.maxout_backward(dout, cache)
    return dx, dw, db[:, np.newaxis]


@right("sigmoid_forward", "a mask for each side of 0, x cached", together="sigmoid_masks")
def sigmoid_masks_forward(x):
    out, left = np.empty_like(x), x < 0
    out[~left] = 1 / (1 + np.exp(-x[~left]))
    out[left] = np.exp(x[left]) / (1 + np.exp(x[left]))
    return out, x.copy()


@right("sigmoid_backward", "a mask for each side of 0, x cached", together="sigmoid_masks")
def sigmoid_masks_backward(dout, cache):
    dx, left = np.empty_like(dout), cache < 0
    for side, z in ((left, np.exp(cache[left])), (~left, np.exp(-cache[~left]))):
        dx[side] = dout[side] * z / (1 + z) ** 2
    return dx


class _Logarithms:
    def __init__(self, x: Any) -> None:
        self.of_s, self.of_rest = -np.logaddexp(0, -x), -np.logaddexp(0, x)


@right("sigmoid_forward", "logarithms, the cache an object", together="sigmoid_logarithms")
def sigmoid_logarithms_forward(x):
    cache = _Logarithms(x)
    return np.exp(cache.of_s), cache


@right("sigmoid_backward", "logarithms, the cache an object", together="sigmoid_logarithms")
def sigmoid_logarithms_backward(dout, cache):
    return dout * np.exp(cache.of_s + cache.of_rest)


@right("tanh_forward", "by expm1, the cache the slope", together="tanh_slope")
def tanh_slope_forward(x):
    t = np.expm1(-2 * np.abs(x))
    out = np.sign(x) * (-t / (2 + t))
    return out, {"slope": (1 - out) * (1 + out)}


@right("tanh_backward", "by expm1, the cache the slope", together="tanh_slope")
def tanh_slope_backward(dout, cache):
    return np.multiply(dout, cache["slope"])


@right("relu_forward", "half of x + |x|, the output cached", together="relu_output")
def relu_output_forward(x):
    out = (x + np.abs(x)) / 2
    return out, out.copy()


@right("relu_backward", "half of x + |x|, the output cached", together="relu_output")
def relu_output_backward(dout, cache):
    dx = dout.copy()
    dx[cache == 0] = 0
    return dx


@right("relu_forward", "a list of numbers, a mask cached", together="relu_loops")
def relu_loops_forward(x):
    values = [v if v > 0 else 0.0 for v in x.ravel().tolist()]
    return np.array(values, x.dtype).reshape(x.shape), x > 0


@right("relu_backward", "a list of numbers, a mask cached", together="relu_loops")
def relu_loops_backward(dout, cache):
    return np.where(cache, dout, 0)


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


@right("elu_forward", "index by masks, the output cached", together="elu_output")
def elu_output_forward(x, alpha=1.0):
    out = np.array(x)
    out[x < 0] = alpha * np.expm1(x[x < 0])
    return out, (out.copy(), alpha)


@right("elu_backward", "index by masks, the output cached", together="elu_output")
def elu_output_backward(dout, cache):
    out, alpha = cache
    return np.where(out < 0, out + alpha, 1) * dout


@right("maxout_forward", "argmax and one matrix product, indices cached", together="maxout_argmax")
def maxout_argmax_forward(x, w, b):
    K, D, M = w.shape
    flat = x @ w.transpose(1, 0, 2).reshape(D, K * M) + b.reshape(-1)
    pieces = flat.reshape(-1, K, M)
    winner = pieces.argmax(axis=1)
    return np.take_along_axis(pieces, winner[:, None], axis=1)[:, 0], (x, w, winner)


@right("maxout_backward", "np.add.at for dw and db, indices cached", together="maxout_argmax")
def maxout_argmax_backward(dout, cache):
    x, w, winner = cache
    columns = np.broadcast_to(np.arange(w.shape[2]), winner.shape)
    dw, db = np.zeros_like(w), np.zeros_like(w[:, 0])
    np.add.at(db, (winner, columns), dout)
    np.add.at(dw.transpose(0, 2, 1), (winner, columns), dout[..., None] * x[:, None])
    return np.einsum("nm,nmd->nd", dout, w[winner, :, columns]), dw, db


@right("maxout_forward", "a running maximum; the last one wins a tie", together="maxout_loops")
def maxout_loops_forward(x, w, b):
    out, winner = x @ w[0] + b[0], np.zeros((len(x), w.shape[2]), np.uint8)
    for k in range(1, len(w)):
        piece = x @ w[k] + b[k]
        winner[piece >= out] = k
        out = np.maximum(out, piece)
    return out, {"x": x, "w": w, "winner": winner}


@right("maxout_backward", "a piece after the other; the last one wins", together="maxout_loops")
def maxout_loops_backward(dout, cache):
    x, w, winner = cache["x"], cache["w"], cache["winner"]
    shares = [np.where(winner == k, dout, 0) for k in range(len(w))]
    dx = sum(share @ w_k.T for share, w_k in zip(shares, w))
    dw = np.stack([x.T @ share for share in shares])
    return dx, dw, np.stack([share.sum(axis=0) for share in shares])
