"""``track(items, label)``: loop over items and show progress."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeVar

from tqdm import tqdm

__all__ = ["track"]

SECONDS_BETWEEN_UPDATES = 0.1

Item = TypeVar("Item")


def track(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items and show how many of them are done.

    A notebook shows a bar, and at the end one line, "label: 200 of 200"; a terminal shows tqdm's
    bar; elsewhere nothing is shown.

    Parameters
    ----------
    items : iterable
    label : str
        What is being done, for example "training".
    total : int or None
        Number of items; needed only if items has no ``len``.

    Yields
    ------
    item : the items, one by one

    Raises
    ------
    TypeError
        There is neither total nor ``len(items)``.

    Notes
    -----
    A loop that is left early ends with "label: 37 of 200". nbval compares this with "200 of 200",
    so a notebook cell that stops early on purpose should not show progress.
    """
    if total is None:
        if not isinstance(items, Sized):
            raise TypeError(f"track: {label}: items has no len(), so give total=, their number")
        total = len(items)
    if _runs_in_notebook():
        return _track_in_notebook(items, label, total)
    return iter(tqdm(items, desc=label, total=total, disable=None))  # silent unless on a terminal


def _runs_in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _track_in_notebook(items: Iterable[Item], label: str, total: int) -> Iterator[Item]:
    """Show a bar in one output whose first and last state are equal.

    nbval compares the last state, which is stored, with the first one of a new run.
    """
    from IPython.display import display

    handle = display(_as_line(label, total, total), raw=True, display_id=True)
    start = shown = time.monotonic()
    done = 0
    handle.update(_as_bar(label, 0, total, 0.0), raw=True)
    try:
        for done, item in enumerate(items):
            now = time.monotonic()
            if now - shown >= SECONDS_BETWEEN_UPDATES:
                handle.update(_as_bar(label, done, total, now - start), raw=True)
                shown = now
            yield item
            done += 1
    finally:
        handle.update(_as_line(label, done, total), raw=True)


def _as_line(label: str, done: int, total: int) -> dict[str, Any]:
    text = f"{label}: {done:,} of {total:,}"
    return {"text/plain": text, "text/html": html.escape(text)}


def _as_bar(label: str, done: int, total: int, seconds: float) -> dict[str, Any]:
    line = _as_line(label, done, total)
    left = f", {(total - done) * seconds / done:.0f} s left" if done else ""
    bar = f'<progress value="{done}" max="{total}" style="width: 20em"></progress>'
    return {
        "text/plain": line["text/plain"] + left,
        "text/html": f"{bar} {line['text/html']}{left}",
    }
