"""The trusted side's handle of one worker: send requests, limit time and bytes, kill it."""

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
AHEAD_S = 2  # time for a case with a script; its requests are short
AHEAD_BYTES = 2**16  # sent ahead at most: a full socket buffer could make both sides wait forever


@dataclass(frozen=True)
class Limits:
    """What one worker may use."""

    seconds: float = 10  # wall time that one case may wait for answers
    all_seconds: float = 120  # the same for all tests of a submission
    cpu_seconds: int = 120  # of each process, all tests together
    memory_bytes: int = 2 * 2**30  # of each process
    processes: int = 16  # including threads
    scratch_bytes: int = 32 * 2**20
    received_bytes: int = 4 * MAX_MESSAGE_BYTES  # in one case

    def order(self) -> dict[str, int]:
        """Return the limits by their names in setrlimit."""
        return {
            "AS": self.memory_bytes,
            "NPROC": self.processes,
            "FSIZE": self.scratch_bytes,
            "CPU": self.cpu_seconds,
            "NOFILE": 64,
            "CORE": 0,
        }


class Crashed(Exception):
    """The worker has ended, or sent data that nobody requested."""


class LimitReached(Exception):
    """The worker took too long or sent too much."""


class TimedOut(LimitReached):
    """The worker took too long."""


class Diverged(BaseException):
    """A test deviates from its script; not an Exception, so that no test catches it.

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
        Whether to send it only after all earlier replies: it may contain the right answers to
        earlier requests.
    """

    request: bytes
    waits: bool


class WorkerHandle:
    """The trusted end of the connection to one worker.

    Parameters
    ----------
    connection : socket.socket
    pidfd : int
        Refers to the worker's process.
    limits : Limits
    level : "full", "user" or "none"
    uid : int or None
        The worker's user, if it is not the grader's.
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
        script : the requests that the case will probably make. Many are sent at a time, which
            saves most context switches. If the case makes another request while some are in
            flight, it gets Diverged.
        following : the requests of the cases after it
        """
        seconds = self.limits.seconds
        self.seconds_left = min(AHEAD_S, seconds) if script else seconds
        self.bytes_left = self.limits.received_bytes
        self.script, self.following = script, following
        self.asked = 0

    def end(self) -> None:
        """End a case: discard the replies to its script that it did not ask for."""
        self._discard(min(len(self.script) - self.asked, len(self.in_flight)))

    def settle(self) -> None:
        """Discard the replies to all requests in flight."""
        self._discard(len(self.in_flight))

    def _discard(self, count: int) -> None:
        deadline = time.monotonic() + self.seconds_left
        for _ in range(count):
            self._receive(deadline)

    def send(self, message: bytes) -> None:
        """Send a message; the worker must receive it in time."""
        self.connection.settimeout(max(self.seconds_left, 1e-3))
        try:
            self.connection.sendall(message)
        except TimeoutError:
            raise TimedOut(f"no answer within {self.limits.seconds:g} s") from None
        except OSError:
            raise Crashed("the process ended") from None

    def ask(self, message: bytes) -> bytes:
        """Send a request, unless it was sent ahead, and return the reply undecoded."""
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
        """Send a request, and those that follow in the script up to the next that waits."""
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
        """Drop the script; from now on the time limit is that of a case without one."""
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
            raise Crashed("the process sent data that nobody requested")
        return message

    def _await(self, size: int, deadline: float) -> None:
        """Receive until the inbox holds so many bytes."""
        while len(self.inbox) < size:
            seconds = deadline - time.monotonic()
            self.connection.settimeout(max(seconds, 1e-3))
            try:
                if seconds <= 0:  # also if bytes keep arriving one by one
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
        """Say whether the worker sent unrequested data or closed the connection."""
        return not self.in_flight and bool(select.select([self.connection], [], [], 0)[0])

    def kill(self) -> None:
        """Kill the worker and all processes that it started; wait until it has ended."""
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
        """The worker's process id in the grader's pid namespace."""
        return read_pid(self.pidfd)

    def __enter__(self) -> WorkerHandle:
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()


def read_pid(pidfd: int) -> int:
    """Return the process id of a pidfd, -1 if the process has ended."""
    text = Path(f"/proc/self/fdinfo/{pidfd}").read_text()
    return int(text.split("Pid:")[1].split()[0])


def _kill_all_of(uid: int | None) -> None:
    """Kill every process of a worker's user, including those in another session."""
    assert uid, "root would kill every process"
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
