"""Inside the wall: answer requests about one submission.

The worker receives the submission's files and imports them as the package ``assignment``. A call
of a function that was replaced by the teacher's is sent back across the wall as a request; the
trusted side answers it before it asks anything else.
"""

from __future__ import annotations

import importlib
import socket
import sys
from typing import Any

import numpy as np

import assignment.contracts  # noqa: F401 - imported once in the zygote, for all workers
from assignment.support.testing.loading import PACKAGE, StudentFiles
from autograder.protocol.answering import Answerer
from autograder.protocol.asking import Asker, RemoteFunction
from autograder.protocol.wire import FRAME, unpack

__all__ = ["FunctionWorker", "Inbox", "serve"]

CHUNK_BYTES = 2**16
np.random.default_rng(0), np.linalg  # NumPy imports these lazily: do it in the zygote


class Sources(StudentFiles):
    """Imports the student's files from memory; given files come from the course's folder."""

    stopped_by = ()  # no Ctrl-C in a worker

    def __init__(self, files: dict[str, Any]) -> None:
        super().__init__(files, PACKAGE)


class FunctionWorker(Answerer):
    """Answers requests about one submission until the connection closes.

    Parameters
    ----------
    files : dict of bytes or str
        File name -> source, or the reason why there is none.
    """

    def __init__(self, files: dict[str, Any]) -> None:
        super().__init__()
        self.teacher = Asker()
        sys.meta_path.insert(0, Sources(files))

    def serve(self, inbox: Inbox, connection: socket.socket) -> None:
        """Answer one request after the other; send the replies together if more are waiting."""

        def ask(request: bytes) -> bytes:
            connection.sendall(request)
            return inbox.take()

        self.teacher.begin(ask)
        replies = bytearray()
        while True:
            try:
                replies += self.answer(*unpack(inbox.take()))
            except EOFError:
                return
            if len(replies) > CHUNK_BYTES or not inbox.has_next():
                connection.sendall(replies)
                replies.clear()

    def forget(self) -> None:
        """Drop the objects kept for the last test, and number this side's requests from 0."""
        super().forget()
        self.teacher.number = 0

    def do_load(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Import a file of the student."""
        importlib.import_module(tree["module"])
        return {"value": None}

    def do_replace(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Replace functions in a file of the student by the teacher's."""
        module = importlib.import_module(tree["module"])
        for name in tree["names"]:
            setattr(module, name, RemoteFunction(self.teacher, tree["module"], name))
        return {"value": None}


class Inbox:
    """Splits the received bytes into messages."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.data = bytearray()

    def take(self) -> bytes:
        """Wait for the next message and return it; EOFError if the connection is closed."""
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
        """Say whether a whole message has arrived."""
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
    FunctionWorker(files).serve(inbox, connection)
