"""A submission that is being judged: its worker behind the wall, and what went wrong with it."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assignment.support.project.manifest import load_parts
from autograder.judging.case_results import CaseResult, classify
from autograder.outcomes import Outcome
from autograder.protocol.wire import WireError, pack, unpack
from autograder.wall.handle import Crashed, Foreseen, LimitReached, TimedOut, WorkerHandle
from autograder.wall.wall import Wall

__all__ = ["TIMEOUTS_ALLOWED", "Subject"]

TIMEOUTS_ALLOWED = 2  # in a part, the rest of which is not tried then


class Subject:
    """A submission behind the wall: its worker, replaced when it breaks, and what went wrong."""

    def __init__(self, wall: Wall, files: dict[str, bytes]) -> None:
        self.wall = wall
        self.files: dict[str, bytes | str] = dict(files)
        self.worker: WorkerHandle | None = None
        self.exchange: Callable[[WorkerHandle, bytes], bytes] = WorkerHandle.ask
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
            with self.counting():
                self.begin(file)
                unpack(self.ask(pack({"number": 0, "do": "load", "module": module}, [])))
        except (Crashed, LimitReached, WireError) as error:
            reason = f"assignment/{file} cannot be imported: {error}"
            result = CaseResult(classify(error, "", asked=True).outcome, reason)
            self.broken |= {part.id: result for part in load_parts() if part.file == file}
            self.files[file] = reason
            self.drop()

    def begin(self, part: str, *scripts: Sequence[Foreseen]) -> None:
        """Start a case of a part, perhaps with a script of what it will ask, and those after it."""
        self.part = part
        if self.worker is not None and self.worker.has_spoken():
            self.drop()
        if self.worker is None:
            self.worker = self.wall.start_worker(self.files)
        self.worker.begin(*scripts)

    def end(self) -> None:
        """End a case."""
        self._let_go(WorkerHandle.end)

    def settle(self) -> None:
        """End a test, and with it what was asked ahead for further cases."""
        with self.counting():
            self._let_go(WorkerHandle.settle)

    def time_out(self) -> None:
        """Count a time limit that was reached."""
        self.timeouts[self.part] += 1

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Count time as the submission's: it waits for answers, or looks at them."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.spent += time.monotonic() - started

    def _let_go(self, do: Callable[[WorkerHandle], None]) -> None:
        if self.worker is None:
            return
        try:
            do(self.worker)
        except (Crashed, LimitReached) as error:
            if isinstance(error, TimedOut):
                self.time_out()
            self.drop()

    def ask(self, request: bytes) -> bytes:
        """Return the answer to a request; a worker that breaks is replaced at the next case."""
        if self.worker is None:
            raise Crashed("the process ended")
        try:
            return self.exchange(self.worker, request)
        except (Crashed, LimitReached) as error:
            if isinstance(error, TimedOut) and not self.worker.script:
                self.time_out()
            self.drop()
            raise

    def refuse(self, part: str) -> CaseResult | None:
        """Return why a part's tests are not tried, or None."""
        if part in self.broken:
            return self.broken[part]
        seconds = self.wall.limits.seconds
        if self.timeouts[part] >= TIMEOUTS_ALLOWED:
            text = f"not tried: this part took longer than {seconds:g} s {TIMEOUTS_ALLOWED} times"
            return CaseResult(Outcome.LIMIT, text)
        if self.spent > self.wall.limits.all_seconds:
            return CaseResult(Outcome.LIMIT, f"not tried: the tests before took {self.spent:.0f} s")
        return None

    def drop(self) -> None:
        """End the worker."""
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.kill()

    def __enter__(self) -> Subject:
        return self

    def __exit__(self, *_: Any) -> None:
        self.drop()
