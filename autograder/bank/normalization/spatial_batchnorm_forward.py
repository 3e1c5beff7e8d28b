"""Mistakes of spatial_batchnorm_forward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake
from autograder.bank.normalization._helpers import BUFFERS
from autograder.bank.reference import normalization as ref


def _put_rows(x: Any, gamma: Any, beta: Any, bn_param: Any, rows: Any, back: Any) -> Any:
    """Run spatial_batchnorm_forward on other rows, and turn them into images with ``back``."""
    _, cache = ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
    out, _ = ref.batchnorm_forward(rows, gamma, beta, bn_param)
    return back(out), cache


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward makes rows of the images",
    what="The images are reshaped to (N * H * W, C) while the channels still stand second.",
    how="Move the channels last, transpose(0, 2, 3, 1), before you reshape.",
)
def channels_not_moved(x, gamma, beta, bn_param):
    rows = x.reshape(-1, x.shape[1])
    return _put_rows(x, gamma, beta, bn_param, rows, lambda out: out.reshape(x.shape))


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward makes images of the rows again",
    what="The rows are reshaped to (N, C, H, W) at once, and the channels end up in the pixels.",
    how="Reshape to (N, H, W, C), and then transpose(0, 3, 1, 2).",
)
def not_transposed_back(x, gamma, beta, bn_param):
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    return _put_rows(x, gamma, beta, bn_param, rows, lambda out: out.reshape(x.shape))


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward makes images of the rows again",
    what="Height and width have changed places, which the shape shows only if H != W.",
    how="Go back by the inverse permutation: transpose(0, 3, 1, 2) undoes transpose(0, 2, 3, 1).",
)
def height_and_width_swapped(x, gamma, beta, bn_param):
    out, cache = ref.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    return out.transpose(0, 1, 3, 2), cache


@mistake(
    "spatial_batchnorm_forward",
    where="what spatial_batchnorm_forward takes mean and variance over",
    what="Each pixel has statistics of its own, taken over the N images alone.",
    how="Take mean and variance over images, height and width: a channel has one of each.",
)
def statistics_for_each_pixel(x, gamma, beta, bn_param):
    _, cache = ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
    pixels = x.shape[2] * x.shape[3]
    wide = np.repeat(gamma, pixels), np.repeat(beta, pixels)
    out, _ = ref.batchnorm_forward(x.reshape(len(x), -1), *wide, bn_param)
    return out.reshape(x.shape), cache


@mistake(
    "spatial_batchnorm_forward",
    where="what spatial_batchnorm_forward takes mean and variance over",
    what="Each image has statistics of its own in train mode, taken over height and width alone.",
    how="Take mean and variance over images, height and width: all images of a batch share them.",
)
def statistics_for_each_image(x, gamma, beta, bn_param):
    result = ref.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return result
    function, settings = ref.spatial_batchnorm_forward, dict(bn_param)
    return np.concatenate([function(i, gamma, beta, settings)[0] for i in x[:, None]]), result[1]


@mistake(
    "spatial_batchnorm_forward",
    where="what shape the running statistics of spatial_batchnorm_forward have",
    what="running_mean and running_var have shape (1, C, 1, 1) instead of (C,).",
    how="Keep them as vectors in bn_param, and reshape them only where you compute with them.",
)
def running_statistics_as_images(x, gamma, beta, bn_param):
    own = {name: v.reshape(-1) if name in BUFFERS else v for name, v in bn_param.items()}
    result = ref.spatial_batchnorm_forward(x, gamma, beta, own)
    bn_param |= {name: own[name].reshape(1, -1, 1, 1) for name in BUFFERS if name in own}
    return result


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward hands bn_param on",
    what="The channels share one bn_param: each starts from the running statistics of the last.",
    how="Normalise all channels in one call, or give each channel its own slice of the statistics.",
)
def one_bn_param_for_all_channels(x, gamma, beta, bn_param):
    _, cache = ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
    out = np.empty_like(x)
    for c in range(x.shape[1]):
        column, one = x[:, c].reshape(-1, 1), slice(c, c + 1)
        rows, _ = ref.batchnorm_forward(column, gamma[one], beta[one], bn_param)
        out[:, c] = rows.reshape(out[:, c].shape)
    return out, cache


@mistake(
    "spatial_batchnorm_forward",
    where="how spatial_batchnorm_forward hands bn_param on",
    what="The running statistics go into a copy of bn_param that nobody keeps.",
    how="Hand over the dict that the caller has given.",
)
def running_statistics_lost_with_a_copy(x, gamma, beta, bn_param):
    return ref.spatial_batchnorm_forward(x, gamma, beta, dict(bn_param))
