"""Right variants of batch norm: batchnorm_forward, batchnorm_backward, batchnorm_backward_alt."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.bank import right
from autograder.bank.normalization._helpers import choose_statistics, read_statistics
from autograder.bank.reference import normalization as ref


def _measure(x):
    return x.mean(axis=0), x.var(axis=0)


LOOPS = "one number at a time, the cache a dict"


def _measure_in_loops(x):
    mean, var = np.zeros(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)
    for d, column in enumerate(x.T.tolist()):
        mean[d] = sum(column) / len(column)
        var[d] = sum((value - float(mean[d])) ** 2 for value in column) / len(column)
    return mean, var


@right("batchnorm_forward", LOOPS, together="loops")
def loops_forward(x, gamma, beta, bn_param):
    mean, var = choose_statistics(x, bn_param, _measure_in_loops)
    out, xhat, eps = np.empty_like(x), np.empty_like(x), bn_param.get("eps", 1e-5)
    for n, d in np.ndindex(x.shape):
        xhat[n, d] = (x[n, d] - mean[d]) / (var[d] + eps) ** 0.5
        out[n, d] = gamma[d] * xhat[n, d] + beta[d]
    return out, {"xhat": xhat, "std": [(v + eps) ** 0.5 for v in var], "gamma": gamma}


@right("batchnorm_backward", LOOPS, together="loops")
@right("batchnorm_backward_alt", LOOPS, together="loops")
def loops_backward(dout, cache):
    xhat, (N, D) = cache["xhat"], dout.shape
    dx, dgamma, dbeta = np.empty_like(dout), np.zeros(D, dout.dtype), np.zeros(D, dout.dtype)
    for n, d in np.ndindex(dout.shape):
        dgamma[d] += dout[n, d] * xhat[n, d]
        dbeta[d] += dout[n, d]
    for n, d in np.ndindex(dout.shape):
        left = N * dout[n, d] - dbeta[d] - xhat[n, d] * dgamma[d]
        dx[n, d] = cache["gamma"][d] * left / (N * cache["std"][d])
    return dx, dgamma, dbeta


EINSUM = "sums by einsum and matrix product, the cache a list"


@right("batchnorm_forward", EINSUM, together="einsum")
def einsum_forward(x, gamma, beta, bn_param):
    def measure(x):
        mean = np.einsum("nd->d", x) / len(x)
        return mean, np.einsum("nd,nd->d", x - mean, x - mean) / len(x)

    mean, var = choose_statistics(x, bn_param, measure)
    std = (var + bn_param.get("eps", 1e-5)) ** 0.5
    return np.einsum("nd,d->nd", x - mean, gamma / std) + beta, [(x - mean) / std, gamma / std]


@right("batchnorm_backward", EINSUM, together="einsum")
@right("batchnorm_backward_alt", EINSUM, together="einsum")
def einsum_backward(dout, cache):
    xhat, scale = cache
    ones = np.ones(len(dout), dout.dtype)
    dbeta, dgamma = ones @ dout, np.einsum("nd,nd->d", xhat, dout)
    sums = np.outer(ones, dbeta) + np.einsum("nd,d->nd", xhat, dgamma)
    return np.einsum("nd,d->nd", dout - sums / len(dout), scale), dgamma, dbeta


FROM_X = "the cache holds the inputs alone, and the backward pass computes all anew"


@right("batchnorm_forward", FROM_X, together="from_x")
def from_x_forward(x, gamma, beta, bn_param):
    mean, var = choose_statistics(x, bn_param, _measure)
    eps = bn_param.setdefault("eps", 1e-5)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x, gamma, eps)


@right("batchnorm_backward", FROM_X, together="from_x")
@right("batchnorm_backward_alt", FROM_X, together="from_x")
def from_x_backward(dout, cache):
    x, gamma, eps = cache
    std, s, N = np.sqrt(x.var(axis=0) + eps), x - x.mean(axis=0), len(x)
    dxhat = dout * gamma
    dstd = np.sum(dxhat * -s / std**2, axis=0)
    dvar = dstd / (2 * std)
    dmean = np.sum(-dxhat / std, axis=0) + dvar * np.mean(-2 * s, axis=0)
    dx = dxhat / std + dvar * 2 * s / N + dmean / N
    return dx, np.sum(dout * s / std, axis=0), dout.sum(axis=0)


TRANSPOSED = "features first, arithmetic in place on copies, the cache an object"


@right("batchnorm_forward", TRANSPOSED, together="transposed")
def transposed_forward(x, gamma, beta, bn_param):
    mean, var = choose_statistics(x, bn_param, lambda x: (x.T.mean(axis=1), x.T.var(axis=1)))
    xhat, std = x.T.copy(), np.sqrt(var + bn_param.get("eps", 1e-5))[:, np.newaxis]
    xhat -= mean[:, np.newaxis]
    xhat /= std
    return xhat.T * gamma + beta, SimpleNamespace(xhat=xhat, std=std, gamma=gamma)


@right("batchnorm_backward", TRANSPOSED, together="transposed")
@right("batchnorm_backward_alt", TRANSPOSED, together="transposed")
def transposed_backward(dout, cache):
    dgamma, dbeta = np.sum(dout.T * cache.xhat, axis=1), np.sum(dout.T, axis=1)
    dx = dout.T.copy()
    dx -= dout.T.mean(axis=1, keepdims=True)
    dx -= cache.xhat * (dgamma / len(dout))[:, np.newaxis]
    dx *= cache.gamma[:, np.newaxis] / cache.std
    return dx.T, dgamma, dbeta


STEPS = "each step returns its result and a function that goes back; the cache is a function"


def _center(x: Any) -> Any:
    return x - x.mean(axis=0), lambda d: d - d.mean(axis=0)


def _divide(s: Any, eps: Any) -> Any:
    std = np.sqrt(np.mean(s * s, axis=0) + eps)
    return s / std, lambda d: d / std - s * np.mean(d * s, axis=0) / std**3


@right("batchnorm_forward", STEPS, together="steps")
def steps_forward(x, gamma, beta, bn_param):
    mean, var = choose_statistics(x, bn_param, _measure)
    eps = bn_param.get("eps", 1e-5)
    s, uncenter = _center(x)
    xhat, undivide = _divide(s, eps)

    def go_back(dout):
        return uncenter(undivide(dout * gamma)), (dout * xhat).sum(axis=0), dout.sum(axis=0)

    if bn_param["mode"] == "test":
        xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, go_back


@right("batchnorm_backward", STEPS, together="steps")
@right("batchnorm_backward_alt", STEPS, together="steps")
def steps_backward(dout, cache):
    return cache(dout)


@right("batchnorm_forward", "sums in float64, the variance from E[d^2] with the first row as zero")
def shifted_moments(x, gamma, beta, bn_param):
    def measure(x):
        shifted = x.astype(np.float64) - x[0]
        mean, square = shifted.mean(axis=0), np.mean(shifted**2, axis=0)
        return (x[0] + mean).astype(x.dtype), (square - mean**2).astype(x.dtype)

    mean, var = choose_statistics(x, bn_param, measure)
    istd = 1 / np.sqrt(var + bn_param.get("eps", 1e-5))
    return (x - mean) * (gamma * istd) + beta, (x - mean, istd, gamma)


@right("batchnorm_forward", "one formula for both modes, scale * x + shift in float64")
def scale_and_shift(x, gamma, beta, bn_param):
    cache = None
    if bn_param["mode"] != "test":
        cache = ref.batchnorm_forward(x, gamma, beta, bn_param)[1]
    mean, var, eps = read_statistics(x.astype(np.float64), bn_param)
    scale = gamma / np.sqrt(var + eps)
    return (scale * x + (beta - scale * mean)).astype(x.dtype), cache


@right("batchnorm_backward", "the Jacobian of each column, times its upstream gradient")
def column_jacobians(dout, cache):
    s, istd, gamma = cache
    xhat, N, dx = s * istd, len(s), np.empty_like(dout)
    for d, column in enumerate(xhat.T):
        jacobian = np.eye(N) - 1 / N - np.outer(column, column) / N
        dx[:, d] = gamma[d] * istd[d] * jacobian.T @ dout[:, d]
    return dx, np.diag(dout.T @ xhat).copy(), dout.sum(axis=0)


@right("batchnorm_backward_alt", "exact derivatives of the forward formula by the complex step")
def complex_step(dout, cache):
    s, istd, gamma = cache
    eps, dx = 1 / istd**2 - np.mean(s * s, axis=0), np.empty_like(dout)
    for n in range(len(s)):
        shifted = s.astype(complex)
        shifted[n] += 1e-30j
        shifted -= shifted.mean(axis=0)
        out = gamma * shifted / np.sqrt(np.mean(shifted * shifted, axis=0) + eps)
        dx[n] = np.sum(dout * out.imag / 1e-30, axis=0)
    return dx, np.sum(dout * s, axis=0) * istd, dout.sum(axis=0)


@right("batchnorm_backward", "what is left of dout when its shadows on 1 and xhat are taken away")
def projection(dout, cache):
    s, istd, gamma = cache
    g, N = dout * gamma, len(dout)
    left = g - np.ones((N, N), dout.dtype) @ g / N
    left -= s * istd * istd * (np.sum(s * left, axis=0) / N)
    return left * istd, istd * (s * dout).sum(0), dout.sum(0)
