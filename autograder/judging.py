"""Run the collected tests against one submission, and remember what the same answers led to."""

from __future__ import annotations

import hashlib
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from assignment.support.compare import CheckFailed
from assignment.support.manifest import load_parts
from assignment.support.messages import describe_exception
from assignment.support.old_names import find_advice
from assignment.support.student_code import CannotUse
from autograder.answers import Answer, Exchange, read_answers
from autograder.outcomes import Outcome, Verdict
from autograder.proxies import Connection
from autograder.wall import Crashed, Diverged, LimitReached, TimedOut, Wall, Worker
from autograder.wire import WireError, pack, unpack

__all__ = [
    "GRADERS_SENTENCE",
    "FunctionJudge",
    "Result",
    "Runner",
    "Test",
    "Tried",
    "classify",
    "describe_tests",
]

HIDDEN_SENTENCE = (
    "A hidden test did not pass. It checks what the docstring says, on other inputs than the "
    "public tests."
)
GRADERS_SENTENCE = "This is the grader's own fault. It costs no points; the teacher is told."
TIMEOUTS_ALLOWED = 2  # in a part, the rest of which is not tried then
MAX_TEXT = 4000
MEMORY_BYTES = 200 * 2**20


@dataclass(frozen=True)
class Result:
    """How one case of a test ended: its outcome, what the student reads, what the teacher reads."""

    outcome: Outcome
    message: str = ""
    detail: str = ""
    broke_worker: bool = False
    problem: str = ""  # of a check that did not hold, in a few words

    def __post_init__(self) -> None:
        """Cut what a submission may have made long."""
        object.__setattr__(self, "message", self.message[:MAX_TEXT])
        object.__setattr__(self, "detail", self.detail[:MAX_TEXT])


@dataclass(frozen=True)
class Test:
    """A test function with its cases, as collected."""

    part: str
    name: str
    function: str
    hidden: bool
    points: float
    cases: tuple[pytest.Item, ...]


def describe_tests(items: Iterable[pytest.Item]) -> list[Test]:
    """Group collected cases by test function, and name each as the student reads it."""
    groups: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        groups.setdefault((item.nodeid.split("[")[0], _read_marker(item).args[0]), []).append(item)
    tests: list[Test] = []
    for (nodeid, part), cases in groups.items():
        points = _read_marker(cases[0]).kwargs["points"]
        hidden = "/hidden/" in nodeid
        number = 1 + sum(test.part == part and test.hidden for test in tests)
        sentence = f"hidden test {number}" if hidden else _read_docstring(cases[0])
        function = nodeid.split("::")[-1]
        tests.append(Test(part, f"{part}: {sentence}", function, hidden, points, tuple(cases)))
    return tests


def _read_marker(item: pytest.Item) -> pytest.Mark:
    marker = item.get_closest_marker("part")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid} says neither its part nor its points")
    return marker


def _read_docstring(item: Any) -> str:
    return str((item.obj.__doc__ or item.name).strip().splitlines()[0])


def _stop(*_: Any) -> None:
    raise LimitReached("what your function returned takes too long to look at")


@dataclass(frozen=True)
class Tried:
    """A verdict and, where the test did not pass, what it was reached by.

    Attributes
    ----------
    verdict : Verdict
    case : pytest.Item
        The last one that ran: the first that did not pass.
    problem : str
        What the check says did not hold, without figures.
    exchange : what was asked and answered in that case
    """

    verdict: Verdict
    case: pytest.Item
    problem: str = ""
    exchange: Exchange = ()

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Return the answers, to be compared with others."""
        return read_answers(self.exchange)


class ChangedTest(Exception):
    """A test that is not a function of the seed and of the answers that it gets."""


class Runner:
    """The pytest plugin that runs one collected case and tells how it ended."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self.error: BaseException | None = None
        self.text = ""

    def run(self, item: pytest.Item, nextitem: pytest.Item | None = None) -> BaseException | None:
        """Run a case with pytest's own protocol; return the first exception.

        The wall limits how long answers take; the alarm, what a test makes of them over here.
        """
        self.error = None
        signal.signal(signal.SIGALRM, _stop)
        signal.alarm(self.seconds)
        try:
            runtestprotocol(item, log=False, nextitem=nextitem)
        finally:
            signal.alarm(0)
        if isinstance(self.error, (KeyboardInterrupt, SystemExit)):
            raise self.error
        return self.error

    def tear_down(self, item: pytest.Item) -> None:
        """End what a case with a next one has left standing."""
        item.session._setupstate.teardown_exact(None)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep the first exception of a case, and the report's text."""
        report = yield
        if call.excinfo is not None and self.error is None:
            self.error = call.excinfo.value
            self.text = report.longreprtext
        return report


