"""Variants of fit_pca and apply_pca."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import preprocessing as ref


def _decompose(covariance: Any) -> Any:
    """Return eigenvectors as columns, and eigenvalues, the largest first."""
    variances, components = np.linalg.eigh(covariance)
    return components[:, ::-1], np.maximum(variances[::-1], 0)


@mistake(
    "fit_pca",
    where="what fit_pca multiplies to get the covariance",
    what="x_train is not centred first.",
    how="Subtract the mean: the covariance is centered.T @ centered / N.",
)
def pca_not_centred(x_train):
    return ref.fit_mean(x_train), *_decompose(x_train.T @ x_train / len(x_train))


@mistake(
    "fit_pca",
    where="what fit_pca divides the covariance by",
    what="It is divided by N - 1.",
    how="Divide by N; np.cov does so with bias=True.",
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
)
def pca_smallest_first(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components[:, ::-1], variances[::-1]


@mistake(
    "fit_pca",
    where="the order of the components in fit_pca",
    what="The variances are sorted, but the components do not follow them.",
    how="Put the columns of components into the same order as the variances.",
)
def pca_components_not_sorted(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components[:, ::-1], variances


@mistake(
    "fit_pca",
    where="which way round the components lie in fit_pca",
    what="Each component is a row; np.linalg.svd returns them like this, too.",
    how="Transpose: column k is component k.",
)
def pca_components_as_rows(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components.T, variances


@mistake(
    "fit_pca",
    where="what fit_pca returns as variances",
    what="It is their root: standard deviations.",
    how="Return the eigenvalues of the covariance themselves.",
)
def pca_roots_of_variances(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components, np.sqrt(variances)


@mistake(
    "fit_pca",
    where="what fit_pca returns as variances",
    what="The singular values of the centred data are returned, and not the variances.",
    how="The variances are the squares of the singular values, divided by N.",
)
def pca_singular_values(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components, np.sqrt(variances * len(x_train))


@mistake(
    "fit_pca",
    where="the scale of the variances in fit_pca",
    what="They are not divided by N.",
    how="Divide centered.T @ centered, or the squared singular values, by N.",
)
def pca_not_divided_by_n(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components, variances * len(x_train)


@mistake(
    "fit_pca",
    where="the shape of the covariance in fit_pca",
    what="It is (N, N), the covariance between examples; np.cov, too, takes rows for variables.",
    how="Take the (D, D) covariance between features: np.cov(x_train, rowvar=False, bias=True).",
)
def pca_covariance_between_examples(x_train):
    covariance = np.cov(x_train, bias=True, dtype=x_train.dtype)
    return ref.fit_mean(x_train), *_decompose(np.atleast_2d(covariance))


@mistake(
    "fit_pca",
    where="what fit_pca does before it measures the covariance",
    what="The features are divided by their std: this is the correlation matrix.",
    how="Subtract the mean, and nothing else.",
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
)
def pca_with_too_few_components(x_train):
    mean, components, variances = ref.fit_pca(x_train)
    return mean, components[:, : len(x_train)], variances[: len(x_train)]


@mistake(
    "fit_pca",
    where="the smallest variances in fit_pca",
    what="Some are negative by rounding, and their root would be nan.",
    how="Use np.maximum(variances, 0).",
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
)
def rotated_without_centring(x, mean, components):
    return x @ components


@mistake(
    "apply_pca",
    where="whose mean apply_pca subtracts",
    what="Each split is centred with its own mean: the mean handed in is not used.",
    how="Subtract the mean that is handed in; it was fitted on the training split.",
)
def rotated_about_its_own_mean(x, mean, components):
    return ref.apply_pca(x, x.mean(axis=0), components)


@mistake(
    "apply_pca",
    where="which way round apply_pca takes the components",
    what="The components are transposed, which turns the data the other way.",
    how="Multiply by components as they are: its columns are the new axes.",
)
def rotated_the_other_way(x, mean, components):
    return (x - mean) @ components.T


@mistake(
    "apply_pca",
    where="what apply_pca does after the rotation",
    what="The rotated data is turned back into the old axes.",
    how="Stop after (x - mean) @ components.",
)
def rotated_and_turned_back(x, mean, components):
    return ref.apply_pca(x, mean, components) @ components.T


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
