"""Hyper-parameters: one value, one trial, ties, and searches that do not depend on their map."""

import numpy as np
import pytest

from assignment.hyperparameters import draw_log_uniform, draw_uniform, random_search
from assignment.support.toys import map_in_reverse, score_alike, score_learning_rate
from tests.randomness import assert_share

SPACE = {"learning_rate": ("log_uniform", 1e-5, 1e-1), "dropout": ("uniform", 0.2, 0.7)}


@pytest.mark.part("hyperparameters.draws", points=0.5)
@pytest.mark.parametrize(("draw", "low", "high"), [(draw_uniform, 2, 2), (draw_log_uniform, 3, 3)])
def test_draw_from_a_point(draw, low, high, rng):
    """A range of one value gives this value; a range in whole numbers still gives floats."""
    np.testing.assert_allclose(draw(low, high, rng, (3, 2)), np.full((3, 2), float(low)))
    values = [draw(low, 8 * high, rng) for _ in range(20)]
    assert len(set(values)) == 20
    assert all(low <= value <= 8 * high for value in values)


def search(seed, num_trials, **options):
    """Return the trials of a search with a generator of its own."""
    rng = np.random.default_rng(seed)
    return random_search(score_learning_rate, SPACE, num_trials, rng, **options)


@pytest.mark.part("hyperparameters.search", points=0.25)
@pytest.mark.parametrize("num_trials", [1, 20])
def test_random_search_map(num_trials, seed):
    """The result depends on the generator alone, not on the map; each trial is a new draw."""
    trials = search(seed, num_trials)
    assert trials == search(seed, num_trials, map=map_in_reverse)
    assert trials != search(seed + 1, num_trials)
    assert len({configuration["dropout"] for _, configuration in trials}) == num_trials


@pytest.mark.part("hyperparameters.search", points=0.25)
def test_random_search_ties(rng):
    """Equal scores need no order among themselves; learning rates spread evenly over decades."""
    trials = random_search(score_alike, SPACE, 800, rng)
    assert [score for score, _ in trials] == 800 * [0.5]
    rates = [configuration["learning_rate"] for _, configuration in trials]
    assert_share("learning rates below 1e-3", sum(rate < 1e-3 for rate in rates), 800, 0.5)
