"""All four normalisations as one thing: columns that are normalised by themselves.

Layer norm has its examples as columns, spatial batch norm its channels.
"""

import math

import numpy as np

from assignment import helpers
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

FIELDS = [("hat", float), ("gamma", float), ("istd", float)]  # of a normalised number


def _measure(column):
    """Return mean and biased variance of a list of floats, summed exactly."""
    mean = math.fsum(column) / len(column)
    return mean, math.fsum((v - mean) ** 2 for v in column) / len(column)


def _normalize_columns(table, eps):
    """Return the normalised table, and mean, variance and 1 / std of each column, in float64."""
    hat = np.empty(table.shape)
    found = []
    for d in range(table.shape[1]):
        column = table[:, d].tolist()
        mean, var = _measure(column)
        istd = 1 / math.sqrt(var + eps)
        hat[:, d] = [(v - mean) * istd for v in column]
        found.append((mean, var, istd))
    return (hat, *np.array(found).T)


def _differentiate_columns(g, hat, istd):
    """Multiply each column of g by its Jacobian, written out: istd (I - 11'/N - hat hat'/N)."""
    N = len(g)
    dx = np.empty(g.shape)
    for d in range(g.shape[1]):
        jacobian = np.eye(N) - 1 / N - np.outer(hat[:, d], hat[:, d]) / N
        dx[:, d] = istd[d] * (jacobian @ g[:, d])
    return dx


def _demand(where, x, gamma, beta, ndim):
    for name, value, axes in (("x", x, ndim), ("gamma", gamma, 1), ("beta", beta, 1)):
        helpers.demand_array(where, name, value, axes)
    helpers.demand_equal(where, "the length of gamma", len(gamma), x.shape[1])
    helpers.demand_equal(where, "the length of beta", len(beta), x.shape[1])


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise columns with their own statistics, or with the remembered ones."""
    _demand("batchnorm_forward", x, gamma, beta, 2)
    if "mode" not in bn_param or bn_param["mode"] not in {"train", "test"}:
        mode = bn_param.get("mode")
        raise ValueError(f"batchnorm_forward: the mode {mode!r} is neither 'train' nor 'test'")
    eps = bn_param.get("eps", 1e-5)
    old = [bn_param.get(name, np.zeros(x.shape[1])) for name in ("running_mean", "running_var")]
    if bn_param["mode"] == "test":
        scale = gamma / np.sqrt(np.asarray(old[1], float) + eps)
        out = scale * (x - np.asarray(old[0], float)) + beta
        return out.astype(x.dtype), "no way back from test mode"
    hat, mean, var, istd = _normalize_columns(x, eps)
    keep = bn_param.get("momentum", 0.9)
    for name, before, now in zip(("running_mean", "running_var"), old, (mean, var)):
        bn_param[name] = (keep * before + (1 - keep) * now).astype(x.dtype)
    cache = np.empty(x.shape, FIELDS)  # one record for each number
    cache["hat"], cache["gamma"], cache["istd"] = hat, gamma, istd
    return (gamma * hat + beta).astype(x.dtype), cache


@shapes(dout="N D")
def batchnorm_backward(dout, cache):
    """Multiply by the Jacobian of each column."""
    dx = _differentiate_columns(dout * cache["gamma"], cache["hat"], cache["istd"][0])
    dgamma, dbeta = np.einsum("nd,nd->d", dout, cache["hat"]), dout.sum(0)
    return dx.astype(dout.dtype), dgamma.astype(dout.dtype), dbeta


@shapes(dout="N D")
def batchnorm_backward_alt(dout, cache):
    """Take away from g its mean and its projection on the normalised column."""
    g = dout * cache["gamma"]
    ones_and_hat = np.stack([np.ones(g.shape), cache["hat"]])
    projected = np.einsum("kd,knd->nd", np.einsum("knd,nd->kd", ones_and_hat, g), ones_and_hat)
    dx = cache["istd"] * (g - projected / len(g))
    sums = np.einsum("knd,nd->kd", ones_and_hat, dout)
    return dx.astype(dout.dtype), sums[1].astype(dout.dtype), sums[0].astype(dout.dtype)


def layernorm_forward(x, gamma, beta, ln_param):
    """Turn the examples into columns, and back."""
    _demand("layernorm_forward", x, gamma, beta, 2)
    hat, _, _, istd = _normalize_columns(x.T, ln_param.get("eps", 1e-5))
    return (gamma * hat.T + beta).astype(x.dtype), [hat, [istd, [gamma]]]


@shapes(dout="N D")
def layernorm_backward(dout, cache):
    """Multiply by the same Jacobian; gamma comes in before."""
    hat, (istd, (gamma,)) = cache
    dx = _differentiate_columns((dout * gamma).T, hat, istd).T
    dgamma = np.diagonal(hat @ dout)
    dbeta = np.ones(len(dout)) @ dout
    return tuple(gradient.astype(dout.dtype) for gradient in (dx, dgamma, dbeta))


def _as_table(images):
    """Return a view or copy whose columns are the channels."""
    return np.swapaxes(images, 0, 1).reshape(images.shape[1], -1).T


def _as_images(table, shape):
    N, C, H, W = shape
    return np.swapaxes(table.T.reshape(C, N, H, W), 0, 1)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Channels are columns."""
    _demand("spatial_batchnorm_forward", x, gamma, beta, 4)
    out, cache = batchnorm_forward(_as_table(x), gamma, beta, bn_param)
    return _as_images(out, x.shape), (cache, x.shape)


def spatial_batchnorm_backward(dout, cache):
    """Channels are columns on the way back, too."""
    helpers.demand_array("spatial_batchnorm_backward", "dout", dout, 4)
    dx, dgamma, dbeta = batchnorm_backward(_as_table(dout), cache[0])
    return _as_images(dx, cache[1]), dgamma, dbeta
