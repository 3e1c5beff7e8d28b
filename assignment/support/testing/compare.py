"""Call a function, compare its result with the expected one, and say what differs.

Compare type, shape and values, in this order: an array of a wrong shape may broadcast, and its
values then look wrong, or right. A function that changes its arguments, or returns another dtype,
can have all values right. So that such a fault costs once, each part has one test of arguments,
which uses ``call_twice`` or ``call_watched``, and one of dtypes, which uses ``assert_dtypes``; all
others use ``call`` and ``assert_matches``.
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
    "assert_dtypes",
    "assert_matches",
    "call",
    "call_twice",
    "call_watched",
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


def call(function: Callable[..., Any], *args: Any, returns: str, **options: Any) -> Any:
    """Call a function with copies of arrays, and return its result.

    The caller's arrays are not changed, and the function may write to its own.

    Parameters
    ----------
    function : the student's function
    args, options : its arguments
    returns : str
        What it should return, for example "dx dw db" for a tuple of three.

    Raises
    ------
    CheckFailed
        The result is not a tuple of that length.
    """
    result = function(*map(_copy_arrays, args), **options)
    _require_tuple(_name(function), result, returns.split())
    return result


def call_watched(function: Callable[..., Any], *args: Any, returns: str, **options: Any) -> Any:
    """Call a function with the caller's own arrays, and return its result.

    Raises
    ------
    CheckFailed
        As for ``call``, or an array argument was changed.
    """
    before = [_copy_arrays(v) if isinstance(v, np.ndarray) else None for v in args]  # no cache
    result = function(*args, **options)
    _require_tuple(_name(function), result, returns.split())
    for i, (value, old) in enumerate(zip(args, before)):
        if old is not None and not _equal(value, old):
            parameter = _name_parameter(function, i)
            habit = "changes its argument", _name(function), parameter
            problem = f"{_name(function)} changed its argument {parameter} in place"
            raise CheckFailed(problem, habit=habit)
    return result


def call_twice(function: Callable[..., Any], *args: Any, returns: str) -> Any:
    """Do the same as ``call_watched``, then call the function again with equal arguments.

    Arrays are read-only then: a function may write into one without changing a number.

    Raises
    ------
    CheckFailed
        As for ``call_watched``, or the second result differs from the first.
    """
    fresh = [_copy_for_second_call(value) for value in args]
    result = call_watched(function, *args, returns=returns)
    if not _equal(function(*fresh), result):
        problem = f"{_name(function)} returns a different result when called a second time"
        raise CheckFailed(problem, habit=("gives another answer", _name(function)))
    return result


def get_cache(forward: Callable[..., Any], *args: Any) -> Any:
    """Call a forward function as ``call`` does, and return the cache for its backward function.

    Raises
    ------
    CheckFailed
        The result is not a pair of out and cache.
    """
    result = forward(*map(_copy_arrays, args))
    pair = tuple(result) if isinstance(result, list) else result
    _require_tuple(_name(forward), pair, ["out", "cache"])
    return pair[1]


def _copy_arrays(value: Any) -> Any:
    """Return copies of arrays, also in lists and tuples; everything else as it is."""
    if type(value) in (list, tuple):
        return type(value)(map(_copy_arrays, value))
    if not isinstance(value, np.ndarray):
        return value
    if value.flags.c_contiguous or value.flags.f_contiguous:
        return value.copy(order="K")
    return np.stack([value, value], axis=-1)[..., 0]  # contiguous in no order either


def _copy_for_second_call(value: Any) -> Any:
    """Return a read-only copy of an array; copy what may change, bn_param and a generator."""
    if isinstance(value, np.ndarray):
        value = _copy_arrays(value)
        value.flags.writeable = False
        return value
    return copy.deepcopy(value) if isinstance(value, (dict, np.random.Generator)) else value


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")


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
    scale: float = 0.0,
    **case: Any,
) -> None:
    """Fail with a CheckFailed unless ``got`` has the type, shape and values expected.

    Another float dtype than expected is no difference: values are compared in the coarser one.

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
    scale : float
        Size of the terms of a sum that may cancel to 0. It counts as an expected value. Without
        it, only 0 is right where all expected values are 0.
    case : inputs by name, for the message
    """
    several = names.split()
    if len(several) == 1:
        got, expected = (got,), (expected,)
    for name, one, wanted in zip(several, got, expected, strict=True):
        _assert_one_matches(name, one, wanted, rtol, floor, scale, describe(**case))


def assert_dtypes(names: str, got: Any, dtype: npt.DTypeLike, **case: Any) -> None:
    """Fail with a CheckFailed unless ``got``, an array or a tuple of them, has a dtype.

    Parameters
    ----------
    names, got, case : as for ``assert_matches``
    dtype : NumPy dtype
    """
    several = names.split()
    for name, one in zip(several, got if len(several) > 1 else (got,), strict=True):
        if not isinstance(one, np.ndarray):
            problem = f"{name} is {_name_type(one)}"
            raise CheckFailed(problem, case=describe(**case), expected="a NumPy array")
        if one.dtype != dtype:
            _fail_on(
                f"wrong dtype of {name}", describe(**case), str(np.dtype(dtype)), str(one.dtype)
            )


def _assert_one_matches(
    name: str,
    got: Any,
    expected: Any,
    rtol: float | None,
    floor: float | None,
    scale: float,
    case: str,
) -> None:
    wanted = np.asarray(expected)
    if not isinstance(got, np.ndarray) and not (wanted.ndim == 0 and isinstance(got, Number)):
        kind = "a number" if wanted.ndim == 0 else "a NumPy array"
        raise CheckFailed(f"{name} is {_name_type(got)}", case=case, expected=kind)
    values = np.asarray(got)
    if values.shape != wanted.shape:
        _fail_on(f"wrong shape of {name}", case, str(wanted.shape), str(values.shape))
    if values.dtype.kind not in "biufc":
        _fail_on(f"wrong dtype of {name}", case, str(wanted.dtype), str(values.dtype))
    floats = {str(array.dtype) for array in (values, wanted)}
    coarser = "float32" if "float32" in floats else "float64"
    if rtol is None or len(floats) > 1:
        rtol = max(rtol or 0.0, RTOL[coarser])
    floor = FLOOR[coarser] if floor is None else floor
    values, wanted = _round_to(coarser, values), _round_to(coarser, wanted)
    _assert_values_match(name, values, wanted, rtol, floor, scale, case)


def _round_to(dtype: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return numbers as float64 (or complex, as they are), rounded to a dtype if they are finer."""
    if array.dtype.kind == "c":
        return array
    with np.errstate(all="ignore"):
        return array.astype(dtype if array.dtype.kind == "f" else np.float64).astype(np.float64)


