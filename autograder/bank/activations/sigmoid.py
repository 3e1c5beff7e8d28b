"""Variants of sigmoid_forward and sigmoid_backward."""

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
)
def sigmoid_overflows_on_the_left(x):
    return 1 / (1 + np.exp(-x)), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="the argument of exp in sigmoid_forward",
    what="exp(x) overflows far on the right: inf / inf is nan.",
    how="Use exp(-|x|), which is never above 1, with a formula for each side of 0.",
)
def sigmoid_nan_on_the_right(x):
    return np.exp(x) / (1 + np.exp(x)), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="what sigmoid_forward returns far from 0",
    what="x is clipped to -500 ... 500: beyond that the sigmoid does not become smaller any more.",
    how="Leave out the clipping; exp(-|x|) cannot overflow.",
)
def sigmoid_clips_x(x):
    return 1 / (1 + np.exp(-np.clip(x, -500, 500))), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="what sigmoid_forward returns far on the left",
    what="(1 + tanh(x / 2)) / 2 loses its digits on the left, where tanh is nearly -1.",
    how="Use exp(-|x|), with a formula for each side of 0.",
)
def sigmoid_by_tanh(x):
    return 0.5 * (1 + np.tanh(0.5 * x)), ref.sigmoid_forward(x)[1]


@mistake(
    "sigmoid_forward",
    where="the sign of the exponent in sigmoid_forward",
    what="The curve is mirrored: it falls from 1 to 0.",
    how="The formula is 1 / (1 + exp(-x)), with a minus in the exponent.",
)
def sigmoid_mirrored(x):
    return ref.sigmoid_forward(-x)


@mistake(
    "sigmoid_forward",
    where="what dtype sigmoid_forward returns",
    what="out is float64 even if x is float32.",
    how="Make new arrays with np.empty_like(x): np.zeros without a dtype gives float64.",
)
def sigmoid_in_float64(x):
    out, cache = ref.sigmoid_forward(x)
    return out.astype(np.float64), cache


@mistake(
    "sigmoid_backward",
    where="what sigmoid_backward returns",
    what="dx is the local gradient alone: dout is not in it.",
    how="Multiply the local gradient by dout.",
)
def sigmoid_without_dout(dout, cache):
    return ref.sigmoid_backward(np.ones_like(dout), cache)


_X_FOR_S = {
    "where": "what sigmoid_backward puts into s * (1 - s)",
    "what": "The local gradient is taken as x * (1 - x), but s is the output of the sigmoid.",
    "how": "Keep the output in the cache, or compute it again from x.",
    "together": "sigmoid_x_taken_for_s",
}

_SIGMOID_TWICE = {
    "where": "what sigmoid_backward puts into s * (1 - s)",
    "what": "The sigmoid is applied twice: the cache already holds the output s.",
    "how": "Put the output itself into the formula, or keep x in the cache.",
    "together": "sigmoid_applied_twice",
}

_S_FOR_SLOPE = {
    "where": "the local gradient in sigmoid_backward",
    "what": "dout is multiplied by the output s: the factor 1 - s is missing.",
    "how": "The derivative of s is s * (1 - s).",
    "together": "sigmoid_without_1_minus_s",
}

_ONE_MINUS_S = {
    "where": "what sigmoid_backward returns far on the right",
    "what": "1 - s is exactly 0 there, because s has been rounded to 1.",
    "how": "Write it as sigmoid(x) * sigmoid(-x), which loses no digits on either side.",
    "together": "sigmoid_1_minus_s_rounded_to_0",
}


@mistake("sigmoid_forward", **_X_FOR_S)
@mistake("sigmoid_forward", **_SIGMOID_TWICE)
@mistake("sigmoid_forward", **_S_FOR_SLOPE)
@mistake("sigmoid_forward", **_ONE_MINUS_S)
def sigmoid_with_x_and_output(x):
    out, _ = ref.sigmoid_forward(x)
    return out, (x, out)


@mistake("sigmoid_backward", **_X_FOR_S)
def sigmoid_x_taken_for_s(dout, cache):
    x, _ = cache
    return dout * x * (1 - x)


@mistake("sigmoid_backward", **_SIGMOID_TWICE)
def sigmoid_applied_twice(dout, cache):
    s, _ = ref.sigmoid_forward(cache[1])
    return dout * s * (1 - s)


@mistake("sigmoid_backward", **_S_FOR_SLOPE)
def sigmoid_without_1_minus_s(dout, cache):
    return dout * cache[1]


@mistake("sigmoid_backward", **_ONE_MINUS_S)
def sigmoid_1_minus_s_rounded_to_0(dout, cache):
    _, s = cache
    return dout * s * (1 - s)


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
