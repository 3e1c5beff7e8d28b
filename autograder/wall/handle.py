"""One worker behind the wall, as this side holds it: ask, count time and bytes, end it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from autograder.protocol.wire import FRAME, MAX_MESSAGE_BYTES

__all__ = [
    "Crashed",
    "Diverged",
    "Foreseen",
    "LimitReached",
    "Limits",
    "TimedOut",
    "WorkerHandle",
    "read_pid",
]


DYING_S = 10


AHEAD_S = 2  # for a script, of which each request takes a small part of that


AHEAD_BYTES = 2**16  # on their way at once: what a socket's buffer holds, or both sides would wait


@dataclass(frozen=True)
class Limits:
    """What one worker may use."""

    seconds: float = 10  # wall time of the answers that one test waits for
    all_seconds: float = 120  # the same for all tests of a submission
    cpu_seconds: int = 120  # of each process, all tests together
    memory_bytes: int = 2 * 2**30  # of each process
    processes: int = 16  # and threads
    scratch_bytes: int = 32 * 2**20
    received_bytes: int = 4 * MAX_MESSAGE_BYTES  # in one test

    def order(self) -> dict[str, int]:
        """Return them under the names of setrlimit."""
        return {
            "AS": self.memory_bytes,
            "NPROC": self.processes,
            "FSIZE": self.scratch_bytes,
            "CPU": self.cpu_seconds,
            "NOFILE": 64,
            "CORE": 0,
        }


class Crashed(Exception):
    """The worker is gone, or has sent something that is no answer."""


class LimitReached(Exception):
    """The worker took too long or sent too much."""


class TimedOut(LimitReached):
    """The worker took too long."""


class Diverged(BaseException):
    """A test has asked something else than its script: no error of the test, none may catch it.

    Attributes
    ----------
    index : number of the request
    """

    def __init__(self, index: int) -> None:
        super().__init__(f"request {index} is not the one in the script")
        self.index = index


class Foreseen(NamedTuple):
    """A request that a case will probably make.

    Attributes
    ----------
    request : bytes
    waits : bool
        Whether it is sent only when all before it are answered: it may be made of the answers, and
        was written down from the right ones.
    """

    request: bytes
    waits: bool


class WorkerHandle:
    """The trusted end of the connection to one worker.

    Parameters
    ----------
    connection : socket.socket
    pidfd : int
        Of the worker's process.
    limits : Limits
    level : "full", "user" or "none"
    uid : int or None
        The user that the worker has become, if another than the grader's.
    """

    def __init__(
        self, connection: socket.socket, pidfd: int, limits: Limits, level: str, uid: int | None
    ) -> None:
        self.connection = connection
        self.pidfd = pidfd
        self.limits = limits
        self.level = level
        self.uid = uid
        self.inbox = bytearray()
        self.in_flight: deque[bytes] = deque()  # requests whose answers have not been read yet
        self.begin()

    def begin(self, script: Sequence[Foreseen] = (), following: Sequence[Foreseen] = ()) -> None:
        """Start to count time and bytes of a case.

        Parameters
        ----------
        script : the requests that the case will probably make. They are sent many at a time, which
            spares most changes from one process to the other; if the case asks something else than
            what is on its way, it gets Diverged. Scripts are short, and so is their time.
        following : what will be asked in the cases after it
        """
        seconds = self.limits.seconds
        self.seconds_left = min(AHEAD_S, seconds) if script else seconds
        self.bytes_left = self.limits.received_bytes
        self.script, self.following = script, following
        self.asked = 0

    def end(self) -> None:
        """End a case: let go of the answers that it has not asked for in the end."""
        self._discard(min(len(self.script) - self.asked, len(self.in_flight)))

    def settle(self) -> None:
        """Let go of all answers that nobody has asked for."""
        self._discard(len(self.in_flight))

    def _discard(self, count: int) -> None:
        deadline = time.monotonic() + self.seconds_left
        for _ in range(count):
            self._receive(deadline)

    def send(self, message: bytes) -> None:
        """Send a message; the other side must take it in time."""
        self.connection.settimeout(max(self.seconds_left, 1e-3))
        try:
            self.connection.sendall(message)
        except TimeoutError:
            raise TimedOut(f"no answer within {self.limits.seconds:g} s") from None
        except OSError:
            raise Crashed("the process ended") from None

    def ask(self, message: bytes) -> bytes:
        """Return the reply to a request, as it came."""
        started = time.monotonic()
        deadline = started + self.seconds_left
        try:
            if not self.in_flight:
                self._send_ahead(message)
            if message != self.in_flight[0]:
                raise Diverged(self.asked)
            self.asked += 1
            return self._receive(deadline)
        finally:
            self.seconds_left -= time.monotonic() - started

    def _send_ahead(self, message: bytes) -> None:
        """Send a request, and what follows by the script up to the next one that waits."""
        ahead = [*self.script[self.asked :], *self.following]
        if self.asked >= len(self.script) or ahead[0].request != message:
            self._leave_script()
            ahead = [Foreseen(message, waits=True)]
        size = 0
        for request, waits in ahead:
            size += len(request)
            if self.in_flight and (waits or size > AHEAD_BYTES):
                break
            self.in_flight.append(request)
        self.send(b"".join(self.in_flight))

    def _leave_script(self) -> None:
        """Go on without it, in the time of a case without."""
        if self.script:
            seconds = self.limits.seconds
            self.seconds_left += seconds - min(AHEAD_S, seconds)
        self.script, self.following = (), ()

    def _receive(self, deadline: float) -> bytes:
        self._await(FRAME.size, deadline)
        size = FRAME.size + sum(FRAME.unpack_from(self.inbox))
        if size > MAX_MESSAGE_BYTES or size > self.bytes_left:
            raise LimitReached(f"an answer of more than {MAX_MESSAGE_BYTES // 2**20} MB")
        self._await(size, deadline)
        message = bytes(self.inbox[:size])
        del self.inbox[:size]
        self.bytes_left -= size
        self.in_flight.popleft()
        if self.inbox and not self.in_flight:
            raise Crashed("the process sent something that is no answer")
        return message

    def _await(self, size: int, deadline: float) -> None:
        """Wait until so many bytes are there."""
        while len(self.inbox) < size:
            seconds = deadline - time.monotonic()
            self.connection.settimeout(max(seconds, 1e-3))
            try:
                if seconds <= 0:  # bytes that keep dripping do not put off the end
                    raise TimeoutError
                chunk = self.connection.recv(2**18)
            except TimeoutError:
                raise TimedOut(f"no answer within {self.limits.seconds:g} s") from None
            except OSError:
                chunk = b""
            if not chunk:
                raise Crashed("the process ended")
            self.inbox += chunk

    def has_spoken(self) -> bool:
        """Say whether there is something that nobody has asked for, or the end."""
        return not self.in_flight and bool(select.select([self.connection], [], [], 0)[0])

    def kill(self) -> None:
        """End the worker and everything that it has started; return when it is over."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        if self.level == "user":
            _kill_all_of(self.uid)
        elif self.level == "none":
            _kill_group_of(self.pidfd)
        select.select([self.pidfd], [], [], DYING_S)
        os.close(self.pidfd)

    @property
    def pid(self) -> int:
        """Number of the worker's process as seen from here."""
        return read_pid(self.pidfd)

    def __enter__(self) -> WorkerHandle:
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()


def read_pid(pidfd: int) -> int:
    """Return the process number behind a pidfd, -1 where it has ended."""
    text = Path(f"/proc/self/fdinfo/{pidfd}").read_text()
    return int(text.split("Pid:")[1].split()[0])


def _kill_all_of(uid: int | None) -> None:
    """End every process of a user that only runs workers, those that left their session too."""
    assert uid, "this would be every process there is"
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(OSError):
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    os.waitpid(pid, 0)


def _kill_group_of(pidfd: int) -> None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.killpg(os.getpgid(read_pid(pidfd)), signal.SIGKILL)
