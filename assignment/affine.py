"""The affine layer: every output is a weighted sum of the inputs plus a bias."""

import numpy as np

from assignment.contracts import shapes

__all__ = ["affine_backward", "affine_forward"]


@shapes(x="N ...", w="D M", b="M")
def affine_forward(x, w, b):
    """Compute ``flatten(x) @ w + b`` for a batch (part affine.forward).

    Parameters
    ----------
    x : float array, shape (N, d_1, ..., d_k)
        N examples; each is flattened to D = d_1 * ... * d_k values.
    w : float array, shape (D, M)
    b : float array, shape (M,)

    Returns
    -------
    out : float array, shape (N, M), in the dtype of x
    cache : what affine_backward needs

    Notes
    -----
    Changes no argument. One matrix product, no loop over N: at a size that is tested, loops over
    single numbers take minutes.
    """
    ### BEGIN SOLUTION
    out = x.reshape(len(x), -1) @ w
    out += b
    return out, (x, w)
    ### END SOLUTION


@shapes(dout="N M")
def affine_backward(dout, cache):
    """Return the gradients of affine_forward (part affine.backward).

    Parameters
    ----------
    dout : float array, shape (N, M)
        Gradient of the loss with respect to ``out``.
    cache : what affine_forward returned

    Returns
    -------
    dx : float array, in the shape of x: (N, d_1, ..., d_k)
    dw : float array, shape (D, M)
    db : float array, shape (M,)
        All in the dtype of the inputs.

    Notes
    -----
    Derive them from ``out[n, m] = sum over d of x[n, d] * w[d, m] + b[m]``; notebook 1 has a hint
    and the results, folded. Changes neither ``dout`` nor the cache; called twice gives the same.
    """
    ### BEGIN SOLUTION
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db
    ### END SOLUTION
