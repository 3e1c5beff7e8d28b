"""What a graded cell printed against what it should have printed, number by number."""

from __future__ import annotations

import math
import re
from itertools import zip_longest

from assignment.support.outputs import MARK

__all__ = ["largest_difference", "same_output"]

TOLERANCE = 1e-6
SMALLEST_SHARE = 1e-3  # of the largest number of its line: what is smaller is measured as that
RESULT = re.compile(rf"{MARK}[^\n]*")
NUMBER = re.compile(r"[+-]?[0-9]\.[0-9]{9}e[+-][0-9]{2,3}")  # as print_numbers writes it, no other


def same_output(got: str, expected: str) -> bool:
    """Say whether two outputs of print_numbers hold the same results.

    Floats may differ by a millionth, or by a billionth of the largest one of their line; all
    else must be equal: names, dtypes, shapes, integers, strings, nan and inf. What is printed
    between or before the results by the functions themselves does not count.

    Parameters
    ----------
    got : str
        From a submission, so it may be any text, of any length.
    expected : str
        From the teacher's solved notebook.
    """
    return largest_difference(got, expected) <= TOLERANCE


def largest_difference(got: str, expected: str) -> float:
    """Return the largest relative difference of two numbers; inf if anything else differs.

    Parameters
    ----------
    got, expected : str
        As for same_output.

    Raises
    ------
    ValueError
        Nothing is expected, so that anything would do.
    """
    lines = [(match.group() for match in RESULT.finditer(text)) for text in (got, expected)]
    if not RESULT.search(expected):
        raise ValueError("largest_difference: expected holds no line of print_numbers")
    worst = 0.0
    for pair in zip_longest(*lines, fillvalue=""):
        worst = max(worst, _compare_lines(*pair))
        if worst == math.inf:
            break  # the rest may be long
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
