"""The teacher's functions in a process of their own, which answers the calls of workers."""

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
from autograder.protocol.wire import WireError, pack, unpack
from autograder.teacher.given import GivenCells
from autograder.wall.clock import SHORTEST_S, Clock
from autograder.wall.handle import Crashed, LimitReached, TimedOut

__all__ = ["Functions", "Teacher"]

MODELS = {name for name in toys.__all__ if isinstance(getattr(toys, name), type)}
KEPT_BYTES, KEPT_REPLY_BYTES = 100 * 2**20, 2**17
MAX_REPLY_BYTES = 16 * 2**20  # a data set that a notebook has prepared
MEMORY_BYTES = 2 * 2**30  # as a worker has


class Teacher:
    """The teacher's functions in a process that can be killed if a call takes too long.

    The process starts at the first call, and again after it was killed. It keeps nothing between
    calls. Its replies are kept here, because many submissions of a class make the same calls.

    Parameters
    ----------
    given : GivenCells or None
        Answers for the values of given cells, too.
    """

    def __init__(self, given: GivenCells | None = None) -> None:
        self.given = given
        self.process: Any = None
        self.used = 0.0  # seconds, for all calls
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
            if self._wait(seconds):
                return self.connection.recv_bytes(MAX_REPLY_BYTES)
        except (EOFError, OSError):
            self.close()
            raise Crashed("a teacher's function crashed on its arguments") from None
        except LimitReached:  # raised by the alarm of the test
            self.close()
            raise
        self.close()
        raise TimedOut("a teacher's function took too long on its arguments")

    def _wait(self, seconds: float) -> bool:
        """Wait for the reply; say whether it has come before the time was up."""
        started, used = self.clock.look(), 0.0
        try:
            while used < seconds:
                if self.connection.poll(max(seconds - used, SHORTEST_S)):
                    return True
                used = self.clock.measure(started)
            return False
        finally:
            self.used += self.clock.measure(started)

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_teach, args=(theirs, self.given), daemon=True)
        self.process.start()
        self.clock = Clock(self.process.pid)
        theirs.close()

    def read_cpu(self) -> float:
        """Return the CPU seconds of the running process; an ended one is in RUSAGE_CHILDREN."""
        if self.process is None:
            return 0.0
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.connection.close()
            self.clock.close()
            self.process.kill()
            self.process.join()
            self.process = None

    def __enter__(self) -> Teacher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _teach(connection: Connection[bytes, bytes], given: GivenCells | None) -> None:
    die_with_parent()
    set_dumpable(True)  # the judge is not, so /proc/self belongs to root
    Path("/proc/self/oom_score_adj").write_text("1000")  # killed before a judge if memory runs out
    set_dumpable(False)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")  # of overflows in a student's numbers
    functions = Functions(given)
    with contextlib.suppress(EOFError, WireError):
        while True:
            connection.send_bytes(functions.reply(connection.recv_bytes()))


class Functions(LocalAnswerer):
    """Answers calls of the teacher's functions, with plain data only."""

    def __init__(self, given: GivenCells | None = None) -> None:
        super().__init__({})
        self.given = given

    def reply(self, call: bytes) -> bytes:
        """Return the reply to a call, an error if it would be too large.

        An error in it has no source line: that would show the solution.
        """
        tree, buffers = unpack(call)
        reply = self.answer(tree, buffers)
        answered, _ = unpack(reply)
        error = answered.get("error")
        if len(reply) > MAX_REPLY_BYTES:
            error = describe(MemoryError(f"a result of more than {MAX_REPLY_BYTES // 2**20} MB"))
        if error is None:
            return reply
        return pack({"number": tree["number"], "error": {**error, "where": ""}}, [])

    def do_given(self, tree: Any, buffers: list[bytes], out: list[bytes]) -> dict[str, Any]:
        """Return the values that a given statement leaves behind."""
        if self.given is None:
            raise WireError("there are no given cells")
        return {"value": {"dict": self.given.encode_values(tree["place"], out)}}

    def find(self, tree: Any) -> Any:
        """Return the function, or the model that tests train, behind a reference."""
        ((kind, content),) = tree.items()
        if (kind == "name" and content[1] in self.functions) or (
            kind == "toy" and content[0] in MODELS
        ):
            return super().find(tree)
        raise WireError(f"a worker may not refer to a {kind}")

    def keep(self, value: Any) -> Any:
        """Refuse to keep an object for later calls: replies are plain data."""
        raise WireError(f"a {type(value).__name__} is not plain data")
