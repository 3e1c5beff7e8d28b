"""One pytest session for the class: tests are collected once and run for each submission."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
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

from assignment.support.manifest import ROOT
from autograder.course import make_course, make_notebook_course
from autograder.intake import Submission
from autograder.judging import GRADERS_SENTENCE, FunctionJudge, Runner, Test, describe_tests
from autograder.notebooks import NotebookJudge, Skeleton, read_skeletons, write_graded
from autograder.outcomes import Outcome, Verdict
from autograder.proxies import Connection, install
from autograder.texts import Cell
from autograder.wall import Limits, Wall

__all__ = ["Judged", "judge_class"]

PROCESSES = 2
PR_SET_DUMPABLE = 4


@dataclass(frozen=True)
class Judged:
    """What the tests say of a submission, how long it took, and the CPU time on both sides."""

    verdicts: tuple[Verdict, ...]
    seconds: float
    cpu_seconds: float


class Judge:
    """One of the processes that judge side by side, each with a wall of its own."""

    def __init__(self, session: Session, slot: int) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that keeps books
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # where there is no wall: no ptrace
        runner = Runner()
        session.config.pluginmanager.register(runner)
        folder = Path(tempfile.mkdtemp(prefix=f"judge-{slot}-", dir=session.folder))
        folder.chmod(0o755)
        level, limits = session.level, session.limits
        course = make_course(folder / "functions")
        self.walls = [Wall(level, course, "autograder.worker", limits, slot)]
        self.functions = FunctionJudge(session.tests, session.connection, runner, self.walls[0])
        self.notebooks = None
        if session.notebooks:
            given = [source for skeleton in session.skeletons for source in skeleton.given]
            course = make_notebook_course(folder / "notebooks", given)
            self.walls.append(Wall(level, course, "autograder.kernel", limits, slot))
            cells, skeletons = session.cells, session.skeletons
            self.notebooks = NotebookJudge(cells, skeletons, runner, self.walls[1], session.seed)
        self.faulty = self._try_solutions(session.skeletons)

    def _try_solutions(self, skeletons: Sequence[Skeleton]) -> dict[str, Verdict]:
        """Judge the teacher's own work: a test that it does not pass is the grader's fault."""
        files = {p.name: p.read_bytes() for p in (ROOT / "assignment").glob("*.py")}
        verdicts = self.functions.judge(files)
        if self.notebooks is not None:
            solved = {s.name: [Cell(i, "code", source) for i, source in s.cells] for s in skeletons}
            verdicts += self.notebooks.judge(solved)
        return {v.name: v for v in verdicts if v.outcome is not Outcome.PASSED}

    def judge(self, submission: Submission) -> Judged:
        """Judge one submission."""
        started, cpu = time.monotonic(), self._read_cpu()
        verdicts = self.functions.judge(submission.files)
        if self.notebooks is not None:
            verdicts += self.notebooks.judge(submission.notebooks)
        verdicts = [self._correct(verdict) for verdict in verdicts]
        return Judged(tuple(verdicts), time.monotonic() - started, self._read_cpu() - cpu)

    def _read_cpu(self) -> float:
        return time.process_time() + sum(wall.read_cpu() for wall in self.walls)

    def _correct(self, verdict: Verdict) -> Verdict:
        fault = self.faulty.get(verdict.name)
        if fault is None:
            return verdict
        detail = f"the teacher's own solution: {fault.outcome.value}: {fault.message}"
        outcome = Outcome.GRADERS_FAULT
        return replace(verdict, outcome=outcome, message=GRADERS_SENTENCE, detail=detail)


class Session:
    """The pytest plugin that runs the class where pytest would run its tests once."""

    def __init__(
        self, seed: int, level: str, limits: Limits, notebooks: bool, folder: Path
    ) -> None:
        self.seed = seed
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
        self.error: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Remember where a judge can register itself."""
        self.config = config

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand the collected tests over."""
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
            raise RuntimeError(f"the tests could not be collected (pytest: {status!r})")


def judge_class(
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
    *,
    seed: int,
    level: str,
    limits: Limits,
    notebooks: bool,
) -> None:
    """Judge submissions side by side and hand each result over as soon as it is there."""
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        os.chmod(folder, 0o755)
        session = Session(seed, level, limits, notebooks, Path(folder))
        session.run(lambda: _share_out(session, submissions, receive))


class Seat:
    """A judge in a process of its own, and the submission that it has at hand."""

    def __init__(self, session: Session, slot: int) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.slot = slot
        self.submission: Submission | None = None
        self.process = context.Process(target=_serve, args=(session, slot, theirs))
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
            raise RuntimeError(result)
        return result

    def close(self) -> None:
        """End the judge, and with it all workers."""
        self.connection.close()
        self.process.join(5)
        self.process.kill()


def _serve(session: Session, slot: int, connection: Any) -> None:
    try:
        judge = Judge(session, slot)
        connection.send(None)
        while True:
            connection.send(judge.judge(connection.recv()))
    except EOFError:
        for wall in judge.walls:
            wall.close()
    except Exception:
        connection.send(traceback.format_exc())


def _share_out(
    session: Session,
    submissions: Iterator[Submission],
    receive: Callable[[Submission, Judged], None],
) -> None:
    """Keep all seats busy; a judge that dies gets a successor, and its submission a fault."""
    seats = [Seat(session, slot) for slot in range(PROCESSES)]
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
                    judged = _blame_grader(session.tests)
                    seats[seat.slot] = seat = Seat(session, seat.slot)
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


def _blame_grader(tests: list[Test]) -> Judged:
    verdicts = [
        Verdict(
            test.part,
            test.name,
            test.function,
            test.hidden,
            test.points,
            Outcome.GRADERS_FAULT,
            GRADERS_SENTENCE,
            "the process that judges has died",
        )
        for test in tests
    ]
    return Judged(tuple(verdicts), 0.0, 0.0)
