"""Send the requests of a script to a worker many at a time, and hand out the replies in turn."""

from __future__ import annotations

from collections import deque

from autograder.ahead.scripts import Foreseen, Script
from autograder.wall.handle import WorkerHandle

__all__ = ["Diverged", "Sender"]

AHEAD_S = 2  # for a script, of which each request takes a small part of that
AHEAD_BYTES = 2**16  # on their way at once: what a socket's buffer holds, or both sides would wait


class Diverged(BaseException):
    """A test has asked something else than its script: no error of the test, none may catch it.

    Attributes
    ----------
    index : number of the request
    """

    def __init__(self, index: int) -> None:
        super().__init__(f"request {index} is not the one in the script")
        self.index = index


class Sender:
    """Asks one worker, with or without a script.

    Sending many requests at a time spares most changes from one process to the other. If the case
    asks something else than what is on its way, it gets Diverged.
    """

    def __init__(self, worker: WorkerHandle) -> None:
        self.worker = worker
        self.in_flight: deque[bytes] = deque()  # requests whose replies have not been read yet
        self.script: Script = ()
        self.following: Script = ()
        self.asked = 0

    def begin(self, script: Script = (), following: Script = ()) -> None:
        """Start to count time and bytes of a case.

        Parameters
        ----------
        script : what the case will probably ask. Scripts are short, and so is their time.
        following : what the cases after it will probably ask
        """
        self.worker.begin(AHEAD_S if script else None)
        self.script, self.following = script, following
        self.asked = 0

    def end(self) -> None:
        """End a case: let go of the replies that it has not asked for in the end."""
        self._discard(min(len(self.script) - self.asked, len(self.in_flight)))

    def settle(self) -> None:
        """Let go of all replies that nobody has asked for."""
        self._discard(len(self.in_flight))

    def _discard(self, count: int) -> None:
        with self.worker.counting() as deadline:
            for _ in range(count):
                self._receive(deadline)

    def ask(self, message: bytes) -> bytes:
        """Return the reply to a request, as it came."""
        with self.worker.counting() as deadline:
            if not self.in_flight:
                self._send_ahead(message)
            if message != self.in_flight[0]:
                raise Diverged(self.asked)
            self.asked += 1
            return self._receive(deadline)

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
        self.worker.send(b"".join(self.in_flight))

    def _leave_script(self) -> None:
        """Go on without it, in the time of a case without."""
        if self.script:
            self.worker.allow_all_time()
        self.script, self.following = (), ()

    def _receive(self, deadline: float) -> bytes:
        message = self.worker.receive(deadline, last=len(self.in_flight) == 1)
        self.in_flight.popleft()
        return message

    def has_spoken(self) -> bool:
        """Say whether the worker has sent something that nobody has asked for, or has ended."""
        return not self.in_flight and self.worker.has_spoken()
