"""Choose the users that workers run as if the grader is root: nobody else may run as them.

At level user all processes of a worker's user are killed when the worker ends.
"""

from __future__ import annotations

import contextlib
import functools
import pwd
import socket
from pathlib import Path

import psutil

__all__ = ["claim_uids"]

# Neither people, homed nor services that systemd starts get these ids, and /etc/subuid gives
# higher ones to containers: https://systemd.io/UIDS-GIDS/
FREE = range(60_578, 61_184)
BLOCK = 4  # for functions and for notebooks, at two judges
_claims: list[socket.socket] = []  # names that are taken until this process and its forks end


@functools.cache
def claim_uids() -> int:
    """Return the first of four user ids that nobody else uses, nor another grader.

    Raises
    ------
    OSError
        There are none.
    """
    used = {uid for one in psutil.process_iter(["uids"]) for uid in one.info["uids"] or ()}
    for first in range(FREE.start, FREE.stop - BLOCK + 1, BLOCK):
        block = range(first, first + BLOCK)
        if used.isdisjoint(block) and not any(map(_is_known, block)) and _has_all(block):
            claim = socket.socket(socket.AF_UNIX)
            with contextlib.suppress(OSError):  # another grader has it
                claim.bind(f"\0autograder-uid-{first}")
                _claims.append(claim)
                return first
            claim.close()
    raise OSError(f"no user ids for workers: {FREE.start} to {FREE.stop - 1} are used or missing")


def _is_known(uid: int) -> bool:
    """Say whether a user has this id."""
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwuid(uid))
    return False


def _has_all(uids: range) -> bool:
    """Say whether this container has the ids."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        inside, _, count = map(int, line.split())
        if inside <= uids.start and uids.stop <= inside + count:
            return True
    return False
