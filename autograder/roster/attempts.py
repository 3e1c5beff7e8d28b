"""Tell attempts of one student from files of one attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from autograder.roster.file_names import COPY, Owner

__all__ = ["split_attempts"]

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
