"""Variants of fit_mean, fit_channel_mean and subtract_mean."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import preprocessing as ref


@mistake(
    "fit_mean",
    where="over which axes fit_mean averages",
    what="All features together get one mean.",
    how="Average over axis 0 only, the examples.",
)
def mean_over_all_axes(x_train):
    return np.asarray(x_train.mean(dtype=np.float64)).astype(x_train.dtype)


@mistake(
    "fit_mean",
    where="over which axes fit_mean averages",
    what="The mean is taken over the last axis, within each example.",
    how="Average over axis 0, the examples.",
)
def mean_within_each_example(x_train):
    return x_train.mean(axis=-1)


@mistake(
    "fit_mean",
    where="over which axes fit_mean averages",
    what="All axes but the last are averaged over: an image gets one mean a channel.",
    how="Average over axis 0 only; a mean for each channel is what fit_channel_mean returns.",
)
def mean_over_all_axes_but_the_last(x_train):
    return x_train.reshape(-1, x_train.shape[-1]).mean(axis=0)


@mistake(
    "fit_mean",
    where="what shape fit_mean returns",
    what="The mean has a first axis of length 1.",
    how="Average without keepdims.",
)
def mean_with_keepdims(x_train):
    return ref.fit_mean(x_train)[np.newaxis]


@mistake(
    "fit_mean",
    where="what dtype fit_mean returns",
    what="The mean is float64 even if x_train is float32.",
    how="Sum in float64 if you like, but return the mean in the dtype of x_train.",
)
def mean_in_float64(x_train):
    return x_train.mean(axis=0, dtype=np.float64)


@mistake(
    "fit_channel_mean",
    where="over which axes fit_channel_mean averages",
    what="All channels together get one mean.",
    how="Average over the axes 0, 1 and 2, and keep the last one, the channels.",
)
def channel_mean_over_all_axes(x_train):
    return np.asarray(x_train.mean(dtype=np.float64)).astype(x_train.dtype)


@mistake(
    "fit_channel_mean",
    where="over which axes fit_channel_mean averages",
    what="Only the examples are averaged: this is the mean image.",
    how="Average over the axes 0, 1 and 2: over rows and columns, too.",
)
def channel_mean_as_mean_image(x_train):
    return ref.fit_mean(x_train)


@mistake(
    "fit_channel_mean",
    where="over which axes fit_channel_mean averages",
    what="Each image gets means of its own: the examples are not averaged over.",
    how="Average over the axes 0, 1 and 2.",
)
def channel_mean_of_each_image(x_train):
    return x_train.mean(axis=(1, 2))


@mistake(
    "fit_channel_mean",
    where="which axis fit_channel_mean takes for the channels",
    what="Axis 1 is taken for the channels; in (N, H, W, C) they come last.",
    how="Average over the axes 0, 1 and 2.",
)
def channel_mean_with_channels_first(x_train):
    return x_train.mean(axis=(0, 2, 3))


@mistake(
    "fit_channel_mean",
    where="what shape fit_channel_mean returns",
    what="The mean has shape (1, 1, 1, C) instead of (C,).",
    how="Average without keepdims.",
)
def channel_mean_with_keepdims(x_train):
    return x_train.mean(axis=(0, 1, 2), keepdims=True)


@mistake(
    "subtract_mean",
    where="what subtract_mean does to its argument x",
    what="x is changed in place.",
    how="Return a new array: x - mean, not x -= mean.",
)
def subtract_in_place(x, mean):
    x -= mean
    return x


@mistake(
    "subtract_mean",
    where="which mean subtract_mean takes off",
    what="Each split is centred with its own mean: the mean handed in is not used.",
    how="Take off the mean that is handed in; it was fitted on the training split.",
)
def own_mean_of_the_split(x, mean):
    return x - x.mean(axis=0)


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
