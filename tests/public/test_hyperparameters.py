"""Hyper-parameters: grids against nested loops, distributions of draws, results of searches."""

import math

import numpy as np
import pytest

from assignment.hyperparameters import draw_log_uniform, draw_uniform, make_grid, random_search
from assignment.support.testing.compare import CheckFailed, assert_dtypes
from assignment.support.testing.toys import map_doubled, score_learning_rate, score_unless_diverged
from tests.randomness import assert_shape, assert_share, assert_uses_only


@pytest.mark.part("hyperparameters.grid", points=0.75)
@pytest.mark.parametrize("depths", [[1, 2], (3,)])
def test_make_grid(depths):
    """make_grid returns every combination once, the last name varying fastest."""
    rates, activations = [1e-2, 1e-3, 1e-1], ("relu", "tanh")
    expected = []
    for rate in rates:
        for activation in activations:
            for depth in depths:
                expected.append({"rate": rate, "activation": activation, "depth": depth})
    got = make_grid({"rate": rates, "activation": activations, "depth": depths})
    assert got == expected


DRAWS = [(draw_uniform, -2.0, 6.0), (draw_log_uniform, 1e-5, 1e-1)]
each_draw = pytest.mark.parametrize(("draw", "low", "high"), DRAWS)


def find_quarter(draw, low, high, value):
    """Return the quarter of the range that holds a value: a decade for draw_log_uniform."""
    if draw is draw_log_uniform:
        low, high, value = math.log10(low), math.log10(high), math.log10(value)
    return math.floor(4 * (value - low) / (high - low))


@pytest.mark.part("hyperparameters.draws", points=0.75)
@each_draw
def test_draw(draw, low, high, rng):
    """Each quarter of the range is as likely, for draw_log_uniform each of its four decades."""
    values = draw(low, high, rng, 4000)
    assert_shape("values", values, (4000,))
    if min(values) < low or max(values) > high:
        raise CheckFailed("a draw outside the range", got=f"{min(values):g} to {max(values):g}")
    quarters = [find_quarter(draw, low, high, value) for value in values.tolist()]
    for quarter in range(4):
        assert_share(f"draws in quarter {quarter + 1}", quarters.count(quarter), 4000, 0.25)


@pytest.mark.part("hyperparameters.draws", points=0.5)
@each_draw
def test_draw_sizes(draw, low, high, rng, seed):
    """Without a size a draw is one float, with one an array; all from the rng handed in."""
    value = draw(low, high, rng)
    assert isinstance(value, float), f"one draw is a {type(value).__name__}, not a float"
    assert_shape("values", draw(low, high, rng, (2, 3)), (2, 3))
    assert_uses_only(lambda rng: draw(low, high, rng, 5), seed)


@pytest.mark.part("hyperparameters.draws", points=0.25)
@each_draw
def test_draw_dtypes(draw, low, high, rng):
    """With a size the draws are float64."""
    values = draw(low, high, rng, 4000)
    assert_shape("values", values, (4000,))
    assert_dtypes("values", values, np.float64, low=low, high=high)
    quarters = [find_quarter(draw, low, high, value) for value in values.tolist()]
    assert_share("draws in the first quarter", quarters.count(0), 4000, 0.25)


SPACE = {"learning_rate": ("log_uniform", 1e-5, 1e-1), "dropout": ("uniform", 0.0, 0.6)}


@pytest.mark.part("hyperparameters.search", points=1.25)
def test_random_search(rng, seed):
    """Each configuration lies in the space and stands beside its score, the best first."""
    trials = random_search(score_learning_rate, SPACE, 400, rng)
    assert len(trials) == 400
    for score, configuration in trials:
        assert list(configuration) == ["learning_rate", "dropout"]
        assert 1e-5 <= configuration["learning_rate"] <= 1e-1
        assert 0 <= configuration["dropout"] <= 0.6
        assert score == score_learning_rate(configuration)
    scores = [score for score, _ in trials]
    if scores != sorted(scores, reverse=True):
        raise CheckFailed("not the best first", got=f"scores {scores[:4]} ...")
    for name, middle in [("learning_rate", 1e-3), ("dropout", 0.3)]:
        below = sum(configuration[name] < middle for _, configuration in trials)
        assert_share(f"trials with {name} below {middle}", below, 400, 0.5)


@pytest.mark.part("hyperparameters.search", points=0.75)
def test_random_search_nan(rng):
    """A score of nan counts as the worst."""
    trials = random_search(score_unless_diverged, SPACE, 40, rng)
    scores = [score for score, _ in trials]
    good = [score for score in scores if not math.isnan(score)]
    assert 0 < len(good) < len(scores) == 40
    if scores[: len(good)] != sorted(good, reverse=True):
        raise CheckFailed("nan is not at the end", got=f"scores {scores[:4]} ...")


def search(seed, **options):
    """Return the trials of a search with a new generator."""
    rng = np.random.default_rng(seed)
    return random_search(score_learning_rate, SPACE, 20, rng, **options)


@pytest.mark.part("hyperparameters.search", points=0.75)
def test_random_search_map(seed):
    """The map handed in does the work; the configurations depend on the generator alone."""
    trials = search(seed)
    assert search(seed, map=map_doubled) == [(2 * score, config) for score, config in trials]
    assert search(seed + 1) != trials
    assert len({config["dropout"] for _, config in trials}) == 20


@pytest.mark.part("hyperparameters.search", points=0.5)
def test_random_search_unknown_draw(rng):
    """A draw that does not exist raises a ValueError that names it; the two others work."""
    trials = random_search(score_learning_rate, SPACE, 1, rng)
    assert len(trials) == 1, f"not one trial: {trials}"
    score, configuration = trials[0]
    assert list(configuration) == list(SPACE)
    assert 1e-5 <= configuration["learning_rate"] <= 1e-1
    assert score == score_learning_rate(configuration)
    space = {"learning_rate": ("log_normal", 1e-5, 1e-1)}
    with pytest.raises(ValueError, match="log_normal"):
        random_search(score_learning_rate, space, 3, rng)
