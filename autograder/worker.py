"""Inside the wall: a clean process that forks a worker for each submission.

It knows neither tests nor solutions and is never trusted. A worker gets sources as data, imports
them as the package ``assignment``, and does what it is asked: look up a name, call a function, get
or set an attribute. Where it is told to replace a function, it asks in turn: a call of that
function goes back across the wall, and is answered before anything else is asked.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import inspect
import socket
import sys
from typing import Any

import numpy as np

import assignment.contracts  # noqa: F401 - here, once for all workers
from assignment.support.testing.messages import find_line, find_problem
from autograder.imports import PACKAGE, Sources
from autograder.proxies import Connection, RemoteFunction
from autograder.wire import FRAME, TOYS, WireError, decode, encode, pack, unpack

__all__ = ["Inbox", "Worker", "describe", "serve"]

MAX_TEXT = 2000
CHUNK_BYTES = 2**16
np.random.default_rng(0), np.linalg  # NumPy imports them late: once in the zygote, for all workers


class Worker:
    """Answers requests about one submission until the connection closes."""

    def __init__(self, files: dict[str, Any]) -> None:
        self.objects: list[Any] = []
        self.teacher = Connection()
        sys.meta_path.insert(0, Sources(files))

    def serve(self, inbox: Inbox, connection: socket.socket) -> None:
        """Answer one request after the other; those that have come together, together."""

        def ask(request: bytes) -> bytes:
            connection.sendall(request)
            return inbox.take()

        self.teacher.ask = ask
        replies = bytearray()
        while True:
            try:
                replies += self.answer(*unpack(inbox.take()))
            except EOFError:
                return
            if len(replies) > CHUNK_BYTES or not inbox.has_next():
                connection.sendall(replies)
                replies.clear()

    def answer(self, tree: Any, buffers: list[bytes]) -> bytes:
        """Return the reply to a request, whatever happens on the way."""
        number = tree["number"]
        if number == 0:  # a new test: what the last one kept is no longer needed
            self.objects.clear()
            self.teacher.number = 0
        out: list[bytes] = []
        try:
            reply = getattr(self, f"do_{tree['do']}")(tree, buffers, out)
            return pack({"number": number, **reply}, out)
        except BaseException as error:
            return pack({"number": number, "error": describe(error)}, [])

    def do_load(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Import a file of the student, whatever it may do then."""
        importlib.import_module(tree["module"])
        return {"value": None}

    def do_replace(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Let others find the teacher's functions in a file of the student."""
        module = importlib.import_module(tree["module"])
        for name in tree["names"]:
            setattr(module, name, RemoteFunction(self.teacher, tree["module"], name))
        return {"value": None}

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
        """Call a function, and return with its result what it changed of its arguments."""
        args, kwargs = arguments = decode(tree["arguments"], buffers, self.find)
        draws = any(type(v) is np.random.Generator for v in args)
        before = _read_global_random() if draws else None
        result = self.find(tree["on"])(*args, **kwargs)
        reply = {"value": self.encode_result(result, out)}
        after: list[bytes] = []
        again = encode(arguments, after, self.refer)
        if after != buffers or again != tree["arguments"]:
            reply["after"] = again
            out += after
        if draws and _read_global_random() != before:
            reply["global_random"] = True
        return reply

    def find(self, tree: Any) -> Any:
        """Return what a reference stands for."""
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
        """Return a value as data; what is none stays here, and a reference goes instead."""
        start = len(out)
        if isinstance(value, tuple) and type(value) is not tuple:
            value = tuple(value)  # one with names is as good
        try:
            return encode(value, out, self.keep)
        except WireError:  # too deep, or strange keys
            del out[start:]
            return self.keep(value)

    def keep(self, value: Any) -> Any:
        """Keep an object and return a reference to it."""
        self.objects.append(value)
        return {"object": [len(self.objects) - 1, type(value).__name__[:80], callable(value)]}

    def refer(self, value: Any) -> Any:
        """Return the reference under which an argument came, or one to what has taken its place."""
        for number, known in enumerate(self.objects):
            if known is value:
                return {"object": number}
        module = getattr(value, "__module__", None)
        if module == TOYS or str(module).startswith(PACKAGE):
            return {"name": [module, value.__name__]}
        return self.keep(value)


def _read_global_random() -> bytes:
    """Return the global generator's numbers and its place among them, as they lie in memory."""
    generator: Any = np.random.mtrand.get_bit_generator()
    address = generator.ctypes.state_address
    return ctypes.string_at(address, 625 * 4)


def describe(error: BaseException) -> dict[str, Any]:
    """Return types, text and the student's last line of an exception, all of them short."""
    described: dict[str, Any] = {"types": [kind.__name__[:80] for kind in type(error).__mro__[:20]]}
    with contextlib.suppress(BaseException):  # an exception may lie about itself
        described["text"] = str(str(error)[:MAX_TEXT])
    with contextlib.suppress(BaseException):
        described["where"] = (find_line(error) or "")[:300]
    with contextlib.suppress(BaseException):
        described["problem"] = find_problem(error)[:MAX_TEXT]
    return described


class Inbox:
    """The messages that have come, perhaps several at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.data = bytearray()

    def take(self) -> bytes:
        """Return the next message; wait for it, EOFError where there is none."""
        while not self.has_next():
            chunk = self.connection.recv(CHUNK_BYTES)
            if not chunk:
                raise EOFError
            self.data += chunk
        size = self._read_size()
        message = bytes(self.data[:size])
        del self.data[:size]
        return message

    def has_next(self) -> bool:
        """Say whether a whole message is there."""
        return len(self.data) >= FRAME.size and len(self.data) >= self._read_size()

    def _read_size(self) -> int:
        header, body = FRAME.unpack_from(self.data)
        return FRAME.size + int(header) + int(body)


def serve(connection: socket.socket) -> None:
    """Answer requests about one submission; the first message holds its files."""
    inbox = Inbox(connection)
    names, buffers = unpack(inbox.take())
    contents = iter(buffers)
    files = {name: next(contents) if reason is None else reason for name, reason in names}
    Worker(files).serve(inbox, connection)
