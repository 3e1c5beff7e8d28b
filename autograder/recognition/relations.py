"""Simple relations of wrong answers to right ones: a sign, a factor, a shape, an axis."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assignment.support.project.manifest import Part
from assignment.support.testing.failures import Failure
from autograder.bank.reference import FUNCTIONS
from autograder.judging.replies import Answer, same_value

__all__ = ["Relation", "find_habit", "find_relation"]

Array = np.ndarray[Any, Any]
Kind = tuple[str, str]  # a key of WORDS; the factor if it is "factor"


@dataclass(frozen=True)
class Relation:
    """What is wrong with an answer, with the texts that a bank's mistake has."""

    where: str
    what: str
    how: str
    label: str


def find_relation(
    part: Part, pairs: Sequence[tuple[Sequence[Answer], Sequence[Answer]]]
) -> Relation | None:
    """Return the one relation that explains all failed cases of a part, or None.

    Parameters
    ----------
    pairs : for each failed case, the answers of the student and those of the teacher
    """
    found: dict[tuple[str, int], set[Kind]] = {}
    for given, right in pairs:
        if not given or len(given) > len(right):
            return None
        for answer, wanted in zip(given, right):
            for index, kinds in _compare(answer, wanted):
                if answer.function not in part.functions:
                    return None
                key = answer.function, index
                found[key] = found.get(key, kinds) & kinds
    common = set.intersection(*found.values()) if found else set()
    if len(common) != 1 or len({function for function, _ in found}) != 1:
        return None
    ((kind, factor),) = common
    (function,) = {function for function, _ in found}
    names = _name_outputs(function)
    if any(index >= len(names) for _, index in found):
        return None
    return _word(function, [names[index] for _, index in sorted(found)], kind, factor)


def find_habit(failures: Sequence[Failure]) -> Relation | None:
    """Return the bad habit that all failures show, whatever the values are, or None."""
    habits = {failure.habit for failure in failures}
    if len(habits) != 1 or not (habit := habits.pop()):
        return None
    kind, *names = habit
    return HABITS[kind](*names)


def _word_old_name(advice: str) -> Relation:
    where = "the names that newer versions of Python and NumPy no longer have"
    return Relation(where, f"{advice}.", "", f"old name: {advice}")


def _word_changed_argument(function: str, name: str) -> Relation | None:
    if name not in _name_arguments(function):
        return None  # a name from the student's code, which may carry a hidden test's data
    what = f"{function} changes its argument {name}."
    how = f"Make a new array: {name} * 2 is one, {name} *= 2 writes into the caller's."
    where = f"where {function} assigns to {name}"
    return Relation(where, what, how, f"{function}: changes {name}")


def _word_second_answer(function: str) -> Relation:
    what = f"{function} remembers something from one call to the next."
    how = "Keep nothing in globals, and change nothing in the cache."
    where = f"what {function} leaves behind"
    return Relation(where, what, how, f"{function}: another answer the second time")


HABITS: dict[str, Callable[..., Relation | None]] = {
    "old name": _word_old_name,
    "changes its argument": _word_changed_argument,
    "gives another answer": _word_second_answer,
}


def _name_arguments(function: str) -> Collection[str]:
    code = FUNCTIONS.get(function)
    return inspect.signature(code).parameters if code else ()


def _compare(answer: Answer, wanted: Answer) -> Iterator[tuple[int, set[Kind]]]:
    """Yield each output that differs, and its possible relations to the right one."""
    if answer.error or wanted.error or len(answer.outputs) != len(wanted.outputs):
        if (answer.error, len(answer.outputs)) != (wanted.error, len(wanted.outputs)):
            yield 0, set()
        return
    for index, (got, right) in enumerate(zip(answer.outputs, wanted.outputs)):
        if not same_value(got, right):
            arrays = isinstance(got, np.ndarray) and isinstance(right, np.ndarray)
            yield index, set(_relate(got, right, answer.arguments)) if arrays else set()


