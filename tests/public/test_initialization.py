"""Initialisation: the statistics of the weights, within limits that hold for any seed."""

import math
from functools import partial

import numpy as np
import pytest

from assignment.initialization import init_he, init_small_random, init_xavier, init_zeros
from assignment.support.testing.compare import assert_dtypes, assert_matches, call
from tests.randomness import assert_normal, assert_uses_only

# far from square, so that fan_out in place of fan_in makes a difference
each_size = pytest.mark.parametrize(("fan_in", "fan_out"), [(400, 50), (4, 5000)])


@pytest.mark.part("initialization.simple", points=0.25)
@each_size
def test_init_simple(fan_in, fan_out, rng, seed):
    """init_zeros gives zeros, init_small_random a normal distribution with std 0.01 or another."""
    w = call(init_zeros, fan_in, fan_out, rng, returns="w")
    assert_matches("w", w, np.zeros((fan_in, fan_out)), fan_in=fan_in, fan_out=fan_out)
    w = call(init_small_random, fan_in, fan_out, rng, returns="w")
    assert_normal(w, (fan_in, fan_out), 0.01)
    w = call(partial(init_small_random, std=3.0), fan_in, fan_out, rng, returns="w")
    assert_normal(w, (fan_in, fan_out), 3.0)
    assert_uses_only(partial(init_small_random, 3, 4), seed)


@pytest.mark.part("initialization.xavier", points=2)
@each_size
def test_init_xavier(fan_in, fan_out, rng, seed):
    """init_xavier draws from a normal distribution with std 1 / sqrt(fan_in), from rng alone."""
    w = call(init_xavier, fan_in, fan_out, rng, returns="w")
    assert_normal(w, (fan_in, fan_out), 1 / math.sqrt(fan_in))
    assert_uses_only(partial(init_xavier, 3, 4), seed)


@pytest.mark.part("initialization.he", points=2)
@each_size
def test_init_he(fan_in, fan_out, rng, seed):
    """init_he draws from a normal distribution with std sqrt(2 / fan_in), from rng alone."""
    w = call(init_he, fan_in, fan_out, rng, returns="w")
    assert_normal(w, (fan_in, fan_out), math.sqrt(2 / fan_in))
    assert_uses_only(partial(init_he, 3, 4), seed)


of_simple = pytest.mark.part("initialization.simple", points=0.25)
of_xavier = pytest.mark.part("initialization.xavier", points=0.25)
of_he = pytest.mark.part("initialization.he", points=0.25)
# Functions of a part with the std of what they draw for 400 inputs.
CASES = [
    pytest.param(((init_zeros, 0), (init_small_random, 0.01)), marks=of_simple, id="simple"),
    pytest.param(((init_xavier, 1 / 20),), marks=of_xavier, id="xavier"),
    pytest.param(((init_he, math.sqrt(2) / 20),), marks=of_he, id="he"),
]


@pytest.mark.parametrize("functions", CASES)
def test_init_dtypes(functions, rng):
    """The weights are float64."""
    for function, std in functions:
        w = call(function, 400, 50, rng, returns="w")
        assert_dtypes("w", w, np.float64, fan_in=400, fan_out=50)
        if std:
            assert_normal(w, (400, 50), std)
        else:
            assert_matches("w", w, np.zeros((400, 50)))
