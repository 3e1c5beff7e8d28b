"""Print results so that outputs can be compared: the same text for the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from assignment.support.testing.compare import call_twice

__all__ = ["MARK", "call_each", "print_numbers"]

MARK = "@result "  # begins each line, to distinguish it from what the functions print
MOST_NUMBERS = 1000  # printed of one array: a wrong one may have any size
KINDS = {"b": "bool", "i": "int", "u": "int"}  # the size of an integer depends on the machine


def print_numbers(**results: Any) -> None:
    """Print results in full, one line for each array or number.

    The line has a name, the dtype, the shape, and then all numbers with ten digits:
    ``@result db float64 (2,) 5.000000000e-01 -1.250000000e+00``. A Python number counts as an
    array of shape (). A tuple, list or dict gets a line with its type and length, and below it
    the lines of its items. Of any other object only the type is printed.

    Parameters
    ----------
    results : numbers, arrays, str, bool, None, and tuples, lists and dicts of these
    """
    lines = [line for name, value in results.items() for line in _describe(name, value)]
    print("\n".join(MARK + line for line in lines))


def call_each(function: Callable[..., Any], cases: Iterable[Iterable[Any]]) -> list[Any]:
    """Return the function's result in each case.

    Parameters
    ----------
    function : callable
    cases : list of tuples
        The arguments of each call.

    Raises
    ------
    CheckFailed
        The function changes an argument array, or returns something else in a second call.
    """
    return [call_twice(function, *case, returns="answer") for case in cases]


def _describe(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield f"{name} str {str(value)!r}"  # str() because np.str_ has another repr
    elif isinstance(value, (bool, int, float, np.generic, np.ndarray)):
        yield f"{name} {_describe_array(np.asarray(value))}"
    elif isinstance(value, dict):
        yield f"{name} dict of {len(value)}"
        for key, item in sorted(value.items(), key=repr):
            yield from _describe(f"{name}[{key!r}]", item)
    elif isinstance(value, (tuple, list)):
        yield f"{name} {'tuple' if isinstance(value, tuple) else 'list'} of {len(value)}"
        for index, item in enumerate(value):
            yield from _describe(f"{name}[{index}]", item)
    else:
        yield f"{name} {type(value).__name__}"


def _describe_array(array: np.ndarray[Any, Any]) -> str:
    array = np.real_if_close(array)  # eigvals always returns complex numbers since NumPy 2.5
    kind = KINDS.get(array.dtype.kind, array.dtype.name)
    words = [kind, str(array.shape)]
    if array.size > MOST_NUMBERS:
        words.append("too many to print")
    elif array.dtype.kind == "f":
        words += [f"{number:.9e}" for number in (array + 0.0).ravel()]  # -0.0 becomes 0.0
    elif kind in KINDS.values():
        words += [str(number) for number in array.ravel().tolist()]
    return " ".join(words)
