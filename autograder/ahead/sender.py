"""Send the requests of a script to a worker many at a time, and hand out the replies in turn."""

from __future__ import annotations

from collections import deque

from autograder.ahead.scripts import Foreseen, Script
from autograder.wall.handle import WorkerHandle

__all__ = ["Diverged", "Sender"]

AHEAD_S = 2  # time for a case with a script; its requests are short
AHEAD_BYTES = 2**16  # sent ahead at most: a full socket buffer could make both sides wait forever


class Diverged(BaseException):
    """A test deviates from its script; not an Exception, so that no test catches it.

    Attributes
    ----------
    index : number of the request
    """

    def __init__(self, index: int) -> None:
        super().__init__(f"request {index} is not the one in the script")
        self.index = index


class Sender:
    """Asks one worker, with or without a script.

    Sending many requests at a time saves most context switches. If the case makes another request
    while some are in flight, it gets Diverged.
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
        script : the requests that the case will probably make
        following : those of the cases after it
        """
        self.worker.begin(AHEAD_S if script else None)
        self.script, self.following = script, following
        self.asked = 0

    def end(self) -> None:
        """End a case: discard the replies to its script that it did not ask for."""
        self._discard(min(len(self.script) - self.asked, len(self.in_flight)))

    def settle(self) -> None:
        """Discard the replies to all requests in flight."""
        self._discard(len(self.in_flight))

    def _discard(self, count: int) -> None:
        with self.worker.counting():
            for _ in range(count):
                self._receive()

    def ask(self, message: bytes) -> bytes:
        """Send a request, unless it was sent ahead, and return the reply undecoded."""
        with self.worker.counting():
            if not self.in_flight:
                self._send_ahead(message)
            if message != self.in_flight[0]:
                raise Diverged(self.asked)
            self.asked += 1
            return self._receive()

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
        self.worker.send(b"".join(self.in_flight))

    def _leave_script(self) -> None:
        """Drop the script; from now on the time limit is that of a case without one."""
        if self.script:
            self.worker.allow_all_time()
        self.script, self.following = (), ()

    def _receive(self) -> bytes:
        message = self.worker.receive(last=len(self.in_flight) == 1)
        self.in_flight.popleft()
        return message

    def has_spoken(self) -> bool:
        """Say whether the worker sent unrequested data or closed the connection."""
        return not self.in_flight and self.worker.has_spoken()
