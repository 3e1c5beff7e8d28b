"""Judging: the outcome for each way that a test ends, and the reuse of earlier results."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse
from autograder.ahead.scripts import Scripts
from autograder.judging.case_results import CaseResult, ChangedTest, judge_error
from autograder.judging.functions import FunctionJudge
from autograder.judging.replay import Replay
from autograder.judging.runner import Runner
from autograder.judging.subject import TIMEOUTS_ALLOWED, Submitted
from autograder.outcomes import Failure, Outcome
from autograder.protocol.asking import rebuild
from autograder.protocol.wire import WireError, pack
from autograder.settings import Limits
from autograder.wall.handle import Crashed, LimitReached, TimedOut

CASE = SimpleNamespace(nodeid="test_sum[1]")


def raised(*types: str) -> Exception:
    """Return an exception raised by a student's function."""
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
    (CannotUse("assignment/affine.py is missing", True), Outcome.NOT_WRITTEN),
    (CannotUse("Python cannot read assignment/affine.py, line 3", False), Outcome.CRASHED),
    (Crashed("the process ended"), Outcome.CRASHED),
    (WireError("unknown dtype"), Outcome.CRASHED),
    (LimitReached("more than 4 MB"), Outcome.LIMIT),
    (TimedOut("no answer"), Outcome.LIMIT),
    (ChangedTest("other questions"), Outcome.GRADERS_FAULT),
]


@pytest.mark.parametrize(("error", "outcome"), ENDS, ids=lambda value: repr(value)[:40])
def test_each_error_has_its_outcome(error, outcome):
    assert judge_error(error, asked=True).outcome is outcome


def test_an_error_before_any_request_is_the_graders_fault():
    assert judge_error(TypeError("x"), asked=False).outcome is Outcome.GRADERS_FAULT
    assert judge_error(TimedOut("x"), asked=False).outcome is Outcome.LIMIT


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
    """Ask for two summands, the second request depends on the first reply; pass if the sum is 3."""
    first = ask(FIRST)
    second = ask(write_second(first))
    return CaseResult(None if int(first) + int(second) == 3 else Failure(Outcome.FAILED))


def recall(memory, answers, run):
    result, _ = memory.recall(CASE, ask_for(answers), run)
    return result


def never(case, ask):
    raise AssertionError("the test ran, although all answers were known")


def test_known_answers_need_no_run():
    memory = Replay()
    for answers, outcome in [((b"1", b"2"), Outcome.PASSED), ((b"1", b"1"), Outcome.FAILED)]:
        assert recall(memory, answers, run_sum).outcome is outcome
        assert recall(memory, answers, never).outcome is outcome
    assert recall(memory, (b"1", b"2"), never).outcome is Outcome.PASSED


def test_the_first_requests_are_the_script_for_later_submissions():
    scripts = Scripts()
    assert scripts.find("case") == []
    scripts.write("case", [FIRST, write_second(b"1")])
    scripts.write("case", [FIRST, write_second(b"5")])
    assert scripts.find("case") == [(FIRST, False), (write_second(b"1"), True)]
    scripts.cut("case", 1)
    assert scripts.find("case") == [(FIRST, False)]


def test_only_a_repeated_request_is_sent_before_the_reply():
    scripts = Scripts()
    scripts.write("case", [write(i, question) for i, question in enumerate("aabba")])
    waits = [False, False, True, False, True]
    assert [foreseen.waits for foreseen in scripts.find("case")] == waits


def test_a_reply_that_breaks_the_worker_ends_a_recalled_case():
    memory = Replay()
    recall(memory, (b"1", b"2"), run_sum)

    def end(request):
        raise Crashed("the process ended")

    result, exchange = memory.recall(CASE, end, never)
    assert (result.outcome, result.broke_worker, exchange) == (Outcome.CRASHED, True, [])


@pytest.mark.parametrize("answers", [(b"2", b"1"), (b"1", b"3"), (b"0", b"3")])
def test_a_new_answer_runs_the_test_and_asks_nothing_twice(answers):
    memory, asked = Replay(), []
    memory.recall(CASE, ask_for((b"1", b"2")), run_sum)

    def ask(request):
        asked.append(request)
        return answers[len(asked) - 1]

    passed = sum(map(int, answers)) == 3
    assert (memory.recall(CASE, ask, run_sum)[0].outcome is Outcome.PASSED) == passed
    assert asked == [FIRST, write_second(answers[0])]


@pytest.mark.parametrize(
    "result",
    [
        CaseResult(Failure(Outcome.LIMIT)),
        CaseResult(Failure(Outcome.CRASHED), broke_worker=True),
        CaseResult(timed_out=True),
    ],
)
def test_stopped_cases_are_not_stored(result):
    memory = Replay()

    def stop(case, ask):
        ask(FIRST)
        return result

    assert recall(memory, [b"1"], stop) is result
    assert recall(memory, (b"1", b"2"), run_sum).outcome is Outcome.PASSED


def test_a_test_with_varying_requests_is_refused():
    memory = Replay()
    memory.recall(CASE, ask_for((b"1", b"2")), run_sum)

    def ask_differently(case, ask):
        ask(b"what?")

    with pytest.raises(ChangedTest):
        memory.recall(CASE, ask_for((b"5", b"5")), ask_differently)


def test_waiting_for_unneeded_replies_counts_as_time():
    """Otherwise a submission could delay the class by two seconds after each test.

    No function is known to hang by that: the limit of what is sent ahead is a short one.
    """

    def wait(sender):
        raise TimedOut("no answer")

    subject = Submitted(SimpleNamespace(limits=Limits(part_seconds=5)), {})
    subject.part = "affine.forward"
    for _ in range(3):
        assert subject.refuse("affine.forward") is None
        subject.sender = SimpleNamespace(worker=SimpleNamespace(kill=lambda: None, used=2))
        subject._finish(wait)
        assert subject.is_fresh()
    assert subject.refuse("affine.forward").outcome is Outcome.LIMIT
    assert (subject.spent, subject.timeouts) == ({"affine.forward": 6}, {})


