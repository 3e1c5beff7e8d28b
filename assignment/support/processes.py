"""A ``map`` that runs in several processes, with one BLAS thread each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor

from assignment.support.progress import track

__all__ = ["process_map"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def process_map(
    processes: int, label: str | None = None
) -> Callable[[Callable[[Item], Result], Iterable[Item]], Iterator[Result]]:
    """Return a function that works like ``map`` and runs in several processes.

    ``random_search(evaluate, space, 64, rng, map=process_map(2))`` gives the same result as with
    Python's map. Functions defined in a notebook cell work, too.

    Parameters
    ----------
    processes : int, at least 1
        1 means this process alone.
    label : str or None
        Shows progress with this label; None shows none.

    Returns
    -------
    map : function of (function, items) that yields the results in the order of the items
        An exception of the function is raised here.

    Raises
    ------
    ValueError
        `processes` is below 1.
    """
    if processes < 1:
        raise ValueError(f"process_map: processes is {processes}, use 1 or more")

    def map_items(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        known = list(items)
        here = processes == 1
        results = map(function, known) if here else _map_in_pool(processes, function, known)
        return track(results, label, len(known)) if label else results

    return map_items


def _map_in_pool(
    processes: int, function: Callable[[Item], Result], items: list[Item]
) -> Iterator[Result]:
    # with more BLAS threads than cores, threads wait for each other
    with parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = Parallel(n_jobs=processes, return_as="generator")
    try:
        yield from parallel(delayed(function)(item) for item in items)
    finally:  # or after an edit, the next call would still run the old functions
        get_reusable_executor(reuse=True).shutdown()
