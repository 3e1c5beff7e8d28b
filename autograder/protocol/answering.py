"""Answer the other side's requests: call a function, get or set an attribute."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import inspect
from typing import Any

import numpy as np

from assignment.support.testing.loading import PACKAGE
from assignment.support.testing.messages import find_line, find_problem
from autograder.protocol.wire import MAX_MESSAGE_BYTES, TOYS, WireError, decode, encode, pack

__all__ = ["Answerer", "describe"]

MAX_TEXT = 2000
MAX_RESULT_BYTES = MAX_MESSAGE_BYTES - 2**16  # the header needs some


class Answerer:
    """Answers requests, one after the other, and keeps the objects that are not plain data."""

    def __init__(self) -> None:
        self.objects: list[Any] = []

    def answer(self, tree: Any, buffers: list[bytes]) -> bytes:
        """Return the reply to a request; any exception becomes an error reply."""
        number = tree["number"]
        if number == 0:  # a new test
            self.forget()
        out: list[bytes] = []
        try:
            reply = getattr(self, f"do_{tree['do']}")(tree, buffers, out)
            return pack({"number": number, **reply}, out)
        except BaseException as error:
            return pack({"number": number, "error": describe(error)}, [])

    def forget(self) -> None:
        """Drop the objects kept for the last test."""
        self.objects.clear()

    def do_get(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Look up an attribute of an object."""
        return {"value": self.encode_result(getattr(self.find(tree["on"]), tree["name"]), out)}

    def do_set(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Assign an attribute of an object."""
        setattr(self.find(tree["on"]), tree["name"], decode(tree["value"], buffers, self.find))
        return {"value": None}

    def do_parameters(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Name the parameters of a function."""
        names = list(inspect.signature(self.find(tree["on"])).parameters)
        return {"value": {"list": [str(name) for name in names]}}

    def do_call(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Call a function; return its result, and its arguments if it changed them."""
        args, kwargs = arguments = decode(tree["arguments"], buffers, self.find)
        draws = any(type(v) is np.random.Generator for v in args)
        before = _read_global_random() if draws else None
        result = self.find(tree["on"])(*args, **kwargs)
        reply = {"value": self.encode_result(result, out)}
        after: list[bytes] = []
        again = encode(arguments, after, self.refer)
        if after != buffers or again != tree["arguments"]:
            if sum(map(len, [*out, *after])) > MAX_RESULT_BYTES:  # tests watch small arrays only
                after.clear()
                again = encode((_leave_out_arrays(args), kwargs), after, self.refer)
            reply["after"] = again
            out += after
        if draws and _read_global_random() != before:
            reply["global_random"] = True
        return reply

    def find(self, tree: Any) -> Any:
        """Return the object that a reference stands for."""
        ((kind, content),) = tree.items()
        if kind == "object":
            return self.objects[content]
        if kind == "toy":
            toy = object.__new__(getattr(importlib.import_module(TOYS), content[0]))
            toy.__dict__.update(content[1])
            return toy
        module, name = content
        return getattr(importlib.import_module(module), name)

    def encode_result(self, value: Any, out: list[bytes]) -> Any:
        """Encode a result; keep what is not plain data and encode a reference to it.

        Containers in a tuple, such as a cache of many arrays, are kept as well if the result would
        not fit into a message.
        """
        start = len(out)
        if isinstance(value, tuple) and type(value) is not tuple:
            value = tuple(value)  # a named tuple counts as a plain one
        try:
            tree = encode(value, out, self.keep)
            if type(value) is tuple and sum(map(len, out)) > MAX_RESULT_BYTES:
                del out[start:]
                tree = {"tuple": [self._encode_item(item, out) for item in value]}
            return tree
        except WireError:  # nested too deep, or keys of another type
            del out[start:]
            return self.keep(value)

    def _encode_item(self, value: Any, out: list[bytes]) -> Any:
        if type(value) in (tuple, list, dict):
            return self.keep(value)
        return encode(value, out, self.keep)

    def keep(self, value: Any) -> Any:
        """Keep an object and return a reference to it."""
        self.objects.append(value)
        return {"object": [len(self.objects) - 1, type(value).__name__[:80], callable(value)]}

    def refer(self, value: Any) -> Any:
        """Return the reference by which an argument came, or a new one for a new object."""
        for number, known in enumerate(self.objects):
            if known is value:
                return {"object": number}
        module = getattr(value, "__module__", None)
        if module == TOYS or str(module).startswith(PACKAGE):
            return {"name": [module, value.__name__]}
        return self.keep(value)


def _leave_out_arrays(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(None if isinstance(value, np.ndarray) else value for value in args)


def _read_global_random() -> bytes:
    """Return the raw state of NumPy's global generator."""
    generator: Any = np.random.mtrand.get_bit_generator()
    address = generator.ctypes.state_address
    return ctypes.string_at(address, 625 * 4)


def describe(error: BaseException) -> dict[str, Any]:
    """Return types, text, line and problem of an exception, each cut to a length."""
    described: dict[str, Any] = {"types": [kind.__name__[:80] for kind in type(error).__mro__[:20]]}
    with contextlib.suppress(BaseException):  # its own methods may raise anything
        described["text"] = str(str(error)[:MAX_TEXT])
    with contextlib.suppress(BaseException):
        described["where"] = (find_line(error) or "")[:300]
    with contextlib.suppress(BaseException):
        described["problem"] = find_problem(error)[:MAX_TEXT]
    with contextlib.suppress(BaseException):
        described["is_absent"] = getattr(error, "is_absent", False) is True
    return described
