"""Hyper-parameters: grids of any size, ranges of one value, a single trial, ties."""

import numpy as np
import pytest

from assignment.hyperparameters import draw_log_uniform, draw_uniform, make_grid, random_search
from assignment.support.testing.compare import assert_matches
from assignment.support.testing.toys import score_alike


@pytest.mark.part("hyperparameters.grid", points=0.25)
@pytest.mark.parametrize("lengths", [(3,), (1, 1), (2, 1, 3, 2)], ids=str)
def test_make_grid_any_size(lengths):
    """A grid may have one name or four, under any names, and only one value for a name."""
    values = {f"option_{i}": list(range(length)) for i, length in enumerate(lengths)}
    got = make_grid(values)
    assert got == [dict(zip(values, place)) for place in np.ndindex(lengths)]


@pytest.mark.part("hyperparameters.draws", points=0.5)
@pytest.mark.parametrize("draw", [draw_uniform, draw_log_uniform])
def test_draw_from_small_ranges(draw, rng):
    """A range of one value gives this value, whole numbers give floats, every call draws anew."""
    assert_matches("values", draw(3, 3, rng, (3, 2)), np.full((3, 2), 3.0), low=3, high=3)
    values = [*draw(1, 2, rng, 20), *draw(1, 2, rng, 20), draw(1, 2, rng)]
    assert all(1 <= value <= 2 for value in values)
    assert len(set(values)) == 41


@pytest.mark.part("hyperparameters.search", points=0.75)
@pytest.mark.parametrize("num_trials", [1, 30])
def test_random_search_ties(num_trials, rng):
    """Equal scores need no order among themselves; a single trial and other names will do."""
    trials = random_search(score_alike, {"reg": ("log_uniform", 1e-9, 1e-6)}, num_trials, rng)
    assert [score for score, _ in trials] == num_trials * [0.5]
    values = {configuration["reg"] for _, configuration in trials}
    assert len(values) == num_trials
    assert all(1e-9 <= value <= 1e-6 for value in values)
