"""The teacher's functions in a process of their own, for what workers call across the wall."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import resource
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from assignment.support.testing import toys
from autograder.judging.in_process import LocalAnswerer
from autograder.protocol.answering import describe
from autograder.protocol.prctl import die_with_parent, set_dumpable
from autograder.protocol.wire import MAX_MESSAGE_BYTES, WireError, pack, unpack
from autograder.wall.handle import Crashed, LimitReached, TimedOut

__all__ = ["Functions", "Teacher"]

MODELS = {name for name in toys.__all__ if isinstance(getattr(toys, name), type)}
KEPT_BYTES, KEPT_REPLY_BYTES = 100 * 2**20, 2**17
MEMORY_BYTES = 2 * 2**30  # as a worker has


class Teacher:
    """The teacher's functions in a process of their own: whatever they are given, it can be ended.

    The process starts when it is needed, serves one submission after the other, and starts anew
    where it had to be ended. It keeps nothing from one call to the next; its replies are kept here,
    for in a class many ask the same.
    """

    def __init__(self) -> None:
        self.process: Any = None
        self.replies: dict[bytes, bytes] = {}
        self.size = 0

    def answer(self, call: bytes, seconds: float) -> bytes:
        """Return the reply to a call that comes from a worker."""
        key = hashlib.blake2b(call, digest_size=16).digest()
        if key in self.replies:
            return self.replies[key]
        reply = self._ask(call, seconds)
        if len(reply) <= KEPT_REPLY_BYTES and self.size + len(reply) <= KEPT_BYTES:
            self.size += len(reply)
            self.replies[key] = reply
        return reply

    def _ask(self, call: bytes, seconds: float) -> bytes:
        if self.process is None:
            self._start()
        try:
            self.connection.send_bytes(call)
            if self.connection.poll(max(0, seconds)):
                return self.connection.recv_bytes(MAX_MESSAGE_BYTES)
        except (EOFError, OSError):
            self.close()
            raise Crashed("what a function was called with ends the process") from None
        except LimitReached:  # of the test, whose alarm rings
            self.close()
            raise
        self.close()
        raise TimedOut("what a function was called with takes too long")

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_teach, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def read_cpu(self) -> float:
        """Return the CPU time, in seconds, of the process; once it has ended, it is a child's."""
        if self.process is None:
            return 0.0
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.connection.close()
            self.process.kill()
            self.process.join()
            self.process = None

    def __enter__(self) -> Teacher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _teach(connection: Connection[bytes, bytes]) -> None:
    die_with_parent()
    set_dumpable(True)  # as a judge is not: its /proc/self belongs to root
    Path("/proc/self/oom_score_adj").write_text("1000")  # where memory ends, it goes before a judge
    set_dumpable(False)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")  # of overflows, in numbers that are not ours
    functions = Functions()
    with contextlib.suppress(EOFError):
        while True:
            connection.send_bytes(functions.reply(connection.recv_bytes()))


class Functions(LocalAnswerer):
    """Answers calls of the teacher's functions with plain data, and gives nothing else away."""

    def __init__(self) -> None:
        super().__init__({})

    def reply(self, call: bytes) -> bytes:
        """Return the reply to a call, an error where it would be too large.

        Of an error it names neither the line nor what is in it: that would be the solution.
        """
        tree, buffers = unpack(call)
        reply = self.answer(tree, buffers)
        answered, _ = unpack(reply)
        error = answered.get("error")
        if len(reply) > MAX_MESSAGE_BYTES:
            error = describe(MemoryError(f"a result of more than {MAX_MESSAGE_BYTES // 2**20} MB"))
        if error is None:
            return reply
        return pack({"number": tree["number"], "error": {**error, "where": ""}}, [])

    def find(self, tree: Any) -> Any:
        """Return what a reference stands for: a function, or a model that tests train."""
        ((kind, content),) = tree.items()
        if (kind == "name" and content[1] in self.functions) or (
            kind == "toy" and content[0] in MODELS
        ):
            return super().find(tree)
        raise WireError(f"a {kind} that is not given away")

    def keep(self, value: Any) -> Any:
        """Keep nothing: no object of this side is known over there."""
        raise WireError(f"a {type(value).__name__} is no plain data")
