"""Variants of the affine layer."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import affine as ref


@mistake(
    "affine_forward",
    where="what affine_forward adds to the product",
    what="The bias b is not added.",
    how="Add b to x @ w; it broadcasts over the examples.",
)
def bias_forgotten(x, w, b):
    return ref.affine_forward(x, w, np.zeros_like(b))


@mistake(
    "affine_forward",
    where="what affine_forward adds to the product",
    what="The bias b is subtracted.",
    how="Add b to x @ w.",
)
def bias_subtracted(x, w, b):
    return ref.affine_forward(x, w, -b)


@mistake(
    "affine_forward",
    where="how affine_forward flattens x",
    what="The reshape of x mixes values of different examples.",
    how="Flatten with x.reshape(len(x), -1): the examples stay the first axis.",
)
def examples_mixed_up_by_a_reshape(x, w, b):
    return x.reshape(-1, len(x)).T @ w + b, (x, w)


@mistake(
    "affine_forward",
    where="what shape affine_forward returns for a single example",
    what="An axis of length 1 is dropped: for one example out has shape (M,) instead of (1, M).",
    how="Leave out the squeeze.",
)
def batch_of_one_squeezed(x, w, b):
    out, cache = ref.affine_forward(x, w, b)
    return out.squeeze(), cache


@mistake(
    "affine_forward",
    where="what dtype affine_forward returns",
    what="out is float64 even if the inputs are float32.",
    how="Make new arrays with the dtype of x: np.zeros without a dtype gives float64.",
)
def forward_in_float64(x, w, b):
    out, cache = ref.affine_forward(x, w, b)
    return out.astype(np.float64), cache


@mistake(
    "affine_backward",
    where="how affine_backward computes db",
    what="db has shape (1, M) instead of (M,).",
    how="Sum over the examples without keepdims.",
)
def db_as_a_row(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx, dw, db[np.newaxis]


@mistake(
    "affine_backward",
    where="how affine_backward computes db",
    what="db is the mean over the examples instead of their sum.",
    how="b reaches each of the N examples: sum their gradients, and leave 1 / N to the loss.",
)
def db_a_mean(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx, dw, db / len(dout)


@mistake(
    "affine_backward",
    where="over which axis affine_backward sums db",
    what="db is summed over the outputs: a number for each example, shape (N,).",
    how="Sum dout over axis 0, the examples.",
)
def db_summed_over_the_outputs(dout, cache):
    dx, dw, _ = ref.affine_backward(dout, cache)
    return dx, dw, dout.sum(axis=1)


@mistake(
    "affine_backward",
    where="over which axis affine_backward sums db",
    what="db is summed over the whole array and is a single number.",
    how="Sum dout over axis 0 only: each output has a bias of its own.",
)
def db_a_number(dout, cache):
    dx, dw, _ = ref.affine_backward(dout, cache)
    return dx, dw, dout.sum()


@mistake(
    "affine_backward",
    where="how affine_backward computes dw",
    what="dw is divided by the number of examples.",
    how="Leave out the division: the loss has put the 1 / N into dout.",
)
def dw_a_mean(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx, dw / len(dout), db


@mistake(
    "affine_backward",
    where="what shape dw has in affine_backward",
    what="dw is transposed: it has shape (M, D) instead of (D, M).",
    how="Multiply the flattened x, transposed, by dout.",
)
def dw_transposed(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx, dw.T, db


@mistake(
    "affine_backward",
    where="what shape dx has in affine_backward",
    what="dx is not put back into the shape of x.",
    how="Reshape dx to x.shape at the end.",
)
def dx_stays_flat(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dx.reshape(len(dx), -1), dw, db


@mistake(
    "affine_backward",
    where="what affine_backward multiplies dout by to get dx",
    what="w is reshaped to (M, D), which puts its numbers into other places than w.T.",
    how="Use w.T: a reshape keeps the numbers in their order, a transpose swaps the axes.",
)
def w_reshaped_not_transposed(dout, cache):
    x, w = cache
    _, dw, db = ref.affine_backward(dout, cache)
    return (dout @ w.reshape(w.shape[::-1])).reshape(x.shape), dw, db


@mistake(
    "affine_backward",
    where="the order in which affine_backward returns its gradients",
    what="dw comes before dx.",
    how="Return dx, dw, db, in the order of the arguments x, w, b.",
)
def gradients_in_another_order(dout, cache):
    dx, dw, db = ref.affine_backward(dout, cache)
    return dw, dx, db


@mistake(
    "affine_backward",
    where="what dtype the gradients of affine_backward have",
    what="The gradients are float64 even if the inputs are float32.",
    how="Make new arrays with the dtype of x: np.zeros without a dtype gives float64.",
)
def backward_in_float64(dout, cache):
    return tuple(gradient.astype(np.float64) for gradient in ref.affine_backward(dout, cache))


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


@right("affine_forward", "the bias is a row of the weights", together="bias_as_a_weight")
def bias_as_a_weight_forward(x, w, b):
    ones = np.ones((len(x), 1), x.dtype)
    inputs, weights = np.hstack([x.reshape(len(x), -1), ones]), np.vstack([w, b])
    return inputs @ weights, (x.shape, inputs, weights)


@right("affine_backward", "the bias is a row of the weights", together="bias_as_a_weight")
def bias_as_a_weight_backward(dout, cache):
    shape, inputs, weights = cache
    dweights = inputs.T @ dout
    return (dout @ weights[:-1].T).reshape(shape), dweights[:-1], dweights[-1]


@right("affine_forward", "einsum, the cache a function", together="einsum")
def einsum_forward(x, w, b):
    def find_gradients(dout):
        dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
        return dx, np.einsum("nd,nm->dm", flat, dout), np.einsum("nm->m", dout)

    flat = x.reshape(len(x), -1)
    return np.einsum("nd,dm->nm", flat, w) + b, find_gradients


@right("affine_backward", "einsum, the cache a function", together="einsum")
def einsum_backward(dout, cache):
    return cache(dout)
