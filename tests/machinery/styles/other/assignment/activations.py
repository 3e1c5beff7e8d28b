"""Activations: logarithms, bits and pieces instead of the usual formulas."""

import types

import numpy as np

from assignment import helpers
from assignment.contracts import shapes

__all__ = [
    "elu_backward",
    "elu_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "maxout_backward",
    "maxout_forward",
    "prelu_backward",
    "prelu_forward",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "tanh_backward",
    "tanh_forward",
]


def sigmoid_forward(x):
    """Work with log s(x) = -log(1 + exp(-x)), which neither overflows nor vanishes."""
    log_left, log_right = -np.logaddexp(0, -x), -np.logaddexp(0, x)
    return np.exp(log_left), {"logs": [log_left, log_right], "comment": "s(x) and s(-x)"}


def sigmoid_backward(dout, cache):
    """Add the logarithms of s(x) and s(-x)."""
    return dout * np.exp(np.add(*cache["logs"]))


def tanh_forward(x):
    """With t = exp(-2|x|) - 1: tanh |x| = -t / (2 + t), and the sign is that of x."""
    t = np.expm1(-2 * np.abs(x))
    return np.copysign(t / (2 + t), x), [["t", t]]


def tanh_backward(dout, cache):
    """Use the slope 1 / cosh(x)^2 = 4 exp(-2|x|) / (1 + exp(-2|x|))^2."""
    ((_, t),) = cache
    return dout * (4 * (1 + t) / ((2 + t) * (2 + t)))


def relu_forward(x):
    """Keep one bit for each number."""
    bits = np.packbits(np.greater(x, 0))
    return np.clip(x, 0, None), (bits, (x.shape, (x.size,)))


def relu_backward(dout, cache):
    """Let through what the bits let through."""
    bits, (shape, (count,)) = cache
    open_gates = np.unpackbits(bits, count=count).reshape(shape)
    return np.where(open_gates == 1, dout, np.zeros_like(dout))


def leaky_relu_forward(x, slope=0.01):
    """Two branches; the slope of each number is kept for the way back."""
    slopes = np.where(x > 0, 1, slope).astype(x.dtype)
    return x * slopes, slopes


def leaky_relu_backward(dout, cache):
    """Multiply by the slopes."""
    return np.multiply(cache, dout)


def prelu_forward(x, alpha):
    """Loop over all numbers; the cache is a function that knows the way back."""
    helpers.demand_array("prelu_forward", "x", x)
    features = x.shape[-1] if x.ndim else 1
    shape = np.shape(alpha)
    if shape not in ((), (features,)):
        raise ValueError(f"prelu_forward: alpha has shape {shape}, expected () or ({features},)")
    slopes = np.broadcast_to(np.asarray(alpha, x.dtype), (features,))
    out = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        out[index] = value if value > 0 else slopes[index[-1]] * value

    def go_back(dout):
        dx, per_feature = np.empty_like(x), [0.0] * features
        for index, value in np.ndenumerate(x):
            feature = index[-1]
            dx[index] = dout[index] * (1 if value > 0 else slopes[feature])
            if value < 0:
                per_feature[feature] += float(dout[index]) * float(value)
        dalpha = per_feature if shape else sum(per_feature)
        return dx, np.array(dalpha, x.dtype)

    return out, go_back


def prelu_backward(dout, cache):
    """Ask the cache."""
    return cache(dout)


def elu_forward(x, alpha=1.0):
    """One function on each piece of the line."""
    out = np.piecewise(x, [x > 0], [lambda v: v, lambda v: float(alpha) * np.expm1(v)])
    return out, types.SimpleNamespace(x=x, alpha=float(alpha))


def elu_backward(dout, cache):
    """One derivative on each piece of the line."""
    branches = [lambda v: np.ones_like(v), lambda v: cache.alpha * np.exp(v)]
    return dout * np.piecewise(cache.x, [cache.x > 0], branches)


@shapes(x="N D", w="K D M", b="K M")
def maxout_forward(x, w, b):
    """Let the pieces compete; at a tie the last one wins."""
    helpers.grumble("maxout is slow")
    pieces = np.stack([np.einsum("nd,dm->nm", x, w[k]) + b[k] for k in range(w.shape[0])])
    winner = len(w) - 1 - np.argmax(pieces[::-1], axis=0)
    out = np.take_along_axis(pieces, winner[None], axis=0)[0]
    return out, {"winner": winner, 0: x, 1: w}


@shapes(dout="N M")
def maxout_backward(dout, cache):
    """Each output pays its own winner."""
    x, w = cache[0], cache[1]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    db = np.zeros((w.shape[0], w.shape[2]), w.dtype)
    for (n, m), k in np.ndenumerate(cache["winner"]):
        dx[n] += dout[n, m] * w[k, :, m]
        dw[k, :, m] += dout[n, m] * x[n]
        db[k, m] += dout[n, m]
    return dx, dw, db