def _relate(got: Array, right: Array, arguments: tuple[Any, ...]) -> Iterator[Kind]:
    if got.dtype != right.dtype:
        if same_value(got.astype(right.dtype), right):
            yield "dtype", ""
        return
    if got.shape != right.shape:
        if got.size == right.size and same_value(got.reshape(right.shape), right):
            yield "shape", ""
        elif got.ndim == right.ndim == 2 and same_value(got.T, right):
            yield "transposed", ""
        elif _sums_over_the_other_axis(got, right, arguments):
            yield "axis", ""
        return
    if got.dtype.kind != "f" or not np.isfinite(right).all() or not np.any(right):
        return
    if not np.any(got):
        yield "zeros", ""
    elif got.ndim == 2 and got.shape[0] == got.shape[1] and same_value(got.T, right):
        yield "transposed", ""
    elif same_value(-got, right):
        yield "sign", ""
    else:
        yield from _find_factors(got, right, arguments)


def _sums_over_the_other_axis(got: Array, right: Array, arguments: tuple[Any, ...]) -> bool:
    sizes = _read_sizes(arguments)
    return bool(sizes) and got.shape == (sizes["N"],) and right.shape == (sizes["D"],)


def _find_factors(got: Array, right: Array, arguments: tuple[Any, ...]) -> Iterator[Kind]:
    with np.errstate(all="ignore"):
        factor = float(np.sum(got * right, dtype=float) / np.sum(right * right, dtype=float))
    if not np.isfinite(factor) or not same_value(got, (factor * right).astype(right.dtype)):
        return
    named = {"2": 2.0, "1/2": 0.5}
    for letter, size in _read_sizes(arguments).items():
        named |= {letter: size, f"1/{letter}": 1 / size}
    for name, value in named.items():
        if value != 1 and abs(factor - value) < 1e-5 * value:
            yield "factor", name
    for name, value in named.items():
        if value != 1 and abs(factor + value) < 1e-5 * value:
            yield "factor", f"-{name}"


def _read_sizes(arguments: tuple[Any, ...]) -> dict[str, int]:
    """Return the rows N and features D of the first argument."""
    first = arguments[0] if arguments else None
    if not isinstance(first, np.ndarray) or first.ndim < 2:
        return {}
    return {"N": first.shape[0], "D": first.size // first.shape[0]}


def _name_outputs(function: str) -> list[str]:
    """Return the names under "Returns" in the docstring of a function."""
    docstring = inspect.getdoc(FUNCTIONS[function]) or ""
    section = re.search(r"Returns\n\s*-+\n(.*?)(\n\s*\n|\Z)", docstring, re.S)
    lines = re.findall(r"^(\w[\w, ]*?) :", section[1], re.M) if section else []
    return [name for line in lines for name in line.split(", ")]


WORDS: dict[str, Callable[[str, str, str], tuple[str, str, str]]] = {
    "sign": lambda names, verb, _: (
        f"{names} {verb} the opposite sign.",
        "Follow the minus signs through the derivation once more.",
        "opposite sign",
    ),
    "factor": lambda names, verb, factor: (
        f"{names} {verb} a factor of {factor} too much.",
        "Look for a sum that should be a mean, a mean that should be a sum, or a factor left out.",
        f"factor {factor}",
    ),
    "zeros": lambda names, verb, _: (
        f"{names} {verb} nothing but zeros.",
        "See that the result is written into what is returned.",
        "zeros",
    ),
    "transposed": lambda names, verb, _: (
        f"{names} {verb} rows and columns exchanged.",
        "Write down the shapes of the factors: the order of the product decides.",
        "transposed",
    ),
    "shape": lambda names, verb, _: (
        f"{names} {verb} the right values in another shape.",
        "Return the shape in the docstring: no keepdims, no flattening that stays.",
        "other shape",
    ),
    "axis": lambda names, verb, _: (
        f"{names} {verb} N values where D are wanted: the sum runs over the wrong axis.",
        "Sum over the examples, axis 0.",
        "sum over the wrong axis",
    ),
    "dtype": lambda names, verb, _: (
        f"{names} {verb} the right values in another dtype.",
        "Make new arrays in the dtype of x: np.zeros is float64 unless it is told.",
        "other dtype",
    ),
}


def _word(function: str, names: Sequence[str], kind: str, factor: str) -> Relation:
    joined = " and ".join(names)
    what, how, label = WORDS[kind](joined, "has" if len(names) == 1 else "have", factor)
    where = f"how {function} computes {joined}"
    return Relation(where, what, how, f"{function}: {label} of {joined}")
