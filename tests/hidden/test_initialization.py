"""Initialisation of the smallest layers."""

import math

import pytest

from assignment.initialization import init_he, init_small_random, init_xavier
from assignment.support.testing.compare import CheckFailed, call
from tests.randomness import assert_shape

DRAWS = 60  # of each layer: for a single weight their std is known up to a factor of 2

of_simple = pytest.mark.part("initialization.simple", points=0.5)
of_xavier = pytest.mark.part("initialization.xavier", points=0.75)
of_he = pytest.mark.part("initialization.he", points=0.75)


@pytest.mark.parametrize(
    ("function", "std"),
    [
        pytest.param(init_small_random, lambda fan_in: 0.01, marks=of_simple),
        pytest.param(init_xavier, lambda fan_in: 1 / math.sqrt(fan_in), marks=of_xavier),
        pytest.param(init_he, lambda fan_in: math.sqrt(2 / fan_in), marks=of_he),
    ],
)
@pytest.mark.parametrize(("fan_in", "fan_out"), [(1, 1), (1, 5), (5, 1), (4, 4)])
def test_init_smallest_layers(function, std, fan_in, fan_out, rng):
    """A layer may have one input or output; its weights are (fan_in, fan_out) and all drawn."""
    drawn = [call(function, fan_in, fan_out, rng, returns="w") for _ in range(DRAWS)]
    for w in drawn:
        assert_shape("w", w, (fan_in, fan_out))
    values = [float(v) for w in drawn for v in w.flat]
    assert len({*values}) == len(values), "two draws give the same number"
    found = math.sqrt(math.fsum(v * v for v in values) / len(values))
    if not std(fan_in) / 2 < found < 2 * std(fan_in):
        expected, got = f"{std(fan_in):.2g} up to a factor of 2", f"{found:.2g}"
        raise CheckFailed("the standard deviation is off", expected=expected, got=got)
