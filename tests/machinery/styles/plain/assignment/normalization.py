"""Normalisation, node by node as in the drawing of the graph."""

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
    """Normalise each feature over the batch."""
    mode = bn_param.get("mode")
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))

    if mode == "train":
        mean = np.mean(x, axis=0)
        centered = x - mean
        var = np.mean(centered**2, axis=0)
        std = np.sqrt(var + eps)
        x_hat = centered / std
        out = gamma * x_hat + beta
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        cache = {"centered": centered, "std": std, "x_hat": x_hat, "gamma": gamma}
    elif mode == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * x_hat + beta
        cache = None
    else:
        raise ValueError(f"batchnorm_forward: unknown mode {mode!r}, it must be train or test")
    return out, cache


@shapes(dout="N D")
def batchnorm_backward(dout, cache):
    """Walk back from node to node."""
    N = dout.shape[0]
    centered, std = cache["centered"], cache["std"]

    # out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * cache["x_hat"], axis=0)
    dx_hat = dout * cache["gamma"]

    # x_hat = centered / std
    dcentered = dx_hat / std
    dstd = np.sum(-dx_hat * centered / std**2, axis=0)

    # std = sqrt(var + eps)
    dvar = dstd / (2 * std)

    # var = mean of centered^2
    dcentered = dcentered + 2 * centered * dvar / N

    # centered = x - mean
    dmean = -np.sum(dcentered, axis=0)

    # mean = sum of x / N
    dx = dcentered + dmean / N
    return dx, dgamma, dbeta


@shapes(dout="N D")
def batchnorm_backward_alt(dout, cache):
    """Use the formula that is left when the nodes are put into each other on paper."""
    N = dout.shape[0]
    x_hat = cache["x_hat"]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = cache["gamma"] / (N * cache["std"]) * (N * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@shapes(x="N D", gamma="D", beta="D")
def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each example over its features."""
    eps = ln_param.get("eps", 1e-5)
    mean = np.mean(x, axis=1, keepdims=True)
    centered = x - mean
    var = np.mean(centered**2, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = centered / std
    out = gamma * x_hat + beta
    return out, [x_hat, std, gamma]


@shapes(dout="N D")
def layernorm_backward(dout, cache):
    """As for batch norm, with sums over the features instead of the examples."""
    x_hat, std, gamma = cache
    D = dout.shape[1]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    sum_1 = np.sum(dx_hat, axis=1, keepdims=True)
    sum_2 = np.sum(dx_hat * x_hat, axis=1, keepdims=True)
    dx = (D * dx_hat - sum_1 - x_hat * sum_2) / (D * std)
    return dx, dgamma, dbeta


@shapes(x="N C H W", gamma="C", beta="C")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch norm for one channel after the other."""
    C = x.shape[1]
    mode = bn_param.get("mode")
    running_mean = bn_param.get("running_mean", np.zeros(C, dtype=x.dtype)).copy()
    running_var = bn_param.get("running_var", np.zeros(C, dtype=x.dtype)).copy()
    out = np.zeros_like(x)
    caches = []
    for c in range(C):
        channel = x[:, c, :, :]
        column = channel.reshape(-1, 1)
        param = dict(bn_param)  # the same settings, but the statistics of this channel
        param["running_mean"] = running_mean[c : c + 1]
        param["running_var"] = running_var[c : c + 1]
        out_c, cache_c = batchnorm_forward(column, gamma[c : c + 1], beta[c : c + 1], param)
        out[:, c, :, :] = out_c.reshape(channel.shape)
        running_mean[c] = param["running_mean"][0]
        running_var[c] = param["running_var"][0]
        caches.append(cache_c)
    if mode == "train":
        bn_param["running_mean"] = running_mean
        bn_param["running_var"] = running_var
    return out, caches


@shapes(dout="N C H W")
def spatial_batchnorm_backward(dout, cache):
    """Go back through one channel after the other."""
    C = dout.shape[1]
    dx = np.zeros_like(dout)
    dgamma = np.zeros(C, dtype=dout.dtype)
    dbeta = np.zeros(C, dtype=dout.dtype)
    for c in range(C):
        column = dout[:, c, :, :].reshape(-1, 1)
        dx_c, dgamma_c, dbeta_c = batchnorm_backward(column, cache[c])
        dx[:, c, :, :] = dx_c.reshape(dout[:, c, :, :].shape)
        dgamma[c] = dgamma_c[0]
        dbeta[c] = dbeta_c[0]
    return dx, dgamma, dbeta
