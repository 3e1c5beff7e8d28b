"""Initialisation of the smallest layers."""

import numpy as np
import pytest

from assignment.initialization import init_he, init_small_random, init_xavier
from assignment.support.testing.compare import call
from tests.randomness import assert_shape


def case(name, points, function):
    """Return one initialisation as a test case of its part."""
    part = pytest.mark.part(f"initialization.{name}", points=points)
    return pytest.param(function, marks=part)


@pytest.mark.parametrize(
    "function",
    [
        case("simple", 0.5, init_small_random),
        case("xavier", 0.75, init_xavier),
        case("he", 1, init_he),
    ],
)
@pytest.mark.parametrize(("fan_in", "fan_out"), [(1, 1), (1, 5), (5, 1), (4, 4)])
def test_init_smallest_layers(function, fan_in, fan_out, rng):
    """A layer may have one input or output; its weights are (fan_in, fan_out) and all drawn."""
    w = call(function, fan_in, fan_out, rng, returns="w")
    assert_shape("w", w, (fan_in, fan_out))
    again = call(function, fan_in, fan_out, rng, returns="w")
    assert len(np.unique([w, again])) == 2 * w.size, "two draws give the same number"
