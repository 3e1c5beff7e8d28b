"""Batch, layer and spatial batch normalisation, forward and backward.

The graph of one column (batch norm) or one row (layer norm) is
mean -> s = x - mean -> var = mean(s^2) -> istd = (var + eps)^(-1/2) -> xhat = s * istd
-> out = gamma * xhat + beta.
"""

import numpy as np

from assignment.contracts import shapes

__all__ = [
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "layernorm_backward",
    "layernorm_forward",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
]


@shapes(x="N D", gamma="D", beta="D")
def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each feature over the batch (part batchnorm.forward).

    Parameters
    ----------
    x : float array, shape (N, D)
    gamma, beta : float arrays, shape (D,)
        Scale and shift of the normalised features.
    bn_param : dict, updated in place
        ``mode``: "train" or "test", required.
        ``eps``: added to the variance inside the root, default 1e-5.
        ``momentum``: default 0.9.
        ``running_mean``, ``running_var``: shape (D,), start as zeros in the dtype of x.

    Returns
    -------
    out : float array, shape (N, D), in the dtype of x
    cache : what batchnorm_backward and batchnorm_backward_alt need (train mode only)

    Raises
    ------
    ValueError
        The mode is neither "train" nor "test"; the message names it.

    Notes
    -----
    Train mode uses the mean and the biased variance (divided by N) of the batch and then moves
    the buffers: ``running = momentum * running + (1 - momentum) * sample``. (PyTorch's momentum
    weighs the new sample instead.) Test mode uses the buffers and leaves them as they are.
    """
    ### BEGIN SOLUTION
    mode = bn_param.get("mode")
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.dtype)
    running_mean = bn_param.get("running_mean", zeros)
    running_var = bn_param.get("running_var", zeros)

    if mode == "test":
        istd = 1 / np.sqrt(running_var + eps)
        return gamma * ((x - running_mean) * istd) + beta, None
    if mode != "train":
        raise ValueError(f'batchnorm_forward: bn_param["mode"] is {mode!r}, use "train" or "test"')

    mean = x.mean(axis=0)
    s = x - mean
    var = np.einsum("nd,nd->d", s, s) / len(x)
    istd = 1 / np.sqrt(var + eps)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * istd * s + beta, (s, istd, gamma)
    ### END SOLUTION


@shapes(dout="N D")
def batchnorm_backward(dout, cache):
    """Go back through the graph of batch norm node by node (part batchnorm.backward).

    Parameters
    ----------
    dout : float array, shape (N, D)
    cache : what batchnorm_forward returned in train mode

    Returns
    -------
    dx : float array, shape (N, D)
    dgamma : float array, shape (D,)
    dbeta : float array, shape (D,)

    Notes
    -----
    x reaches the output on three paths: directly, through the mean and through the variance.
    Derive each node by itself: what is used by several examples collects the gradients of all
    of them. Notebook 5, section 3, has the result of each node.
    """
    ### BEGIN SOLUTION
    s, istd, gamma = cache
    N = len(dout)
    xhat = s * istd
    # out = gamma * xhat + beta
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    # xhat = s * istd: the direct path, and the one into istd
    ds = dxhat * istd
    distd = np.sum(dxhat * s, axis=0)
    # istd = (var + eps)^(-1/2), whose derivative is -1/2 (var + eps)^(-3/2)
    dvar = distd * (-0.5 * istd * istd * istd)
    # var = mean(s^2): the path through the variance
    dv = (2 / N) * s * dvar
    # s = x - mean(x): each x reaches its own s and, through the mean, all of them
    dmean = -np.sum(ds + dv, axis=0)
    dx = ds + dv + dmean / N
    return dx, dgamma, dbeta
    ### END SOLUTION


@shapes(dout="N D")
def batchnorm_backward_alt(dout, cache):
    """Return the same gradients from one simplified expression (part batchnorm.backward_alt).

    Parameters
    ----------
    dout : float array, shape (N, D)
    cache : what batchnorm_forward returned in train mode, the same as for batchnorm_backward

    Returns
    -------
    dx : float array, shape (N, D)
    dgamma : float array, shape (D,)
    dbeta : float array, shape (D,)

    Notes
    -----
    Insert the nodes into each other and use that s sums to 0 over the batch: most of the graph
    cancels. What is left needs dgamma and dbeta and two or three operations on arrays of shape
    (N, D). Notebook 5, section 5, has the result.
    """
    ### BEGIN SOLUTION
    s, istd, gamma = cache
    N = len(dout)
    dgamma = istd * np.einsum("nd,nd->d", dout, s)
    dbeta = np.sum(dout, axis=0)
    dx = gamma * istd * (dout - dbeta / N - s * (istd * dgamma / N))
    return dx, dgamma, dbeta
    ### END SOLUTION


@shapes(x="N D", gamma="D", beta="D")
def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each example over its features (part layernorm.forward).

    Parameters
    ----------
    x : float array, shape (N, D)
    gamma, beta : float arrays, shape (D,)
    ln_param : dict, only read
        ``eps``: added to the variance inside the root, default 1e-5.

    Returns
    -------
    out : float array, shape (N, D), in the dtype of x
    cache : what layernorm_backward needs

    Notes
    -----
    No modes and no running statistics: an example never depends on its batch mates.
    """
    ### BEGIN SOLUTION
    eps = ln_param.get("eps", 1e-5)
    s = x - x.mean(axis=1, keepdims=True)
    var = np.mean(s * s, axis=1, keepdims=True)
    istd = 1 / np.sqrt(var + eps)
    xhat = s * istd
    return gamma * xhat + beta, (xhat, istd, gamma)
    ### END SOLUTION


