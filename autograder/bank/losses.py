"""Variants of the softmax loss."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import losses as ref


def _log_softmax(x: Any) -> Any:
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _finish(p: Any, y: Any) -> Any:
    """Return loss and gradient for given probabilities."""
    rows = np.arange(len(p))
    dx = p / len(p)
    dx[rows, y] -= 1 / len(p)
    return -float(np.log(p[rows, y]).mean()), dx


@mistake(
    "softmax_loss",
    where="what softmax_loss hands to exp",
    what="The scores are not shifted before exp, which overflows for large ones.",
    how="Subtract the maximum of each row first; the probabilities stay the same.",
)
def no_shift(x, y):
    exps = np.exp(x)
    return _finish(exps / exps.sum(axis=1, keepdims=True), y)


@mistake(
    "softmax_loss",
    where="which maximum softmax_loss subtracts",
    what="The maximum of the whole array is subtracted: a row far below it has only zeros left.",
    how="Subtract the maximum of each row: axis=1, keepdims=True.",
)
def shifted_by_the_largest_of_all(x, y):
    exps = np.exp(x - x.max())
    return _finish(exps / exps.sum(axis=1, keepdims=True), y)


@mistake(
    "softmax_loss",
    where="which maximum softmax_loss subtracts",
    what="The maximum of each column is subtracted, which changes the probabilities.",
    how="Subtract the maximum of each row: axis=1, keepdims=True.",
)
def shifted_by_the_largest_of_each_class(x, y):
    return ref.softmax_loss(x - x.max(axis=0), y)


@mistake(
    "softmax_loss",
    where="over which axis softmax_loss normalises",
    what="The exponentials are divided by the sum of their column instead of their row.",
    how="Sum over the classes of each example: axis=1, keepdims=True.",
)
def normalised_over_the_examples(x, y):
    return _finish(np.exp(_log_softmax(x.T).T), y)


@mistake(
    "softmax_loss",
    where="what softmax_loss takes the logarithm of",
    what="A small number is added to the probabilities, which changes every loss a little.",
    how="Leave it out: log p = x - max - log(sum(exp(x - max))) never takes the log of 0.",
)
def eps_inside_the_log(x, y):
    _, dx = ref.softmax_loss(x, y)
    p = np.exp(_log_softmax(x))[np.arange(len(x)), y]
    return -float(np.log(p + 1e-8).mean()), dx


@mistake(
    "softmax_loss",
    where="what softmax_loss takes the logarithm of",
    what="A small number keeps the probabilities away from 0, and with it the loss from growing.",
    how="Leave it out: log p = x - max - log(sum(exp(x - max))) never takes the log of 0.",
)
def clipped_probabilities(x, y):
    _, dx = ref.softmax_loss(x, y)
    p = np.exp(_log_softmax(x))[np.arange(len(x)), y]
    return -float(np.log(np.clip(p, 1e-12, 1)).mean()), dx


@mistake(
    "softmax_loss",
    where="how softmax_loss makes one number of N losses",
    what="The loss is the sum over the examples instead of their mean.",
    how="Divide the loss by N.",
)
def summed_not_averaged(x, y):
    loss, dx = ref.softmax_loss(x, y)
    return loss * len(x), dx


@mistake(
    "softmax_loss",
    where="how softmax_loss makes one number of N losses",
    what="The loss is divided by N * C, the number of all scores, instead of N.",
    how="Divide by the number of examples: np.mean over the (N, C) array counts the zeros, too.",
)
def averaged_over_all_scores(x, y):
    loss, dx = ref.softmax_loss(x, y)
    return loss / x.shape[1], dx


@mistake(
    "softmax_loss",
    where="which probabilities enter the loss of softmax_loss",
    what="log_p[:, y] takes the columns of all labels in every row.",
    how="Take one number a row: log_p[np.arange(N), y].",
)
def labels_of_all_examples_in_the_loss(x, y):
    _, dx = ref.softmax_loss(x, y)
    return -float(_log_softmax(x)[:, y].mean()), dx


@mistake(
    "softmax_loss",
    where="which elements of dx softmax_loss subtracts 1 from",
    what="dx[:, y] -= 1 subtracts from the columns of all labels in every row.",
    how="Subtract from one element a row: dx[np.arange(N), y] -= 1.",
)
def labels_of_all_examples_in_the_gradient(x, y):
    loss, _ = ref.softmax_loss(x, y)
    dx = np.exp(_log_softmax(x))
    dx[:, y] -= 1
    return loss, dx / len(x)


@mistake(
    "softmax_loss",
    where="the sign of the loss in softmax_loss",
    what="The loss is negative: the minus of -log p[y] is missing.",
    how="Return minus the mean of log p[y].",
)
def negative_loss(x, y):
    loss, dx = ref.softmax_loss(x, y)
    return -loss, dx


@mistake(
    "softmax_loss",
    where="the logarithm in softmax_loss",
    what="The logarithm is the one to base 2.",
    how="Use np.log: the loss is in nats, and its gradient p - 1 belongs to the natural logarithm.",
)
def loss_in_bits(x, y):
    loss, dx = ref.softmax_loss(x, y)
    return loss / math.log(2), dx


@mistake(
    "softmax_loss",
    where="the scale of the gradient in softmax_loss",
    what="dx is not divided by N.",
    how="Divide dx by the number of examples, as the loss is.",
)
def gradient_of_the_sum(x, y):
    loss, dx = ref.softmax_loss(x, y)
    return loss, dx * len(x)


@mistake(
    "softmax_loss",
    where="the sign of the gradient in softmax_loss",
    what="dx has the wrong sign.",
    how="It is p minus 1 at the right class, p elsewhere, and not the other way round.",
)
def gradient_with_the_wrong_sign(x, y):
    loss, dx = ref.softmax_loss(x, y)
    return loss, -dx


@mistake(
    "softmax_loss",
    where="the right class in the gradient of softmax_loss",
    what="dx is p / N everywhere: at the right class nothing is subtracted.",
    how="Subtract 1 from p at the right class before you divide by N.",
)
def gradient_without_the_minus_1(x, y):
    loss, _ = ref.softmax_loss(x, y)
    return loss, np.exp(_log_softmax(x)) / len(x)


@mistake(
    "softmax_loss",
    where="what softmax_loss does to its argument x",
    what="x is changed in place.",
    how="Make a new array: shifted = x - maximum, not x -= maximum.",
)
def x_shifted_in_place(x, y):
    x -= x.max(axis=1, keepdims=True)
    return ref.softmax_loss(x, y)


@mistake(
    "softmax_loss",
    where="what dtype dx has in softmax_loss",
    what="dx is float64 even if the scores are float32.",
    how="Make new arrays, such as one-hot labels, with the dtype of x.",
)
def gradient_in_float64(x, y):
    loss, _ = ref.softmax_loss(x, y)
    return loss, (np.exp(_log_softmax(x)) - np.eye(x.shape[1])[y]) / len(x)


@right("softmax_loss", "one example after the other, in Python floats")
def loops(x, y):
    N, dx, total = len(x), np.empty_like(x), 0.0
    for n, row in enumerate(x.tolist()):
        largest = max(row)
        exps = [math.exp(v - largest) for v in row]
        sum_of_exps = sum(exps)
        total += math.log(sum_of_exps) - (row[y[n]] - largest)
        dx[n] = [(e / sum_of_exps - (c == y[n])) / N for c, e in enumerate(exps)]
    return total / N, dx


@right("softmax_loss", "log-sum-exp by np.logaddexp, labels as a mask, the loss a NumPy scalar")
def log_sum_exp(x, y):
    is_right = np.arange(x.shape[1]) == y[:, None]
    log_sums = np.logaddexp.reduce(x, axis=1)
    loss = np.mean(log_sums - x[is_right])
    return loss, (np.exp(x - log_sums[:, None]) - is_right) / x.dtype.type(len(x))


@right("softmax_loss", "one-hot labels in the dtype of x, the loss an array of shape ()")
def one_hot(x, y):
    target = np.eye(x.shape[1], dtype=x.dtype)[y]
    log_p = _log_softmax(x)
    loss = -np.einsum("nc,nc->", target, log_p) / len(x)
    return np.asarray(loss), (np.exp(log_p) - target) / len(x)


@right("softmax_loss", "transposed, with np.put_along_axis")
def transposed(x, y):
    columns = np.ascontiguousarray(x.T) - x.T.max(axis=0)
    exps = np.exp(columns)
    sums = exps.sum(axis=0)
    chosen = np.take_along_axis(columns, y[None].astype(int), axis=0)
    p = exps / sums
    at_label = np.take_along_axis(p, y[None].astype(int), axis=0) - 1
    np.put_along_axis(p, y[None].astype(int), at_label, axis=0)
    return float(np.mean(np.log(sums) - chosen[0])), p.T / len(x)
