"""The softmax loss against numbers with 50 digits."""

import numpy as np
import pytest

from assignment.losses import softmax_loss
from assignment.support.testing.compare import assert_dtypes, assert_matches, call, call_twice
from tests import oracles


def draw(rng, N, C):
    """Return scores, and labels that cycle through the classes: 1, 2, ..., 0, 1, ..."""
    return 2 * rng.normal(size=(N, C)), (np.arange(N) + 1) % C


@pytest.mark.part("loss.softmax", points=0.5)
@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (1, 10)], ids=str)
def test_softmax_loss_value(shape, rng):
    """The loss is the mean of -log p[y]."""
    x, y = draw(rng, *shape)
    loss, _ = call(softmax_loss, x, y, returns="loss dx")
    assert_matches(
        "loss", loss, oracles.softmax_loss(x, y)[0], rtol=1e-10, scale=np.max(abs(x)), x=x, y=y
    )


@pytest.mark.part("loss.softmax", points=0.75)
@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (1, 10)], ids=str)
def test_softmax_loss_gradient(shape, rng):
    """The gradient dx is that of the mean loss: it has the 1 / N in it."""
    x, y = draw(rng, *shape)
    _, dx = call(softmax_loss, x, y, returns="loss dx")
    assert_matches("dx", dx, oracles.softmax_loss(x, y)[1], x=x, y=y)


@pytest.mark.part("loss.softmax", points=0.25)
def test_softmax_loss_large_scores():
    """Scores of +-1000 neither overflow nor lose the loss, in each row by itself."""
    x = np.array([[1000, 999, -1000], [-1000, -998, -999], [1000, 0, -1000], [3, 2, 1000.0]])
    y = np.array([1, 0, 2, 2])
    got = call(softmax_loss, x, y, returns="loss dx")
    assert_matches("loss dx", got, oracles.softmax_loss(x, y), x=x, y=y)


@pytest.mark.part("loss.softmax", points=0.25)
def test_softmax_loss_arguments(rng):
    """softmax_loss leaves its arguments as they are, and a second call gives the same."""
    x, y = draw(rng, 5, 3)
    got = call_twice(softmax_loss, x, y, returns="loss dx")
    assert_matches("loss dx", got, oracles.softmax_loss(x, y), x=x, y=y)


@pytest.mark.part("loss.softmax", points=0.25)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_loss_dtypes(dtype, rng):
    """The gradient dx has the dtype of x."""
    x, y = draw(rng, 5, 3)
    x = x.astype(dtype)
    _, dx = call(softmax_loss, x, y, returns="loss dx")
    assert_dtypes("dx", dx, dtype, x=x, y=y)
    assert_matches("dx", dx, oracles.softmax_loss(x, y)[1], x=x, y=y)
