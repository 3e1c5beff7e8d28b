"""Grade a class of hostile submissions, in a process of its own: python -m ... KIND CLASS OUT."""

from __future__ import annotations

import ctypes
import platform
import secrets
import sys
from pathlib import Path

from autograder.grading import GradingError, grade_class
from autograder.settings import Limits, Settings

NO_WALL = 3  # exit code
KEYCTL, JOIN_SESSION_KEYRING = 250, 1  # on x86-64; logins and containers have such keyrings
SECONDS = {"functions": 4, "notebooks": 3}  # so that an endless loop costs little here


def main(kind: str, submissions: Path, results: Path) -> int:
    """Grade only behind the full wall: such submissions must not run without it."""
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        ctypes.CDLL(None).syscall(KEYCTL, JOIN_SESSION_KEYRING, None)
    notebooks, seconds = kind == "notebooks", SECONDS[kind]
    limits = Limits(seconds=seconds, part_seconds=3 * seconds)
    try:
        settings = Settings(secrets.randbits(32), "full", limits, notebooks)
        grade_class(submissions, results, settings)
    except GradingError as error:
        print(error, file=sys.stderr)
        return NO_WALL
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(Path, sys.argv[2:])))