def _fail_on(problem: str, case: str, expected: str, got: str) -> None:
    raise CheckFailed(problem, case=case, expected=expected, got=got)


def _assert_values_match(
    name: str,
    got: npt.NDArray[Any],
    expected: npt.NDArray[Any],
    rtol: float,
    floor: float,
    scale: float,
    case: str,
) -> None:
    if not expected.size or np.array_equal(got, expected):
        return
    largest = np.max(np.abs(expected), where=np.isfinite(expected), initial=scale)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(expected), floor * largest)
        error = np.abs(got - expected) / np.maximum(size, np.finfo(np.float64).tiny)
    error = np.where(got == expected, 0.0, np.where(np.isnan(error), np.inf, error))
    wrong = error > rtol
    if not wrong.any():
        return
    worst = np.unravel_index(np.argmax(error), error.shape)
    where = f"[{', '.join(str(i) for i in worst)}] = " if worst else ""
    relative = f"{error[worst]:.1e} relative, {rtol:.0e} allowed; " if expected[worst] else ""
    raise CheckFailed(
        f"wrong values of {name}",
        case=case,
        expected=f"{where}{expected[worst]:.8g}",
        got=f"{where}{got[worst]:.8g}",
        error=f"{relative}{wrong.sum()} of {wrong.size} values differ",
    )
