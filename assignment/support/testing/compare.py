"""Compare the result of a function with the expected one, and say what differs.

Compare type, shape, dtype and values, in this order: an array of a wrong shape may broadcast, and
its values then look wrong, or right.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.support.testing.messages import write_rows

__all__ = [
    "CheckFailed",
    "assert_matches",
    "call",
    "call_twice",
    "describe",
    "get_cache",
    "rel_error",
]

RTOL = {"float64": 1e-8, "float32": 1e-4}
# A value far below the largest one may be a sum of larger terms that cancel. Its error is judged
# relative to this share of the largest value.
FLOOR = {"float64": 1e-3, "float32": 0.1}


class CheckFailed(AssertionError):
    """A failed check.

    Parameters
    ----------
    problem : str
        What is wrong, in a few words.
    habit : tuple of str
        What the function does wrong for any values: ("changes its argument", function, argument)
        or ("gives another answer", function).
    case, expected, got, error : str
        Inputs, expected and actual result, size of the difference; "" if there is none.
    """

    def __init__(
        self,
        problem: str,
        *,
        case: str = "",
        expected: str = "",
        got: str = "",
        error: str = "",
        habit: tuple[str, ...] = (),
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.case, self.expected, self.got, self.error = case, expected, got, error
        self.habit = habit

    @property
    def rows(self) -> dict[str, str]:
        """The facts besides the problem, by name."""
        facts = {"case": self.case, "expected": self.expected, "got": self.got, "error": self.error}
        return {name: text for name, text in facts.items() if text}

    def __str__(self) -> str:
        return write_rows(self.problem, self.rows)


def rel_error(x: Any, y: Any) -> float:
    """Return the largest ``|x - y| / max(1e-8, |x| + |y|)``; nan if any value is nan.

    x and y are broadcast, so compare their shapes first.
    """
    x, y = np.asarray(x), np.asarray(y)
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))


def describe(**case: Any) -> str:
    """Write the inputs of a check in one line: arrays by shape, everything else by repr."""
    return ", ".join(f"{name} {_describe_value(value)}" for name, value in case.items())


def _describe_value(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return repr(value)
    return f"{value.shape}" if value.dtype == np.float64 else f"{value.shape} {value.dtype}"


def call(function: Callable[..., Any], *args: Any, returns: str) -> Any:
    """Call a function, check the form of its result and its arguments, and return the result.

    Parameters
    ----------
    function : the student's function
    args : its arguments
    returns : str
        What it should return, for example "dx dw db" for a tuple of three.

    Raises
    ------
    CheckFailed
        The result is not a tuple of that length, or an array argument was changed.
    """
    before = [value.copy() if isinstance(value, np.ndarray) else None for value in args]
    name = getattr(function, "__name__", "the function")
    result = function(*args)
    _require_tuple(name, result, returns.split())
    for i, (value, old) in enumerate(zip(args, before)):
        if old is not None and not np.array_equal(value, old, equal_nan=value.dtype.kind == "f"):
            parameter = _name_parameter(function, i)
            habit = "changes its argument", name, parameter
            raise CheckFailed(f"{name} changed its argument {parameter} in place", habit=habit)
    return result


def call_twice(function: Callable[..., Any], *args: Any, returns: str) -> Any:
    """Do the same as ``call``, then call the function again with equal arguments.

    Raises
    ------
    CheckFailed
        As for ``call``, or the second result differs from the first.
    """
    # a call may change bn_param and a generator, but nothing else
    fresh = [copy.deepcopy(v) if isinstance(v, (dict, np.random.Generator)) else v for v in args]
    result = call(function, *args, returns=returns)
    if not _equal(function(*fresh), result):
        name = getattr(function, "__name__", "the function")
        problem = f"{name} returns a different result when called a second time"
        raise CheckFailed(problem, habit=("gives another answer", name))
    return result


def get_cache(forward: Callable[..., Any], *args: Any) -> Any:
    """Call a forward function and return the cache for its backward function.

    Raises
    ------
    CheckFailed
        The result is not a pair of out and cache.
    """
    result = forward(*args)
    pair = tuple(result) if isinstance(result, list) else result
    _require_tuple(getattr(forward, "__name__", "the function"), pair, ["out", "cache"])
    return pair[1]


def _name_parameter(function: Callable[..., Any], index: int) -> str:
    try:
        return list(inspect.signature(function).parameters)[index]
    except (TypeError, ValueError, IndexError):
        return str(index + 1)


def _require_tuple(name: str, result: Any, names: list[str]) -> None:
    if len(names) == 1:
        return
    expected = f"a tuple of {len(names)}: {', '.join(names)}"
    if not isinstance(result, tuple):
        raise CheckFailed(f"{name} returned {_name_type(result)}", expected=expected)
    if len(result) != len(names):
        raise CheckFailed(f"{name} returned a tuple of {len(result)}", expected=expected)


def _name_type(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "one array"
    return "None (is the return missing?)" if value is None else f"a {type(value).__name__}"


def _equal(a: Any, b: Any) -> bool:
    """Compare numbers, arrays and tuples; ignore other objects, such as caches."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or (a != a and b != b)
    return True