def read_refusal(subject, part):
    result = subject.refuse(part)
    return result and result.failure.problem


def test_each_part_has_time_of_its_own():
    limits = Limits(part_seconds=30)
    subject = Submitted(SimpleNamespace(limits=limits), {})
    subject.spent.update({"affine.forward": 31.0, "losses": 1000.0})
    said = "not tried: earlier tests of this part took 31 s"
    assert read_refusal(subject, "affine.forward") == said
    for part in load_parts():
        assert (subject.refuse(part.id) is None) == (part.id != "affine.forward")


def test_what_hangs_is_not_called_by_parts_that_build_on_it():
    subject = Submitted(SimpleNamespace(limits=Limits()), {})
    subject.timeouts["batchnorm.forward"] = TIMEOUTS_ALLOWED
    for part in load_parts():
        said = read_refusal(subject, part.id)
        if "batchnorm.forward" in part.builds_on:
            assert said == "not tried: batchnorm_forward hangs"
        else:
            assert (said is None) == (part.id != "batchnorm.forward")
    with subject.asked_by(lambda sender, request: b""):  # of which some function is the teacher's
        assert [part.id for part in load_parts() if subject.refuse(part.id)] == []
    assert subject.refuse("batchnorm.forward") is not None


class LateSubject(Submitted):
    """Its worker is late at a case until no other submission runs beside it, or always."""

    def __init__(self, turns, always=False):
        limits = Limits()
        super().__init__(SimpleNamespace(limits=limits, turns=turns, alone=self.note_alone), {})
        self.always, self.is_alone, self.tries = always, False, []

    @contextmanager
    def note_alone(self):
        """Be alone."""
        self.is_alone = True
        yield
        self.is_alone = False

    def _begin(self, part, *scripts):
        self.part, self.is_late = part, False

    def ask(self, request):
        """Answer, or be late."""
        self.tries.append(self.is_alone)
        if self.always or not self.is_alone:
            self.time_out()
            raise TimedOut("no answer")
        return b"1"


class OneCase(FunctionJudge):
    """Runs a case that asks once."""

    def __init__(self):
        super().__init__([], None, None, sends_ahead=False)

    def _run_item(self, case, ask):
        try:
            ask(FIRST)
        except TimedOut as error:
            return judge_error(error, asked=True)
        return CaseResult()


def run_late(subject, part="affine.forward"):
    """Run a case of a part; return its outcome."""
    marked = SimpleNamespace(args=[part])
    case = SimpleNamespace(nodeid="test_x", get_closest_marker=lambda name: marked)
    return OneCase()._run_without_script(case, subject)[0].outcome


def test_a_limit_is_tried_again_with_nobody_beside():
    subject = LateSubject(turns="shared")
    assert run_late(subject) is Outcome.PASSED
    assert subject.tries == [False, True]
    assert not subject.timeouts["affine.forward"]


def test_a_limit_that_is_reached_alone_stands_and_counts_once():
    subject = LateSubject(turns="shared", always=True)
    assert run_late(subject) is Outcome.LIMIT
    assert subject.timeouts["affine.forward"] == 1
    assert run_late(subject) is Outcome.LIMIT
    assert subject.tries == [False, True, False], "a part is tried alone once"
    assert run_late(subject, "loss.softmax") is Outcome.LIMIT
    assert subject.tries[3:] == [False, True]


def test_without_another_judge_nothing_is_tried_alone():
    subject = LateSubject(turns=None)
    assert run_late(subject) is Outcome.LIMIT
    assert subject.tries == [False]


class Ringing:
    """Raises out of pytest's protocol, as an alarm does that rings while a report is made."""

    def __init__(self, name, when):
        self.place = name, when

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Raise in one report."""
        report = yield
        if (item.name, call.when) == self.place:
            raise LimitReached("too long to check")
        return report


class Loop:
    """Runs all items with a runner, as a judge does, and keeps how they ended."""

    def __init__(self, runner):
        self.runner = runner
        self.ends = []

    def pytest_runtestloop(self, session):
        """Run the items."""
        for item, following in zip(session.items, [*session.items[1:], None]):
            self.ends.append(self.runner.run(item, following).error)
        return True


FIXTURES = """
import pytest

alive = []

@pytest.fixture(scope="module")
def shared():
    alive.append("shared")
    yield alive
    alive.remove("shared")

@pytest.fixture
def own(shared):
    alive.append("own")
    yield
    alive.remove("own")

def test_first(shared, own):
    raise ValueError("of the student")

def test_second(shared, own):
    assert alive == ["shared", "own"]

def test_third():
    pass
"""


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_an_alarm_in_a_report_costs_no_other_case(tmp_path, when):
    (tmp_path / "test_it.py").write_text(FIXTURES)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -s --import-mode=importlib")
    loop = Loop(Runner(60))
    plugins = [loop, loop.runner, Ringing("test_first", when)]
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", f"-c{tmp_path}/pytest.ini"]
    pytest.main([*options, str(tmp_path)], plugins)
    first, *others = loop.ends
    assert isinstance(first, LimitReached if when == "setup" else ValueError)
    assert others == [None, None]


def test_no_request_sent_ahead_contains_an_answer():
    """A request may be computed from right answers; sent ahead, it would reveal them."""
    command = [sys.executable, "-m", "tests.machinery.grading.sent_ahead", "231"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    counts = json.loads(done.stdout)
    assert counts["now"] == 0
    assert counts["if nothing waited"] > 20, "this check would not notice an answer"
