"""Right variants of layernorm_forward and layernorm_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import right
from autograder.bank.reference import normalization as ref

ROW_LOOPS = "one example after the other"


@right("layernorm_forward", ROW_LOOPS, together="row_loops")
def row_loops_forward(x, gamma, beta, ln_param):
    rows, stds = [], []
    for row in x:
        s = row - row.mean()
        stds.append(np.sqrt(s @ s / len(s) + np.asarray(ln_param.get("eps", 1e-5), x.dtype)))
        rows.append(s / stds[-1])
    return np.stack([gamma * row + beta for row in rows]), {"rows": rows, "stds": stds, "g": gamma}


@right("layernorm_backward", ROW_LOOPS, together="row_loops")
def row_loops_backward(dout, cache):
    dx, dgamma, dbeta = [], 0, 0
    for upstream, xhat, std in zip(dout, cache["rows"], cache["stds"]):
        g = upstream * cache["g"]
        dx.append((g - g.mean() - xhat * np.mean(g * xhat)) / std)
        dgamma, dbeta = dgamma + upstream * xhat, dbeta + upstream
    return np.array(dx), dgamma, dbeta


THROUGH_BATCHNORM = "batch norm of x.T without scale and shift, then gamma and beta"


@right("layernorm_forward", THROUGH_BATCHNORM, together="through_batchnorm")
def through_batchnorm_forward(x, gamma, beta, ln_param):
    ones, eps = np.ones(len(x), x.dtype), ln_param.get("eps", 1e-5)
    out, cache = ref.batchnorm_forward(x.T, ones, 0 * ones, {"mode": "train", "eps": eps})
    return gamma * out.T + beta, (out.T, gamma, cache)


@right("layernorm_backward", THROUGH_BATCHNORM, together="through_batchnorm")
def through_batchnorm_backward(dout, cache):
    xhat, gamma, inner = cache
    dx, _, _ = ref.batchnorm_backward((dout * gamma).T, inner)
    return dx.T, (dout * xhat).sum(axis=0), dout.sum(axis=0)


ROWS_FROM_X = "the graph node by node, with std instead of 1 / std, the cache a list with x"


@right("layernorm_forward", ROWS_FROM_X, together="rows_from_x")
def rows_from_x_forward(x, gamma, beta, ln_param):
    std = np.sqrt(x.var(axis=1) + ln_param.get("eps", 1e-5))
    out = ((x.T - x.mean(axis=1)) / std).T
    return out * gamma + beta, [x, gamma, std]


@right("layernorm_backward", ROWS_FROM_X, together="rows_from_x")
def rows_from_x_backward(dout, cache):
    x, gamma, std = cache
    s, std, D = x - x.mean(axis=1)[:, None], std[:, None], x.shape[1]
    dxhat = dout * gamma
    dvar = np.sum(dxhat * s, axis=1)[:, None] * -0.5 / std**3
    ds = dxhat / std + dvar * 2 * s / D
    return ds - ds.mean(axis=1)[:, None], np.einsum("nd,nd->d", dout, s / std), dout.sum(0)


@right("layernorm_backward", "the Jacobian of each row, all of them in one array (N, D, D)")
def row_jacobians(dout, cache):
    xhat, istd, gamma = cache
    D = len(gamma)
    jacobians = np.eye(D, dtype=dout.dtype) - 1 / D - np.einsum("ni,nj->nij", xhat, xhat) / D
    dx = np.einsum("ni,nij->nj", dout * gamma * istd, jacobians)
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)
