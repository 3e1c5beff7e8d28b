"""Activation functions: what stands between two affine layers, value and local gradient.

Each pair reads like a formula sheet: ``*_forward(x) -> (out, cache)`` and
``*_backward(dout, cache) -> dx``, the upstream gradient times the local one. Where a function
has a kink at 0 (ReLU, leaky ReLU, PReLU, ELU), the local gradient at exactly 0 is the one of
the negative side: 0 for ReLU. That is a convention; any value between the two slopes would do.

"float array like x" means: in the shape and dtype of x.
"""

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


def sigmoid_forward(x):
    """Compute ``1 / (1 + exp(-x))`` for each element (part activations.sigmoid).

    Parameters
    ----------
    x : float array, any shape

    Returns
    -------
    out : float array like x
    cache : what sigmoid_backward needs

    Notes
    -----
    Right at x = +-1000, too: 0 and 1, never nan, and still above 0 at x = -720. If NumPy warns of
    an overflow, it took the exponential of a large number: np.where computes both its branches.
    """
    ### BEGIN SOLUTION
    z = np.exp(-np.abs(x))  # never above 1, so it cannot overflow
    return np.maximum(z, x >= 0) / (1 + z), z
    ### END SOLUTION


def sigmoid_backward(dout, cache):
    """Return ``dout`` times the local gradient of the sigmoid (part activations.sigmoid).

    Parameters
    ----------
    dout : float array, shape of x
    cache : what sigmoid_forward returned

    Returns
    -------
    dx : float array like x

    Notes
    -----
    Derive the slope from ``(1 + exp(-x))**-1``; notebook 2 has a hint and the result, folded. From
    x = 37 on s rounds to 1, so a form with 1 - s is exactly 0 there; the true slope is not.
    """
    ### BEGIN SOLUTION
    z = cache
    return dout * (z / (1 + z) ** 2)  # sigmoid(x) * sigmoid(-x), the same on both sides of 0
    ### END SOLUTION


def tanh_forward(x):
    """Compute ``tanh(x)`` for each element (part activations.tanh).

    Parameters
    ----------
    x : float array, any shape

    Returns
    -------
    out : float array like x
    cache : what tanh_backward needs
    """
    ### BEGIN SOLUTION
    out = np.tanh(x)
    return out, out
    ### END SOLUTION


def tanh_backward(dout, cache):
    """Return ``dout`` times the local gradient of tanh (part activations.tanh).

    Parameters
    ----------
    dout : float array, shape of x
    cache : what tanh_forward returned

    Returns
    -------
    dx : float array like x

    Notes
    -----
    Derive the slope by the quotient rule and write it with ``out`` alone; notebook 2 has the
    result, folded.
    """
    ### BEGIN SOLUTION
    out = cache
    return dout * (1 - out * out)
    ### END SOLUTION


def relu_forward(x):
    """Compute ``max(0, x)`` for each element (part activations.relu).

    Parameters
    ----------
    x : float array, any shape

    Returns
    -------
    out : float array like x
    cache : what relu_backward needs
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0), x
    ### END SOLUTION


def relu_backward(dout, cache):
    """Return ``dout`` times the local gradient, 0 at x = 0 (part activations.relu).

    Parameters
    ----------
    dout : float array, shape of x
        Not changed: another layer may still need it.
    cache : what relu_forward returned

    Returns
    -------
    dx : float array like x
    """
    ### BEGIN SOLUTION
    x = cache
    return dout * (x > 0)
    ### END SOLUTION


def leaky_relu_forward(x, slope=0.01):
    """Compute x where x > 0 and ``slope * x`` elsewhere (part activations.leaky_relu).

    Parameters
    ----------
    x : float array, any shape
    slope : float
        Fixed slope of the negative side; may be larger than 1.

    Returns
    -------
    out : float array like x
    cache : what leaky_relu_backward needs
    """
    ### BEGIN SOLUTION
    slope = float(slope)  # a float64 scalar would turn float32 into float64
    return np.maximum(x, 0) + slope * np.minimum(x, 0), (x, slope)
    ### END SOLUTION


def leaky_relu_backward(dout, cache):
    """Return ``dout`` times the local gradient (part activations.leaky_relu).

    Parameters
    ----------
    dout : float array, shape of x
    cache : what leaky_relu_forward returned

    Returns
    -------
    dx : float array like x
        At x = 0 with the slope of the negative side.
    """
    ### BEGIN SOLUTION
    x, slope = cache
    positive = (x > 0).astype(x.dtype)
    return dout * (positive + slope * (1 - positive))
    ### END SOLUTION


@shapes(x="... D", alpha="scalar | D")
def prelu_forward(x, alpha):
    """Compute ``max(0, x) + alpha * min(0, x)`` with a learned alpha (part activations.prelu).

    Parameters
    ----------
    x : float array, shape (..., D)
    alpha : float array, shape () for one slope or (D,) for one per feature
        Learned, so it may grow beyond 1, where ``max(alpha * x, x)`` would be wrong.

    Returns
    -------
    out : float array like x
    cache : what prelu_backward needs
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0) + alpha * np.minimum(x, 0), (x, alpha)
    ### END SOLUTION


