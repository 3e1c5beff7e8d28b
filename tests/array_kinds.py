"""Draw arrays of the kinds that callers really pass, and the inputs for tests of norms."""

from __future__ import annotations

import numpy as np
import pytest

__all__ = ["as_float32", "as_fortran", "as_view", "draw_float64", "each_kind"]


def as_float32(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a float32 array, the dtype of the images."""
    return rng.normal(size=shape).astype(np.float32)


def as_fortran(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array in Fortran order, like every ``w.T``."""
    return np.asfortranarray(rng.normal(size=shape))


def as_view(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a view of every second value of a larger array, which is not contiguous."""
    return rng.normal(size=(*shape[:-1], 2 * shape[-1]))[..., ::2]


def draw_float64(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return x, gamma, beta and dout of a norm; gamma and beta are far from 0 and 1."""
    D = shape[1]
    return (
        rng.normal(2, 3, shape),
        rng.uniform(1.5, 3, D),
        rng.uniform(-3, -1.5, D),
        rng.normal(size=shape),
    )


each_kind = pytest.mark.parametrize(
    "draw", [as_float32, as_fortran, as_view], ids=lambda draw: draw.__name__
)