class FunctionJudge:
    """Judges the functions of one submission after the other."""

    wall: Wall

    def __init__(self, tests: list[Test], connection: Connection, runner: Runner) -> None:
        self.tests = tests
        self.connection = connection
        self.runner = runner
        self.memory = Memory()
        self.siblings = _find_siblings(tests)
        self.last: pytest.Item | None = None

    def judge(self, files: dict[str, bytes]) -> list[Tried]:
        """Try all tests on a submission."""
        with Subject(self.wall, files) as subject:
            return self.try_tests(subject)

    def try_tests(self, subject: Any, parts: Collection[str] | None = None) -> list[Tried]:
        """Try all test functions, or those of some parts."""
        try:
            tests = [test for test in self.tests if parts is None or test.part in parts]
            return [self._try_test(test, subject) for test in tests]
        finally:
            self._leave_module()

    def find_exchange(self, case: pytest.Item, subject: Any) -> Exchange:
        """Return what is asked and answered in one case."""
        try:
            self._try_case(case, subject)
            return self.memory.exchange
        finally:
            self._leave_module()

    def _try_test(self, test: Test, subject: Subject) -> Tried:
        """Run the cases of a test function until one does not pass."""
        result = Result(Outcome.PASSED)
        scripts = [self.memory.foresee(case) for case in test.cases]
        for i, case in enumerate(test.cases):
            known = scripts[i:] if i else scripts[:1]  # most wrong functions fail the first case
            result = subject.refuse(test.part) or self._run_case(case, subject, *known)
            if result.outcome is not Outcome.PASSED:
                break
        subject.settle()
        message = result.message
        if test.hidden and result.outcome not in (Outcome.PASSED, Outcome.GRADERS_FAULT):
            message = HIDDEN_SENTENCE
        fields = (test.part, test.name, test.function, test.hidden, test.points)
        verdict = Verdict(*fields, result.outcome, message, result.detail or result.message)
        if result.outcome is Outcome.PASSED:
            return Tried(verdict, case)
        return Tried(verdict, case, result.problem, tuple(self.memory.exchange))

    def _run_case(
        self, case: pytest.Item, subject: Subject, script: list[bytes], *following: list[bytes]
    ) -> Result:
        """Run a case by its script; without one if that does not lead to a clear end."""
        diverged = None
        if script:
            try:
                result = self._try_case(case, subject, script, [r for s in following for r in s])
                if not result.broke_worker and result.outcome is not Outcome.LIMIT:
                    return result
            except Diverged as error:
                diverged = error
        result = self._run_without_script(case, subject)
        if diverged and result.outcome is Outcome.PASSED:  # what is asked depends on the answers
            self.memory.cut_script(case, diverged.index)
        return result

    def _run_without_script(self, case: pytest.Item, subject: Subject) -> Result:
        """Run a case, once more if perhaps what an earlier one left behind has broken it."""
        subject.settle()
        fresh = subject.worker is None
        result = self._try_case(case, subject)
        if result.broke_worker and not fresh:
            result = self._try_case(case, subject)
        return result

    def _try_case(self, case: pytest.Item, subject: Subject, *scripts: Sequence[bytes]) -> Result:
        subject.begin(_read_marker(case).args[0], *scripts)
        try:
            result = self.memory.recall(case, subject.ask, self._run_item)
        except (Crashed, LimitReached) as error:
            result = classify(error, "", asked=True)
        finally:
            subject.end()
        if result.broke_worker:
            subject.drop()
        return result

    def _run_item(self, case: pytest.Item, ask: Callable[[bytes], bytes]) -> Result:
        """Run the test itself, with pytest."""
        asked = 0

        def count_and_ask(request: bytes) -> bytes:
            nonlocal asked
            asked += 1
            return ask(request)

        self.connection.begin(count_and_ask)
        if self.last is not None and self.last.parent is not case.parent:
            self._leave_module()
        self.last = case
        error = self.runner.run(case, self.siblings[case.nodeid])
        if error is None:
            return Result(Outcome.PASSED)
        if isinstance(error, Diverged):
            raise error
        part, text = _read_marker(case).args[0], self.runner.text
        if not isinstance(error, (CheckFailed, CannotUse, NotImplementedError)):
            text = f"{part}: {_read_docstring(case)}\n  {type(error).__name__}: {error}"[:2000]
        return classify(error, text, asked > 0, part)

    def _leave_module(self) -> None:
        """Tear down what cases with siblings have left standing."""
        if self.last is not None:
            self.runner.tear_down(self.last)
        self.last = None


