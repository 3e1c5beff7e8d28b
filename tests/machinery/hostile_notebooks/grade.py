"""Grade a class of hostile notebooks, in a process of its own: python -m ... CLASS RESULTS."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.grading import GradingError, grade_class
from autograder.wall import Limits

NO_WALL = 3  # exit code
SECONDS = 3  # so that an endless loop costs little here


def main(submissions: Path, results: Path) -> int:
    """Grade, but only behind the full wall: without it such notebooks are not let loose."""
    try:
        grade_class(submissions, results, require_isolation="full", limits=Limits(seconds=SECONDS))
    except GradingError as error:
        print(error, file=sys.stderr)
        return NO_WALL
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
