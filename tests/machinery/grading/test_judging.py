"""Judging: what each end of a test counts as, and what may be remembered of an earlier one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from assignment.support.project.manifest import ROOT
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse
from autograder.judging.case_results import MAX_TEXT, CaseResult, ChangedTest, classify
from autograder.judging.replay import Replay
from autograder.judging.subject import TIMEOUTS_ALLOWED, Subject
from autograder.outcomes import Outcome
from autograder.protocol.asking import rebuild
from autograder.protocol.wire import WireError, pack
from autograder.wall.handle import Crashed, LimitReached, Limits, TimedOut

CASE = SimpleNamespace(nodeid="test_sum[1]")


def raised(*types: str) -> Exception:
    """Return an exception as it comes from a student's function."""
    return rebuild({"types": [*types, "Exception", "BaseException"], "text": "because"})


ENDS = [
    (CheckFailed("wrong values"), Outcome.FAILED),
    (AssertionError("1 == 2"), Outcome.FAILED),
    (TypeError("of the test, with what it got"), Outcome.FAILED),
    (raised("ValueError"), Outcome.CRASHED),
    (raised("OwnError"), Outcome.CRASHED),
    (raised("AssertionError"), Outcome.CRASHED),
    (rebuild({"types": ["SystemExit", "BaseException"]}), Outcome.CRASHED),
    (raised("MemoryError"), Outcome.LIMIT),
    (raised("NotImplementedError", "RuntimeError"), Outcome.NOT_WRITTEN),
    (CannotUse("assignment/affine.py is missing"), Outcome.NOT_WRITTEN),
    (CannotUse("assignment/affine.py has no affine_forward"), Outcome.NOT_WRITTEN),
    (CannotUse("Python cannot read assignment/affine.py, line 3"), Outcome.CRASHED),
    (Crashed("the process ended"), Outcome.CRASHED),
    (WireError("unknown dtype"), Outcome.CRASHED),
    (LimitReached("more than 4 MB"), Outcome.LIMIT),
    (TimedOut("no answer"), Outcome.LIMIT),
    (ChangedTest("other questions"), Outcome.GRADERS_FAULT),
]


@pytest.mark.parametrize(("error", "outcome"), ENDS, ids=lambda value: repr(value)[:40])
def test_each_end_has_its_outcome(error, outcome):
    assert classify(error, "text", asked=True).outcome is outcome


def test_before_student_code_was_asked_the_fault_is_the_graders():
    assert classify(TypeError("x"), "text", asked=False).outcome is Outcome.GRADERS_FAULT
    assert classify(TimedOut("x"), "text", asked=False).outcome is Outcome.LIMIT


def test_long_texts_are_cut():
    result = CaseResult(Outcome.FAILED, "x" * 10**6, "y" * 10**6)
    assert len(result.message) == len(result.detail) == MAX_TEXT


def ask_for(answers):
    """Return a function that gives these answers in turn."""
    given = iter(answers)
    return lambda request: next(given)


def write(number, question):
    return pack({"number": number, "do": question}, [])


FIRST = write(0, "first?")


def write_second(first):
    return write(1, f"after {first}")


def run_sum(case, ask):
    """Ask for two summands, the second question depends on the first answer; pass if it is 3."""
    first = ask(FIRST)
    second = ask(write_second(first))
    return CaseResult(Outcome.PASSED if int(first) + int(second) == 3 else Outcome.FAILED)


def never(case, ask):
    raise AssertionError("the test ran, although all answers were known")


def test_known_answers_need_no_test():
    memory = Replay()
    for answers, outcome in [((b"1", b"2"), Outcome.PASSED), ((b"1", b"1"), Outcome.FAILED)]:
        assert memory.recall(CASE, ask_for(answers), run_sum).outcome is outcome
        assert memory.recall(CASE, ask_for(answers), never).outcome is outcome
    assert memory.recall(CASE, ask_for((b"1", b"2")), never).outcome is Outcome.PASSED


def test_what_was_asked_first_is_the_script_of_all_others():
    memory = Replay()
    assert memory.foresee(CASE) == []
    for answers in ((b"1", b"2"), (b"5", b"5")):
        memory.recall(CASE, ask_for(answers), run_sum)
        assert memory.foresee(CASE) == [(FIRST, False), (write_second(b"1"), True)]
    memory.cut_script(CASE, 1)
    assert memory.foresee(CASE) == [(FIRST, False)]


def test_only_what_repeats_a_request_need_not_wait_for_its_answer():
    questions = ["a", "a", "b", "b", "a"]

    def run(case, ask):
        for number, question in enumerate(questions):
            ask(write(number, question))
        return CaseResult(Outcome.PASSED)

    memory = Replay()
    memory.recall(CASE, ask_for([b"1"] * 5), run)
    waits = [False, False, True, False, True]
    assert [foreseen.waits for foreseen in memory.foresee(CASE)] == waits


@pytest.mark.parametrize("answers", [(b"2", b"1"), (b"1", b"3"), (b"0", b"3")])
def test_a_new_answer_runs_the_test_and_asks_nothing_twice(answers):
    memory, asked = Replay(), []
    memory.recall(CASE, ask_for((b"1", b"2")), run_sum)

    def ask(request):
        asked.append(request)
        return answers[len(asked) - 1]

    passed = sum(map(int, answers)) == 3
    assert (memory.recall(CASE, ask, run_sum).outcome is Outcome.PASSED) == passed
    assert asked == [FIRST, write_second(answers[0])]


@pytest.mark.parametrize(
    "result", [CaseResult(Outcome.LIMIT), CaseResult(Outcome.CRASHED, broke_worker=True)]
)
def test_what_was_stopped_is_not_remembered(result):
    memory = Replay()

    def stop(case, ask):
        ask(FIRST)
        return result

    assert memory.recall(CASE, ask_for([b"1"]), stop) is result
    assert memory.recall(CASE, ask_for((b"1", b"2")), run_sum).outcome is Outcome.PASSED


def test_a_test_that_asks_something_else_is_no_basis():
    memory = Replay()
    memory.recall(CASE, ask_for((b"1", b"2")), run_sum)

    def ask_differently(case, ask):
        ask(b"what?")

    with pytest.raises(ChangedTest):
        memory.recall(CASE, ask_for((b"5", b"5")), ask_differently)


def test_to_wait_for_answers_that_nobody_needs_counts_as_well():
    """Else a submission could take two seconds after each test, for ever."""

    def wait(worker):
        raise TimedOut("no answer")

    subject = Subject(SimpleNamespace(limits=Limits()), {})
    subject.part = "affine.forward"
    for _ in range(TIMEOUTS_ALLOWED):
        assert subject.refuse("affine.forward") is None
        subject.worker = SimpleNamespace(kill=lambda: None)
        subject._let_go(wait)
        assert subject.worker is None
    assert subject.refuse("affine.forward").outcome is Outcome.LIMIT
    subject.worker = SimpleNamespace(kill=lambda: None, settle=lambda: None)
    with subject.counting():
        time.sleep(0.01)
    assert subject.spent >= 0.01


def test_nothing_on_its_way_holds_an_answer():
    """What a test asks next may be made of the right answers; without waiting it would be read."""
    command = [sys.executable, "-m", "tests.machinery.grading.sent_ahead", "231"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    counts = json.loads(done.stdout)
    assert counts["now"] == 0
    assert counts["if nothing waited"] > 20, "it would not notice"