def _find_siblings(tests: Iterable[Test]) -> dict[str, pytest.Item | None]:
    """Name for each case another one of its module: pytest then leaves the module set up."""
    modules: dict[Any, list[pytest.Item]] = {}
    for test in tests:
        for case in test.cases:
            modules.setdefault(case.parent, []).append(case)
    return {
        case.nodeid: following if following is not case else None
        for cases in modules.values()
        for case, following in zip(cases, [*cases[1:], cases[0]])
    }


def classify(error: BaseException, text: str, asked: bool, part: str = "") -> Result:
    """Say how a case ended that did not pass.

    Parameters
    ----------
    text : what pytest says of it
    asked : whether any student code had been asked; where none was, the fault is the grader's
    part : what the message about an exception begins with
    """
    if isinstance(error, (LimitReached, WireError, Crashed)):
        limit = isinstance(error, LimitReached)
        outcome = Outcome.LIMIT if limit else Outcome.CRASHED
        return Result(outcome, f"stopped: {error}", broke_worker=not limit)
    if isinstance(error, CannotUse):
        return Result(Outcome.NOT_WRITTEN if error.is_absent else Outcome.CRASHED, text)
    student_type = getattr(error, "student_type", None)
    if student_type is None:
        detail = f"{type(error).__name__}: {error}"
        if not asked or isinstance(error, ChangedTest):
            return Result(Outcome.GRADERS_FAULT, GRADERS_SENTENCE, detail)
        problem = error.problem if isinstance(error, CheckFailed) else ""
        return Result(Outcome.FAILED, text, detail, problem=problem)
    if isinstance(error, NotImplementedError):
        return Result(Outcome.NOT_WRITTEN, text)
    described = describe_exception(student_type, str(error), getattr(error, "student_line", ""))
    if isinstance(error, MemoryError):
        return Result(Outcome.LIMIT, f"more memory than there is\n  {described}")
    message = f"{part}: {described}" if part else described
    return Result(Outcome.CRASHED, message, problem=find_advice(student_type, str(error)) or "")


class Subject:
    """A submission behind the wall: its worker, replaced when it breaks, and what went wrong."""

    def __init__(self, wall: Wall, files: dict[str, bytes]) -> None:
        self.wall = wall
        self.files: dict[str, bytes | str] = dict(files)
        self.worker: Worker | None = None
        self.exchange: Callable[[Worker, bytes], bytes] = Worker.ask
        self.part = ""
        self.timeouts: Counter[str] = Counter()
        self.waited = 0.0
        self.broken: dict[str, Result] = {}
        for file in dict.fromkeys(part.file for part in load_parts()):
            if file in files:
                self._load(file)

    def _load(self, file: str) -> None:
        """Import a file; one that ends or stops the process is left out from then on."""
        self.begin(file)
        module = f"assignment.{file.removesuffix('.py')}"
        try:
            unpack(self.ask(pack({"number": 0, "do": "load", "module": module}, [])))
        except (Crashed, LimitReached, WireError) as error:
            reason = f"assignment/{file} cannot be imported: {error}"
            result = Result(classify(error, "", asked=True).outcome, reason)
            self.broken |= {part.id: result for part in load_parts() if part.file == file}
            self.files[file] = reason
            self.drop()

    def begin(self, part: str, *scripts: Sequence[bytes]) -> None:
        """Start a case of a part, perhaps with a script of what it will ask, and those after it."""
        self.part = part
        if self.worker is not None and self.worker.has_spoken():
            self.drop()
        if self.worker is None:
            self.worker = self.wall.start_worker(self.files)
        self.worker.begin(*scripts)

    def end(self) -> None:
        """End a case."""
        self._let_go(Worker.end)

    def settle(self) -> None:
        """End a test, and with it what was asked ahead for further cases."""
        self._let_go(Worker.settle)

    def _let_go(self, do: Callable[[Worker], None]) -> None:
        if self.worker is not None:
            try:
                do(self.worker)
            except (Crashed, LimitReached):
                self.drop()

    def ask(self, request: bytes) -> bytes:
        """Return the answer to a request; a worker that breaks is replaced at the next case."""
        if self.worker is None:
            raise Crashed("the process ended")
        started = time.monotonic()
        try:
            return self.exchange(self.worker, request)
        except (Crashed, LimitReached) as error:
            self.timeouts[self.part] += isinstance(error, TimedOut) and not self.worker.script
            self.drop()
            raise
        finally:
            self.waited += time.monotonic() - started

    def refuse(self, part: str) -> Result | None:
        """Return why a part's tests are not tried, or None."""
        if part in self.broken:
            return self.broken[part]
        seconds = self.wall.limits.seconds
        if self.timeouts[part] >= TIMEOUTS_ALLOWED:
            text = f"not tried: this part took longer than {seconds:g} s {TIMEOUTS_ALLOWED} times"
            return Result(Outcome.LIMIT, text)
        if self.waited > self.wall.limits.all_seconds:
            return Result(Outcome.LIMIT, f"not tried: the tests before took {self.waited:.0f} s")
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


