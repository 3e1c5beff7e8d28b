"""Variants of maxout_forward and maxout_backward."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations as ref


@mistake(
    "maxout_forward",
    where="the pieces in maxout_forward",
    what="The pieces have no bias.",
    how="Add b[k] to x @ w[k] before you take the maximum.",
)
def maxout_without_bias(x, w, b):
    out, _ = ref.maxout_forward(x, w, np.zeros_like(b))
    return out, ref.maxout_forward(x, w, b)[1]


@mistake(
    "maxout_forward",
    where="which bias each piece has in maxout_forward",
    what="All pieces have the bias of the first one.",
    how="Add b[k] to x @ w[k]: b[:, np.newaxis] has shape (K, 1, M).",
)
def maxout_one_bias_for_all_pieces(x, w, b):
    out, _ = ref.maxout_forward(x, w, np.broadcast_to(b[0], b.shape))
    return out, ref.maxout_forward(x, w, b)[1]


@mistake(
    "maxout_forward",
    where="when maxout_forward adds the bias",
    what="Products and biases have maxima of their own: a piece may win with another's bias.",
    how="Add b[k] to x @ w[k], and only then take the maximum over k.",
)
def maxout_bias_after_the_maximum(x, w, b):
    return (x @ w).max(axis=0) + b.max(axis=0), ref.maxout_forward(x, w, b)[1]


@mistake(
    "maxout_forward",
    where="what dtype maxout_forward returns",
    what="out is float64 even if the inputs are float32.",
    how="Make new arrays with the dtype of x: np.zeros without a dtype gives float64.",
)
def maxout_in_float64(x, w, b):
    out, cache = ref.maxout_forward(x, w, b)
    return out.astype(np.float64), cache


_TIES_TWICE = {
    "where": "what the backward pass of maxout does at a tie",
    "what": "Every piece that reaches the maximum gets the whole gradient.",
    "how": "Choose one winner for each output, for example by argmax.",
    "together": "maxout_ties_counted_twice",
}

_TIES_SHARED = {
    "where": "what the backward pass of maxout does at a tie",
    "what": "The pieces that reach the maximum share the gradient.",
    "how": "Choose one winner for each output, for example by argmax; it gets all of it.",
    "together": "maxout_ties_share_the_gradient",
}


@mistake("maxout_forward", **_TIES_TWICE)
@mistake("maxout_forward", **_TIES_SHARED)
def maxout_with_all_winners(x, w, b):
    pieces = x @ w + b[:, np.newaxis]
    out = pieces.max(axis=0)
    return out, (x, w, pieces == out)


@mistake("maxout_backward", **_TIES_TWICE)
def maxout_ties_counted_twice(dout, cache):
    return ref.maxout_backward(dout, cache)


@mistake("maxout_backward", **_TIES_SHARED)
def maxout_ties_share_the_gradient(dout, cache):
    return ref.maxout_backward(dout / cache[2].sum(axis=0, dtype=dout.dtype), cache)


@mistake(
    "maxout_backward",
    where="which pieces get a gradient in maxout_backward",
    what="All pieces get the gradient, not only the one that won.",
    how="Multiply dout by a mask of the winners, shape (K, N, M).",
)
def maxout_gradient_to_all_pieces(dout, cache):
    x, w, is_winner = cache
    return ref.maxout_backward(dout, (x, w, np.ones_like(is_winner)))


@mistake(
    "maxout_backward",
    where="how maxout_backward computes db",
    what="Each piece's bias gets the gradient of all examples, not only of those that it won.",
    how="Sum the masked gradient of each piece over the examples.",
)
def maxout_db_not_split(dout, cache):
    dx, dw, db = ref.maxout_backward(dout, cache)
    return dx, dw, np.broadcast_to(dout.sum(axis=0), db.shape).copy()


@mistake(
    "maxout_backward",
    where="how maxout_backward computes dw",
    what="Each piece's weights get the gradient of all examples, not only of those that it won.",
    how="Multiply x.T by the masked gradient of each piece.",
)
def maxout_dw_not_split(dout, cache):
    dx, dw, db = ref.maxout_backward(dout, cache)
    return dx, np.broadcast_to(cache[0].T @ dout, dw.shape).copy(), db


@mistake(
    "maxout_backward",
    where="how maxout_backward computes dx",
    what="Only the first piece contributes to dx.",
    how="Sum the contributions of all K pieces.",
)
def maxout_dx_from_the_first_piece(dout, cache):
    _, w, is_winner = cache
    _, dw, db = ref.maxout_backward(dout, cache)
    return (is_winner[0] * dout) @ w[0].T, dw, db


@mistake(
    "maxout_backward",
    where="what shape db has in maxout_backward",
    what="db has shape (K, 1, M) instead of (K, M).",
    how="Sum over the examples without keepdims.",
)
def maxout_db_with_keepdims(dout, cache):
    dx, dw, db = ref.maxout_backward(dout, cache)
    return dx, dw, db[:, np.newaxis]


@right("maxout_forward", "argmax and one matrix product, indices cached", together="maxout_argmax")
def maxout_argmax_forward(x, w, b):
    K, D, M = w.shape
    flat = x @ w.transpose(1, 0, 2).reshape(D, K * M) + b.reshape(-1)
    pieces = flat.reshape(-1, K, M)
    winner = pieces.argmax(axis=1)
    return np.take_along_axis(pieces, winner[:, None], axis=1)[:, 0], (x, w, winner)


@right("maxout_backward", "argmax and one matrix product, indices cached", together="maxout_argmax")
def maxout_argmax_backward(dout, cache):
    x, w, winner = cache
    columns = np.broadcast_to(np.arange(w.shape[2]), winner.shape)
    dw, db = np.zeros_like(w), np.zeros_like(w[:, 0])
    np.add.at(db, (winner, columns), dout)
    np.add.at(dw.transpose(0, 2, 1), (winner, columns), dout[..., None] * x[:, None])
    return np.einsum("nm,nmd->nd", dout, w[winner, :, columns]), dw, db


@right("maxout_forward", "a running maximum; the last one wins a tie", together="maxout_loops")
def maxout_loops_forward(x, w, b):
    out, winner = x @ w[0] + b[0], np.zeros((len(x), w.shape[2]), np.uint8)
    for k in range(1, len(w)):
        piece = x @ w[k] + b[k]
        winner[piece >= out] = k
        out = np.maximum(out, piece)
    return out, {"x": x, "w": w, "winner": winner}


@right("maxout_backward", "a running maximum; the last one wins a tie", together="maxout_loops")
def maxout_loops_backward(dout, cache):
    x, w, winner = cache["x"], cache["w"], cache["winner"]
    shares = [np.where(winner == k, dout, 0) for k in range(len(w))]
    dx = sum(share @ w_k.T for share, w_k in zip(shares, w))
    dw = np.stack([x.T @ share for share in shares])
    return dx, dw, np.stack([share.sum(axis=0) for share in shares])
