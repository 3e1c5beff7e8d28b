"""The softmax loss on unusual inputs."""

import numpy as np
import pytest

from assignment.losses import softmax_loss
from assignment.support.testing.compare import assert_matches, call
from tests import oracles
from tests.array_kinds import each_kind


@pytest.mark.part("loss.softmax", points=0.25)
@pytest.mark.parametrize("shape", [(1, 4), (3, 1), (1, 1), (6, 2)], ids=str)
def test_softmax_loss_smallest_shapes(shape, rng):
    """softmax_loss works for one example and for one class."""
    x, y = rng.normal(size=shape), rng.integers(shape[1], size=shape[0])
    got = call(softmax_loss, x, y, returns="loss dx")
    # with one class both are 0: differences of scores, and of probabilities
    scale = max(1, np.max(abs(x)))
    assert_matches("loss dx", got, oracles.softmax_loss(x, y), scale=scale, x=x, y=y)


@pytest.mark.part("loss.softmax", points=0.25)
@each_kind
def test_softmax_loss_takes_any_array(draw, rng):
    """softmax_loss takes float32, Fortran-ordered and non-contiguous scores."""
    x, y = draw(rng, (5, 4)), rng.integers(4, size=10)[::2]
    loss, dx = call(softmax_loss, x, y, returns="loss dx")
    expected, gradient = oracles.softmax_loss(x, y)
    assert_matches("loss", loss, expected, rtol=1e-4 if x.dtype == np.float32 else 1e-8, x=x, y=y)
    assert_matches("dx", dx, gradient.astype(x.dtype), x=x, y=y)


@pytest.mark.part("loss.softmax", points=0.25)
@pytest.mark.parametrize("dtype", [np.uint8, np.int32])
def test_softmax_loss_takes_any_integers(dtype, rng):
    """Labels may be integers of any size."""
    x, y = rng.normal(size=(7, 40)), rng.integers(40, size=7).astype(dtype)
    got = call(softmax_loss, x, y, returns="loss dx")
    assert_matches("loss dx", got, oracles.softmax_loss(x, y), x=x, y=y)


@pytest.mark.part("loss.softmax", points=0.25)
def test_softmax_loss_large_float32_scores():
    """In float32 exp overflows at 89 already: scores of +-100 must work."""
    x = np.array([[100, 99, -100], [-100, -98, -99], [100, -100, 0]], np.float32)
    y = np.array([1, 0, 1])
    loss, dx = call(softmax_loss, x, y, returns="loss dx")
    expected, gradient = oracles.softmax_loss(x, y)
    assert_matches("loss", loss, expected, rtol=1e-5, x=x, y=y)
    assert_matches("dx", dx, gradient.astype(np.float32), x=x, y=y)


@pytest.mark.part("loss.softmax", points=1)
def test_softmax_loss_at_full_size(rng):
    """3000 classes need one sum for each example, not one for each class."""
    x, y = 3 * rng.normal(size=(160, 3000)), rng.integers(3000, size=160)
    loss, dx = call(softmax_loss, x, y, returns="loss dx")
    rows = np.arange(160)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    gradient = (np.exp(log_p) - (np.arange(3000) == y[:, None])) / 160
    assert_matches("loss dx", (loss, dx), (-np.mean(log_p[rows, y]), gradient), x=x, y=y)
