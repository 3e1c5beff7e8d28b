"""Right variants of spatial_batchnorm_forward and spatial_batchnorm_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import right
from autograder.bank.normalization._helpers import BUFFERS, choose_statistics
from autograder.bank.reference import normalization as ref

AXES = "sums over three axes, no rows"


@right("spatial_batchnorm_forward", AXES, together="axes")
def axes_forward(x, gamma, beta, bn_param):
    def measure(_):
        return x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))

    mean, var, gamma, beta = (
        v[:, None, None] for v in (*choose_statistics(x, bn_param, measure), gamma, beta)
    )
    std = np.sqrt(var + bn_param.get("eps", 1e-5))
    return gamma * (x - mean) / std + beta, ((x - mean) / std, std, gamma)


@right("spatial_batchnorm_backward", AXES, together="axes")
def axes_backward(dout, cache):
    xhat, std, gamma = cache
    g, axes = dout * gamma, (0, 2, 3)
    g_mean, gx_mean = (np.mean(a, axes, keepdims=True) for a in (g, g * xhat))
    dx = (g - g_mean - xhat * gx_mean) / std
    return dx, np.einsum("nchw,nchw->c", dout, xhat), np.einsum("nchw->c", dout)


CHANNELS = "one channel after the other, each with a bn_param of its own"


@right("spatial_batchnorm_forward", CHANNELS, together="channels")
def channels_forward(x, gamma, beta, bn_param):
    out, caches, own = np.empty_like(x), [], []
    for c in range(x.shape[1]):
        one = slice(c, c + 1)
        own.append({k: v[one] if k in BUFFERS else v for k, v in bn_param.items()})
        column = x[:, c].reshape(-1, 1)
        rows, cache = ref.batchnorm_forward(column, gamma[one], beta[one], own[-1])
        out[:, c] = rows.reshape(out[:, c].shape)
        caches.append(cache)
    bn_param |= {n: np.concatenate([o[n] for o in own]) for n in BUFFERS if n in own[0]}
    return out, caches


@right("spatial_batchnorm_backward", CHANNELS, together="channels")
def channels_backward(dout, cache):
    dx, sums = np.empty_like(dout), []
    for c, one in enumerate(cache):
        rows, *both = ref.batchnorm_backward(dout[:, c].reshape(-1, 1), one)
        dx[:, c] = rows.reshape(dx[:, c].shape)
        sums.append(both)
    dgamma, dbeta = (np.concatenate(parts) for parts in zip(*sums))
    return dx, dgamma, dbeta


SWAPPED = "channels and width change places, there and back"


@right("spatial_batchnorm_forward", SWAPPED, together="swapped_axes")
def swapped_axes_forward(x, gamma, beta, bn_param):
    last = x.swapaxes(1, 3)
    out, cache = ref.batchnorm_forward(last.reshape(-1, x.shape[1]), gamma, beta, bn_param)
    return out.reshape(last.shape).swapaxes(1, 3), cache


@right("spatial_batchnorm_backward", SWAPPED, together="swapped_axes")
def swapped_axes_backward(dout, cache):
    last = dout.swapaxes(1, 3)
    dx, dgamma, dbeta = ref.batchnorm_backward(last.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(last.shape).swapaxes(1, 3), dgamma, dbeta
