"""Variants of whiten."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import preprocessing as ref


@mistake(
    "whiten",
    where="what whiten divides by",
    what="Each component is divided by its variance: the root is missing.",
    how="Divide by np.sqrt(variances + eps).",
)
def whiten_without_the_root(x, mean, components, variances, eps=1e-5):
    return ref.apply_pca(x, mean, components) / (variances + eps)


@mistake(
    "whiten",
    where="where whiten adds eps",
    what="eps is added to the root instead of the variance.",
    how="Divide by np.sqrt(variances + eps).",
)
def whiten_with_eps_outside_the_root(x, mean, components, variances, eps=1e-5):
    return ref.apply_pca(x, mean, components) / (np.sqrt(variances) + eps)


@mistake(
    "whiten",
    where="where whiten adds eps",
    what="eps is not used: a direction without variance gives nan or inf.",
    how="Divide by np.sqrt(variances + eps).",
)
def whiten_without_eps(x, mean, components, variances, eps=1e-5):
    return ref.apply_pca(x, mean, components) / np.sqrt(variances)


@mistake(
    "whiten",
    where="which eps whiten uses",
    what="It is always 1e-5: the argument is ignored.",
    how="Add eps, the argument.",
)
def whiten_with_a_fixed_eps(x, mean, components, variances, eps=1e-5):
    return ref.whiten(x, mean, components, variances)


@mistake(
    "whiten",
    where="what whiten rotates",
    what="x is not centred.",
    how="Rotate x - mean, as apply_pca does.",
)
def whiten_without_centring(x, mean, components, variances, eps=1e-5):
    return x @ components / np.sqrt(variances + eps)


@mistake(
    "whiten",
    where="whose variances whiten divides by",
    what="Each split is scaled by its own spread: the variances handed in are not used.",
    how="Use the variances that are handed in; they were fitted on the training split.",
)
def whiten_by_its_own_spread(x, mean, components, variances, eps=1e-5):
    rotated = ref.apply_pca(x, mean, components)
    return rotated / np.sqrt(rotated.var(axis=0) + eps)


@mistake(
    "whiten",
    where="what whiten does after the division",
    what="The white data is turned back into the old axes, which is called ZCA.",
    how="Stop after the division: component k stays in column k.",
)
def turned_back_as_zca(x, mean, components, variances, eps=1e-5):
    return ref.whiten(x, mean, components, variances, eps) @ components.T


@right("whiten", "the components are divided beforehand")
def whitened_by_scaled_components(x, mean, components, variances, eps=1e-5):
    scaled = components / np.sqrt(variances + x.dtype.type(eps))
    return np.einsum("nd,dk->nk", x - mean, scaled)
