"""The affine layer, with the shapes written beside each line."""

import numpy as np

from assignment.contracts import shapes

__all__ = ["affine_backward", "affine_forward"]


@shapes(x="N ...", w="D M", b="M")
def affine_forward(x, w, b):
    """Flatten each example, multiply by the weights, add the bias."""
    N = x.shape[0]
    x_flat = x.reshape(N, -1)  # (N, D)
    out = np.dot(x_flat, w) + b  # (N, D) times (D, M) gives (N, M)
    cache = (x, w, b)
    return out, cache


@shapes(dout="N M")
def affine_backward(dout, cache):
    """Use the chain rule: each gradient has the shape of what it belongs to."""
    x, w, _ = cache
    N = x.shape[0]
    x_flat = x.reshape(N, -1)
    dx_flat = np.dot(dout, w.T)  # (N, M) times (M, D)
    dx = dx_flat.reshape(x.shape)
    dw = np.dot(x_flat.T, dout)  # (D, N) times (N, M)
    db = np.sum(dout, axis=0)
    return dx, dw, db
