"""Mistakes of batchnorm_backward_alt."""

from __future__ import annotations

from autograder.bank import mistake
from autograder.bank.normalization._helpers import weigh
from autograder.bank.reference import normalization as ref


@mistake(
    "batchnorm_backward_alt",
    where="the terms of dx in batchnorm_backward_alt",
    what="The term with the sum of dout is missing.",
    how="Subtract dbeta / N from dout: that is the path through the mean.",
)
def alt_sum_of_dout_missing(dout, cache):
    return weigh(ref.batchnorm_backward_alt, dout, cache, mean=0)


@mistake(
    "batchnorm_backward_alt",
    where="the terms of dx in batchnorm_backward_alt",
    what="The term with xhat is missing.",
    how="Subtract xhat * dgamma / N: that is the path through the variance.",
)
def alt_xhat_term_missing(dout, cache):
    return weigh(ref.batchnorm_backward_alt, dout, cache, variance=0)


@mistake(
    "batchnorm_backward_alt",
    where="the terms of dx in batchnorm_backward_alt",
    what="The term with xhat has the wrong sign.",
    how="Subtract xhat * dgamma / N: both sums take something away from dout.",
)
def alt_xhat_term_with_the_wrong_sign(dout, cache):
    return weigh(ref.batchnorm_backward_alt, dout, cache, variance=-1)


@mistake(
    "batchnorm_backward_alt",
    where="the factor N in batchnorm_backward_alt",
    what="dx is N times too large.",
    how="Divide N * dout - dbeta - xhat * dgamma by N.",
)
def alt_not_divided_by_n(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward_alt(dout, cache)
    return len(dout) * dx, dgamma, dbeta


@mistake(
    "batchnorm_backward_alt",
    where="the factor N in batchnorm_backward_alt",
    what="dout has the same weight 1 / N as the sums that are subtracted from it.",
    how="Put N before dout: (N * dout - dbeta - xhat * dgamma) / N.",
)
def alt_n_before_dout_forgotten(dout, cache):
    s, istd, gamma = cache
    _, dgamma, dbeta = ref.batchnorm_backward_alt(dout, cache)
    return gamma * istd / len(s) * (dout - dbeta - s * istd * dgamma), dgamma, dbeta


@mistake(
    "batchnorm_backward_alt",
    where="the factor N in batchnorm_backward_alt",
    what="The sums are subtracted from dout without the factor 1 / N.",
    how="Divide dbeta and xhat * dgamma by N before you subtract them.",
)
def alt_sums_not_divided_by_n(dout, cache):
    return weigh(ref.batchnorm_backward_alt, dout, cache, variance=len(dout), mean=len(dout))


@mistake(
    "batchnorm_backward_alt",
    where="the term with xhat in batchnorm_backward_alt",
    what="The term with xhat lacks a factor 1 / std.",
    how="Multiply dgamma / N by xhat = (x - mean) / std, not by x - mean.",
)
def alt_x_minus_mean_taken_for_xhat(dout, cache):
    return weigh(ref.batchnorm_backward_alt, dout, cache, variance=1 / cache[1])


@mistake(
    "batchnorm_backward_alt",
    where="the sums in batchnorm_backward_alt",
    what="dx subtracts sums over the whole array instead of one for each feature.",
    how="Sum over axis 0.",
)
def alt_sums_without_axis(dout, cache):
    s, istd, gamma = cache
    _, dgamma, dbeta = ref.batchnorm_backward_alt(dout, cache)
    sums = dbeta.sum() + s * istd * dgamma.sum()
    return gamma * istd * (dout - sums / len(s)), dgamma, dbeta
