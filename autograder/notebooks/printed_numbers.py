"""Compare what a graded cell printed with the expected output, number by number."""

from __future__ import annotations

import math
import re
from itertools import zip_longest

from assignment.support.outputs import MARK

__all__ = ["largest_difference", "same_output"]

TOLERANCE = 1e-6
SMALLEST_SHARE = 1e-3  # of the largest number of a line: errors are relative to at least that
RESULT = re.compile(rf"{MARK}[^\n]*")
NUMBER = re.compile(r"[+-]?[0-9]\.[0-9]{9}e[+-][0-9]{2,3}")  # only as print_numbers writes it


def same_output(got: str, expected: str) -> bool:
    """Say whether two outputs of print_numbers hold the same results.

    Floats may differ by a millionth, or by a billionth of the largest one of their line. All else
    must be equal: names, dtypes, shapes, integers, strings, nan and inf. Only lines of
    print_numbers count: the functions themselves may print, too. `got` may be any text, of any
    length, as it comes from a submission.
    """
    return largest_difference(got, expected) <= TOLERANCE


def largest_difference(got: str, expected: str) -> float:
    """Return the largest relative difference of two numbers; inf if anything else differs.

    Raises
    ------
    ValueError
        `expected` holds no line of print_numbers, so that any output would pass.
    """
    lines = [(match.group() for match in RESULT.finditer(text)) for text in (got, expected)]
    if not RESULT.search(expected):
        raise ValueError("largest_difference: expected holds no line of print_numbers")
    worst = 0.0
    for pair in zip_longest(*lines, fillvalue=""):
        worst = max(worst, _compare_lines(*pair))
        if worst == math.inf:
            break
    return worst


def _compare_lines(got: str, expected: str) -> float:
    if len(got) > 2 * len(expected):  # a number takes 15 to 17 characters, nothing else may vary
        return math.inf
    words, expected_words = got.split(" "), expected.split(" ")
    if len(words) != len(expected_words):
        return math.inf
    numbers = [abs(float(word)) for word in expected_words if NUMBER.fullmatch(word)]
    floor = SMALLEST_SHARE * max(numbers, default=0.0)
    return max(_compare_words(*pair, floor) for pair in zip(words, expected_words))


def _compare_words(got: str, expected: str, floor: float) -> float:
    if got == expected:
        return 0.0
    if not (NUMBER.fullmatch(got) and NUMBER.fullmatch(expected)):
        return math.inf
    difference, size = abs(float(got) - float(expected)), max(abs(float(expected)), floor)
    return difference / size if size else (math.inf if difference else 0.0)