def prelu_backward(dout, cache):
    """Return the gradients of prelu_forward (part activations.prelu).

    Parameters
    ----------
    dout : float array, shape of x
    cache : what prelu_forward returned

    Returns
    -------
    dx : float array like x
    dalpha : float array, shape of alpha
        Derive it from ``max(0, x) + alpha * min(0, x)``; one alpha acts on all elements that share
        it. Notebook 2 has a hint and the result, folded.
    """
    ### BEGIN SOLUTION
    x, alpha = cache
    positive = (x > 0).astype(x.dtype)
    dx = dout * (positive + alpha * (1 - positive))
    per_element = dout * np.minimum(x, 0)
    shared_axes = None if np.ndim(alpha) == 0 else tuple(range(x.ndim - 1))
    return dx, np.sum(per_element, axis=shared_axes)
    ### END SOLUTION


def elu_forward(x, alpha=1.0):
    """Compute x where x > 0 and ``alpha * (exp(x) - 1)`` elsewhere (part activations.elu).

    Parameters
    ----------
    x : float array, any shape
    alpha : float
        The value -alpha is reached far on the left.

    Returns
    -------
    out : float array like x
    cache : what elu_backward needs

    Notes
    -----
    A mask times ``exp(x)`` is 0 * inf = nan at x = 1000. ``np.expm1`` keeps the digits near 0.
    """
    ### BEGIN SOLUTION
    alpha = float(alpha)
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)), (x, alpha)
    ### END SOLUTION


def elu_backward(dout, cache):
    """Return ``dout`` times the local gradient of ELU (part activations.elu).

    Parameters
    ----------
    dout : float array, shape of x
    cache : what elu_forward returned

    Returns
    -------
    dx : float array like x
        At x = 0 with the slope of the negative side. Must not overflow or be nan at x = 1000.
    """
    ### BEGIN SOLUTION
    x, alpha = cache
    positive = (x > 0).astype(x.dtype)
    return dout * (positive + (1 - positive) * alpha * np.exp(np.minimum(x, 0)))
    ### END SOLUTION


@shapes(x="N D", w="K D M", b="K M")
def maxout_forward(x, w, b):
    """Compute the largest of K affine functions for each output (part activations.maxout).

    Parameters
    ----------
    x : float array, shape (N, D)
    w : float array, shape (K, D, M)
        One weight matrix a piece.
    b : float array, shape (K, M)

    Returns
    -------
    out : float array, shape (N, M): ``max over k of x @ w[k] + b[k]``
    cache : what maxout_backward needs
    """
    ### BEGIN SOLUTION
    pieces = x @ w + b[:, np.newaxis]  # (K, N, M)
    out = pieces.max(axis=0)
    is_winner = pieces == out
    for k in range(1, len(w)):  # at a tie the first piece wins
        is_winner[k] &= ~is_winner[:k].any(axis=0)
    return out, (x, w, is_winner)
    ### END SOLUTION


@shapes(dout="N M")
def maxout_backward(dout, cache):
    """Return the gradients of maxout_forward (part activations.maxout).

    Parameters
    ----------
    dout : float array, shape (N, M)
    cache : what maxout_forward returned

    Returns
    -------
    dx : float array, shape (N, D)
    dw : float array, shape (K, D, M)
    db : float array, shape (K, M)

    Notes
    -----
    At a tie exactly one of the largest pieces counts as the winner. Ask for each piece what the
    output does if its weights change a little; notebook 2 has the result, folded.
    """
    ### BEGIN SOLUTION
    x, w, is_winner = cache
    dpieces = is_winner * dout  # (K, N, M)
    dx = (dpieces @ w.transpose(0, 2, 1)).sum(axis=0)
    return dx, x.T @ dpieces, dpieces.sum(axis=1)
    ### END SOLUTION
