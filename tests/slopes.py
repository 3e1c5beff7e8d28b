"""Check gradients of large arrays: one forward pass a direction, instead of one a number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assignment.support.testing.compare import assert_matches
from tests.oracles import STEP
from tests.randomness import assert_shape

__all__ = ["assert_slopes"]

DIRECTIONS = 4  # for each argument


def assert_slopes(
    names: str,
    got: tuple[np.ndarray, ...],
    forward: Callable[..., np.ndarray],
    args: tuple[np.ndarray, ...],
    dout: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Fail unless float64 gradients give the slopes of ``sum(forward(*args) * dout)``.

    The slope along a random direction is the sum of gradient times direction. A single wrong number
    changes it. The expected one is the complex step of tests/oracles.py.

    Parameters
    ----------
    names : str
        "dx dw db": a gradient for each argument.
    forward : function of whole arrays, which also takes complex numbers
    """
    for k, (name, gradient, arg) in enumerate(zip(names.split(), got, args, strict=True)):
        assert_shape(name, gradient, arg.shape)
        slopes, expected = np.empty(DIRECTIONS), np.empty(DIRECTIONS)
        for i in range(DIRECTIONS):
            direction = rng.normal(size=arg.shape)
            moved = [*args[:k], arg + STEP * 1j * direction, *args[k + 1 :]]
            slopes[i] = np.sum(gradient * direction)
            expected[i] = np.sum(forward(*moved).imag * dout) / STEP
        assert_matches(f"sum({name}*v)", slopes, expected, **{name[1:]: arg})
