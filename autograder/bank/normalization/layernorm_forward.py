"""Mistakes of layernorm_forward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake
from autograder.bank.reference import normalization as ref


def _normalize_rows(
    x: Any, gamma: Any, beta: Any, ln_param: Any, divisor: Any, mean: Any = None
) -> Any:
    """Run layernorm_forward with another mean, and with divisor(s, eps) instead of the root."""
    _, cache = ref.layernorm_forward(x, gamma, beta, ln_param)
    s = x - (x.mean(axis=1, keepdims=True) if mean is None else mean)
    return gamma * s / divisor(s, ln_param.get("eps", 1e-5)) + beta, cache


def _row_variance(s: Any) -> Any:
    return np.mean(s * s, axis=1, keepdims=True)


@mistake(
    "layernorm_forward",
    where="over which axis layernorm_forward takes mean and variance",
    what="Each feature is normalised over the batch, which is batch norm.",
    how="Take mean and variance over axis 1, the features of one example.",
)
def layernorm_statistics_over_the_batch(x, gamma, beta, ln_param):
    out, _ = ref.batchnorm_forward(x, gamma, beta, {**ln_param, "mode": "train"})
    return out, ref.layernorm_forward(x, gamma, beta, ln_param)[1]


@mistake(
    "layernorm_forward",
    where="over which axis layernorm_forward takes mean and variance",
    what="One mean and one variance of the whole array serve for all examples.",
    how="Take mean and variance over axis 1: each example has its own.",
)
def layernorm_statistics_of_the_whole_array(x, gamma, beta, ln_param):
    return _normalize_rows(
        x, gamma, beta, ln_param, lambda s, eps: np.sqrt(np.mean(s * s) + eps), x.mean()
    )


@mistake(
    "layernorm_forward",
    where="what shape mean and variance have in layernorm_forward",
    what="Mean and variance have shape (N,), and where N == D each feature gets an example's.",
    how="Use keepdims=True, so that they have shape (N, 1) and belong to the rows.",
)
def layernorm_without_keepdims(x, gamma, beta, ln_param):
    return _normalize_rows(
        x, gamma, beta, ln_param, lambda s, eps: np.sqrt(x.var(axis=1) + eps), x.mean(axis=1)
    )


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does with eps",
    what="No eps is added to the variance.",
    how="Divide by the root of variance + eps, so that an example of equal values gives no 0 / 0.",
)
def layernorm_without_eps(x, gamma, beta, ln_param):
    return _normalize_rows(x, gamma, beta, ln_param, lambda s, eps: np.sqrt(_row_variance(s)))


@mistake(
    "layernorm_forward",
    where="what layernorm_forward reads from ln_param",
    what="eps is always 1e-5, whatever ln_param says.",
    how='Use ln_param.get("eps", 1e-5).',
)
def layernorm_eps_ignored(x, gamma, beta, ln_param):
    return _normalize_rows(
        x, gamma, beta, ln_param, lambda s, eps: np.sqrt(_row_variance(s) + 1e-5)
    )


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does with eps",
    what="eps is added to the standard deviation, outside the root.",
    how="Add eps to the variance, and then take the root.",
)
def layernorm_eps_outside_the_root(x, gamma, beta, ln_param):
    return _normalize_rows(x, gamma, beta, ln_param, lambda s, eps: np.sqrt(_row_variance(s)) + eps)


@mistake(
    "layernorm_forward",
    where="how layernorm_forward computes the variance of an example",
    what="The squares are divided by D - 1 instead of D.",
    how="Use the biased variance, which divides by D.",
)
def layernorm_variance_unbiased(x, gamma, beta, ln_param):
    def divisor(s, eps):
        return np.sqrt(np.sum(s * s, axis=1, keepdims=True) / (s.shape[1] - 1) + eps)

    return _normalize_rows(x, gamma, beta, ln_param, divisor)


@mistake(
    "layernorm_forward",
    where="how layernorm_forward computes the variance of an example",
    what="The variance is E[x^2] - E[x]^2, which has no digits left where the mean is large.",
    how="Subtract the mean first, and take the mean of the squares of what is left.",
)
def layernorm_variance_as_a_difference_of_squares(x, gamma, beta, ln_param):
    def divisor(s, eps):
        return np.sqrt(_row_variance(x) - x.mean(axis=1, keepdims=True) ** 2 + eps)

    return _normalize_rows(x, gamma, beta, ln_param, divisor)


@mistake(
    "layernorm_forward",
    where="what layernorm_forward writes into ln_param",
    what="ln_param gets a mode.",
    how="Only read ln_param: layer norm does the same in training and in testing.",
)
def layernorm_writes_a_mode(x, gamma, beta, ln_param):
    ln_param["mode"] = "train"
    return ref.layernorm_forward(x, gamma, beta, ln_param)


@mistake(
    "layernorm_forward",
    where="what layernorm_forward writes into ln_param",
    what="ln_param gets running statistics.",
    how="Only read ln_param: each example brings its own statistics, in testing, too.",
)
def layernorm_writes_running_statistics(x, gamma, beta, ln_param):
    ln_param |= {"running_mean": 0.1 * x.mean(axis=1), "running_var": 0.1 * x.var(axis=1)}
    return ref.layernorm_forward(x, gamma, beta, ln_param)


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does in a test mode",
    what="In a test mode the examples are not normalised, as if they had mean 0 and variance 1.",
    how="Look at no mode: layer norm does the same in training and in testing.",
)
def layernorm_depends_on_a_mode(x, gamma, beta, ln_param):
    out, cache = ref.layernorm_forward(x, gamma, beta, ln_param)
    return (gamma * x + beta if ln_param.get("mode") == "test" else out), cache


@mistake(
    "layernorm_forward",
    where="what layernorm_forward reads from ln_param",
    what='It asks for ln_param["mode"], which need not be there.',
    how="Read eps only: layer norm knows no modes.",
)
def layernorm_needs_a_mode(x, gamma, beta, ln_param):
    if ln_param["mode"] in ("train", "test"):
        return ref.layernorm_forward(x, gamma, beta, ln_param)
    raise ValueError("Invalid forward layernorm mode")


@mistake(
    "layernorm_forward",
    where="what layernorm_forward does after it has worked on x.T",
    what="The output is transposed, which its shape shows only if N != D.",
    how="Transpose the normalised values back, and then apply gamma and beta.",
)
def layernorm_output_transposed(x, gamma, beta, ln_param):
    out, cache = ref.layernorm_forward(x, gamma, beta, ln_param)
    return out.T, cache
