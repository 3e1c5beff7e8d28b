"""What can be judged: a submission behind the wall, or the teacher's functions in this process."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from assignment.support.project.manifest import load_parts
from assignment.support.testing.failures import Failure, Outcome
from autograder.ahead.scripts import Script
from autograder.ahead.sender import Sender
from autograder.judging.case_results import CaseResult, judge_error
from autograder.protocol.wire import WireError, pack, unpack
from autograder.wall.handle import Crashed, LimitReached, TimedOut
from autograder.wall.wall import Wall

__all__ = ["TIMEOUTS_ALLOWED", "AskWorker", "Subject", "Submitted"]

TIMEOUTS_ALLOWED = 2  # in a part, the rest of which is not tried then

AskWorker = Callable[[Sender, bytes], bytes]


class Subject(Protocol):
    """What a judge asks. Whoever answers at once, and cannot break, needs ``ask`` alone."""

    def ask(self, request: bytes) -> bytes:
        """Return the reply to a request."""
        ...

    def refuse(self, part: str) -> CaseResult | None:
        """Return why a part's tests are not tried, or None."""
        return None

    @contextlib.contextmanager
    def trying(self, part: str, *scripts: Script) -> Iterator[None]:
        """Begin a case, perhaps with a script of what it and those after it will ask; end it."""
        yield

    def settle(self) -> None:
        """End a test, and with it what was asked ahead for further cases."""
        return None

    def is_fresh(self) -> bool:
        """Say whether nothing was asked that could have left something behind."""
        return True

    def time_out(self) -> None:
        """Count a time limit that was reached."""
        return None

    def drop(self) -> None:
        """Begin anew, without what earlier cases have left behind."""
        return None


class Submitted(Subject):
    """A submission behind the wall: its worker, replaced when it breaks, and what went wrong."""

    def __init__(self, wall: Wall, files: dict[str, bytes]) -> None:
        self.wall = wall
        self.files: dict[str, bytes | str] = dict(files)
        self.sender: Sender | None = None
        self.ask_worker: AskWorker = Sender.ask
        self.part = ""
        self.timeouts: Counter[str] = Counter()
        self.spent = 0.0
        self.broken: dict[str, CaseResult] = {}
        for file in dict.fromkeys(part.file for part in load_parts()):
            if file in files:
                self._load(file)

    def _load(self, file: str) -> None:
        """Import a file; one that ends or stops the process is left out from then on."""
        module = f"assignment.{file.removesuffix('.py')}"
        try:
            with self._counting():
                self._begin(file)
                unpack(self.ask(pack({"number": 0, "do": "load", "module": module}, [])))
        except (Crashed, LimitReached, WireError) as error:
            reason = f"assignment/{file} cannot be imported: {error}"
            outcome = judge_error(error, asked=True).outcome
            result = CaseResult(Failure(outcome, reason))
            self.broken |= {part.id: result for part in load_parts() if part.file == file}
            self.files[file] = reason
            self.drop()

    @contextlib.contextmanager
    def trying(self, part: str, *scripts: Script) -> Iterator[None]:
        """Begin a case and end it; its time is the submission's."""
        with self._counting():
            self._begin(part, *scripts)
            try:
                yield
            finally:
                self._let_go(Sender.end)

    def _begin(self, part: str, *scripts: Script) -> None:
        self.part = part
        if self.sender is not None and self.sender.has_spoken():
            self.drop()
        if self.sender is None:
            self.sender = Sender(self.wall.start_worker(self.files))
        self.sender.begin(*scripts)

    def settle(self) -> None:
        """End a test, and with it what was asked ahead for further cases."""
        with self._counting():
            self._let_go(Sender.settle)

    def is_fresh(self) -> bool:
        """Say whether the next case gets a worker of its own."""
        return self.sender is None

    def time_out(self) -> None:
        """Count a time limit that was reached."""
        self.timeouts[self.part] += 1

    @contextlib.contextmanager
    def _counting(self) -> Iterator[None]:
        """Count time as the submission's: it waits for answers, or looks at them."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.spent += time.monotonic() - started

    def _let_go(self, do: Callable[[Sender], None]) -> None:
        if self.sender is None:
            return
        try:
            do(self.sender)
        except (Crashed, LimitReached) as error:
            if isinstance(error, TimedOut):
                self.time_out()
            self.drop()

    @contextlib.contextmanager
    def asked_by(self, ask_worker: AskWorker) -> Iterator[None]:
        """Let somebody else ask the workers for a while; each of them is a new one."""
        self.drop()
        self.ask_worker = ask_worker
        try:
            yield
        finally:
            self.ask_worker = Sender.ask
            self.drop()

    def ask(self, request: bytes) -> bytes:
        """Return the reply to a request; a worker that breaks is replaced at the next case."""
        if self.sender is None:
            raise Crashed("the process ended")
        try:
            return self.ask_worker(self.sender, request)
        except (Crashed, LimitReached) as error:
            if isinstance(error, TimedOut) and not self.sender.script:
                self.time_out()
            self.drop()
            raise

    def refuse(self, part: str) -> CaseResult | None:
        """Return why a part's tests are not tried, or None."""
        if part in self.broken:
            return self.broken[part]
        seconds = self.wall.limits.seconds
        problem = ""
        if self.timeouts[part] >= TIMEOUTS_ALLOWED:
            problem = f"this part took longer than {seconds:g} s {TIMEOUTS_ALLOWED} times"
        elif self.spent > self.wall.limits.all_seconds:
            problem = f"the tests before took {self.spent:.0f} s"
        return CaseResult(Failure(Outcome.LIMIT, f"not tried: {problem}")) if problem else None

    def drop(self) -> None:
        """End the worker."""
        sender, self.sender = self.sender, None
        if sender is not None:
            sender.worker.kill()

    def __enter__(self) -> Submitted:
        return self

    def __exit__(self, *_: Any) -> None:
        self.drop()
