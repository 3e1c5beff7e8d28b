"""Kinds of arrays that callers pass: each function draws one with standard normal values."""

from __future__ import annotations

import numpy as np
import pytest

__all__ = ["as_float32", "as_fortran", "as_read_only", "as_view", "each_kind"]


def as_float32(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a float32 array, the dtype of the images."""
    return rng.normal(size=shape).astype(np.float32)


def as_read_only(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array that cannot be written to."""
    x = rng.normal(size=shape)
    x.flags.writeable = False
    return x


def as_fortran(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array in Fortran order, like every ``w.T``."""
    return np.asfortranarray(rng.normal(size=shape))


def as_view(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return every second value of a larger array: contiguous in no order."""
    return rng.normal(size=(*shape[:-1], 2 * shape[-1]))[..., ::2]


each_kind = pytest.mark.parametrize(
    "draw", [as_float32, as_read_only, as_fortran, as_view], ids=lambda draw: draw.__name__
)
