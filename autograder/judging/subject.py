"""What a judge runs tests against; here, a submission behind the wall."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
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

__all__ = ["TIMEOUTS_ALLOWED", "AskWorker", "Subject", "Submitted", "is_spared"]

PARTS = {part.id: part for part in load_parts()}
TIMEOUTS_ALLOWED = 2  # in a part; after these its other tests are not tried

NOT_TRIED, HANGS = "not tried: ", " hangs"  # how the reason of a refusal begins, and may end
AskWorker = Callable[[Sender, bytes], bytes]


class Subject(Protocol):
    """What a judge runs tests against. A subject without a worker defines ``ask`` alone."""

    def ask(self, request: bytes) -> bytes:
        """Return the reply to a request."""
        ...

    def refuse(self, part: str) -> CaseResult | None:
        """Return why a part's tests are not tried, or None."""
        return None

    @contextlib.contextmanager
    def trying(self, part: str, *scripts: Script) -> Iterator[None]:
        """Begin and end a case, perhaps with its script and that of the cases after it."""
        yield

    def settle(self) -> None:
        """End a test; discard the replies to requests sent ahead for further cases."""
        return None

    def is_fresh(self) -> bool:
        """Say whether no earlier case can affect the next one."""
        return True

    def time_out(self) -> None:
        """Count a time limit that was reached."""
        return None

    def may_be_slowed(self) -> bool:
        """Say whether neighbours may be why the last case reached a time limit."""
        return False

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other submission run inside this block."""
        yield

    def kept_to_script(self) -> bool:
        """Say whether the last request that reached a limit was one by a script.

        Such a case has less time than one that has left its script, or never had one.
        """
        return False

    def drop(self) -> None:
        """Discard the worker; the next case gets a new one."""
        return None


class Submitted(Subject):
    """A submission behind the wall: its worker, its time limits, and its broken files."""

    def __init__(self, wall: Wall, files: dict[str, bytes]) -> None:
        self.wall = wall
        self.files: dict[str, bytes | str] = dict(files)
        self.sender: Sender | None = None
        self.ask_worker: AskWorker = Sender.ask
        self.part = ""
        self.is_late = False  # whether the case of now has reached a time limit
        self.timeouts: Counter[str] = Counter()  # by part; what one takes is no other's loss
        self.spent: defaultdict[str, float] = defaultdict(float)  # seconds that workers used
        self.broken: dict[str, CaseResult] = {}
        self.has_script = False  # whether the last request that failed was by a script
        for file in dict.fromkeys(part.file for part in load_parts()):
            if file in files:
                self._load(file)

    def _load(self, file: str) -> None:
        """Import a file; leave it out from then on if that crashes the worker or hits a limit."""
        try:
            try:
                self._import(file)
            except TimedOut:
                if not self.may_be_slowed():
                    raise
                with self.alone():
                    self._import(file)
        except (Crashed, LimitReached, WireError) as error:
            reason = f"assignment/{file} cannot be imported: {error}"
            outcome = judge_error(error, asked=True).outcome
            result = CaseResult(Failure(outcome, reason))
            self.broken |= {part.id: result for part in load_parts() if part.file == file}
            self.files[file] = reason
            self.drop()

    def _import(self, file: str) -> None:
        self._begin(file)
        module = f"assignment.{file.removesuffix('.py')}"
        unpack(self.ask(pack({"number": 0, "do": "load", "module": module}, [])))

    @contextlib.contextmanager
    def trying(self, part: str, *scripts: Script) -> Iterator[None]:
        """Begin and end a case."""
        self._begin(part, *scripts)
        try:
            yield
        finally:
            self._finish(Sender.end)

    def _begin(self, part: str, *scripts: Script) -> None:
        self.part, self.is_late = part, False
        if self.sender is not None and self.sender.has_spoken():
            self.drop()
        if self.sender is None:
            self.sender = Sender(self.wall.start_worker(self.files))
        self.sender.begin(*scripts)

    def settle(self) -> None:
        """End a test; discard the replies to requests sent ahead for further cases."""
        self._finish(Sender.settle)

    def is_fresh(self) -> bool:
        """Say whether the next case gets a worker of its own."""
        return self.sender is None

    def time_out(self) -> None:
        """Count a time limit that was reached."""
        self.timeouts[self.part] += 1
        self.is_late = True

    def may_be_slowed(self) -> bool:
        """Say whether neighbours may be why the last case was late; asked once a part."""
        return self.is_late and self.timeouts[self.part] == 1 and self.wall.turns is not None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other submission run inside this block; what was late before does not count."""
        self.drop()
        self.timeouts[self.part] -= 1
        with self.wall.alone():
            try:
                yield
            finally:
                self.drop()

    def _finish(self, do: Callable[[Sender], None]) -> None:
        if self.sender is None:
            return
        try:
            do(self.sender)
        except (Crashed, LimitReached):  # no test has waited for it: it costs the part time alone
            self.drop()
        else:
            self._add_time(self.sender)

    def _add_time(self, sender: Sender) -> None:
        """Add what a worker has used to the part's time."""
        self.spent[self.part] += sender.worker.used
        sender.worker.used = 0

    @contextlib.contextmanager
    def asked_by(self, ask_worker: AskWorker) -> Iterator[None]:
        """Within a block, send requests through a function, to workers started for it.

        Every part has all its time again: before, a function may have used it up that is replaced.
        """
        self.drop()
        self.ask_worker = ask_worker
        before = self.timeouts, self.spent
        self.timeouts, self.spent = Counter(), defaultdict(float)
        try:
            yield
        finally:
            self.ask_worker = Sender.ask
            self.drop()
            self.timeouts, self.spent = before

    def ask(self, request: bytes) -> bytes:
        """Return the reply to a request; if the worker breaks, the next case gets a new one."""
        if self.sender is None:
            raise Crashed("the process ended")
        try:
            return self.ask_worker(self.sender, request)
        except (Crashed, LimitReached) as error:
            self.has_script = bool(self.sender.script)
            if isinstance(error, TimedOut) and not self.has_script:
                self.time_out()
            self.drop()
            raise

    def kept_to_script(self) -> bool:
        """Say whether the last request that reached a limit was one by a script."""
        return self.has_script

    def refuse(self, part: str) -> CaseResult | None:
        """Return why a part's tests are not tried, or None."""
        if part in self.broken:
            return self.broken[part]
        limits = self.wall.limits
        problem = ""
        if below := self.find_hanging(part):
            problem = f"{' or '.join(PARTS[below[0]].functions)}{HANGS}"
        elif self.timeouts[part] >= TIMEOUTS_ALLOWED:
            problem = f"this part took longer than {limits.seconds:g} s {TIMEOUTS_ALLOWED} times"
        elif self.spent[part] > limits.part_seconds:
            problem = f"earlier tests of this part took {self.spent[part]:.0f} s"
        return CaseResult(Failure(Outcome.LIMIT, f"{NOT_TRIED}{problem}")) if problem else None

    def find_hanging(self, part: str) -> list[str]:
        """Return the parts below a part that are known to hang: it is only tried without them."""
        below = PARTS[part].builds_on
        return [one for one in below if self.timeouts[one] >= TIMEOUTS_ALLOWED]

    def drop(self) -> None:
        """End the worker."""
        sender, self.sender = self.sender, None
        if sender is not None:
            self._add_time(sender)
            sender.worker.kill()

    def __enter__(self) -> Submitted:
        return self

    def __exit__(self, *_: Any) -> None:
        self.drop()


def is_spared(failure: Failure | None) -> bool:
    """Say whether a test was refused because a function below its part hangs."""
    return (
        failure is not None
        and failure.outcome is Outcome.LIMIT
        and failure.problem.startswith(NOT_TRIED)
        and failure.problem.endswith(HANGS)
    )
