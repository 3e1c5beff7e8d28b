"""Tell attempts of one student from files of one attempt, and choose the attempt that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from autograder.roster.file_names import COPY, Owner

__all__ = ["RULES", "choose_attempt", "split_attempts"]

RULES = ("latest", "best", "first")
Item = TypeVar("Item")


def split_attempts(files: Sequence[Item], get_owner: Callable[[Item], Owner]) -> list[list[Item]]:
    """Return the files of each attempt of one student, the earliest attempt first.

    Files that were handed in at different times are of different attempts. Where the system states
    no time, a file is of a later attempt if another one has its name but for the number of a copy:
    hw.zip, hw-1.zip, hw (2).zip. All others belong to the first attempt.
    """
    owners = [get_owner(file) for file in files]
    times = [owner.at for owner in owners if owner.at]
    if len(times) == len(files):
        ranks = {at: rank for rank, at in enumerate(sorted(set(times)))}
        return _group(files, [ranks[at] for at in times])
    numbers: dict[str, list[int]] = {}
    for owner in owners:
        numbers.setdefault(_drop_number(owner), []).append(owner.attempt or 0)
    return _group(files, [(o.attempt or 0) - min(numbers[_drop_number(o)]) for o in owners])


def _group(files: Sequence[Item], ranks: Sequence[int]) -> list[list[Item]]:
    groups: dict[int, list[Item]] = {}
    for file, rank in zip(files, ranks):
        groups.setdefault(rank, []).append(file)
    return [groups[rank] for rank in sorted(groups)]


def _drop_number(owner: Owner) -> str:
    return COPY.sub("", owner.rest).casefold()


def choose_attempt(
    attempts: Sequence[Item],
    rule: str,
    handed_in: Callable[[Item], datetime],
    score: Callable[[Item], float | None],
) -> Item:
    """Return the attempt that counts.

    Parameters
    ----------
    attempts : sequence
        Of one student, at least one.
    rule : str
        "latest", "best" or "first".
    handed_in : callable
        Gives the time of an attempt; all of them have a zone, or none.
    score : callable
        Gives the points of an attempt, None for one that could not be read: it is never the best
        if another one has points.

    Notes
    -----
    Of several handed in at the same time, the last in `attempts` is the latest. Of several with the
    same points, the latest is the best.
    """
    ordered = sorted(attempts, key=handed_in)
    if rule == "latest":
        return ordered[-1]
    if rule == "first":
        return ordered[0]
    if rule == "best":
        scores = [score(attempt) for attempt in ordered]
        ranks = [(points is not None, points or 0.0, i) for i, points in enumerate(scores)]
        return ordered[max(ranks)[2]]
    raise ValueError(f"the rule {rule!r} is none of {', '.join(RULES)}")