def assert_matches(
    names: str,
    got: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    floor: float | None = None,
    **case: Any,
) -> None:
    """Fail with a CheckFailed unless ``got`` has the type, shape, dtype and values expected.

    Parameters
    ----------
    names : str
        "out" for one array or number, "dx dw db" for a tuple.
    got, expected : arrays, numbers, or tuples of them
    rtol : float
        Relative error allowed; by default 1e-8 for float64 and 1e-4 for float32.
    floor : float
        The error of a value is relative to at least this share of the largest expected value, by
        default 1e-3 for float64 and 0.1 for float32. With 0 it is relative to the value alone.
    case : inputs by name, for the message
    """
    several = names.split()
    if len(several) == 1:
        _assert_one_matches(names, got, expected, rtol, floor, describe(**case))
        return
    for name, one, wanted in zip(several, got, expected, strict=True):
        _assert_one_matches(name, one, wanted, rtol, floor, describe(**case))


def _assert_one_matches(
    name: str,
    got: Any,
    expected: Any,
    rtol: float | None,
    floor: float | None,
    case: str,
) -> None:
    wanted = np.asarray(expected)
    if not isinstance(got, np.ndarray) and not (wanted.ndim == 0 and isinstance(got, Number)):
        kind = "a number" if wanted.ndim == 0 else "a NumPy array"
        raise CheckFailed(f"{name} is {_name_type(got)}", case=case, expected=kind)
    values = np.asarray(got)
    if values.shape != wanted.shape:
        _fail_on(f"wrong shape of {name}", case, str(wanted.shape), str(values.shape))
    if isinstance(expected, (np.ndarray, np.generic)) and values.dtype != wanted.dtype:
        _fail_on(f"wrong dtype of {name}", case, str(wanted.dtype), str(values.dtype))
    rtol = RTOL.get(str(wanted.dtype), 0.0) if rtol is None else rtol
    floor = FLOOR.get(str(wanted.dtype), 0.0) if floor is None else floor
    _assert_values_match(name, values, wanted, rtol, floor, case)


def _fail_on(problem: str, case: str, expected: str, got: str) -> None:
    raise CheckFailed(problem, case=case, expected=expected, got=got)


def _assert_values_match(
    name: str,
    got: npt.NDArray[Any],
    expected: npt.NDArray[Any],
    rtol: float,
    floor: float,
    case: str,
) -> None:
    if not expected.size or np.array_equal(got, expected):
        return
    largest = np.max(np.abs(expected), where=np.isfinite(expected), initial=0)
    with np.errstate(all="ignore"):
        scale = np.maximum(np.abs(expected), floor * largest)
        error = np.abs(got - expected) / np.maximum(scale, np.finfo(np.float64).tiny)
    error = np.where(got == expected, 0.0, np.where(np.isnan(error), np.inf, error))
    wrong = error > rtol
    if not wrong.any():
        return
    worst = np.unravel_index(np.argmax(error), error.shape)
    where = f"[{', '.join(str(i) for i in worst)}] = " if worst else ""
    size = f"{error[worst]:.1e} relative, {rtol:.0e} allowed; " if expected[worst] else ""
    raise CheckFailed(
        f"wrong values of {name}",
        case=case,
        expected=f"{where}{expected[worst]:.8g}",
        got=f"{where}{got[worst]:.8g}",
        error=f"{size}{wrong.sum()} of {wrong.size} values differ",
    )
