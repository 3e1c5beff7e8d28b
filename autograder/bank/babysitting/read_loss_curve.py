"""Variants of read_loss_curve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.bank import mistake, right


def _cut(losses: Any) -> Any:
    """Return start, middle and end of a loss curve."""
    parts = [part.mean() for part in np.array_split(losses, 10)]
    return losses[0], parts[4], parts[-1]


def _apply_rules(losses: Any, start: Any, middle: Any, end: Any) -> Any:
    """Return for each verdict whether its rule holds, in the order of the rules."""
    return {
        "diverged": not np.isfinite(losses).all() or end > 1.5 * start,
        "too slow": start - end < 0.1 * start,
        "plateau": end > 0.25 * start and middle - end < 0.05 * (start - end),
    }


def _choose(rules: Any) -> Any:
    return next((verdict for verdict, holds in rules.items() if holds), "healthy")


@mistake(
    "read_loss_curve",
    where="what read_loss_curve does about nan and infinite losses",
    what="They are not looked for: no comparison with nan is true.",
    how="Test np.isfinite(losses).all() first.",
)
def nan_not_noticed(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": end > 1.5 * start})


@mistake(
    "read_loss_curve",
    where="what read_loss_curve does about infinite losses",
    what="nan is noticed, but inf is not.",
    how="Test np.isfinite(losses).all(), not np.isnan.",
)
def inf_not_noticed(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": np.isnan(losses).any() or end > 1.5 * start})


@mistake(
    "read_loss_curve",
    where="which losses read_loss_curve tests for nan and infinity",
    what="Only the last one is tested.",
    how="Test all of them: np.isfinite(losses).all().",
)
def nan_noticed_at_the_end_only(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": not np.isfinite(losses[-1]) or end > 1.5 * start})


@mistake(
    "read_loss_curve",
    where="what start is in read_loss_curve",
    what="It is the mean of the first part.",
    how="Take the first loss alone: losses[0].",
)
def start_averaged(losses):
    _, middle, end = _cut(losses)
    start = np.array_split(losses, 10)[0].mean()
    return _choose(_apply_rules(losses, start, middle, end))


@mistake(
    "read_loss_curve",
    where="what middle is in read_loss_curve",
    what="It is the mean of the sixth part.",
    how="Take the fifth part: index 4, counted from 0.",
)
def middle_a_part_too_late(losses):
    start, _, end = _cut(losses)
    middle = np.array_split(losses, 10)[5].mean()
    return _choose(_apply_rules(losses, start, middle, end))


@mistake(
    "read_loss_curve",
    where="what end is in read_loss_curve",
    what="It is the last loss alone.",
    how="Take the mean of the last of the ten parts.",
)
def end_not_averaged(losses):
    start, middle, _ = _cut(losses)
    return _choose(_apply_rules(losses, start, middle, losses[-1]))


@mistake(
    "read_loss_curve",
    where="how read_loss_curve cuts the run into ten parts",
    what="The cut works for multiples of ten only.",
    how="Use np.array_split(losses, 10), which takes any length.",
)
def multiples_of_ten_only(losses):
    parts = losses.reshape(10, -1).mean(axis=1)
    return _choose(_apply_rules(losses, losses[0], parts[4], parts[-1]))


@mistake(
    "read_loss_curve",
    where="the limit of diverged in read_loss_curve",
    what="Any end above the start counts as diverged.",
    how="Compare end with 1.5 * start.",
)
def diverged_without_a_margin(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": rules["diverged"] or end > start})


@mistake(
    "read_loss_curve",
    where="the limit of diverged in read_loss_curve",
    what="end is compared with 1.5, whatever the loss starts at.",
    how="Compare end with 1.5 * start.",
)
def diverged_above_a_fixed_loss(losses):
    rules = _apply_rules(losses, *_cut(losses))
    diverged = not np.isfinite(losses).all() or _cut(losses)[2] > 1.5
    return _choose({**rules, "diverged": diverged})


@mistake(
    "read_loss_curve",
    where="the limit of too slow in read_loss_curve",
    what="start - end is compared with 0.1, whatever the loss starts at.",
    how="Compare start - end with 0.1 * start.",
)
def too_slow_below_a_fixed_drop(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "too slow": start - end < 0.1})


@mistake(
    "read_loss_curve",
    where="the order of the rules in read_loss_curve",
    what="The rule of the plateau comes before the one of too slow.",
    how="Go through the rules in the order of the docstring: the first one that holds is it.",
)
def plateau_before_too_slow(losses):
    rules = _apply_rules(losses, *_cut(losses))
    return _choose({verdict: rules[verdict] for verdict in ("diverged", "plateau", "too slow")})


@mistake(
    "read_loss_curve",
    where="the rule of the plateau in read_loss_curve",
    what="A run that has come down far is called a plateau, too.",
    how="Ask for end > 0.25 * start as well.",
)
def plateau_at_a_low_loss(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "plateau": middle - end < 0.05 * (start - end)})


@mistake(
    "read_loss_curve",
    where="the rule of the plateau in read_loss_curve",
    what="middle - end is compared with a share of start.",
    how="Compare it with 0.05 * (start - end), a share of the whole way down.",
)
def plateau_relative_to_the_start(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    is_flat = end > 0.25 * start and middle - end < 0.05 * start
    return _choose({**rules, "plateau": is_flat})


@right("read_loss_curve", "slices and nested conditions")
def slices(losses):
    T = len(losses)
    start, end = float(losses[0]), float(np.mean(losses[9 * T // 10 :]))
    middle = float(np.mean(losses[4 * T // 10 : 5 * T // 10]))
    drop, finite = start - end, all(math.isfinite(loss) for loss in losses)
    if finite and end <= 1.5 * start:
        if drop >= 0.1 * start:
            flat = end > start / 4 and middle - end < drop / 20
            return "plateau" if flat else "healthy"
        return "too slow"
    return "diverged"


@right("read_loss_curve", "ratios, a table of rules, Python floats")
def table_of_rules(losses):
    parts = [sum(part) / len(part) for part in np.array_split(losses.astype(float), 10)]
    start, middle, end = float(losses[0]), parts[4], parts[9]
    end, middle = end / start, middle / start
    rules = {
        "diverged": not math.isfinite(sum(parts)) or end > 1.5,
        "too slow": 1 - end < 0.1,
        "plateau": end > 0.25 and middle - end < 0.05 * (1 - end),
    }
    return _choose(rules)
