"""Run failed tests again, with the teacher's functions in place of other wrong ones.

A part may fail only because it calls a function of another part that is wrong. In a fresh worker
such functions are replaced: when one is called, the worker sends the call to the grader, whose
teacher process answers it. Such a call is checked as strictly as a reply.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from assignment.support.project.manifest import load_parts
from autograder.ahead.sender import Sender
from autograder.judging.functions import FunctionJudge
from autograder.judging.subject import Submitted, is_spared
from autograder.outcomes import Failure, Outcome, Verdict
from autograder.protocol.wire import pack
from autograder.teacher.calls import MODULE_OF, TeachersFunctions
from autograder.teacher.process import Teacher

__all__ = ["FollowThrough", "find_replaced", "name_layer", "plan_rounds"]

PARTS = {part.id: part for part in load_parts()}
PART_OF = {name: part for part in load_parts() for name in part.functions}
NOT_RETRIED = (Outcome.PASSED, Outcome.GRADERS_FAULT)
DIRECTION = re.compile("_(?:forward|backward)")


class FollowThrough(FunctionJudge):
    """Runs failed tests again, and notes which pass with replaced functions.

    Parameters
    ----------
    judge : FunctionJudge
        The judge of the first try.
    teacher : Teacher
        Answers the calls of replaced functions.
    """

    def __init__(self, judge: FunctionJudge, teacher: Teacher) -> None:
        # Calls by the worker come between the requests, so these cannot be sent ahead.
        super().__init__(judge.tests, judge.asker, judge.runner, sends_ahead=False)
        self.teacher = teacher

    def try_again(self, subject: Submitted, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Return the verdicts of all tests, with what they earn in the second try."""
        below = {part: subject.find_hanging(part) for part in PARTS}
        lost = {v.part for v in verdicts if v.counts and v.outcome is not Outcome.PASSED}
        lost.update(*below.values())
        wanted = {part: names for part in PARTS if (names := find_replaced(part, lost))}
        found = list(verdicts)
        for parts in plan_rounds(wanted):
            numbers = [i for i, verdict in enumerate(verdicts) if _may_be_right(verdict, parts)]
            numbers.sort(key=lambda i: verdicts[i].hidden)  # as in the first try
            replaced = dict.fromkeys(name for part in parts for name in wanted[part])
            stand_in = StandIn(replaced, self.teacher)
            for i, failure, called in self._try_with(stand_in, numbers, subject):
                wrong = [name for name in called if PART_OF[name].id in lost]
                if wrong and failure is None:
                    found[i] = replace(found[i], given=tuple(wrong), share=1)
                elif is_spared(
                    verdicts[i].failure
                ):  # else it passes by itself now, which earns nothing
                    found[i] = replace(found[i], failure=failure)
        return found

    def _try_with(
        self, stand_in: StandIn, numbers: Sequence[int], subject: Submitted
    ) -> Iterator[tuple[int, Failure | None, list[str]]]:
        """Yield for each test its number, its failure, and the replaced functions it called."""
        if not numbers:
            return
        with subject.asked_by(stand_in.ask_worker):
            try:
                for i in numbers:
                    called = stand_in.functions.called
                    called.clear()
                    failure = self.try_test(self.tests[i], subject).verdict.failure
                    yield i, failure, [name for name in stand_in.functions.names if name in called]
            finally:
                self.leave_module()


def find_replaced(part_id: str, lost: Collection[str]) -> tuple[str, ...]:
    """Return the functions to be replaced when a part is tried again.

    They are the functions of the lost parts that it builds on, and all others of the same layers:
    forward and backward share a cache, so both must come from the same author.
    """
    below = [name for id in PARTS[part_id].builds_on for name in PARTS[id].functions]
    layers = {name_layer(name) for name in below if PART_OF[name].id in lost}
    return tuple(name for name in below if name_layer(name) in layers)


def plan_rounds(wanted: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Group parts into few rounds, as each needs a worker; no round replaces its own parts.

    Parameters
    ----------
    wanted : for each part the functions to be replaced
    """
    rounds: list[list[str]] = []
    for part in wanted:
        for others in rounds:
            together = [*others, part]
            names = {name for one in together for name in wanted[one]}
            if not any(names & {*PARTS[one].functions} for one in together):
                others.append(part)
                break
        else:
            rounds.append([part])
    return rounds


def _may_be_right(verdict: Verdict, parts: Collection[str]) -> bool:
    """Say whether a verdict of these parts may change: its own part must be written."""
    unwritten = verdict.failure is not None and verdict.failure.unwritten == verdict.part
    return verdict.part in parts and verdict.outcome not in NOT_RETRIED and not unwritten


def name_layer(function: str) -> str:
    """Return the layer of a function: "batchnorm" of batchnorm_backward_alt."""
    return DIRECTION.split(function)[0]


class StandIn:
    """Puts the teacher's functions in the place of a subject's in each of its workers."""

    def __init__(self, names: Collection[str], teacher: Teacher) -> None:
        self.functions = TeachersFunctions(names, teacher)
        self.sender: Sender | None = None

    def ask_worker(self, sender: Sender, request: bytes) -> bytes:
        """Return the reply to a request; answer the calls that the worker makes before it."""
        if sender is not self.sender:
            self.sender = sender
            replaced = self.functions.names
            for module in dict.fromkeys(MODULE_OF[name] for name in replaced):
                names = [name for name in replaced if MODULE_OF[name] == module]
                order = {"number": 0, "do": "replace", "module": module, "names": names}
                self._ask(sender, pack(order, []))
        return self._ask(sender, request)

    def _ask(self, sender: Sender, request: bytes) -> bytes:
        return self.functions.converse(sender.worker, sender.ask, request)
