"""Given code: a decorator that states and checks the array arguments of a function."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["shapes"]

VALUE_WORDS = ("labels", "finite")

Function = TypeVar("Function", bound=Callable[..., Any])


def shapes(**specs: str) -> Callable[[Function], Function]:
    """Check the named array arguments of a function before it runs.

    A spec lists the axes: ``x="N D"``. Axes of the same name have the same length, and no axis is
    empty. ``...`` stands for any further axes; their product is the length ``D`` of a flattened
    example if another argument has an axis ``D``. ``a | b`` allows either, and ``scalar`` allows a
    number. Two words restrict the values: ``labels`` are integers from 0 to C - 1, and ``finite``
    forbids nan and infinity.

    Raises
    ------
    TypeError
        The argument is not a NumPy array, or its dtype is neither real nor integer.
    ValueError
        The shape differs from the spec, an axis is empty, or a value is not allowed.
    """
    parsed = {name: [option.split() for option in spec.split("|")] for name, spec in specs.items()}
    looks_at_values = any(word in spec for spec in specs.values() for word in VALUE_WORDS)

    def decorate(function: Function) -> Function:
        names = list(inspect.signature(function).parameters)
        accepted: set[tuple[Any, ...]] = set()  # a training loop repeats its shapes

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            signature = tuple([_sign(value) for value in args])
            if kwargs or signature not in accepted:
                _check(function.__name__, {**dict(zip(names, args)), **kwargs}, parsed)
                if not kwargs and not looks_at_values:
                    accepted.add(signature)
            # use the attribute: IPython's autoreload replaces it, but not a closure
            return checked.__wrapped__(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate


def _sign(value: Any) -> tuple[Any, Any] | None:
    return (value.shape, value.dtype) if isinstance(value, np.ndarray) else None


def _check(function_name: str, given: dict[str, Any], parsed: dict[str, list[list[str]]]) -> None:
    sizes: dict[str, int] = {}
    for name, options in parsed.items():
        problem = _find_problem(given[name], options, sizes) if name in given else None
        if problem:
            kind, text = problem
            raise kind(f"{function_name}: {name} {text}")


def _find_problem(
    value: Any, options: list[list[str]], sizes: dict[str, int]
) -> tuple[type[Exception], str] | None:
    """Return the error for one argument, or None; record its axes in ``sizes``."""
    if ["scalar"] in options and np.ndim(value) == 0:
        return None
    if not isinstance(value, np.ndarray):
        return TypeError, f"is a {type(value).__name__}, expected a NumPy array"
    if value.dtype.kind not in "fiu":
        return TypeError, f"has dtype {value.dtype}, expected real numbers"
    if 0 in value.shape:
        return ValueError, f"is empty: shape {value.shape}"
    for words in options:
        axes = [word for word in words if word not in VALUE_WORDS]
        if axes != ["scalar"] and _fits(value.shape, axes, sizes):
            return _find_bad_value(value, words, sizes)
    return ValueError, f"has shape {value.shape}, expected {_describe(options, sizes)}"


def _fits(shape: tuple[int, ...], axes: list[str], sizes: dict[str, int]) -> bool:
    """Return whether the shape fits; if it does, record the length of each axis."""
    if "..." in axes:
        found = _match_ellipsis(shape, axes)
    else:
        found = dict(zip(axes, shape)) if len(shape) == len(axes) else None
    if found is None or any(sizes.get(axis, size) != size for axis, size in found.items()):
        return False
    sizes.update(found)
    return True


def _match_ellipsis(shape: tuple[int, ...], axes: list[str]) -> dict[str, int] | None:
    before = axes.index("...")
    after = len(axes) - before - 1
    if len(shape) < before + after:
        return None
    rest = len(shape) - after
    found = dict(zip(axes[:before] + axes[before + 1 :], shape[:before] + shape[rest:]))
    if before and not after:
        found["D"] = math.prod(shape[before:])
    return found


def _find_bad_value(
    value: npt.NDArray[Any], words: list[str], sizes: dict[str, int]
) -> tuple[type[Exception], str] | None:
    if "finite" in words and not np.isfinite(value).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
        return ValueError, f"holds {value[where]} at index {where}, expected finite numbers"
    if "labels" not in words:
        return None
    if value.dtype.kind not in "iu":
        return TypeError, f"has dtype {value.dtype}, expected integer labels"
    wrong = value[(value < 0) | (value >= sizes["C"])]
    if wrong.size:
        return ValueError, f"holds the label {wrong[0]}, expected 0 to {sizes['C'] - 1}"
    return None


def _describe(options: list[list[str]], sizes: dict[str, int]) -> str:
    """Write the expected shape with the lengths that earlier arguments have fixed."""
    texts = []
    for words in options:
        axes = [word for word in words if word not in (*VALUE_WORDS, "scalar")]
        inner = ", ".join(axes) + ("," if len(axes) == 1 else "")
        known = [f"{axis} = {sizes[axis]}" for axis in axes if axis in sizes]
        texts.append(f"({inner})" + (f" with {', '.join(known)}" if known else ""))
    return " or ".join(texts)