@dataclass
class Node:
    """A request of a test, and where each answer to it has led."""

    request: bytes
    answers: dict[bytes, Node | Result] = field(default_factory=dict)


class Memory:
    """What was asked in each case of a test, and what the answers led to.

    A test is a function of the seed and of the answers that it gets. When all answers to its
    questions are, byte for byte, those of an earlier submission, so is its result, and the test
    itself need not run: its inputs, its oracle and its comparisons are spared.

    The first submission is the teacher's: what was asked of it is the script for all others.
    """

    def __init__(self) -> None:
        self.scripts: dict[str, list[bytes]] = {}
        self.roots: dict[str, Node | Result] = {}
        self.exchange: list[tuple[bytes, bytes]] = []  # of the last case
        self.size = 0

    def foresee(self, case: pytest.Item) -> list[bytes]:
        """Return what a case will probably ask."""
        return self.scripts.get(case.nodeid, [])

    def cut_script(self, case: pytest.Item, length: int) -> None:
        """Keep only the first requests of a script: the others depend on the answers."""
        del self.scripts[case.nodeid][length:]

    def recall(
        self,
        case: pytest.Item,
        ask: Callable[[bytes], bytes],
        run: Callable[[pytest.Item, Callable[[bytes], bytes]], Result],
    ) -> Result:
        """Return the result of a case; run it only where an answer is new."""
        known: list[tuple[bytes, bytes]] = []
        self.exchange = known
        node = self.roots.get(case.nodeid)
        while isinstance(node, Node):
            reply = ask(node.request)
            known.append((node.request, reply))
            node = node.answers.get(_digest(reply))
        if node is not None:
            return node
        exchanged: list[tuple[bytes, bytes]] = []
        self.exchange = exchanged

        def ask_or_recall(request: bytes) -> bytes:
            i = len(exchanged)
            if i < len(known) and known[i][0] != request:
                raise ChangedTest("a test asks other questions when it gets the same answers")
            reply = known[i][1] if i < len(known) else ask(request)
            exchanged.append((request, reply))
            return reply

        result = run(case, ask_or_recall)
        if exchanged and not result.broke_worker and result.outcome is not Outcome.LIMIT:
            self._store(case.nodeid, exchanged, result)
        return result

    def _store(self, key: str, exchanged: list[tuple[bytes, bytes]], result: Result) -> None:
        if self.size > MEMORY_BYTES:
            return
        self.scripts.setdefault(key, [request for request, _ in exchanged])
        root = self.roots.setdefault(key, Node(exchanged[0][0]))
        node = root
        for i, (_, reply) in enumerate(exchanged):
            last = i + 1 == len(exchanged)
            assert isinstance(node, Node)
            following = result if last else Node(exchanged[i + 1][0])
            if not last:
                self.size += len(exchanged[i + 1][0]) + 200
            node = node.answers.setdefault(_digest(reply), following)


def _digest(reply: bytes) -> bytes:
    return hashlib.blake2b(reply, digest_size=16).digest()
