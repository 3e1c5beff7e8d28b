"""Variants of relu_forward and relu_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right


@mistake(
    "relu_forward",
    where="what relu_forward returns where x is positive",
    what="The output is 1 wherever x is positive: a step function.",
    how="Return x itself there: np.maximum(x, 0).",
)
def relu_as_a_step(x):
    return (x > 0).astype(x.dtype), x


@mistake(
    "relu_forward",
    where="what relu_forward does to its argument x",
    what="x is changed in place.",
    how="Return a new array: np.maximum(x, 0).",
)
def relu_in_place(x):
    x[x < 0] = 0
    return x, x


@mistake(
    "relu_backward",
    where="what relu_backward does where x is exactly 0",
    what="The gradient is passed on at x = 0, where by our convention it is 0.",
    how="Let it pass where x > 0, not where x >= 0.",
)
def relu_gradient_1_at_0(dout, cache):
    return dout * (cache >= 0)


@mistake(
    "relu_backward",
    where="what relu_backward does where x is exactly 0",
    what="Half of the gradient is passed on at x = 0, where by our convention it is 0.",
    how="Let it pass where x > 0 and nowhere else.",
)
def relu_gradient_half_at_0(dout, cache):
    return dout * np.heaviside(cache, cache.dtype.type(0.5))


@mistake(
    "relu_backward",
    where="what relu_backward does to dout",
    what="dout is changed in place.",
    how="Make a new array: dout * (x > 0), or change a copy.",
)
def relu_changes_dout(dout, cache):
    dout[cache <= 0] = 0
    return dout


@mistake(
    "relu_backward",
    where="what relu_backward returns",
    what="dx is the mask alone: dout is not in it.",
    how="Multiply the mask by dout.",
)
def relu_without_dout(dout, cache):
    return (cache > 0).astype(dout.dtype)


@mistake(
    "relu_backward",
    where="what the mask in relu_backward is made of",
    what="The mask asks whether dout is positive, not whether x is.",
    how="Compare the x of the forward pass with 0.",
)
def relu_masked_by_dout(dout, cache):
    return dout * (dout > 0)


@mistake(
    "relu_backward",
    where="the local gradient in relu_backward",
    what="dout is multiplied by max(0, x), the output, instead of its slope.",
    how="The slope is 1 where x > 0, and 0 elsewhere.",
)
def relu_times_the_output(dout, cache):
    return dout * np.maximum(cache, 0)


_LAST_X = {
    "where": "where relu_backward gets x from",
    "what": "It uses the x of the latest forward pass, not the one of its cache.",
    "how": "Return x as the cache, and read it from there: a network has many ReLU layers.",
    "together": "relu_remembers_the_last_x",
}

_last_x = [np.zeros(0)]


@mistake("relu_forward", **_LAST_X)
def relu_remembers_x(x):
    _last_x[0] = x
    return np.maximum(x, 0), None


@mistake("relu_backward", **_LAST_X)
def relu_by_the_last_x(dout, cache):
    return dout * (_last_x[0] > 0)


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
