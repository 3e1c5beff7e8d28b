"""Time two functions in turn: a row of the benchmark."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

__all__ = ["Case", "Goal", "Result", "measure", "share_of_time", "times_faster"]

REPETITION_S = 1e-3  # long compared with reading the clock, short compared with disturbances
AGREEMENT = 1e-3  # of the largest value; the order of float32 sums matters far less

Call = Callable[[], Sequence[Any]]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Goal:
    """The ratio to reach; made by share_of_time and times_faster."""

    limit: float
    is_speedup: bool

    def __str__(self) -> str:
        return f">= {self.limit:g} x" if self.is_speedup else f"<= {self.limit:g}"

    def judge(self, ours_s: float, other_s: float) -> tuple[float, bool]:
        """Return the ratio and whether it reaches the limit."""
        ratio = other_s / ours_s if self.is_speedup else ours_s / other_s
        return ratio, ratio >= self.limit if self.is_speedup else ratio <= self.limit


def share_of_time(limit: float) -> Goal:
    """Return a goal: at most this share of the other's time."""
    return Goal(limit, is_speedup=False)


def times_faster(limit: float) -> Goal:
    """Return a goal: at least so many times as fast as the other."""
    return Goal(limit, is_speedup=True)


@dataclass(frozen=True)
class Case:
    """One row: our code and other code that does the same work.

    Attributes
    ----------
    what, size, other : str
        Our code, the size of its input, and what it is compared with.
    goal : Goal
    prepare : function that returns our call and the other one
        Each call returns arrays or numbers, which must agree.
    clock : function that returns seconds
        By default the CPU time of this process: other programs disturb it less than wall time.
    """

    what: str
    size: str
    other: str
    goal: Goal
    prepare: Callable[[], tuple[Call, Call]]
    clock: Clock = time.process_time


@dataclass(frozen=True)
class Result:
    """Median seconds of one call of ours and of the other, or a problem."""

    ours_s: float = nan
    other_s: float = nan
    problem: str = ""


def measure(case: Case, seconds: float) -> Result:
    """Time both calls of a case in turn for about so many seconds, or once if both take longer.

    If a package is not installed or the results differ, the result has a problem.
    """
    try:
        calls = case.prepare()
    except ModuleNotFoundError as error:
        package = str(error.name).split(".")[0].replace("_", "-")
        return Result(problem=f"{package} not installed")
    (ours, ours_s), (other, other_s) = (_call_once(call, case.clock) for call in calls)
    if not _agree(ours, other):
        return Result(problem="the results differ")
    if min(ours_s, other_s) >= seconds:
        return Result(ours_s, other_s)
    counts = [_count_calls(call, case.clock) for call in calls]
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while not times[0] or time.perf_counter() < end:
        for call, count, series in zip(calls, counts, times):
            series.append(_time(call, count, case.clock))
    return Result(statistics.median(times[0]), statistics.median(times[1]))


def _call_once(call: Call, clock: Clock) -> tuple[Sequence[Any], float]:
    start = clock()
    values = call()
    return values, clock() - start


def _agree(ours: Sequence[Any], other: Sequence[Any]) -> bool:
    pairs = [(np.asarray(a), np.asarray(b)) for a, b in zip(ours, other)]
    return all(
        a.shape == b.shape and np.abs(a - b).max() <= AGREEMENT * np.abs(b).max() for a, b in pairs
    )


def _count_calls(call: Call, clock: Clock) -> int:
    """Return how many calls fill a repetition."""
    count = 1
    while count * _time(call, count, clock) < REPETITION_S:
        count *= 2
    return count


def _time(call: Call, count: int, clock: Clock) -> float:
    """Return the seconds of one call, averaged over `count` calls."""
    start = clock()
    for _ in range(count):
        call()
    return (clock() - start) / count
