"""Run the collected tests against one submission."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse
from assignment.support.testing.messages import write_exception
from autograder.judging.case_results import CaseResult, classify
from autograder.judging.replay import Replay
from autograder.judging.replies import Answer, Exchange, read_answers
from autograder.judging.runner import Runner
from autograder.judging.subject import Subject
from autograder.outcomes import Outcome, Verdict
from autograder.protocol.asking import Asker
from autograder.protocol.wire import WireError
from autograder.wall.handle import Crashed, Diverged, Foreseen, LimitReached
from autograder.wall.wall import Wall

__all__ = ["FunctionJudge", "GradedTest", "TriedTest", "describe_tests"]

COMPARED_BYTES = 2**20  # answers of a case that are longer are kept for no comparison
HIDDEN_SENTENCE = (
    "A hidden test did not pass. It checks what the docstring says, on other inputs than the "
    "public tests."
)


@dataclass(frozen=True)
class GradedTest:
    """A test function with its cases, as collected."""

    part: str
    name: str
    function: str
    hidden: bool
    points: float
    cases: tuple[pytest.Item, ...]


def describe_tests(items: Iterable[pytest.Item]) -> list[GradedTest]:
    """Group collected cases by test function, and name each as the student reads it."""
    groups: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        groups.setdefault((item.nodeid.split("[")[0], _read_marker(item).args[0]), []).append(item)
    tests: list[GradedTest] = []
    for (nodeid, part), cases in groups.items():
        points = _read_marker(cases[0]).kwargs["points"]
        hidden = "/hidden/" in nodeid
        number = 1 + sum(test.part == part and test.hidden for test in tests)
        sentence = f"hidden test {number}" if hidden else _read_docstring(cases[0])
        function = nodeid.split("::")[-1]
        tests.append(
            GradedTest(part, f"{part}: {sentence}", function, hidden, points, tuple(cases))
        )
    return tests


def _read_marker(item: pytest.Item) -> pytest.Mark:
    marker = item.get_closest_marker("part")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid} says neither its part nor its points")
    return marker


def _read_docstring(item: Any) -> str:
    return str((item.obj.__doc__ or item.name).strip().splitlines()[0])


@dataclass(frozen=True)
class TriedTest:
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


class FunctionJudge:
    """Judges the functions of one submission after the other."""

    wall: Wall

    def __init__(self, tests: list[GradedTest], connection: Asker, runner: Runner) -> None:
        self.tests = tests
        self.connection = connection
        self.runner = runner
        self.memory = Replay()
        self.siblings = _find_siblings(tests)
        self.last: pytest.Item | None = None

    def judge(self, files: dict[str, bytes]) -> list[TriedTest]:
        """Try all tests on a submission."""
        with Subject(self.wall, files) as subject:
            return self.try_tests(subject)

    def try_tests(self, subject: Any, parts: Collection[str] | None = None) -> list[TriedTest]:
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

    def _try_test(self, test: GradedTest, subject: Subject) -> TriedTest:
        """Run the cases of a test function until one does not pass."""
        result = CaseResult(Outcome.PASSED)
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
            return TriedTest(verdict, case)
        exchange = tuple(self.memory.exchange)
        if sum(len(reply) for _, reply in exchange) > COMPARED_BYTES:
            exchange = ()
        return TriedTest(verdict, case, result.problem, exchange)

    def _run_case(
        self, case: pytest.Item, subject: Subject, script: list[Foreseen], *more: list[Foreseen]
    ) -> CaseResult:
        """Run a case by its script; without one if that does not lead to a clear end."""
        diverged = None
        if script:
            try:
                following = [*itertools.chain(*more)]
                result = self._try_case(case, subject, script, following)
                limit = result.outcome is Outcome.LIMIT and not self.runner.has_rung
                if not result.broke_worker and not limit:
                    return result
                subject.drop()  # what it has seen of this case, it shall not see again
            except Diverged as error:
                diverged = error
        result = self._run_without_script(case, subject)
        if diverged and result.outcome is Outcome.PASSED:  # what is asked depends on the answers
            self.memory.cut_script(case, diverged.index)
        return result

    def _run_without_script(self, case: pytest.Item, subject: Subject) -> CaseResult:
        """Run a case, once more if perhaps what an earlier one left behind has broken it."""
        subject.settle()
        fresh = subject.worker is None
        result = self._try_case(case, subject)
        if result.broke_worker and not fresh:
            result = self._try_case(case, subject)
        return result

    def _try_case(
        self, case: pytest.Item, subject: Subject, *scripts: Sequence[Foreseen]
    ) -> CaseResult:
        self.runner.has_rung = False  # also where memory answers, and nothing runs
        with subject.counting():
            subject.begin(_read_marker(case).args[0], *scripts)
            try:
                result = self.memory.recall(case, subject.ask, self._run_item)
            except (Crashed, LimitReached, WireError) as error:
                result = classify(error, "", asked=True)
            finally:
                subject.end()
        if self.runner.has_rung:
            subject.time_out()
        if result.broke_worker:
            subject.drop()
        return result

    def _run_item(self, case: pytest.Item, ask: Callable[[bytes], bytes]) -> CaseResult:
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
            return CaseResult(Outcome.PASSED)
        if isinstance(error, Diverged):
            raise error
        part, text = _read_marker(case).args[0], self.runner.text
        if not isinstance(error, (CheckFailed, CannotUse, NotImplementedError)):
            said = write_exception(type(error).__name__, str(error))
            text = f"{part}: {_read_docstring(case)}\n  {said}"[:2000]
        return classify(error, text, asked > 0, part)

    def _leave_module(self) -> None:
        """Tear down what cases with siblings have left standing."""
        if self.last is not None:
            self.runner.tear_down(self.last)
        self.last = None


def _find_siblings(tests: Iterable[GradedTest]) -> dict[str, pytest.Item | None]:
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
