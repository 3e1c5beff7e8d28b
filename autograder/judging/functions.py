"""Run the collected tests against one submission."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pytest

from assignment.support.project.manifest import load_parts
from assignment.support.testing.plugin import read_sentence
from autograder.ahead.scripts import Script, Scripts
from autograder.ahead.sender import Diverged
from autograder.judging.case_results import CaseResult, judge_error
from autograder.judging.replay import Replay, can_be_repeated
from autograder.judging.replies import Answer, Exchange, read_answers
from autograder.judging.runner import Runner
from autograder.judging.subject import Subject
from autograder.outcomes import Outcome, Verdict
from autograder.protocol.asking import Asker

__all__ = ["FunctionJudge", "GradedTest", "TriedTest", "describe_tests"]

PARTS = [part.id for part in load_parts()]
COMPARED_BYTES = 2**20  # longer answers of a case are not kept for the recogniser


@dataclass(frozen=True)
class GradedTest:
    """A test function: its collected cases, and the verdict for a submission that passes."""

    verdict: Verdict
    cases: tuple[pytest.Item, ...]


def describe_tests(items: Iterable[pytest.Item]) -> list[GradedTest]:
    """Group collected cases by test function; a hidden test is named by a number."""
    groups: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        groups.setdefault((item.nodeid.split("[")[0], _read_marker(item).args[0]), []).append(item)
    tests: list[GradedTest] = []
    for (nodeid, part), cases in groups.items():
        sentence, hidden = read_sentence(cases[0]), cases[0].get_closest_marker("hidden")
        number = 1 + sum(t.verdict.part == part and t.verdict.hidden for t in tests)
        name = f"{part}: {f'hidden test {number}' if hidden else sentence}"
        points = _read_marker(cases[0]).kwargs["points"]
        verdict = Verdict(part, name, nodeid.split("::")[-1], sentence, bool(hidden), points)
        tests.append(GradedTest(verdict, tuple(cases)))
    return tests


def _read_marker(item: pytest.Item) -> pytest.Mark:
    marker = item.get_closest_marker("part")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid} has no marker with its part and points")
    return marker


@dataclass(frozen=True)
class TriedTest:
    """A verdict and, if the test did not pass, the requests and replies that led to it."""

    verdict: Verdict
    case: pytest.Item  # the last one that ran: the first that did not pass
    exchange: Exchange = ()  # of that case

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """The decoded replies."""
        return read_answers(self.exchange)


class FunctionJudge:
    """Judges the functions of submissions, one at a time; sends requests ahead by scripts."""

    def __init__(
        self, tests: list[GradedTest], asker: Asker, runner: Runner, sends_ahead: bool = True
    ) -> None:
        self.tests = tests
        self.asker = asker
        self.runner = runner
        self.scripts = Scripts() if sends_ahead else None
        self._replay = Replay()
        self._next_of_module = _find_next_of_module(tests)
        self._last: pytest.Item | None = None

    def try_tests(self, subject: Subject, parts: Collection[str] | None = None) -> list[TriedTest]:
        """Try all test functions, or those of some parts; each part after those it builds on.

        All public tests come before the hidden ones. A worker remembers earlier calls, and students
        read what a function says in a public test: it must not have seen the hidden tests.
        """
        wanted = [test for test in self.tests if parts is None or test.verdict.part in parts]
        tried: dict[int, TriedTest] = {}
        try:
            for i in sorted(range(len(wanted)), key=lambda i: _find_turn(wanted[i].verdict)):
                tried[i] = self.try_test(wanted[i], subject)
            return [tried[i] for i in range(len(wanted))]
        finally:
            self.leave_module()

    def find_exchange(self, case: pytest.Item, subject: Subject) -> Exchange:
        """Run one case and return its requests and replies."""
        try:
            _, exchange = self._try_case(case, subject)
            return exchange
        finally:
            self.leave_module()

    def try_test(self, test: GradedTest, subject: Subject) -> TriedTest:
        """Run the cases of a test function up to the first failure; then call leave_module."""
        case, result = test.cases[0], CaseResult()
        exchange: Exchange = ()
        scripts = [self._find_script(case) for case in test.cases]
        for i, case in enumerate(test.cases):
            known = scripts[i:] if i else scripts[:1]  # most wrong functions fail the first case
            refused = subject.refuse(test.verdict.part)
            result, exchange = (refused, ()) if refused else self._run_case(case, subject, *known)
            if result.failure is not None:
                break
        subject.settle()
        verdict = replace(test.verdict, failure=result.failure)
        if result.failure is None or sum(len(reply) for _, reply in exchange) > COMPARED_BYTES:
            exchange = ()
        return TriedTest(verdict, case, tuple(exchange))

    def _find_script(self, case: pytest.Item) -> Script:
        return self.scripts.find(case.nodeid) if self.scripts else ()

    def _run_case(
        self, case: pytest.Item, subject: Subject, script: Script, *more: Script
    ) -> tuple[CaseResult, Exchange]:
        """Run a case by its script; again without if it diverges, crashes or hits a limit."""
        diverged = None
        if script:
            try:
                following = [*itertools.chain(*more)]
                result, exchange = self._try_case(case, subject, script, following)
                limit = result.outcome is Outcome.LIMIT and not result.timed_out
                if not result.broke_worker and not (limit and subject.kept_to_script()):
                    return result, exchange
                subject.drop()  # a worker must not get the requests of a case twice
            except Diverged as error:
                diverged = error
        result, exchange = self._run_without_script(case, subject)
        if diverged and self.scripts and result.failure is None:
            self.scripts.cut(case.nodeid, diverged.index)  # the requests depend on the answers
        return result, exchange

    def _run_without_script(
        self, case: pytest.Item, subject: Subject
    ) -> tuple[CaseResult, Exchange]:
        """Run a case; if it breaks a used worker, run it once more in a fresh one.

        A case that reached its time limit there runs once more with no other submission beside it.
        """
        subject.settle()
        fresh = subject.is_fresh()
        result, exchange = self._try_case(case, subject)
        if result.broke_worker and not fresh:
            result, exchange = self._try_case(case, subject)
        if subject.may_be_slowed():
            with subject.alone():
                return self._try_case(case, subject)
        return result, exchange

    def _try_case(
        self, case: pytest.Item, subject: Subject, *scripts: Script
    ) -> tuple[CaseResult, Exchange]:
        with subject.trying(_read_marker(case).args[0], *scripts):
            result, exchange = self._replay.recall(case, subject.ask, self._run_item)
        if result.timed_out:
            subject.time_out()
        if result.broke_worker:
            subject.drop()
        if self.scripts and exchange and can_be_repeated(result):
            self.scripts.write(case.nodeid, [request for request, _ in exchange])
        return result, exchange

    def _run_item(self, case: pytest.Item, ask: Callable[[bytes], bytes]) -> CaseResult:
        """Run the test itself, with pytest."""
        asked = 0

        def count_and_ask(request: bytes) -> bytes:
            nonlocal asked
            asked += 1
            return ask(request)

        self.asker.begin(count_and_ask)
        if self._last is not None and self._last.parent is not case.parent:
            self.leave_module()
        self._last = case
        error, timed_out = self.runner.run(case, self._next_of_module[case.nodeid])
        if isinstance(error, Diverged):
            raise error
        result = CaseResult() if error is None else judge_error(error, asked > 0)
        return replace(result, timed_out=timed_out)

    def leave_module(self) -> None:
        """Tear down the fixtures that the last case left alive for the next of its module."""
        if self._last is not None:
            self.runner.tear_down(self._last)
        self._last = None


def _find_turn(verdict: Verdict) -> tuple[bool, int]:
    return verdict.hidden, PARTS.index(verdict.part)


def _find_next_of_module(tests: Iterable[GradedTest]) -> dict[str, pytest.Item | None]:
    """Map each case to the next of its module: as pytest's nextitem it keeps fixtures alive."""
    modules: dict[Any, list[pytest.Item]] = {}
    for test in tests:
        for case in test.cases:
            modules.setdefault(case.parent, []).append(case)
    return {
        case.nodeid: following if following is not case else None
        for cases in modules.values()
        for case, following in zip(cases, [*cases[1:], cases[0]])
    }
