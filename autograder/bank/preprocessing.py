"""Variants of the preprocessing functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import preprocessing as ref


@mistake(
    "fit_mean",
    where="over which axes fit_mean averages",
    what="All features together get one mean.",
    how="Average over axis 0 only, the examples.",
    label="fit_mean over all axes",
)
def mean_over_all_axes(x_train):
    return np.asarray(x_train.mean(dtype=np.float64)).astype(x_train.dtype)


@mistake(
    "fit_mean",
    where="over which axes fit_mean averages",
    what="The mean is taken over the last axis, within each example.",
    how="Average over axis 0, the examples.",
    label="fit_mean within each example",
)
def mean_within_each_example(x_train):
    return x_train.mean(axis=-1)


@mistake(
    "fit_mean",
    where="over which axes fit_mean averages",
    what="All axes but the last are averaged over: an image gets one mean a channel.",
    how="Average over axis 0 only; a mean for each channel is what fit_channel_mean returns.",
    label="fit_mean a mean a channel",
)
def mean_over_all_axes_but_the_last(x_train):
    return x_train.reshape(-1, x_train.shape[-1]).mean(axis=0)


@mistake(
    "fit_mean",
    where="what shape fit_mean returns",
    what="The mean has a first axis of length 1.",
    how="Average without keepdims.",
    label="fit_mean with keepdims",
)
def mean_with_keepdims(x_train):
    return ref.fit_mean(x_train)[np.newaxis]


@mistake(
    "fit_mean",
    where="what dtype fit_mean returns",
    what="The mean is float64 even if x_train is float32.",
    how="Sum in float64 if you like, but return the mean in the dtype of x_train.",
    label="fit_mean in float64",
)
def mean_in_float64(x_train):
    return x_train.mean(axis=0, dtype=np.float64)


@mistake(
    "fit_channel_mean",
    where="over which axes fit_channel_mean averages",
    what="All channels together get one mean.",
    how="Average over the axes 0, 1 and 2, and keep the last one, the channels.",
    label="fit_channel_mean over all axes",
)
def channel_mean_over_all_axes(x_train):
    return np.asarray(x_train.mean(dtype=np.float64)).astype(x_train.dtype)


@mistake(
    "fit_channel_mean",
    where="over which axes fit_channel_mean averages",
    what="Only the examples are averaged: this is the mean image.",
    how="Average over the axes 0, 1 and 2: over rows and columns, too.",
    label="fit_channel_mean returns the mean image",
)
def channel_mean_as_mean_image(x_train):
    return ref.fit_mean(x_train)


@mistake(
    "fit_channel_mean",
    where="over which axes fit_channel_mean averages",
    what="Each image gets means of its own: the examples are not averaged over.",
    how="Average over the axes 0, 1 and 2.",
    label="fit_channel_mean for each image",
)
def channel_mean_of_each_image(x_train):
    return x_train.mean(axis=(1, 2))


@mistake(
    "fit_channel_mean",
    where="which axis fit_channel_mean takes for the channels",
    what="Axis 1 is taken for the channels; in (N, H, W, C) they come last.",
    how="Average over the axes 0, 1 and 2.",
    label="fit_channel_mean with channels first",
)
def channel_mean_with_channels_first(x_train):
    return x_train.mean(axis=(0, 2, 3))


@mistake(
    "fit_channel_mean",
    where="what shape fit_channel_mean returns",
    what="The mean has shape (1, 1, 1, C) instead of (C,).",
    how="Average without keepdims.",
    label="fit_channel_mean with keepdims",
)
def channel_mean_with_keepdims(x_train):
    return x_train.mean(axis=(0, 1, 2), keepdims=True)


@mistake(
    "subtract_mean",
    where="what subtract_mean does to its argument x",
    what="x is changed in place.",
    how="Return a new array: x - mean, not x -= mean.",
    label="subtract_mean in place",
)
def subtracted_in_place(x, mean):
    x -= mean
    return x


@mistake(
    "subtract_mean",
    where="which mean subtract_mean takes off",
    what="Each split is centred with its own mean: the mean handed in is not used.",
    how="Take off the mean that is handed in; it was fitted on the training split.",
    label="subtract_mean with the split's own mean",
)
def own_mean_subtracted(x, mean):
    return x - x.mean(axis=0)


@mistake(
    "fit_standardize",
    where="what fit_standardize divides by",
    what="The standard deviation is the unbiased one: divided by N - 1.",
    how="Divide by N, which is what np.std does without ddof.",
    label="fit_standardize with N - 1",
)
def std_with_n_minus_1(x_train):
    return ref.fit_mean(x_train), x_train.std(axis=0, ddof=1)


@mistake(
    "fit_standardize",
    where="what fit_standardize returns beside the mean",
    what="It is the variance: the root is missing.",
    how="Return the standard deviation, np.std.",
    label="fit_standardize returns the variance",
)
def variance_for_std(x_train):
    return ref.fit_mean(x_train), x_train.var(axis=0)


@mistake(
    "fit_standardize",
    where="over which axis fit_standardize measures the spread",
    what="All features together get one standard deviation.",
    how="Take it over axis 0: a number for each feature.",
    label="fit_standardize: one std for all features",
)
def std_over_all_axes(x_train):
    return ref.fit_mean(x_train), np.asarray(x_train.std())


@mistake(
    "fit_standardize",
    where="how fit_standardize computes the variance",
    what="mean(x**2) - mean(x)**2 cancels where the mean is large: nothing but rounding is left.",
    how="Subtract the mean first: mean((x - mean)**2), or np.std.",
    label="fit_standardize: variance as a difference of squares",
)
def variance_as_a_difference(x_train):
    mean = x_train.mean(axis=0)
    return mean, np.sqrt((x_train * x_train).mean(axis=0) - mean * mean)


@mistake(
    "fit_standardize",
    where="the order in which fit_standardize returns its results",
    what="std comes before mean.",
    how="Return mean, std.",
    label="fit_standardize: std before mean",
)
def std_before_mean(x_train):
    return ref.fit_standardize(x_train)[::-1]


@mistake(
    "standardize",
    where="what standardize divides by",
    what="Nothing is added to std: a constant feature becomes 0 / 0, which is nan.",
    how="Divide by std + 1e-8.",
    label="standardize without 1e-8",
)
def constant_feature_nan(x, mean, std):
    return (x - mean) / std


@mistake(
    "standardize",
    where="where standardize adds 1e-8",
    what="It is added to the variance, under a root, and counts for far more there.",
    how="Divide by std + 1e-8.",
    label="standardize: 1e-8 added to the variance",
)
def eps_added_to_the_variance(x, mean, std):
    return (x - mean) / np.sqrt(std * std + 1e-8)


@mistake(
    "standardize",
    where="what standardize divides by",
    what="The features are divided by the square of std.",
    how="Divide by std + 1e-8.",
    label="standardize divides by the variance",
)
def divided_by_the_variance(x, mean, std):
    return (x - mean) / (std * std + 1e-8)


@mistake(
    "standardize",
    where="what standardize divides by",
    what="The features are centred, but not divided by std.",
    how="Divide by std + 1e-8.",
    label="standardize only centres",
)
def only_centred(x, mean, std):
    return x - mean


@mistake(
    "standardize",
    where="what standardize subtracts",
    what="The features are divided by std, but not centred.",
    how="Subtract mean first.",
    label="standardize only scales",
)
def only_scaled(x, mean, std):
    return x / (std + 1e-8)


@mistake(
    "standardize",
    where="the parentheses in standardize",
    what="Only the mean is divided by std, and not the difference.",
    how="Write (x - mean) / (std + 1e-8).",
    label="standardize: parentheses missing",
)
def only_the_mean_divided(x, mean, std):
    return x - mean / (std + 1e-8)


@mistake(
    "standardize",
    where="whose mean and std standardize uses",
    what="Each split is standardised with its own mean and std: those handed in are not used.",
    how="Use the mean and std that are handed in; they were fitted on the training split.",
    label="standardize with the split's own statistics",
)
def own_statistics(x, mean, std):
    return ref.standardize(x, *ref.fit_standardize(x))


@mistake(
    "standardize",
    where="what standardize does to its argument x",
    what="x is changed in place.",
    how="Return a new array: (x - mean) / (std + 1e-8), without -= and /=.",
    label="standardize in place",
)
def standardized_in_place(x, mean, std):
    x -= mean
    x /= std + 1e-8
    return x


def _decompose(covariance: Any) -> Any:
    """Return eigenvectors as columns, and eigenvalues, the largest first."""
    variances, components = np.linalg.eigh(covariance)
    return components[:, ::-1], np.maximum(variances[::-1], 0)


@mistake(
    "fit_pca",
    where="what fit_pca multiplies to get the covariance",
    what="x_train is not centred first.",
    how="Subtract the mean: the covariance is centered.T @ centered / N.",
    label="fit_pca not centred",
)
def pca_not_centred(x_train):
    return ref.fit_mean(x_train), *_decompose(x_train.T @ x_train / len(x_train))


@mistake(
    "fit_pca",
    where="what fit_pca divides the covariance by",
    what="It is divided by N - 1.",
    how="Divide by N; np.cov does so with bias=True.",
    label="fit_pca with N - 1",
)
def pca_with_n_minus_1(x_train):
    centered = x_train - x_train.mean(axis=0)
    covariance = centered.T @ centered / (len(x_train) - 1)
    return ref.fit_mean(x_train), *_decompose(covariance)


@mistake(
    "fit_pca",
    where="the order of what fit_pca returns",
    what="The components are in ascending order: eigh puts the smallest eigenvalue first.",
    how="Reverse both: components[:, ::-1] and variances[::-1].",
    label="fit_pca smallest first",
)
def pca_smallest_first(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components[:, ::-1], variances[::-1]


@mistake(
    "fit_pca",
    where="the order of the components in fit_pca",
    what="The variances are sorted, but the components do not follow them.",
    how="Put the columns of components into the same order as the variances.",
    label="fit_pca: components not sorted alongside",
)
def pca_components_not_sorted(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components[:, ::-1], variances


@mistake(
    "fit_pca",
    where="which way round the components lie in fit_pca",
    what="Each component is a row; np.linalg.svd returns them like this, too.",
    how="Transpose: column k is component k.",
    label="fit_pca: components as rows",
)
def pca_components_as_rows(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components.T, variances


@mistake(
    "fit_pca",
    where="what fit_pca returns as variances",
    what="It is their root: standard deviations.",
    how="Return the eigenvalues of the covariance themselves.",
    label="fit_pca returns standard deviations",
)
def pca_roots_of_variances(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components, np.sqrt(variances)


@mistake(
    "fit_pca",
    where="what fit_pca returns as variances",
    what="The singular values of the centred data are returned, and not the variances.",
    how="The variances are the squares of the singular values, divided by N.",
    label="fit_pca returns singular values",
)
def pca_singular_values(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components, np.sqrt(variances * len(x_train))


@mistake(
    "fit_pca",
    where="the scale of the variances in fit_pca",
    what="They are not divided by N.",
    how="Divide centered.T @ centered, or the squared singular values, by N.",
    label="fit_pca not divided by N",
)
def pca_not_divided_by_n(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components, variances * len(x_train)


@mistake(
    "fit_pca",
    where="the shape of the covariance in fit_pca",
    what="It is (N, N), the covariance between examples; np.cov, too, takes rows for variables.",
    how="Take the (D, D) covariance between features: np.cov(x_train, rowvar=False, bias=True).",
    label="fit_pca: covariance between examples",
)
def pca_between_examples(x_train):
    covariance = np.cov(x_train, bias=True, dtype=x_train.dtype)
    return ref.fit_mean(x_train), *_decompose(np.atleast_2d(covariance))


@mistake(
    "fit_pca",
    where="what fit_pca does before it measures the covariance",
    what="The features are divided by their std: this is the correlation matrix.",
    how="Subtract the mean, and nothing else.",
    label="fit_pca of correlations",
)
def pca_of_correlations(x_train):
    mean, std = ref.fit_standardize(x_train)
    scaled = ref.standardize(x_train, mean, std)
    return mean, *_decompose(scaled.T @ scaled / len(x_train))


@mistake(
    "fit_pca",
    where="how many components fit_pca returns for few examples",
    what="There are only as many as there are examples, if these are fewer than the features.",
    how="Return all D: np.linalg.eigh does, np.linalg.svd with full_matrices=True.",
    label="fit_pca with fewer than D components",
)
def pca_with_too_few_components(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components[:, : len(x_train)], variances[: len(x_train)]


@mistake(
    "fit_pca",
    where="the smallest variances in fit_pca",
    what="Some are negative by rounding, and their root would be nan.",
    how="Use np.maximum(variances, 0).",
    label="fit_pca with negative variances",
)
def pca_negative_variances(x_train):
    centered = x_train - x_train.mean(axis=0)
    variances, components = np.linalg.eigh(centered.T @ centered / len(x_train))
    return ref.fit_mean(x_train), components[:, ::-1], variances[::-1]


@mistake(
    "apply_pca",
    where="what apply_pca multiplies by the components",
    what="x is not centred.",
    how="Subtract mean first: (x - mean) @ components.",
    label="apply_pca not centred",
)
def rotated_without_centring(x, mean, components):
    return x @ components


@mistake(
    "apply_pca",
    where="whose mean apply_pca subtracts",
    what="Each split is centred with its own mean: the mean handed in is not used.",
    how="Subtract the mean that is handed in; it was fitted on the training split.",
    label="apply_pca with the split's own mean",
)
def rotated_about_its_own_mean(x, mean, components):
    return ref.apply_pca(x, x.mean(axis=0), components)


@mistake(
    "apply_pca",
    where="which way round apply_pca takes the components",
    what="The components are transposed, which turns the data the other way.",
    how="Multiply by components as they are: its columns are the new axes.",
    label="apply_pca with transposed components",
)
def rotated_the_other_way(x, mean, components):
    return (x - mean) @ components.T


@mistake(
    "apply_pca",
    where="what apply_pca does after the rotation",
    what="The rotated data is turned back into the old axes.",
    how="Stop after (x - mean) @ components.",
    label="apply_pca turned back",
)
def rotated_and_turned_back(x, mean, components):
    return ref.apply_pca(x, mean, components) @ components.T


@mistake(
    "whiten",
    where="what whiten divides by",
    what="Each component is divided by its variance: the root is missing.",
    how="Divide by np.sqrt(variances + eps).",
    label="whiten divides by the eigenvalue",
)
def whitened_without_the_root(x, mean, components, variances, eps=1e-5):
    return ref.apply_pca(x, mean, components) / (variances + eps)


@mistake(
    "whiten",
    where="where whiten adds eps",
    what="eps is added to the root instead of the variance.",
    how="Divide by np.sqrt(variances + eps).",
    label="whiten: eps outside the root",
)
def whitened_with_eps_outside(x, mean, components, variances, eps=1e-5):
    return ref.apply_pca(x, mean, components) / (np.sqrt(variances) + eps)


@mistake(
    "whiten",
    where="where whiten adds eps",
    what="eps is not used: a direction without variance gives nan or inf.",
    how="Divide by np.sqrt(variances + eps).",
    label="whiten without eps",
)
def whitened_without_eps(x, mean, components, variances, eps=1e-5):
    return ref.apply_pca(x, mean, components) / np.sqrt(variances)


@mistake(
    "whiten",
    where="which eps whiten uses",
    what="It is always 1e-5: the argument is ignored.",
    how="Add eps, the argument.",
    label="whiten ignores its eps",
)
def whitened_with_a_fixed_eps(x, mean, components, variances, eps=1e-5):
    return ref.whiten(x, mean, components, variances)


@mistake(
    "whiten",
    where="what whiten rotates",
    what="x is not centred.",
    how="Rotate x - mean, as apply_pca does.",
    label="whiten not centred",
)
def whitened_without_centring(x, mean, components, variances, eps=1e-5):
    return x @ components / np.sqrt(variances + eps)


@mistake(
    "whiten",
    where="whose variances whiten divides by",
    what="Each split is scaled by its own spread: the variances handed in are not used.",
    how="Use the variances that are handed in; they were fitted on the training split.",
    label="whiten with the split's own variances",
)
def whitened_by_its_own_spread(x, mean, components, variances, eps=1e-5):
    rotated = ref.apply_pca(x, mean, components)
    return rotated / np.sqrt(rotated.var(axis=0) + eps)


@mistake(
    "whiten",
    where="what whiten does after the division",
    what="The white data is turned back into the old axes, which is called ZCA.",
    how="Stop after the division: component k stays in column k.",
    label="whiten as ZCA",
)
def whitened_and_turned_back(x, mean, components, variances, eps=1e-5):
    return ref.whiten(x, mean, components, variances, eps) @ components.T


@right("fit_mean", "in the dtype of the data")
def mean_in_its_own_dtype(x_train):
    return np.sum(x_train, axis=0) / x_train.dtype.type(len(x_train))


@right("fit_mean", "one example after the other")
def mean_by_loops(x_train):
    total = np.zeros(x_train.shape[1:])
    for example in x_train:
        total += example
    return (total / len(x_train)).astype(x_train.dtype)


@right("fit_channel_mean", "one axis after the other")
def channel_mean_axis_by_axis(x_train):
    return x_train.mean(axis=0).mean(axis=0).mean(axis=0)


@right("fit_channel_mean", "a matrix of all pixels")
def channel_mean_of_pixels(x_train):
    C = x_train.shape[-1]
    return np.einsum("pc->c", x_train.reshape(-1, C)) / (x_train.size // C)


@right("subtract_mean", "one example after the other, into a copy")
def subtracted_from_a_copy(x, mean):
    out = x.copy()
    for example in out:
        example -= mean
    return out


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


@right("fit_pca", "by the singular values, other signs")
def pca_by_svd(x_train):
    mean = x_train.mean(axis=0)
    _, singular, vt = np.linalg.svd(x_train - mean)
    variances = np.zeros_like(mean)
    variances[: len(singular)] = singular**2 / len(x_train)
    return mean, -vt.T, variances


@right("fit_pca", "np.linalg.eigh of np.cov, sorted by argsort")
def pca_by_argsort(x_train):
    covariance = np.atleast_2d(np.cov(x_train.astype(np.float64).T, bias=True))
    variances, components = np.linalg.eigh(covariance)
    order = np.argsort(-variances)
    results = x_train.mean(axis=0), components[:, order], variances[order].clip(0)
    return tuple(result.astype(x_train.dtype) for result in results)


@right("apply_pca", "data and mean are rotated apart")
def rotated_apart(x, mean, components):
    return x @ components - mean @ components


@right("whiten", "the components are divided beforehand")
def whitened_by_scaled_components(x, mean, components, variances, eps=1e-5):
    scaled = components / np.sqrt(variances + x.dtype.type(eps))
    return np.einsum("nd,dk->nk", x - mean, scaled)
