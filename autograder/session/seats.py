"""One pytest session for the class: tests are collected once and run for each submission."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import resource
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from autograder.intake.submissions import Submission
from autograder.protocol.prctl import die_with_parent, set_dumpable
from autograder.session.collecting import Collected, SessionError, run_session
from autograder.session.judge import PROCESSES, Judged, SubmissionJudge
from autograder.settings import Settings

__all__ = ["judge_class"]

ENDING_S = 5
MEMORY_BYTES = 4 * 2**30  # of a judge: answers are small, but what tests make of them may not be


def judge_class(
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
    settings: Settings,
) -> None:
    """Judge submissions side by side and hand each result over as soon as it is there."""
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        folder = Path(name)
        folder.chmod(0o755)

        def work(collected: Collected) -> None:
            _share_out(SubmissionJudge(collected, settings, folder), submissions, receive)

        run_session(settings, folder, work)


class Seat:
    """A judge in a process of its own, and the submission that it has at hand."""

    def __init__(self, judge: SubmissionJudge, slot: int) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.slot = slot
        self.submission: Submission | None = None
        self.process = context.Process(target=_serve, args=(judge, slot, theirs))
        self.process.start()
        theirs.close()

    def give(self, submission: Submission) -> None:
        """Hand over a submission."""
        self.submission = submission
        self.connection.send(submission)

    def take(self) -> Any:
        """Return the result; None if the judge has just got ready, EOFError if it has died."""
        result = self.connection.recv()
        if isinstance(result, str):
            raise SessionError(result.strip().splitlines()[-1])
        return result

    def close(self) -> None:
        """End the judge, and with it all workers; at once where it has work at hand."""
        if self.submission is None:
            with contextlib.suppress(BrokenPipeError):
                self.connection.send(None)
            self.process.join(ENDING_S)
        self.process.kill()
        self.process.join()
        self.connection.close()


def _serve(judge: SubmissionJudge, slot: int, connection: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that keeps the books
    set_dumpable(False)  # where there is no wall: no ptrace
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        judge.raise_walls(slot)
        connection.send(None)
        while (submission := connection.recv()) is not None:
            connection.send(_judge_or_blame(judge, slot, submission))
        judge.close()
    except Exception:  # the walls cannot be raised: no use in going on
        connection.send(traceback.format_exc())


def _judge_or_blame(judge: SubmissionJudge, slot: int, submission: Submission) -> Judged:
    """Judge a submission; whatever goes wrong on this side of the wall costs nobody points."""
    try:
        return judge.judge(submission)
    except Exception:
        judge.close()
        judge.raise_walls(slot)
        return judge.blame(traceback.format_exc())


def _share_out(
    judge: SubmissionJudge,
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
) -> None:
    """Keep all seats busy; a judge that dies gets a successor, and its submission a fault."""
    judge.raise_walls(0, patience=10)  # the teacher's own functions shall not fail by the clock
    try:
        judge.learn()
    finally:
        judge.close()
    gc.collect()
    gc.freeze()  # a collection in a judge shall not look at all tests once more
    seats = [Seat(judge, slot) for slot in range(PROCESSES)]
    try:
        for seat in seats:
            seat.take()
            _give_next(seat, submissions)
        while busy := [seat for seat in seats if seat.submission is not None]:
            ready = wait([seat.connection for seat in busy])
            for seat in [seat for seat in busy if seat.connection in ready]:
                submission, seat.submission = seat.submission, None
                assert submission is not None
                try:
                    judged = seat.take()
                except EOFError:
                    judged = judge.blame("the process that judges has died")
                    seats[seat.slot] = seat = Seat(judge, seat.slot)
                    seat.take()
                receive(submission, judged)
                _give_next(seat, submissions)
    finally:
        for seat in seats:
            seat.close()


def _give_next(seat: Seat, submissions: Iterator[Submission]) -> None:
    submission = next(submissions, None)
    if submission is not None:
        seat.give(submission)
