"""Activation functions, one case after the other."""

import numpy as np

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


def sigmoid(x):
    """Return the sigmoid; on each side with the formula that does not overflow there."""
    out = np.zeros_like(x)
    right = x >= 0
    left = x < 0
    out[right] = 1 / (1 + np.exp(-x[right]))
    exp_x = np.exp(x[left])
    out[left] = exp_x / (1 + exp_x)
    return out


def sigmoid_forward(x):
    """Compute the sigmoid of x."""
    return sigmoid(x), x


def sigmoid_backward(dout, cache):
    """s (1 - s), where 1 - s is computed as the sigmoid of -x: it keeps its digits."""
    x = cache
    local_gradient = sigmoid(x) * sigmoid(-x)
    return dout * local_gradient


def tanh_forward(x):
    """Compute the hyperbolic tangent of x."""
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, cache):
    """Multiply by the local gradient 1 - tanh(x)^2."""
    out = cache
    return dout * (1 - out**2)


def relu_forward(x):
    """Set negative numbers to 0."""
    out = x.copy()
    out[x < 0] = 0
    return out, x


def relu_backward(dout, cache):
    """Where x was not positive, nothing comes back."""
    x = cache
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx


def leaky_relu_forward(x, slope=0.01):
    """Negative numbers leak through."""
    slope = float(slope)
    out = x.copy()
    out[x < 0] = slope * x[x < 0]
    return out, (x, slope)


def leaky_relu_backward(dout, cache):
    """Where x was not positive, the slope of the left side counts."""
    x, slope = cache
    dx = dout.copy()
    dx[x <= 0] = slope * dout[x <= 0]
    return dx


@shapes(x="... D", alpha="scalar | D")
def prelu_forward(x, alpha):
    """Like leaky ReLU, with a slope that is learned."""
    positive_part = np.maximum(x, 0)
    negative_part = np.minimum(x, 0)
    out = positive_part + alpha * negative_part
    return out, (x, alpha)


def prelu_backward(dout, cache):
    """Alpha is used by many numbers, so its gradient is a sum."""
    x, alpha = cache
    alpha_everywhere = np.zeros_like(x) + alpha
    dx = np.where(x > 0, dout, alpha_everywhere * dout)
    dalpha_everywhere = dout * np.minimum(x, 0)
    if np.ndim(alpha) == 0:
        dalpha = np.sum(dalpha_everywhere)
    else:
        D = x.shape[-1]
        dalpha = np.sum(dalpha_everywhere.reshape(-1, D), axis=0)
    return dx, dalpha


def elu_forward(x, alpha=1.0):
    """Negative numbers saturate at -alpha."""
    alpha = float(alpha)
    not_positive = np.minimum(x, 0)  # otherwise exp overflows for large x
    out = np.where(x > 0, x, alpha * np.expm1(not_positive))
    return out, (x, alpha)


def elu_backward(dout, cache):
    """Use that the derivative of alpha (exp(x) - 1) is alpha exp(x)."""
    x, alpha = cache
    not_positive = np.minimum(x, 0)
    return np.where(x > 0, dout, dout * alpha * np.exp(not_positive))


@shapes(x="N D", w="K D M", b="K M")
def maxout_forward(x, w, b):
    """Go through the pieces and remember the best one so far."""
    K = w.shape[0]
    best = np.dot(x, w[0]) + b[0]
    winner = np.zeros(best.shape, dtype=int)
    for k in range(1, K):
        piece = np.dot(x, w[k]) + b[k]
        better = piece > best
        best[better] = piece[better]
        winner[better] = k
    return best, (x, w, winner)


@shapes(dout="N M")
def maxout_backward(dout, cache):
    """Each piece gets the gradient of the outputs that it has won; it is an affine layer."""
    x, w, winner = cache
    K, _, M = w.shape
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = np.zeros((K, M), dtype=w.dtype)
    for k in range(K):
        dpiece = np.where(winner == k, dout, 0).astype(dout.dtype)
        dx += np.dot(dpiece, w[k].T)
        dw[k] = np.dot(x.T, dpiece)
        db[k] = np.sum(dpiece, axis=0)
    return dx, dw, db
