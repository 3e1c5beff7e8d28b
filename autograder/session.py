"""One pytest session for the class: tests are collected once and run for each submission."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

from assignment.support.project.manifest import ROOT, load_parts
from autograder.course import make_course, make_notebook_course
from autograder.intake import Submission
from autograder.judging import FunctionJudge, Runner, Test, Tried, describe_tests
from autograder.notebooks import NotebookJudge, describe_holes, read_skeletons, write_graded
from autograder.outcomes import Outcome, Recognised, Verdict
from autograder.proxies import Connection, install
from autograder.recognition import Recogniser, add_hint, find_doubtful
from autograder.results import GRADERS_SENTENCE
from autograder.retrying import FollowThrough
from autograder.subject import Subject
from autograder.wall import Limits, Wall

__all__ = ["Judged", "SessionError", "judge_class"]

PROCESSES = 2
ENDING_S = 5
LOOKING_S = 20  # at what a function has returned, in one case
MEMORY_BYTES = 4 * 2**30  # of a judge: answers are small, but what tests make of them may not be
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4


@dataclass(frozen=True)
class Judged:
    """What the tests say of a submission, how long it took, and the CPU time on both sides."""

    verdicts: tuple[Verdict, ...]
    mistakes: tuple[Recognised, ...]
    seconds: float
    cpu_seconds: float


class SessionError(Exception):
    """Why no class can be judged, in one line."""


class Judge:
    """Judges submissions, functions and notebooks, each behind a wall of its own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        runner = Runner(int(session.limits.seconds) + LOOKING_S)
        session.config.pluginmanager.register(runner)
        self.functions = FunctionJudge(session.tests, session.connection, runner)
        self.recogniser = Recogniser(self.functions, session.hints)
        self.retries = FollowThrough(self.functions, session.follow_through)
        self.notebooks = None
        if session.notebooks:
            skeletons = session.skeletons
            self.notebooks = NotebookJudge(session.cells, skeletons, runner, session.seed)
        self.walls: list[Wall] = []
        self.faulty: dict[str, Verdict] = {}

    def raise_walls(self, slot: int, patience: float = 1) -> None:
        """Raise the walls; judges in other slots may stand beside."""
        folder = Path(tempfile.mkdtemp(prefix=f"judge-{slot}-", dir=self.session.folder))
        folder.chmod(0o755)
        level, limits = self.session.level, self.session.limits
        limits = replace(limits, seconds=patience * limits.seconds)
        course = make_course(folder / "functions")
        self.functions.wall = Wall(level, course, "autograder.worker", limits, slot)
        self.walls = [self.functions.wall]
        if self.notebooks is not None:
            given = [source for skeleton in self.session.skeletons for source in skeleton.given]
            course = make_notebook_course(folder / "notebooks", given)
            slot += PROCESSES  # another user than for functions, to whom solutions are closed
            self.notebooks.wall = Wall(level, course, "autograder.kernel", limits, slot)
            if self.notebooks.wall.uid is not None:
                os.chown(course, 0, self.notebooks.wall.uid)
                course.chmod(0o750)
            self.walls.append(self.notebooks.wall)

    def learn(self) -> None:
        """Judge the teacher's own work: a test that it does not pass is the grader's fault.

        What is learnt here, the answers to expect and what they lead to, all judges know later.
        """
        names = {part.file for part in load_parts()}
        files = {name: (ROOT / "assignment" / name).read_bytes() for name in names}
        verdicts = [tried.verdict for tried in self.functions.judge(files)]
        if self.notebooks is not None:
            self.notebooks.learn()
            verdicts += self.notebooks.judge({s.name: s.solved for s in self.session.skeletons})
        self.faulty = {v.name: v for v in verdicts if v.outcome is not Outcome.PASSED}

    def close(self) -> None:
        """Tear the walls down, and end what was started for second tries."""
        self.retries.teacher.close()
        for wall in self.walls:
            wall.close()

    def judge(self, submission: Submission) -> Judged:
        """Judge one submission."""
        started, cpu = time.monotonic(), self._read_cpu()
        tried, verdicts = self._judge_functions(submission.files)
        mistakes = self._recognise(tried, verdicts)
        del tried  # and what its answers were decoded to
        verdicts = [add_hint(verdict, mistakes) for verdict in verdicts]
        if self.notebooks is not None:
            verdicts += map(self._correct, self.notebooks.judge(submission.notebooks))
        seconds, cpu_seconds = time.monotonic() - started, self._read_cpu() - cpu
        return Judged(tuple(verdicts), mistakes, seconds, cpu_seconds)

    def _judge_functions(self, files: dict[str, bytes]) -> tuple[list[Tried], list[Verdict]]:
        with Subject(self.functions.wall, files) as subject:
            tried = self.functions.try_tests(subject)
            verdicts = [self._correct(one.verdict) for one in tried]
            if self.session.follow_through:
                verdicts = self._try_again(subject, verdicts)
            return tried, verdicts

    # Scores are there by now. Whatever a submission makes of the rest, it cannot lose them, and
    # nobody else's fault.

    def _try_again(self, subject: Subject, verdicts: list[Verdict]) -> list[Verdict]:
        try:
            return self.retries.try_again(subject, verdicts)
        except Exception:
            traceback.print_exc()
            return verdicts

    def _recognise(
        self, tried: Sequence[Tried], verdicts: Sequence[Verdict]
    ) -> tuple[Recognised, ...]:
        doubtful = find_doubtful(verdicts, self.session.follow_through > 0)
        certain = [one for one in tried if one.verdict.part not in doubtful]
        try:
            return tuple(self.recogniser.recognise(certain))
        except Exception:
            traceback.print_exc()
            return ()

    def blame(self, detail: str) -> Judged:
        """Return the grader's own fault for everything."""
        rows = [(t.part, t.name, t.function, t.hidden, t.points) for t in self.session.tests]
        rows += [row for skeleton in self.session.skeletons for row in describe_holes(skeleton)]
        end = Outcome.GRADERS_FAULT, GRADERS_SENTENCE, detail
        return Judged(tuple(Verdict(*row, *end) for row in rows), (), 0.0, 0.0)

    def _read_cpu(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = time.process_time() + ended.ru_utime + ended.ru_stime
        ours += self.retries.teacher.read_cpu()
        return ours + sum(wall.read_cpu() for wall in self.walls)

    def _correct(self, verdict: Verdict) -> Verdict:
        fault = self.faulty.get(verdict.name)
        if fault is None:
            return verdict
        detail = f"the teacher's own solution: {fault.outcome.value}: {fault.detail}"
        outcome = Outcome.GRADERS_FAULT
        return replace(verdict, outcome=outcome, message=GRADERS_SENTENCE, detail=detail)


class Session:
    """The pytest plugin that runs the class where pytest would run its tests once."""

    def __init__(
        self,
        seed: int,
        level: str,
        limits: Limits,
        notebooks: bool,
        folder: Path,
        hints: str = "none",
        follow_through: float = 0,
    ) -> None:
        self.seed = seed
        self.hints = hints
        self.follow_through = follow_through
        self.notebooks = notebooks
        self.skeletons = read_skeletons() if notebooks else []
        self.cells: list[pytest.Item] = []
        self.level = level
        self.limits = limits
        self.folder = folder
        self.connection = Connection()
        self.config: Any = None
        self.tests: list[Test] = []
        self.work: Callable[[], None] = lambda: None
        self.uncollected: list[str] = []
        self.error: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Remember where a judge can register itself."""
        self.config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected: a class is graded with all tests or not at all."""
        if report.failed:
            reason = report.longreprtext.strip().splitlines()[-1]
            self.uncollected.append(f"{report.nodeid}: {reason}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand the collected tests over."""
        if self.uncollected:
            self.error = SessionError(f"cannot collect the tests: {self.uncollected[0]}")
            return True
        self.cells = [i for i in session.items if isinstance(i, IPyNbCell)]
        self.tests = describe_tests(i for i in session.items if not isinstance(i, IPyNbCell))
        try:
            self.work()
        except BaseException as error:  # pytest would turn it into an exit code
            self.error = error
        return True

    def run(self, work: Callable[[], None]) -> None:
        """Collect, work, and end pytest."""
        install(self.connection)
        self.work = work
        folders = [str(ROOT / "tests" / name) for name in ("public", "hidden")]
        if self.notebooks:
            (self.folder / "graded").mkdir()
            write_graded(self.skeletons, self.folder / "graded")
            folders += [str(self.folder / "graded"), "-p", "nbval.plugin", "--nbval"]
        options = ["-s", "-c", str(ROOT / "pyproject.toml"), f"--seed={self.seed}"]
        for plugin in ("cacheprovider", "logging", "terminalreporter", "warnings"):
            options += ["-p", f"no:{plugin}"]
        status = pytest.main([*folders, *options], plugins=[self])
        if self.error is not None:
            raise self.error
        if not self.tests:
            raise SessionError(f"no tests were collected (pytest: {status!r})")


def judge_class(
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
    *,
    seed: int,
    level: str,
    limits: Limits,
    notebooks: bool,
    hints: str,
    follow_through: float,
) -> None:
    """Judge submissions side by side and hand each result over as soon as it is there."""
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        os.chmod(folder, 0o755)
        arguments = seed, level, limits, notebooks, Path(folder), hints, follow_through
        session = Session(*arguments)
        session.run(lambda: _share_out(session, submissions, receive))


class Seat:
    """A judge in a process of its own, and the submission that it has at hand."""

    def __init__(self, judge: Judge, slot: int) -> None:
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


def _serve(judge: Judge, slot: int, connection: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that keeps the books
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # where there is no wall: no ptrace
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        judge.raise_walls(slot)
        connection.send(None)
        while (submission := connection.recv()) is not None:
            connection.send(_judge_or_blame(judge, slot, submission))
        judge.close()
    except Exception:  # the walls cannot be raised: no use in going on
        connection.send(traceback.format_exc())


def _judge_or_blame(judge: Judge, slot: int, submission: Submission) -> Judged:
    """Judge a submission; whatever goes wrong on this side of the wall costs nobody points."""
    try:
        return judge.judge(submission)
    except Exception:
        judge.close()
        judge.raise_walls(slot)
        return judge.blame(traceback.format_exc())


def _share_out(
    session: Session,
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
) -> None:
    """Keep all seats busy; a judge that dies gets a successor, and its submission a fault."""
    judge = Judge(session)
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
