"""Judging: what each end of a test counts as, and what may be remembered of an earlier one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from assignment.support.compare import CheckFailed
from assignment.support.student_code import CannotUse
from autograder.memory import Memory
from autograder.outcomes import Outcome
from autograder.proxies import rebuild
from autograder.results import MAX_TEXT, ChangedTest, Result, classify
from autograder.wall import Crashed, LimitReached, TimedOut
from autograder.wire import WireError

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
    (WireError("a value of no kind"), Outcome.CRASHED),
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
    result = Result(Outcome.FAILED, "x" * 10**6, "y" * 10**6)
    assert len(result.message) == len(result.detail) == MAX_TEXT


def ask_for(answers):
    """Return a function that gives these answers in turn."""
    given = iter(answers)
    return lambda request: next(given)


def run_sum(case, ask):
    """Ask for two summands, the second question depends on the first answer; pass if it is 3."""
    first = ask(b"first?")
    second = ask(b"after " + first)
    return Result(Outcome.PASSED if int(first) + int(second) == 3 else Outcome.FAILED)


def never(case, ask):
    raise AssertionError("the test ran, although all answers were known")


def test_known_answers_need_no_test():
    memory = Memory()
    for answers, outcome in [((b"1", b"2"), Outcome.PASSED), ((b"1", b"1"), Outcome.FAILED)]:
        assert memory.recall(CASE, ask_for(answers), run_sum).outcome is outcome
        assert memory.recall(CASE, ask_for(answers), never).outcome is outcome
    assert memory.recall(CASE, ask_for((b"1", b"2")), never).outcome is Outcome.PASSED


def test_what_was_asked_first_is_the_script_of_all_others():
    memory = Memory()
    assert memory.foresee(CASE) == []
    for answers in ((b"1", b"2"), (b"5", b"5")):
        memory.recall(CASE, ask_for(answers), run_sum)
        assert memory.foresee(CASE) == [b"first?", b"after 1"]
    memory.cut_script(CASE, 1)
    assert memory.foresee(CASE) == [b"first?"]


@pytest.mark.parametrize("answers", [(b"2", b"1"), (b"1", b"3"), (b"0", b"3")])
def test_a_new_answer_runs_the_test_and_asks_nothing_twice(answers):
    memory, asked = Memory(), []
    memory.recall(CASE, ask_for((b"1", b"2")), run_sum)

    def ask(request):
        asked.append(request)
        return answers[len(asked) - 1]

    passed = sum(map(int, answers)) == 3
    assert (memory.recall(CASE, ask, run_sum).outcome is Outcome.PASSED) == passed
    assert asked == [b"first?", b"after " + answers[0]]


@pytest.mark.parametrize(
    "result", [Result(Outcome.LIMIT), Result(Outcome.CRASHED, broke_worker=True)]
)
def test_what_was_stopped_is_not_remembered(result):
    memory = Memory()

    def stop(case, ask):
        ask(b"first?")
        return result

    assert memory.recall(CASE, ask_for([b"1"]), stop) is result
    assert memory.recall(CASE, ask_for((b"1", b"2")), run_sum).outcome is Outcome.PASSED


def test_a_test_that_asks_something_else_is_no_basis():
    memory = Memory()
    memory.recall(CASE, ask_for((b"1", b"2")), run_sum)

    def ask_differently(case, ask):
        ask(b"what?")

    with pytest.raises(ChangedTest):
        memory.recall(CASE, ask_for((b"5", b"5")), ask_differently)
