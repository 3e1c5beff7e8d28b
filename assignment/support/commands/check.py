"""``python -m assignment check``: print messages, a table of points, and the next part."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from assignment.support.project.manifest import Part, load_parts
from assignment.support.project.unwritten import find_unwritten
from assignment.support.testing.failures import Outcome
from assignment.support.testing.plugin import PartScore, write_table
from assignment.support.testing.public_tests import CheckError, run_public_tests

__all__ = ["check_parts"]

Scores = Mapping[str, PartScore]
GREEN, YELLOW, RED, BOLD = "32", "33", "31", "1"
COLORS = {Outcome.PASSED: GREEN, Outcome.NOT_WRITTEN: YELLOW}  # RED for all others
WIDTH = 60  # characters
HIDDEN = "of the public tests; the grader has hidden ones as well"


def check_parts(part_ids: Sequence[str], seed: int, as_json: bool) -> int:
    """Test some parts, print the results, and return the exit code."""
    progress = Progress(sys.stderr)
    try:
        ran = run_public_tests(part_ids, seed, progress.show)
    except CheckError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        progress.clear()
    scores, warnings = ran.tested(), ran.find_warnings()
    following = find_next(scores)
    if as_json:
        print(json.dumps({**_collect(scores, seed, following), "warnings": warnings}, indent=1))
    else:
        print("\n".join([*_write_warnings(warnings), *_write(scores, following)]))
    passed = all(score.outcome is Outcome.PASSED for score in scores.values())
    return 0 if passed and not warnings else 1


def find_next(scores: Scores) -> Part | None:
    """Return the first tested part that does not pass, else the first one not written.

    Where a part calls one that is not written, that one comes first if it stands above.
    """
    failing = {id: score for id, score in scores.items() if score.outcome is not Outcome.PASSED}
    called = [score.failure.unwritten for score in failing.values() if score.failure]
    waiting = [*failing, *filter(None, called)]
    waiting = waiting or [part_id for part_id in find_unwritten() if part_id not in scores]
    return next((part for part in load_parts() if part.id in waiting), None)


def _collect(scores: Scores, seed: int, following: Part | None) -> dict[str, object]:
    files = {part.id: f"assignment/{part.file}" for part in load_parts()}
    got, possible = _add_up(scores)
    parts = [
        {
            "id": part_id,
            "file": files[part_id],
            "got": score.points_got,
            "possible": score.points_possible,
            "status": score.outcome.value,
            "message": score.message,
        }
        for part_id, score in scores.items()
    ]
    next_id = following.id if following else None
    return {"seed": seed, "got": got, "possible": possible, "next": next_id, "parts": parts}


def _write_warnings(warnings: Sequence[str]) -> list[str]:
    """Return the lines about files that Python cannot import; their tests may still pass."""
    lines = []
    for warning in warnings:
        problem, *rows = warning.split("\n")
        lines += [paint(problem, YELLOW), *rows, ""]
    return lines


def _write(scores: Scores, following: Part | None) -> list[str]:
    """Return the lines: what is wrong with each part, the table, and the next step."""
    lines = []
    for score in scores.values():
        if score.outcome not in (Outcome.PASSED, Outcome.NOT_WRITTEN):
            problem, *rows = score.message.split("\n")
            lines += [paint(problem, RED), *rows, ""]
    lines += write_table(scores.values(), lambda note, end: paint(note, COLORS.get(end, RED)))
    if len(scores) > 1:
        lines[-1] += f" {HIDDEN}"
    return [*lines, _write_next(following, len(scores))]


def _add_up(scores: Scores) -> tuple[float, float]:
    got = sum(score.points_got for score in scores.values())
    return got, sum(score.points_possible for score in scores.values())


def _write_next(part: Part | None, tested: int) -> str:
    if part is not None:
        place = f"in assignment/{part.file} (notebooks/{part.notebook}.ipynb)"
        return f"next: {paint(part.id, BOLD)}, {place}"
    everything = tested == len(load_parts())
    return f"next: python -m assignment {'submit' if everything else 'check'}"


def paint(text: str, color: str) -> str:
    """Return the text in colour if the output is a terminal with colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not sys.stdout.isatty() else f"\033[{color}m{text}\033[0m"


class Progress:
    """Shows on a terminal, in one line, what is running; elsewhere nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream if stream.isatty() else None
        self.show("your files")

    def show(self, what: str) -> None:
        """Replace the line."""
        self._write(f"testing {what} ...".ljust(WIDTH))

    def clear(self) -> None:
        """Take the line away."""
        self._write(" " * WIDTH + "\r")

    def _write(self, text: str) -> None:
        if self.stream is not None:
            self.stream.write(f"\r{text}")
            self.stream.flush()
