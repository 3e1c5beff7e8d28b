"""Measure how well the command similar finds copies in a made-up class."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence

from autograder.similar.pairs import LEAST, SimilarError, find_similar
from tools.bench.similar_class import make_class

__all__ = ["main"]

DESCRIPTION = """\
Make up a class in which everybody writes in a style of their own and six students copy: three
change comments and blank lines, three give all variables other names and move statements. Print how
many of the first pairs that the command finds are copies (precision), and of the copies how many
are among these pairs (recall).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare one class, print the figures and return the exit code."""
    parser = argparse.ArgumentParser("python -m tools.bench.similar", description=DESCRIPTION)
    parser.add_argument("--size", type=int, default=300, help="students (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the class (default: %(default)s)")
    parser.add_argument("--share", type=float, default=1, help="of the functions that is copied")
    options = parser.parse_args(arguments)
    works, copies = make_class(options.size, 3, 3, options.seed, options.share)
    started = time.monotonic()
    try:
        pairs = find_similar(works.items(), least=0).pairs
    except SimilarError as error:
        print(error, file=sys.stderr)
        return 2
    seconds = time.monotonic() - started
    is_copy = [frozenset((pair.student, pair.other)) in copies for pair in pairs]
    for first in (6, 12, 20):
        hits = sum(is_copy[:first])
        print(f"top {first:2}  precision {hits / first:.2f}  recall {hits / len(copies):.2f}")
    listed = [hit for pair, hit in zip(pairs, is_copy) if pair.score >= LEAST]
    honest = max((pair.score for pair, hit in zip(pairs, is_copy) if not hit), default=0)
    print(f"listed from {LEAST:g} on: {len(listed)}, of which copies: {sum(listed)}")
    print(f"highest share of an honest pair: {honest:.2f}")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{seconds:.1f} s, {memory:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
