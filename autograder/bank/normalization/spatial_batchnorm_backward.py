"""Mistakes of spatial_batchnorm_backward."""

from __future__ import annotations

from typing import Any

from autograder.bank import mistake
from autograder.bank.normalization._helpers import weigh
from autograder.bank.reference import normalization as ref


def _to_rows(images: Any) -> Any:
    return images.transpose(0, 2, 3, 1).reshape(-1, images.shape[1])


def _to_images(rows: Any, shape: Any) -> Any:
    N, C, H, W = shape
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)


@mistake(
    "spatial_batchnorm_backward",
    where="how spatial_batchnorm_backward makes rows of dout",
    what="dout is reshaped to (N * H * W, C) while the channels still stand second.",
    how="Move the channels last, transpose(0, 2, 3, 1), before you reshape.",
)
def dout_channels_not_moved(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(dout.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@mistake(
    "spatial_batchnorm_backward",
    where="how spatial_batchnorm_backward makes images of dx",
    what="The rows of dx are reshaped to (N, C, H, W) at once.",
    how="Reshape to (N, H, W, C), and then transpose(0, 3, 1, 2).",
)
def dx_not_transposed_back(dout, cache):
    dx, dgamma, dbeta = ref.batchnorm_backward(_to_rows(dout), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@mistake(
    "spatial_batchnorm_backward",
    where="how spatial_batchnorm_backward makes images of dx",
    what="Height and width have changed places, which the shape shows only if H != W.",
    how="Go back by the inverse permutation: transpose(0, 3, 1, 2) undoes transpose(0, 2, 3, 1).",
)
def dx_height_and_width_swapped(dout, cache):
    dx, dgamma, dbeta = ref.spatial_batchnorm_backward(dout, cache)
    return dx.transpose(0, 1, 3, 2), dgamma, dbeta


@mistake(
    "spatial_batchnorm_backward",
    where="what spatial_batchnorm_backward divides the sums by",
    what="The sums are divided by N, the number of images, instead of N * H * W.",
    how="Divide by the number of values that share a mean, len(dout) of the rows.",
)
def divided_by_the_number_of_images(dout, cache):
    rows, pixels = _to_rows(dout), dout.shape[2] * dout.shape[3]
    dx, _, _ = weigh(ref.batchnorm_backward, rows, cache, variance=pixels, mean=pixels)
    return _to_images(dx, dout.shape), *ref.spatial_batchnorm_backward(dout, cache)[1:]


@mistake(
    "spatial_batchnorm_backward",
    where="over what spatial_batchnorm_backward sums for dgamma and dbeta",
    what="dgamma and dbeta are summed over the images only, and have shape (C, H * W).",
    how="Sum over images, height and width: a channel has one gamma and one beta.",
)
def dgamma_and_dbeta_for_each_pixel(dout, cache):
    s, istd, _ = cache
    dx, _, _ = ref.spatial_batchnorm_backward(dout, cache)
    products = dout * _to_images(s * istd, dout.shape)
    C = dout.shape[1]
    return dx, products.sum(axis=0).reshape(C, -1), dout.sum(axis=0).reshape(C, -1)


@mistake(
    "spatial_batchnorm_backward",
    where="what shape dgamma and dbeta have in spatial_batchnorm_backward",
    what="dgamma and dbeta have shape (1, C, 1, 1) instead of (C,).",
    how="Sum over the axes (0, 2, 3) without keepdims.",
)
def dgamma_and_dbeta_as_images(dout, cache):
    dx, dgamma, dbeta = ref.spatial_batchnorm_backward(dout, cache)
    return dx, dgamma.reshape(1, -1, 1, 1), dbeta.reshape(1, -1, 1, 1)


@mistake(
    "spatial_batchnorm_backward",
    where="what spatial_batchnorm_backward keeps of each channel",
    what="dgamma and dbeta are those of the last channel, overwritten in the loop.",
    how="Write into dgamma[c] and dbeta[c], or handle all channels in one call.",
)
def dgamma_and_dbeta_of_the_last_channel(dout, cache):
    dx, dgamma, dbeta = ref.spatial_batchnorm_backward(dout, cache)
    return dx, dgamma[-1:], dbeta[-1:]
