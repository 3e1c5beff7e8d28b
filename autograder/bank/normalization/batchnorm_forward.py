"""Mistakes of batchnorm_forward, except those in its running statistics."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake
from autograder.bank.normalization._helpers import read_statistics, run_with, train_with
from autograder.bank.reference import normalization as ref

# Scale, shift and eps


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward returns in test mode",
    what="In test mode the output is neither scaled by gamma nor shifted by beta.",
    how="Apply gamma * xhat + beta in both modes.",
)
def test_mode_forgets_gamma_and_beta(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        gamma, beta = np.ones_like(gamma), np.zeros_like(beta)
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward returns in test mode",
    what="In test mode the output is scaled by gamma, but not shifted by beta.",
    how="Apply gamma * xhat + beta in both modes.",
)
def test_mode_forgets_beta(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        beta = np.zeros_like(beta)
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps",
    what="Neither mode adds eps to the variance.",
    how="Divide by the root of variance + eps, so that a constant feature gives no 0 / 0.",
)
def no_eps(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, _ = read_statistics(x, bn_param)
    return gamma * (x - mean) / np.sqrt(var) + beta, cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps in test mode",
    what="In test mode no eps is added to the running variance.",
    how="Divide by the root of running_var + eps in test mode, too.",
)
def test_mode_without_eps(x, gamma, beta, bn_param):
    function = no_eps if bn_param["mode"] == "test" else ref.batchnorm_forward
    return function(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps",
    what="eps is added to the standard deviation, outside the root.",
    how="Add eps to the variance, and then take the root.",
)
def eps_outside_the_root(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, eps = read_statistics(x, bn_param)
    return gamma * (x - mean) / (np.sqrt(var) + eps) + beta, cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps in test mode",
    what="In test mode eps is added outside the root, in train mode inside.",
    how="Divide by the root of running_var + eps in test mode.",
)
def test_mode_with_eps_outside_the_root(x, gamma, beta, bn_param):
    function = eps_outside_the_root if bn_param["mode"] == "test" else ref.batchnorm_forward
    return function(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with eps in test mode",
    what="In test mode eps is added to the stored variance itself, anew with each call.",
    how="Add eps in the formula, and leave bn_param alone in test mode.",
)
def test_mode_stores_eps(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        _, var, eps = read_statistics(x, bn_param)
        bn_param["running_var"] = var + eps
    return result


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward reads from bn_param",
    what="eps is always 1e-5, whatever bn_param says.",
    how='Use bn_param.get("eps", 1e-5).',
)
def eps_ignored(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, _ = read_statistics(x, bn_param)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta, cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward divides by",
    what="The output is divided by variance + eps, not by its root.",
    how="Divide by the root of variance + eps in both modes.",
)
def root_forgotten(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    mean, var, eps = read_statistics(x, bn_param)
    return gamma * (x - mean) / (var + eps) + beta, cache


# Statistics, modes and arrays


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward computes the variance of a batch",
    what="The squares are divided by N - 1 instead of N.",
    how="Use the biased variance, which divides by N, for the output and the running variance.",
)
def variance_unbiased(x, gamma, beta, bn_param):
    mean = x.mean(axis=0)
    return train_with(
        x, gamma, beta, bn_param, mean, np.sum((x - mean) ** 2, axis=0) / (len(x) - 1)
    )


@mistake(
    "batchnorm_forward",
    where="how batchnorm_forward computes the variance of a batch",
    what="The variance is E[x^2] - E[x]^2, which has no digits left where the mean is large.",
    how="Subtract the mean first, and take the mean of the squares of what is left.",
)
def variance_as_a_difference_of_squares(x, gamma, beta, bn_param):
    mean = x.mean(axis=0)
    return train_with(x, gamma, beta, bn_param, mean, np.mean(x * x, axis=0) - mean * mean)


@mistake(
    "batchnorm_forward",
    where="over which axis batchnorm_forward takes mean and variance",
    what="One mean and one variance of the whole array serve for all features.",
    how="Take mean and variance over axis 0: each feature has its own.",
)
def statistics_of_the_whole_array(x, gamma, beta, bn_param):
    return train_with(x, gamma, beta, bn_param, x.mean(), x.var())


@mistake(
    "batchnorm_forward",
    where="over which axis batchnorm_forward takes mean and variance",
    what="Each example is normalised over its features, which is layer norm.",
    how="Take mean and variance over axis 0, the batch.",
)
def statistics_over_the_features(x, gamma, beta, bn_param):
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return train_with(x, gamma, beta, bn_param, mean, var)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward normalises with in test mode",
    what="In test mode mean and variance are those of the batch at hand.",
    how="Use running_mean and running_var in test mode.",
)
def test_mode_uses_the_batch(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        return ref.batchnorm_forward(x, gamma, beta, bn_param | {"mode": "train"})[0], None
    return ref.batchnorm_forward(x, gamma, beta, bn_param)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward normalises with in train mode",
    what="In train mode mean and variance are the running ones.",
    how="Use the statistics of the batch in train mode, and keep the running ones for test mode.",
)
def train_mode_uses_the_running_statistics(x, gamma, beta, bn_param):
    _, cache = ref.batchnorm_forward(x, gamma, beta, bn_param)
    return ref.batchnorm_forward(x, gamma, beta, bn_param | {"mode": "test"})[0], cache


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does with an unknown mode",
    what="Every mode but train is taken for test.",
    how='Raise a ValueError that names the mode where it is neither "train" nor "test".',
)
def unknown_mode_taken_for_test(x, gamma, beta, bn_param):
    mode = "train" if bn_param["mode"] == "train" else "test"
    return run_with(x, gamma, beta, bn_param, mode=mode)


@mistake(
    "batchnorm_forward",
    where="what batchnorm_forward does to x",
    what="In train mode x itself loses its mean.",
    how="Write s = x - mean instead of x -= mean.",
)
def x_changed_in_place(x, gamma, beta, bn_param):
    result = ref.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        x -= x.mean(axis=0)
    return result