@shapes(dout="N D")
def layernorm_backward(dout, cache):
    """Return the gradients of layernorm_forward (part layernorm.backward).

    Parameters
    ----------
    dout : float array, shape (N, D)
    cache : what layernorm_forward returned

    Returns
    -------
    dx : float array, shape (N, D)
    dgamma : float array, shape (D,)
    dbeta : float array, shape (D,)

    Notes
    -----
    Derive it for one row: its loss depends on x through that row of the output only. Ask of
    each number which outputs use it: a mean and a variance, one row; an entry of gamma or beta,
    one column. Notebook 6, sections 5 and 6, has the result.
    """
    ### BEGIN SOLUTION
    xhat, istd, gamma = cache
    dgamma = np.einsum("nd,nd->d", dout, xhat)
    dbeta = np.sum(dout, axis=0)
    g = dout * gamma
    g_mean = g.mean(axis=1, keepdims=True)
    gx_mean = np.mean(g * xhat, axis=1, keepdims=True)
    dx = istd * (g - g_mean - xhat * gx_mean)
    return dx, dgamma, dbeta
    ### END SOLUTION


@shapes(x="N C H W", gamma="C", beta="C")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each channel over batch, height and width (part spatial_batchnorm.forward).

    Parameters
    ----------
    x : float array, shape (N, C, H, W)
    gamma, beta : float arrays, shape (C,)
    bn_param : dict, as for batchnorm_forward, with running statistics of shape (C,)

    Returns
    -------
    out : float array, shape (N, C, H, W), in the dtype of x
    cache : what spatial_batchnorm_backward needs (train mode only)

    Notes
    -----
    All numbers of a channel share one mean and one variance. Find the two-dimensional array
    on which batchnorm_forward computes just that. Notebook 5, section 10, has the result.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


@shapes(dout="N C H W")
def spatial_batchnorm_backward(dout, cache):
    """Return the gradients of spatial_batchnorm_forward (part spatial_batchnorm.backward).

    Parameters
    ----------
    dout : float array, shape (N, C, H, W)
    cache : what spatial_batchnorm_forward returned in train mode

    Returns
    -------
    dx : float array, shape (N, C, H, W)
    dgamma : float array, shape (C,)
    dbeta : float array, shape (C,)
    """
    ### BEGIN SOLUTION
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward_alt(rows, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION
