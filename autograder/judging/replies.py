"""Decode what functions have answered, and compare answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.protocol.wire import WireError, decode, unpack

__all__ = [
    "Answer",
    "Changes",
    "Exchange",
    "are_same",
    "find_changes",
    "read_answers",
    "same_answers",
    "same_value",
]

Exchange = Sequence[tuple[bytes, bytes]]  # requests and replies, as they crossed the wall
Changes = frozenset[tuple[int, int]]  # number of the answer, number of the output
WHOLE, AFTER = -1, -2  # instead of an output: error or count differ; changed arguments differ

RTOL = {"f": 1e-6, "c": 1e-6}
FLOAT32_RTOL = 1e-3
SUMS_RTOL = 1e-2


class Opaque:
    """An object that stays with the worker, a cache for example: it is not compared."""


OPAQUE = Opaque()
UNCOMPARED = (Opaque, np.random.Generator)  # the numbers drawn show the generator's state


@dataclass(frozen=True)
class Answer:
    """The outcome of one call."""

    function: str  # as in the manifest; "" where an attribute was read, or a method called
    arguments: tuple[Any, ...]
    error: str  # type of the exception, "" where there was none
    outputs: tuple[Any, ...]  # a tuple even of one; without the cache of a forward function
    after: Any  # the arguments after the call, if it changed them
    sums: tuple[float, ...] = ()  # of the absolute values of each output: a quick first comparison


def read_answers(exchange: Exchange) -> tuple[Answer, ...]:
    """Return the answers of an exchange, none if a reply cannot be decoded."""
    try:
        return tuple(_read_answer(request, reply) for request, reply in exchange)
    except (WireError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        return ()


def _read_answer(request: bytes, reply: bytes) -> Answer:
    tree, buffers = unpack(request)
    function = tree["on"]["name"][1] if "name" in tree["on"] else ""
    args: tuple[Any, ...] = ()
    if "arguments" in tree:
        args, _ = decode(tree["arguments"], buffers, _hide)
    tree, buffers = unpack(reply)
    if "error" in tree:
        return Answer(function, args, str(tree["error"]["types"][0])[:80], (), None)
    value, after = decode({"list": [tree.get("value"), tree.get("after")]}, buffers, _hide)
    outputs = value if isinstance(value, tuple) else (value,)
    outputs = outputs[:1] if "_forward" in function else outputs
    return Answer(function, args, "", outputs, after, tuple(map(_sum_up, outputs)))


def _sum_up(value: Any) -> float:
    if isinstance(value, (np.ndarray, np.generic)):
        numbers = np.abs(np.asarray(value, float)).ravel()
        return float(numbers[np.isfinite(numbers)].sum())
    if isinstance(value, (list, tuple)):
        return math.fsum(map(_sum_up, value))
    if isinstance(value, dict):
        return math.fsum(map(_sum_up, value.values()))
    number = float(value) if isinstance(value, (int, float)) else 0.0
    return abs(number) if math.isfinite(number) else 0.0


def _hide(tree: Any) -> Opaque:
    return OPAQUE


def find_changes(answers: Sequence[Answer], right: Sequence[Answer]) -> Changes:
    """Return which outputs of the answers given differ from the right ones."""
    changes: set[tuple[int, int]] = set()
    for i, (a, b) in enumerate(zip(answers, right)):
        if (a.function, a.error, len(a.outputs)) != (b.function, b.error, len(b.outputs)):
            changes.add((i, WHOLE))
            continue
        changes |= {(i, j) for j in range(len(a.outputs)) if not _same_output(a, b, j)}
        if not same_value(a.after, b.after):
            changes.add((i, AFTER))
    return frozenset(changes)


def are_same(some: Sequence[Answer], others: Sequence[Answer], changes: Changes) -> bool:
    """Say whether answers are the same, up to rounding, where `changes` says."""
    return all(i < len(others) and _same_at(some[i], others[i], j) for i, j in changes)


def same_answers(some: Sequence[Answer], others: Sequence[Answer]) -> bool:
    """Say whether two tests got the same answers, up to rounding."""
    return 0 < len(some) == len(others) and not find_changes(some, others)


def _same_at(a: Answer, b: Answer, place: int) -> bool:
    if place == WHOLE:
        return not find_changes([a], [b])
    return same_value(a.after, b.after) if place == AFTER else _same_output(a, b, place)


def _same_output(a: Answer, b: Answer, index: int) -> bool:
    x, y = a.sums[index], b.sums[index]
    return abs(x - y) <= SUMS_RTOL * (x + y) and same_value(a.outputs[index], b.outputs[index])


def same_value(a: Any, b: Any) -> bool:
    """Say whether two values are equal up to rounding, with equal types, shapes and dtypes."""
    if isinstance(a, UNCOMPARED) or isinstance(b, UNCOMPARED):
        return True
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and _is_close(a, b)
    if isinstance(a, (float, np.floating)) and isinstance(b, (float, np.floating)):
        a, b = np.asarray(a), np.asarray(b)  # float64 is Python's float
        return a.dtype == b.dtype and _is_close(a, b)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return type(a) is type(b) and len(a) == len(b) and _all_same(zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and _all_same((a[key], b[key]) for key in a)
    return type(a) is type(b) and bool(a == b)


def _all_same(pairs: Iterable[tuple[Any, Any]]) -> bool:
    return all(same_value(a, b) for a, b in pairs)


def _is_close(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    rtol = FLOAT32_RTOL if a.dtype.itemsize <= 4 else RTOL[a.dtype.kind]
    finite = np.abs(b[np.isfinite(b)])
    largest = float(finite.max()) if finite.size else 0.0
    with np.errstate(all="ignore"):
        return bool(np.allclose(a, b, rtol=rtol, atol=rtol * 1e-2 * largest, equal_nan=True))
