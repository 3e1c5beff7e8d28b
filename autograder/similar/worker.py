"""The process that compares: it reads a class from standard input and writes pairs, as JSON lines.

Submissions are hostile, so that reading them may take long or need much memory: this process has
limits, and a student's file that exceeds them is left out. It starts with a fixed seed for hashes
of text, by which the library chooses what it compares: the same class gives the same pairs.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from copydetect import CodeFingerprint
from copydetect.utils import get_copied_slices, get_token_coverage

__all__ = ["main"]

# Lengths in characters of code whose names are one letter each and whose comments and blanks are
# left out: nothing shorter than the first is found, everything from the second on is.
NOISE, GUARANTEED = 60, 80
MOST_SHARED, FEWEST_SHARED = 0.05, 3  # what more students have is explained by the task
SMALL_WORK = 600  # what is alike in less counts as a share of so much: little is alike by chance
MAX_LINE, MAX_FILE, MAX_STUDENT = 1_000, 200_000, 500_000  # characters
FILE_CPU_S, CLASS_MEMORY = 10, 8 << 30
MAX_PAIRS = 200


@dataclass
class _File:
    name: str
    code: CodeFingerprint

    def drop(self, explained: set[int]) -> None:
        """Leave out what does not count."""
        self.code.hashes -= explained
        for found in explained & self.code.hash_idx.keys():
            del self.code.hash_idx[found]
        length = len(self.code.filtered_code)
        self.code.token_coverage = get_token_coverage(self.code.hash_idx, NOISE, length)

    def find(self, hashes: set[int]) -> Any:
        """Return begin and end, in the filtered code, of each stretch with some fingerprints."""
        places = [place for h in self.code.hashes & hashes for place in self.code.hash_idx[h]]
        return get_copied_slices(np.array(places, int), NOISE)

    def find_line(self, place: int) -> int:
        """Return the line, from 1, of a place in the filtered code."""
        offsets = self.code.offsets
        if len(offsets):
            # that of a class is not cumulative in this library
            dropped = np.maximum.accumulate(offsets[:, 1])
            at = np.searchsorted(offsets[:, 0], place)
            place += int(dropped[min(int(at), len(offsets) - 1)])
        return int(self.code.raw_code.count("\n", 0, place)) + 1


class _TooLong(Exception):
    pass


def main() -> None:
    """Compare a class."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    task = json.load(sys.stdin)
    _limit()
    together = {frozenset(group) for group in task["together"]}
    explained: set[int] = set()
    for name, text in task["given"]:
        explained |= CodeFingerprint(name, NOISE, 1, language="python", fp=io.StringIO(text)).hashes
    works: dict[str, list[_File]] = {}
    for student, files in task["students"].items():
        works[student] = list(_read(student, files))
        _say("read", student)
    _drop_explained(works, explained, together, task["count"])
    pairs = sorted(_compare(works, together), key=lambda pair: (-pair[0], pair[1:]))
    for share, one, other in pairs[:MAX_PAIRS]:
        if share >= task["least"]:
            _say("pair", [share, one, other, _describe(works[one], works[other])])
    _say("end", max(0, sum(share >= task["least"] for share, _, _ in pairs) - MAX_PAIRS))


def _say(kind: str, what: object) -> None:
    print(json.dumps([kind, what]), flush=True)


def _limit() -> None:
    def stop(*_: object) -> None:
        raise _TooLong

    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):  # not Unix
        import resource

        signal.signal(signal.SIGVTALRM, stop)
        resource.setrlimit(resource.RLIMIT_AS, (CLASS_MEMORY, CLASS_MEMORY))


def _set_alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)  # the process's own time, not the clock's


def _read(student: str, files: Mapping[str, str]) -> Iterator[_File]:
    """Yield a student's files that can be compared; say what is left out."""
    left = MAX_STUDENT
    for name, text in files.items():
        most = min(MAX_FILE, left)
        if len(text) > most:
            _say("finding", [student, f"{name} has {len(text):,} characters; {most:,} were read"])
        text = text[:most]
        left -= len(text)
        lines = text.split("\n")
        if any(len(line) > MAX_LINE for line in lines):
            _say("finding", [student, f"{name}: lines above {MAX_LINE:,} characters were left out"])
            text = "\n".join("" if len(line) > MAX_LINE else line for line in lines)
        try:
            _set_alarm(FILE_CPU_S)
            window = GUARANTEED - NOISE + 1
            # The library's lexer drops empty lines at the begin: the lines' numbers would be wrong.
            shown = text if text.strip("\n") == text else f"#{text}\n"
            code = CodeFingerprint(name, NOISE, window, language="python", fp=io.StringIO(shown))
        except (_TooLong, MemoryError, RecursionError, ValueError, IndexError):
            _say("finding", [student, f"{name} could not be compared: it takes too long"])
            continue
        finally:
            _set_alarm(0)
        yield _File(name, code)


def _drop_explained(
    works: Mapping[str, Sequence[_File]],
    explained: set[int],
    together: set[frozenset[str]],
    count: int,
) -> None:
    """Leave out what the task explains: what was given, and what many have."""
    owners = {student: student for student in works}
    for group in together:
        owners.update(dict.fromkeys(group, min(group)))
    holders: defaultdict[int, set[str]] = defaultdict(set)
    for student, files in works.items():
        for file in files:
            file.drop(explained)
            for found in file.code.hashes:
                holders[found].add(owners[student])
    most = max(FEWEST_SHARED, int(MOST_SHARED * count))
    common = {found for found, who in holders.items() if len(who) > most}
    for files in works.values():
        for file in files:
            file.drop(common)


def _compare(
    works: Mapping[str, Sequence[_File]], together: set[frozenset[str]]
) -> Iterator[tuple[float, str, str]]:
    """Yield for each two students with something in common the share of it, and who they are."""
    holders: defaultdict[int, set[str]] = defaultdict(set)
    for student, files in works.items():
        for file in files:
            for found in file.code.hashes:
                holders[found].add(student)
    shared = Counter(pair for who in holders.values() for pair in combinations(sorted(who), 2))
    for (one, other), count in shared.items():
        handed_in_together = any({one, other} <= group for group in together)
        if count > 1 and not handed_in_together:
            a, b = works[one], works[other]
            yield max(_share(a, b), _share(b, a)), one, other


def _share(files: Sequence[_File], others: Sequence[_File]) -> float:
    """Return how much of the unexplained code of one student is also the other's."""
    hashes = set().union(*(file.code.hashes for file in others))
    alike = whole = 0.0
    for file in files:
        starts, ends = file.find(hashes)
        alike += float(np.sum(ends - starts))
        whole += float(file.code.token_coverage)
    return min(1.0, alike / max(whole, SMALL_WORK))


def _describe(files: Sequence[_File], others: Sequence[_File]) -> list[list[Any]]:
    """Return for each two files with something in common their names and the lines alike."""
    found = []
    for file in files:
        for other in others:
            common = file.code.hashes & other.code.hashes
            if common:
                links = sorted(
                    (
                        file.find_line(file.code.hash_idx[h][0]),
                        other.find_line(other.code.hash_idx[h][0]),
                    )
                    for h in common
                )
                found.append(
                    [file.name, other.name, _lines(file, common), _lines(other, common), links]
                )
    return found


def _lines(file: _File, hashes: set[int]) -> list[int]:
    """Return the lines that hold some fingerprints."""
    lines: set[int] = set()
    for start, end in zip(*file.find(hashes)):
        lines.update(range(file.find_line(int(start)), file.find_line(int(end) - 1) + 1))
    return sorted(lines)


if __name__ == "__main__":
    main()
