"""The trusted side of the wall: raise it, start workers behind it, believe nothing they send."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from autograder.perimeter import ENVIRONMENT, find_scratch, wrap
from autograder.wire import FRAME, MAX_MESSAGE_BYTES, pack

__all__ = [
    "LEVELS",
    "Crashed",
    "Diverged",
    "Foreseen",
    "LimitReached",
    "Limits",
    "TimedOut",
    "Wall",
    "Worker",
]

LEVELS = ("full", "user", "none")
# Nobody's: Debian gives 60000 to 64999 to packages that ask, on demand. Of another grader that runs
# beside this one the users are others: at level user all that a worker's user runs is killed.
FIRST_UID = 60_000 + 4 * (os.getpid() % 1000)
STARTING_S = 60
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


class Wall:
    """A zygote at one level of isolation.

    Parameters
    ----------
    level : "full", "user" or "none"
    course : Path
        Folder that workers may read: the given code, and nothing of tests and solutions.
    module : str
        Whose ``serve`` a worker runs.
    slot : int
        Number of this wall among those that stand side by side.
    """

    def __init__(
        self, level: str, course: Path, module: str, limits: Limits, slot: int = 0
    ) -> None:
        self.level = level
        self.limits = limits
        self.scratch = find_scratch()
        self.uid = FIRST_UID + slot if level != "none" and os.geteuid() == 0 else None
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wrapped, root = wrap(level, course)
        start = (
            f"import sys; sys.path.insert(0, {root!r}); from autograder.zygote import run_zygote; "
        )
        start += f"run_zygote({theirs.fileno()}, {module!r})"
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - close() ends it
        self.process = subprocess.Popen(
            [*wrapped, sys.executable, "-I", "-B", "-c", start],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,  # Ctrl-C is not for students
        )
        theirs.close()
        self.control.settimeout(STARTING_S)
        with contextlib.suppress(OSError):
            if self.control.recv(16) == b"ready":
                return
        self.close()
        raise OSError(self.read_errors() or "the clean process did not start")

    def read_errors(self) -> str:
        """Return the last line that the zygote wrote to stderr."""
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def start_worker(self, files: dict[str, Any]) -> Worker:
        """Start a worker for a submission's files: their contents, or why there are none."""
        ours, theirs = socket.socketpair()
        order = {
            "uid": self.uid,
            "namespaces": self.level == "full",
            "limits": self.limits.order(),
            "scratch": self.scratch,
            "scratch_bytes": self.limits.scratch_bytes,
        }
        with theirs:
            socket.send_fds(self.control, [json.dumps(order).encode()], [theirs.fileno()])
        ours.settimeout(STARTING_S)
        data, fds, _, _ = socket.recv_fds(ours, 1, 1)
        if not data or not fds:
            raise OSError(f"a worker could not start: {self.read_errors()}")
        worker = Worker(ours, fds[0], self)
        names = [[name, c if isinstance(c, str) else None] for name, c in files.items()]
        worker.send(pack(names, [c for c in files.values() if not isinstance(c, str)]))
        return worker

    def read_cpu(self) -> float:
        """Return the CPU time, in seconds, of all workers up to now; wait until they have ended."""
        self.control.send(b"cpu")
        return float(self.control.recv(64))

    def close(self) -> None:
        """End the zygote and with it every worker."""
        self.control.close()
        try:
            self.process.wait(DYING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Wall:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class Worker:
    """The trusted end of a connection."""

    def __init__(self, connection: socket.socket, pidfd: int, wall: Wall) -> None:
        self.connection = connection
        self.pidfd = pidfd
        self.wall = wall
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
        limits = self.wall.limits
        self.seconds_left = min(AHEAD_S, limits.seconds) if script else limits.seconds
        self.bytes_left = limits.received_bytes
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
            raise TimedOut(f"no answer within {self.wall.limits.seconds:g} s") from None
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
            seconds = self.wall.limits.seconds
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
                raise TimedOut(f"no answer within {self.wall.limits.seconds:g} s") from None
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
        if self.wall.level == "user":
            _kill_all_of(self.wall.uid)
        elif self.wall.level == "none":
            _kill_group_of(self.pidfd)
        select.select([self.pidfd], [], [], DYING_S)
        os.close(self.pidfd)

    @property
    def pid(self) -> int:
        """Number of the worker's process as seen from here."""
        return read_pid(self.pidfd)

    def __enter__(self) -> Worker:
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
