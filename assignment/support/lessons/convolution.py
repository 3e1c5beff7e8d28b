"""A small convolution, forward pass only: it makes feature maps to show and to normalise."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["conv2d"]


def conv2d(
    x: npt.NDArray[np.floating[Any]],
    w: npt.NDArray[np.floating[Any]],
    b: npt.NDArray[np.floating[Any]],
) -> npt.NDArray[np.floating[Any]]:
    """Slide each filter over each image: stride 1, no padding.

    Every output is an affine function of one window of the image, with the same weights for all
    windows. As usual in deep learning, the filter is not flipped.

    Parameters
    ----------
    x : float array, shape (N, C, H, W)
        N images of C channels.
    w : float array, shape (F, C, HH, WW)
        F filters.
    b : float array, shape (F,)

    Returns
    -------
    out : float array, shape (N, F, H - HH + 1, W - WW + 1)
        One feature map for each image and filter.

    Raises
    ------
    ValueError
        The shapes do not fit together, or a filter is larger than the images.
    """
    if x.ndim != 4 or w.ndim != 4 or x.shape[1] != w.shape[1] or b.shape != w.shape[:1]:
        raise ValueError(
            f"conv2d: x has shape {x.shape}, w {w.shape}, b {b.shape}; "
            "expected (N, C, H, W), (F, C, HH, WW), (F,)"
        )
    if x.shape[2] < w.shape[2] or x.shape[3] < w.shape[3]:
        raise ValueError(f"conv2d: filters of {w.shape[2:]} on images of {x.shape[2:]}")
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    # windows (N, C, H', W', HH, WW): the sum over channel and window leaves (N, H', W', F)
    out = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))) + b
    return np.ascontiguousarray(out.transpose(0, 3, 1, 2))
