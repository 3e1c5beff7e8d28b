"""Mistakes of batchnorm_forward in its running statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake
from autograder.bank.normalization._helpers import (
    BUFFERS,
    move_running,
    run_with,
    train_with,
)
from autograder.bank.reference import normalization as ref


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward moves the running statistics",
    what="Momentum weighs the new batch, as in PyTorch, instead of the old value.",
    how="Compute momentum * running + (1 - momentum) * sample.",
)
def momentum_swapped(x, gamma, beta, bn_param):
    return run_with(x, gamma, beta, bn_param, momentum=1 - bn_param.get("momentum", 0.9))


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward reads from bn_param",
    what="Momentum is always 0.9, whatever bn_param says.",
    how='Use bn_param.get("momentum", 0.9).',
)
def momentum_ignored(x, gamma, beta, bn_param):
    return run_with(x, gamma, beta, bn_param, momentum=0.9)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores in bn_param",
    what="bn_param gets the running statistics as they were before the step.",
    how="Store the moved running_mean and running_var in bn_param.",
)
def running_statistics_stay_zero(x, gamma, beta, bn_param):
    return move_running(x, gamma, beta, bn_param, lambda running, sample, momentum: running)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores in bn_param",
    what="In train mode bn_param gets no running statistics.",
    how="Store running_mean and running_var in the dict that the caller has given.",
)
def running_statistics_not_stored(x, gamma, beta, bn_param):
    return ref.batchnorm_forward(x, gamma, beta, dict(bn_param))


@mistake(
    "batchnorm_forward",
    where="what shape the running statistics of batchnorm_forward have",
    what="running_mean and running_var have shape (1, D) instead of (D,).",
    how="Take mean and variance over axis 0 without keepdims.",
)
def running_statistics_as_rows(x, gamma, beta, bn_param):
    return move_running(
        x, gamma, beta, bn_param, lambda r, sample, m: np.atleast_2d(m * r + (1 - m) * sample)
    )


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward moves the running statistics",
    what="The running statistics are those of the last batch alone.",
    how="Compute momentum * running + (1 - momentum) * sample.",
)
def running_statistics_of_the_last_batch(x, gamma, beta, bn_param):
    return move_running(x, gamma, beta, bn_param, lambda running, sample, momentum: sample)


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward moves the running statistics",
    what="The running statistics are plain means over all batches so far, without momentum.",
    how="Compute momentum * running + (1 - momentum) * sample.",
)
def running_statistics_cumulative(x, gamma, beta, bn_param):
    batches = bn_param.get("batches", 0) + 1
    result = move_running(x, gamma, beta, bn_param, lambda r, sample, m: r + (sample - r) / batches)
    if bn_param["mode"] == "train":
        bn_param["batches"] = batches
    return result


@mistake(
    "batchnorm_forward",
    where="where the running statistics of batchnorm_forward begin",
    what="The first batch becomes the running statistics, undiminished by momentum.",
    how="Begin with zeros, and move the running statistics by momentum from the first batch on.",
)
def running_statistics_begin_with_the_first_batch(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train" and "running_mean" not in bn_param:
        bn_param |= {"running_mean": x.mean(axis=0), "running_var": x.var(axis=0)}
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="where the running statistics of batchnorm_forward begin",
    what="running_var begins with ones, as in PyTorch, instead of zeros.",
    how="Begin with zeros for both running statistics.",
)
def running_variance_begins_at_one(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        bn_param.setdefault("running_var", np.ones(x.shape[1], x.dtype))
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores as running_var",
    what="running_var is overwritten with the running mean.",
    how="Store the running variance as running_var.",
)
def running_variance_holds_the_mean(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        bn_param["running_var"] = bn_param["running_mean"].copy()
    return result


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward stores as running_var",
    what="The running variance divides by N - 1 while the output divides by N.",
    how="Use the same biased variance, which divides by N, for the output and for running_var.",
)
def running_variance_unbiased(x, gamma, beta, bn_param):
    mean, (out, _) = x.mean(axis=0), ref.batchnorm_forward(x, gamma, beta, dict(bn_param))
    var = np.sum((x - mean) ** 2, axis=0) / (len(x) - 1)
    return out, train_with(x, gamma, beta, bn_param, mean, var)[1]


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does to bn_param in test mode",
    what="In test mode the running statistics move as well.",
    how="Move the running statistics in train mode only.",
)
def test_mode_moves_the_running_statistics(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        run_with(x, gamma, beta, bn_param, mode="train")
    return result


@mistake(
    "batchnorm_forward",
    where="which dtype the running statistics of batchnorm_forward have",
    what="The running statistics are float64 although x is float32.",
    how="Begin with zeros in the dtype of x, np.zeros(D, x.dtype).",
)
def running_statistics_in_float64(x, gamma, beta, bn_param):
    return move_running(
        x, gamma, beta, bn_param, lambda r, sample, m: m * r.astype(float) + (1 - m) * sample
    )


_buffers_of_all: dict[int, Any] = {}


@mistake(
    "batchnorm_forward",
    where="where batchnorm_forward keeps the running statistics",
    what="All layers of the same width share one pair of running statistics outside bn_param.",
    how="Read the running statistics from bn_param, store them there, and use no global name.",
)
def running_statistics_outside_bn_param(x, gamma, beta, bn_param):
    kept = _buffers_of_all.setdefault(x.shape[1], {})
    result = run_with(x, gamma, beta, bn_param, **kept)
    kept.update({name: bn_param[name] for name in BUFFERS if name in bn_param})
    return result
