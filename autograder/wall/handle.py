"""The trusted side's handle of one worker: send requests, limit time and bytes, kill it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from autograder.protocol.wire import FRAME
from autograder.settings import Limits
from autograder.wall.clock import SHORTEST_S, Clock, Moment
from autograder.wall.turns import Turns

__all__ = ["Crashed", "LimitReached", "TimedOut", "WorkerHandle", "read_pid"]

DYING_S = 10
Result = TypeVar("Result")


class Crashed(Exception):
    """The worker has ended, or sent data that nobody requested."""


class LimitReached(Exception):
    """The worker took too long or sent too much."""


class TimedOut(LimitReached):
    """The worker took too long."""


class WorkerHandle:
    """The trusted end of the connection to one worker."""

    def __init__(
        self,
        connection: socket.socket,
        pidfd: int,
        clock: Clock,
        limits: Limits,
        level: str,
        uid: int | None,
        turns: Turns | None = None,
    ) -> None:
        self.connection = connection
        self.pidfd = pidfd
        self.clock = clock
        self.counts_since: Moment | None = None  # set while time counts as the worker's
        self.used = 0.0  # seconds, in all cases
        self.limits = limits
        self.level = level
        self.uid = uid  # of the worker, if it runs as another user than the grader
        self.turns = turns  # to be ended with the worker
        self.inbox = bytearray()
        self.begin()

    def begin(self, at_most_s: float | None = None) -> None:
        """Start to count time and bytes of a case; by default it gets all the time of one test."""
        self.seconds_left = self.limits.seconds
        self.seconds_kept = 0.0
        if at_most_s is not None:
            self.seconds_kept = max(0.0, self.seconds_left - at_most_s)
            self.seconds_left -= self.seconds_kept
        self.bytes_left = self.limits.received_bytes

    def allow_all_time(self) -> None:
        """Give a case that began with less all the time of one test."""
        self.seconds_left += self.seconds_kept
        self.seconds_kept = 0.0

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Count time as the worker's."""
        self.counts_since = self.clock.look()
        try:
            yield
        finally:
            since, self.counts_since = self.counts_since, None
            self.charge(self.clock.measure(since))

    def charge(self, seconds: float) -> None:
        """Take seconds off the worker's time."""
        self.seconds_left -= seconds
        self.used += seconds

    def find_time_left(self) -> float:
        """Return how many seconds the worker has at least."""
        if self.counts_since is None:
            return self.seconds_left
        by_wall_clock = self.counts_since.time + self.seconds_left - time.monotonic()
        if by_wall_clock > 0:  # mostly: so nothing needs to be measured
            return by_wall_clock
        return self.seconds_left - self.clock.measure(self.counts_since)

    def ask(self, message: bytes) -> bytes:
        """Return the reply to a request, as it came."""
        with self.counting():
            self.send(message)
            return self.receive()

    def send(self, message: bytes) -> None:
        """Send a message; the worker must receive it in time."""
        rest = memoryview(message)
        while rest:
            rest = rest[self._wait(partial(self.connection.send, rest)) :]

    def receive(self, last: bool = True) -> bytes:
        """Return the next message; if it is to be the last one, nothing may have come after it."""
        self._await(FRAME.size)
        size = FRAME.size + sum(FRAME.unpack_from(self.inbox))
        if size > self.limits.message_bytes or size > self.bytes_left:
            raise LimitReached(f"an answer of more than {self.limits.message_bytes // 2**20} MB")
        self._await(size)
        message = bytes(self.inbox[:size])
        del self.inbox[:size]
        self.bytes_left -= size
        if self.inbox and last:
            raise Crashed("the process sent data that nobody requested")
        return message

    def _await(self, size: int) -> None:
        """Receive until the inbox holds so many bytes."""
        while len(self.inbox) < size:
            chunk = self._wait(partial(self.connection.recv, 2**18))
            if not chunk:
                raise Crashed("the process ended")
            self.inbox += chunk

    def _wait(self, act: Callable[[], Result]) -> Result:
        """Send or receive once the worker is ready; it must be before its time is up.

        By the wall clock it may take longer: then look how much of that was the worker's.
        """
        while (seconds := self.find_time_left()) > 0:  # also if bytes keep arriving one by one
            self.connection.settimeout(max(seconds, SHORTEST_S))
            try:
                return act()
            except TimeoutError:
                continue
            except OSError:
                raise Crashed("the process ended") from None
        raise TimedOut(f"no answer within {self.limits.seconds:g} s")

    def has_spoken(self) -> bool:
        """Say whether the worker sent data or closed the connection."""
        return bool(select.select([self.connection], [], [], 0)[0])

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
        self.clock.close()
        if self.turns is not None:
            self.turns.end()

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
