"""Initialisation: where the random numbers come from, the smallest layers."""

from functools import partial

import pytest

from assignment.initialization import init_he, init_small_random, init_xavier
from assignment.support.compare import call
from tests.randomness import assert_float64, assert_uses_only


def case(name, points, function):
    """Return one way to initialise, as a case of its part."""
    return pytest.param(function, marks=pytest.mark.part(f"initialization.{name}", points=points))


each_function = pytest.mark.parametrize(
    "function",
    [
        case("simple", 0.25, init_small_random),
        case("xavier", 0.5, init_xavier),
        case("he", 0.5, init_he),
    ],
)


@each_function
def test_init_uses_only_rng(function, seed):
    """All random numbers come from the generator that is handed in."""
    assert_uses_only(partial(function, 3, 4), seed)


@each_function
@pytest.mark.parametrize(("fan_in", "fan_out"), [(1, 1), (1, 5), (5, 1), (4, 4)])
def test_init_smallest_layers(function, fan_in, fan_out, rng):
    """A layer may have a single input or output; the weights are (fan_in, fan_out) all the same."""
    w = call(function, fan_in, fan_out, rng, returns="w")
    assert_float64("w", w, (fan_in, fan_out))
