"""Variants of the affine layer."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import affine as ref


@mistake(
    "affine_backward",
    where="how affine_backward computes db",
    what="db has shape (1, M) instead of (M,).",
    how="Sum over the examples without keepdims.",
    label="db of shape (1, M)",
)
def db_as_a_row(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx, dw, db[np.newaxis]


@mistake(
    "affine_backward",
    where="how affine_backward computes db",
    what="db is the mean over the examples instead of their sum.",
    how="b reaches each of the N examples: sum their gradients, and leave 1 / N to the loss.",
    label="db a mean instead of a sum",
)
def db_a_mean(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx, dw, db / len(dout)


@mistake(
    "affine_backward",
    where="what shape dx has in affine_backward",
    what="dx is not put back into the shape of x.",
    how="Reshape dx to x.shape at the end.",
    label="dx not put back into the shape of x",
)
def dx_stays_flat(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx.reshape(len(dx), -1), dw, db


@right("affine_forward", "one example after the other, the cache a dict", together="loops")
def loops_forward(x, w, b):
    rows = [x[n].reshape(-1) @ w + b for n in range(len(x))]
    return np.stack(rows), {"x": x, "w": w}


@right("affine_backward", "one example after the other, the cache a dict", together="loops")
def loops_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    dx, dw, db = np.empty_like(x), np.zeros_like(w), np.zeros_like(w[0])
    for n, upstream in enumerate(dout):
        dx[n] = (w @ upstream).reshape(x[n].shape)
        dw += np.outer(x[n].reshape(-1), upstream)
        db += upstream
    return dx, dw, db
