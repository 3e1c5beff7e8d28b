"""Use objects on the other side of the wall; both sides import this.

A test imports ``batchnorm_forward`` from ``assignment.normalization`` as usual and gets a
RemoteFunction: calling it sends a request to the current worker.
"""

from __future__ import annotations

import builtins
import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from assignment.support.testing import toys
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.failures import Raised
from assignment.support.testing.loading import CannotUse
from autograder.protocol.wire import TOYS, WireError, decode, encode, pack, unpack

__all__ = ["Asker", "RemoteFunction", "StudentError"]

Ask = Callable[[bytes], bytes]
MAX_TEXT = 4000
ATTRIBUTES_OF_ARRAYS = frozenset(dir(np.ndarray))


class StudentError(Exception):
    """Student code raised something that has no built-in Exception as its base."""


class Asker:
    """Sends requests, and turns the replies into values and exceptions.

    Attributes
    ----------
    ask : function that sends a request and returns the reply, both as bytes
    """

    def __init__(self) -> None:
        self.ask: Ask | None = None
        self.number = 0
        self.watches_arrays = False
        self.undo: list[Callable[[], Any]] = []

    def begin(self, ask: Ask) -> None:
        """Start a test: number requests from 0, which tells the other side to drop its objects.

        Undo the changes to the last test's arguments: they may be objects of the test module, which
        all submissions share.
        """
        self.ask = ask
        self.number = 0
        while self.undo:
            self.undo.pop()()

    def request(self, do: str, on: Any, buffers: list[bytes] | None = None, **more: Any) -> Any:
        """Send a request; return the reply, or raise the error that it reports."""
        if self.ask is None:
            raise RuntimeError("a test used student code before a submission was loaded")
        message = pack({"number": self.number, "do": do, "on": on, **more}, buffers or [])
        number, self.number = self.number, self.number + 1
        tree, received = unpack(self.ask(message))
        got = tree.get("number") if isinstance(tree, dict) else None
        if got != number:
            shown = got if type(got) is int else "one without a number"
            raise WireError(f"expected reply {number}, got {shown}")
        if "error" in tree:
            raise rebuild(tree["error"])
        return tree, received

    def get(self, on: Any, name: str) -> Any:
        """Return an attribute of a remote object."""
        tree, received = self.request("get", on, name=name)
        return decode(tree.get("value"), received, self.receive)

    def set(self, on: Any, name: str, value: Any) -> None:
        """Assign an attribute of a remote object."""
        buffers: list[bytes] = []
        tree = encode(value, buffers, refer)
        self.request("set", on, buffers, name=name, value=tree)

    def name_parameters(self, on: Any) -> list[str]:
        """Return the names of a function's parameters."""
        tree, received = self.request("parameters", on)
        names = decode(tree.get("value"), received, self.receive)
        if not isinstance(names, list):
            raise WireError("malformed parameter names: expected a list")
        return [n for n in names if isinstance(n, str) and len(n) <= 80 and n.isidentifier()]

    def call(self, on: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a remote function, and copy back what it changed in its arguments."""
        buffers: list[bytes] = []
        arguments = encode((args, kwargs), buffers, refer)
        tree, received = self.request("call", on, buffers, arguments=arguments)
        values = {"list": [tree.get("value"), tree.get("after")]}
        result, after = decode(values, received, self.receive)
        if tree.get("global_random"):
            np.random.random()  # noqa: NPY002 - the test checks the global state on this side
        if after is not None:
            self.copy_back((args, kwargs), after)
        return result

    def copy_back(self, before: Any, after: Any) -> None:
        """Change arguments as the student's function changed its copies of them.

        Arrays change only inside ``compare.call_watched``, which looks at them: otherwise a
        function could change the inputs of an oracle.
        """
        if isinstance(before, np.ndarray):
            if self.watches_arrays:
                _copy_array_back(before, after)
        elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
            for old, new in zip(before, after):
                self.copy_back(old, new)
        elif isinstance(before, np.random.Generator) and isinstance(after, np.random.Generator):
            state = before.bit_generator.state
            self.undo.append(lambda: setattr(before.bit_generator, "state", state))
            before.bit_generator.state = after.bit_generator.state
        elif isinstance(before, dict) and isinstance(after, dict):
            self._copy_items_back(before, after)
        elif isinstance(before, list) and isinstance(after, list):
            items = list(before)
            self.undo.append(lambda: before.__setitem__(slice(None), items))
            before[:] = after
        elif type(before).__module__ == TOYS and isinstance(after, _ToyState):
            self._copy_items_back(before.__dict__, after.state)

    def _copy_items_back(self, before: dict[Any, Any], after: dict[Any, Any]) -> None:
        items = dict(before)

        def restore() -> None:
            before.clear()
            before.update(items)

        self.undo.append(restore)
        for key, new in after.items():
            old = before.get(key)
            if isinstance(old, np.random.Generator) or type(old).__module__ == TOYS:
                self.copy_back(old, new)
            else:
                before[key] = new
        for key in before.keys() - after.keys():
            del before[key]

    def watch(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap compare.call_watched so that changed arrays are copied back during it."""

        @functools.wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.watches_arrays = True
            try:
                return call(*args, **kwargs)
            finally:
                self.watches_arrays = False

        return watched

    def receive(self, tree: Any) -> Any:
        """Return a handle for an object on the other side, or the new state of a toy model."""
        ((kind, content),) = tree.items()
        if kind == "toy" and isinstance(content, list) and len(content) == 2:
            if not isinstance(content[1], dict):
                raise WireError("malformed model: expected a dict of attributes")
            return _ToyState(content[1])
        if kind == "name":
            return None
        if kind != "object":
            raise WireError("malformed value: expected {kind: content}")
        if isinstance(content, int):  # an argument that is still the same object
            content = [content, "object", False]
        if not isinstance(content, list) or len(content) != 3:
            raise WireError("malformed object: expected [number, type name, callable]")
        number, type_name, is_callable = content
        if type(number) is not int or not isinstance(type_name, str):
            raise WireError("malformed object: expected [number, type name, callable]")
        return _make_handle(self, number, type_name, is_callable is True)


class _ToyState:
    def __init__(self, state: dict[Any, Any]) -> None:
        self.state = state


class RemoteFunction:
    """A function or class on the other side: the student's, or in a worker the teacher's."""

    def __init__(self, asker: Asker, module: str, name: str) -> None:
        self.asker = asker
        self.reference = {"name": [module, name]}
        self.__module__ = module
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it on the other side."""
        return self.asker.call(self.reference, args, kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        names = self.asker.name_parameters(self.reference)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in dict.fromkeys(names)])


class RemoteObject:
    """An object on the other side that is not plain data, such as a cache or a model.

    A test may read and set its attributes. It refuses everything by which an object can act as a
    number or an array: conversion, arithmetic, comparison, and the names of an array's attributes.
    """

    __array_ufunc__ = None  # NumPy raises a TypeError

    def __init__(self, asker: Asker, number: int) -> None:
        object.__setattr__(self, "_asker", asker)
        object.__setattr__(self, "_reference", {"object": number})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ATTRIBUTES_OF_ARRAYS:  # NumPy and copy probe for these
            raise AttributeError(f"a {type(self).__name__} has no {name}: it is not a NumPy array")
        return self._asker.get(self._reference, name)

    def _refuse(self, *args: Any, **options: Any) -> Any:
        raise TypeError(f"a {type(self).__name__} is no plain number, text, list or NumPy array")

    __array__ = __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = object.__hash__

    def __setattr__(self, name: str, value: Any) -> None:
        self._asker.set(self._reference, name, value)

    def __deepcopy__(self, memo: Any) -> RemoteObject:
        return self


class RemoteCallable(RemoteObject):
    """A remote object that can be called, such as a method."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._asker.call(self._reference, args, kwargs)


def _make_handle(asker: Asker, number: int, type_name: str, callable: bool) -> Any:
    """Return a handle whose type is named like the student's, since messages name types."""
    base = RemoteCallable if callable else RemoteObject
    name = type_name[:80]
    handle = type(name if name.isidentifier() else "object", (base,), {})
    return handle(asker, number)


def refer(value: Any) -> Any:
    """Return the reference to an argument that is not plain data."""
    if isinstance(value, RemoteFunction):
        return value.reference
    if isinstance(value, RemoteObject):
        return value._reference
    name = getattr(value, "__name__", "")
    if value is not None and getattr(toys, name, None) is value:
        return {"name": [TOYS, name]}
    raise TypeError(f"a {type(value).__name__} cannot cross the wall as an argument")


def _copy_array_back(before: Any, after: Any) -> None:
    same_kind = isinstance(after, np.ndarray) and after.dtype == before.dtype
    if not same_kind or after.shape != before.shape:
        raise CheckFailed("the shape or dtype of an argument was changed in place")
    if np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
        return
    if not before.flags.writeable:
        raise CheckFailed("a read-only argument was changed in place")
    before[...] = after


def rebuild(error: Any) -> Exception:
    """Return an exception like the one raised on the other side; no code of it runs here."""
    fields = error if isinstance(error, dict) else {}
    text = _read_text(fields.get("text"))
    names = fields.get("types")
    names = names[:20] if isinstance(names, list) else []
    names = [name[:80] for name in names if isinstance(name, str)] or ["an exception"]
    if names[0] == "CannotUse":
        return CannotUse(text, fields.get("is_absent") is True)
    kind = next((kind for name in names if (kind := _find_builtin(name))), None)
    rebuilt: Any = kind(text) if kind and "Exception" in names else StudentError(text)
    where, problem = _read_text(fields.get("where")), _read_text(fields.get("problem"))
    rebuilt.raised = Raised(names[0], text, where, problem)
    return rebuilt  # type: ignore[no-any-return]


def _read_text(value: Any) -> str:
    return "" if value is None else str(value)[:MAX_TEXT]


def _find_builtin(name: str) -> type[Exception] | None:
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception):
        return None
    # constructors that take more than a text
    return None if issubclass(kind, UnicodeError) or kind.__name__ == "ExceptionGroup" else kind
