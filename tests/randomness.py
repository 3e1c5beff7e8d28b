"""Checks of random numbers that pass for any seed and any right way to draw them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from assignment.support.testing.compare import CheckFailed

# a right function fails about one check in a hundred million
SIGMAS = 6


def assert_uses_only(draw: Callable[[np.random.Generator], np.ndarray], seed: int) -> None:
    """Fail unless ``draw(rng)`` takes its random numbers from ``rng`` and nowhere else.

    Equal generators must give equal numbers and different ones different numbers; the global
    state of ``np.random`` must neither matter nor change.
    """
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = draw(np.random.default_rng(seed))
    if not np.array_equal(np.random.get_state()[1], before):  # noqa: NPY002
        raise CheckFailed("the global generator np.random is used", expected="only rng")
    if not np.array_equal(draw(np.random.default_rng(seed)), first):
        raise CheckFailed("equal generators give different numbers", expected="equal numbers")
    if np.array_equal(draw(np.random.default_rng(seed + 1)), first):
        raise CheckFailed(
            "two different generators give the same numbers", expected="different numbers"
        )


def assert_share(event: str, hits: int, n: int, share: float) -> None:
    """Fail unless ``hits`` of ``n`` independent draws are compatible with the expected share."""
    assert_near(f"the share of {event}", hits / n, share, math.sqrt(share * (1 - share) / n))


def assert_normal(w: np.ndarray, shape: tuple[int, ...], std: float) -> None:
    """Fail unless w is an array of independent normal draws around 0."""
    assert_shape("w", w, shape)
    n, scaled = w.size, [float(v) / std for v in w.flat]
    if len(set(scaled)) < 0.9 * n:
        raise CheckFailed("many of the numbers are equal", expected="a draw for each of them")
    assert_near("the mean divided by std", math.fsum(scaled) / n, 0, 1 / math.sqrt(n))
    squares = math.fsum(v * v for v in scaled) / n
    assert_near(f"the mean square divided by {std:.3g}**2", squares, 1, math.sqrt(2 / n))
    for limit in (0.5, 1, 2):
        inside = sum(abs(v) < limit for v in scaled)
        assert_share(f"weights with |w| < {limit} std", inside, n, math.erf(limit / math.sqrt(2)))


def assert_shape(name: str, got: np.ndarray, shape: tuple[int, ...]) -> None:
    """Fail unless ``got`` is an array of that shape."""
    found = f"array of shape {got.shape}" if isinstance(got, np.ndarray) else type(got).__name__
    expected = f"array of shape {shape}"
    if found != expected:
        raise CheckFailed(f"{name} is not what it should be", expected=expected, got=found)


def assert_near(what: str, got: float, expected: float, sigma: float) -> None:
    """Fail unless a mean is within SIGMAS standard deviations of its expectation."""
    if not abs(got - expected) < SIGMAS * sigma:
        allowed = f"{expected:.4g} up to {SIGMAS * sigma:.1g}"
        raise CheckFailed(f"{what} is off", expected=allowed, got=f"{got:.4g}")
