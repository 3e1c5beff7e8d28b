"""Share a class out between two judges, each in a process of its own."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
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
MEMORY_BYTES = 4 * 2**30  # of a judge: tests may make large arrays of small answers


def judge_class(
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
    settings: Settings,
) -> None:
    """Judge submissions in two processes and call `receive` with each result at once."""
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        folder = Path(name)
        folder.chmod(0o755)

        def work(collected: Collected) -> None:
            _share_out(SubmissionJudge(collected, settings, folder), submissions, receive)

        run_session(settings, folder, work)


class Seat:
    """A judge in a process of its own, and the submission that it is judging."""

    def __init__(self, judge: SubmissionJudge, slot: int) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.slot = slot
        self.submission: Submission | None = None
        self.process = context.Process(target=_serve, args=(judge, slot, theirs))
        self.process.start()
        theirs.close()

    def give(self, submission: Submission) -> None:
        """Send the judge a submission."""
        self.submission = submission
        self.connection.send(submission)

    def take(self) -> Any:
        """Return the result, None once the judge is ready; raise EOFError if it has died."""
        result = self.connection.recv()
        if isinstance(result, str):
            raise SessionError(result.strip().splitlines()[-1])
        return result

    def close(self) -> None:
        """End the judge and its workers; kill it if it is judging."""
        if self.submission is None:
            with contextlib.suppress(BrokenPipeError):
                self.connection.send(None)
            self.process.join(ENDING_S)
        self.process.kill()
        self.process.join()
        self.connection.close()


def _serve(judge: SubmissionJudge, slot: int, connection: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    set_dumpable(False)  # else a worker of the same user could trace it
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _take_own_cores(slot)
    try:
        judge.raise_walls(slot)
        connection.send(None)
        while (submission := connection.recv()) is not None:
            connection.send(_judge_or_blame(judge, slot, submission))
        judge.close()
    except Exception:  # the walls cannot be raised
        connection.send(traceback.format_exc())


def _take_own_cores(slot: int) -> None:
    """Leave the other judges their share of the processors, for this judge and its workers."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) >= PROCESSES:
        os.sched_setaffinity(0, cores[slot::PROCESSES])


def _judge_or_blame(judge: SubmissionJudge, slot: int, submission: Submission) -> Judged:
    """Judge a submission; if the judge itself raises, its result is the grader's fault."""
    try:
        return judge.judge(submission)
    except Exception as error:
        judge.close()
        judge.raise_walls(slot)
        reason = traceback.format_exception_only(type(error), error)[-1]
        return judge.blame(reason + traceback.format_exc())


def _share_out(
    judge: SubmissionJudge,
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
) -> None:
    """Keep all seats busy; replace a judge that dies, and record the grader's fault."""
    judge.raise_walls(0)
    try:
        judge.learn()
    finally:
        judge.close()
    gc.collect()
    gc.freeze()  # collections in the judges skip the tests, which all share
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
                    judged = judge.blame("the judge's process died")
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
