"""Variants of fit_standardize and standardize."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import preprocessing as ref


@mistake(
    "fit_standardize",
    where="what fit_standardize divides by",
    what="The standard deviation is the unbiased one: divided by N - 1.",
    how="Divide by N, which is what np.std does without ddof.",
)
def std_with_n_minus_1(x_train):
    return ref.fit_mean(x_train), x_train.std(axis=0, ddof=1)


@mistake(
    "fit_standardize",
    where="what fit_standardize returns beside the mean",
    what="It is the variance: the root is missing.",
    how="Return the standard deviation, np.std.",
)
def variance_for_std(x_train):
    return ref.fit_mean(x_train), x_train.var(axis=0)


@mistake(
    "fit_standardize",
    where="over which axis fit_standardize measures the spread",
    what="All features together get one standard deviation.",
    how="Take it over axis 0: a number for each feature.",
)
def std_over_all_axes(x_train):
    return ref.fit_mean(x_train), np.asarray(x_train.std())


@mistake(
    "fit_standardize",
    where="how fit_standardize computes the variance",
    what="mean(x**2) - mean(x)**2 cancels where the mean is large: nothing but rounding is left.",
    how="Subtract the mean first: mean((x - mean)**2), or np.std.",
)
def variance_as_a_difference_of_squares(x_train):
    mean = x_train.mean(axis=0)
    return mean, np.sqrt((x_train * x_train).mean(axis=0) - mean * mean)


@mistake(
    "fit_standardize",
    where="the order in which fit_standardize returns its results",
    what="std comes before mean.",
    how="Return mean, std.",
)
def std_before_mean(x_train):
    return ref.fit_standardize(x_train)[::-1]


@mistake(
    "standardize",
    where="what standardize divides by",
    what="Nothing is added to std: a constant feature becomes 0 / 0, which is nan.",
    how="Divide by std + 1e-8.",
)
def constant_feature_becomes_nan(x, mean, std):
    return (x - mean) / std


@mistake(
    "standardize",
    where="where standardize adds 1e-8",
    what="It is added to the variance, under a root, and counts for far more there.",
    how="Divide by std + 1e-8.",
)
def eps_added_to_the_variance(x, mean, std):
    return (x - mean) / np.sqrt(std * std + 1e-8)


@mistake(
    "standardize",
    where="what standardize divides by",
    what="The features are divided by the square of std.",
    how="Divide by std + 1e-8.",
)
def divided_by_the_variance(x, mean, std):
    return (x - mean) / (std * std + 1e-8)


@mistake(
    "standardize",
    where="what standardize divides by",
    what="The features are centred, but not divided by std.",
    how="Divide by std + 1e-8.",
)
def only_centred(x, mean, std):
    return x - mean


@mistake(
    "standardize",
    where="what standardize subtracts",
    what="The features are divided by std, but not centred.",
    how="Subtract mean first.",
)
def only_scaled(x, mean, std):
    return x / (std + 1e-8)


@mistake(
    "standardize",
    where="the parentheses in standardize",
    what="Only the mean is divided by std, and not the difference.",
    how="Write (x - mean) / (std + 1e-8).",
)
def only_the_mean_divided(x, mean, std):
    return x - mean / (std + 1e-8)


@mistake(
    "standardize",
    where="whose mean and std standardize uses",
    what="Each split is standardised with its own mean and std: those handed in are not used.",
    how="Use the mean and std that are handed in; they were fitted on the training split.",
)
def own_statistics_of_the_split(x, mean, std):
    return ref.standardize(x, *ref.fit_standardize(x))


@mistake(
    "standardize",
    where="what standardize does to its argument x",
    what="x is changed in place.",
    how="Return a new array: (x - mean) / (std + 1e-8), without -= and /=.",
)
def standardize_in_place(x, mean, std):
    x -= mean
    x /= std + 1e-8
    return x


@right("fit_standardize", "the diagonal of np.cov")
def std_from_np_cov(x_train):
    covariance = np.atleast_2d(np.cov(x_train.astype(np.float64), rowvar=False, bias=True))
    std = np.sqrt(np.diag(covariance))
    return ref.fit_mean(x_train), std.astype(x_train.dtype)


@right("standardize", "one feature after the other")
def standardized_by_loops(x, mean, std):
    columns = [(x[:, d] - m) / (s + x.dtype.type(1e-8)) for d, (m, s) in enumerate(zip(mean, std))]
    return np.column_stack(columns)


@right("standardize", "a factor and an offset")
def standardized_by_a_factor(x, mean, std):
    factor = 1 / (std.astype(np.float64) + 1e-8)
    return (x * factor - mean * factor).astype(x.dtype)
