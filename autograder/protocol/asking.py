"""On the trusted side, what tests take for the student's modules: every use crosses the wall.

Tests say ``from assignment.normalization import batchnorm_forward``, unchanged, and get a function
whose call is a request to the worker of the moment.
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


class StudentError(Exception):
    """Something that student code has raised and that is no ordinary exception here."""


class Asker:
    """Turns uses of proxies into requests, and replies into values and exceptions.

    Attributes
    ----------
    ask : sends a request and returns the reply, both as bytes
    """

    def __init__(self) -> None:
        self.ask: Ask | None = None
        self.number = 0
        self.watches_arrays = False
        self.undo: list[Callable[[], Any]] = []

    def begin(self, ask: Ask) -> None:
        """Start a test: requests are numbered from 0, and what the last one kept is forgotten.

        What the last test's arguments have become is undone: a test may have handed over objects
        that belong to its module, and so to all submissions.
        """
        self.ask = ask
        self.number = 0
        while self.undo:
            self.undo.pop()()

    def request(self, do: str, on: Any, buffers: list[bytes] | None = None, **more: Any) -> Any:
        """Ask, and return the value of the reply; an error over there is raised here."""
        if self.ask is None:
            raise RuntimeError("a test used student code before a submission was there")
        message = pack({"number": self.number, "do": do, "on": on, **more}, buffers or [])
        number, self.number = self.number, self.number + 1
        tree, received = unpack(self.ask(message))
        if not isinstance(tree, dict) or tree.get("number") != number:
            raise WireError("an answer to another question")
        if "error" in tree:
            raise rebuild(tree["error"])
        return tree, received

    def get(self, on: Any, name: str) -> Any:
        """Return an attribute of an object over there."""
        tree, received = self.request("get", on, name=name)
        return decode(tree.get("value"), received, self.receive)

    def set(self, on: Any, name: str, value: Any) -> None:
        """Assign an attribute of an object over there."""
        buffers: list[bytes] = []
        tree = encode(value, buffers, refer)
        self.request("set", on, buffers, name=name, value=tree)

    def name_parameters(self, on: Any) -> list[str]:
        """Return the names of a function's parameters."""
        tree, received = self.request("parameters", on)
        names = decode(tree.get("value"), received, self.receive)
        if not isinstance(names, list):
            raise WireError("names that are no list")
        return [n for n in names if isinstance(n, str) and len(n) <= 80 and n.isidentifier()]

    def call(self, on: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function over there, and copy back what it has changed of its arguments."""
        buffers: list[bytes] = []
        arguments = encode((args, kwargs), buffers, refer)
        tree, received = self.request("call", on, buffers, arguments=arguments)
        values = {"list": [tree.get("value"), tree.get("after")]}
        result, after = decode(values, received, self.receive)
        if tree.get("global_random"):
            np.random.random()  # noqa: NPY002 - the test looks at the global state over here
        if after is not None:
            self.copy_back((args, kwargs), after)
        return result

    def copy_back(self, before: Any, after: Any) -> None:
        """Make arguments what the student's function has made of its copies.

        Arrays stay what they are, or a function could change the inputs that an oracle will see;
        but ``compare.call`` looks at what becomes of them.
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
        """Return a function like compare.call for which changed arrays are copied back."""

        @functools.wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.watches_arrays = True
            try:
                return call(*args, **kwargs)
            finally:
                self.watches_arrays = False

        return watched

    def receive(self, tree: Any) -> Any:
        """Return what stands for an object that stays over there."""
        ((kind, content),) = tree.items()
        if kind == "toy" and isinstance(content, list) and len(content) == 2:
            if not isinstance(content[1], dict):
                raise WireError("a model without attributes")
            return _ToyState(content[1])
        if kind == "name":
            return None
        if kind != "object":
            raise WireError("a value of no kind")
        if isinstance(content, int):  # an argument that has stayed what it was
            content = [content, "object", False]
        if not isinstance(content, list) or len(content) != 3:
            raise WireError("an object without a number")
        number, type_name, is_callable = content
        if type(number) is not int or not isinstance(type_name, str):
            raise WireError("an object without a number")
        return _make_handle(self, number, type_name, is_callable is True)


class _ToyState:
    def __init__(self, state: dict[Any, Any]) -> None:
        self.state = state


class RemoteFunction:
    """A function or class on the other side: here the student's, in a worker the teacher's."""

    def __init__(self, connection: Asker, module: str, name: str) -> None:
        self.connection = connection
        self.reference = {"name": [module, name]}
        self.__module__ = module
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it over there."""
        return self.connection.call(self.reference, args, kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        names = self.connection.name_parameters(self.reference)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in dict.fromkeys(names)])


class RemoteObject:
    """An object of the student that is no plain data: a cache, a model."""

    def __init__(self, connection: Asker, number: int) -> None:
        object.__setattr__(self, "_connection", connection)
        object.__setattr__(self, "_reference", {"object": number})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # NumPy and copy look for methods that nobody has
            raise AttributeError(name)
        return self._connection.get(self._reference, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._connection.set(self._reference, name, value)

    def __deepcopy__(self, memo: Any) -> RemoteObject:
        return self


class RemoteCallable(RemoteObject):
    """The same for an object that can be called, such as a method."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._connection.call(self._reference, args, kwargs)


def _make_handle(connection: Asker, number: int, type_name: str, callable: bool) -> Any:
    """Return a handle whose type has the student's name, since messages name types."""
    base = RemoteCallable if callable else RemoteObject
    name = type_name[:80]
    handle = type(name if name.isidentifier() else "object", (base,), {})
    return handle(connection, number)


def refer(value: Any) -> Any:
    """Return the reference that stands for what is no plain data."""
    if isinstance(value, RemoteFunction):
        return value.reference
    if isinstance(value, RemoteObject):
        return value._reference
    name = getattr(value, "__name__", "")
    if value is not None and getattr(toys, name, None) is value:
        return {"name": [TOYS, name]}
    raise TypeError(f"a test hands a {type(value).__name__} to student code")


def _copy_array_back(before: Any, after: Any) -> None:
    same_kind = isinstance(after, np.ndarray) and after.dtype == before.dtype
    if not same_kind or after.shape != before.shape:
        raise CheckFailed("an argument has got another shape or dtype in place")
    if np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
        return
    if not before.flags.writeable:
        raise CheckFailed("a read-only argument was changed in place")
    before[...] = after


def rebuild(error: Any) -> Exception:
    """Return an exception like the one that was raised over there; its text stays text."""
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
    # those take more than a text
    return None if issubclass(kind, UnicodeError) or kind.__name__ == "ExceptionGroup" else kind
