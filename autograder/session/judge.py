"""Judge one submission after the other: functions and notebooks, second tries, recognition."""

from __future__ import annotations

import os
import resource
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assignment.support.project.manifest import ROOT, load_parts
from autograder.follow_through.second_tries import FollowThrough
from autograder.intake.submissions import Submission
from autograder.judging.case_results import GRADERS_SENTENCE
from autograder.judging.functions import FunctionJudge, TriedTest
from autograder.judging.runner import Runner
from autograder.judging.subject import Subject
from autograder.notebooks.judge import NotebookJudge
from autograder.notebooks.skeletons import describe_holes
from autograder.outcomes import Outcome, Recognised, Verdict
from autograder.recognition.recogniser import Recogniser, add_hint, find_doubtful
from autograder.session.collecting import Session
from autograder.wall.wall import Wall
from autograder.wall.worker_folder import copy_for_functions, copy_for_notebooks

__all__ = ["LOOKING_S", "PROCESSES", "Judged", "SubmissionJudge"]


PROCESSES = 2


LOOKING_S = 20  # at what a function has returned, in one case


@dataclass(frozen=True)
class Judged:
    """What the tests say of a submission, how long it took, and the CPU time on both sides."""

    verdicts: tuple[Verdict, ...]
    mistakes: tuple[Recognised, ...]
    seconds: float
    cpu_seconds: float


class SubmissionJudge:
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
        course = copy_for_functions(folder / "functions")
        self.functions.wall = Wall(level, course, "autograder.inside.worker", limits, slot)
        self.walls = [self.functions.wall]
        if self.notebooks is not None:
            given = [source for skeleton in self.session.skeletons for source in skeleton.given]
            course = copy_for_notebooks(folder / "notebooks", given)
            slot += PROCESSES  # another user than for functions, to whom solutions are closed
            self.notebooks.wall = Wall(level, course, "autograder.inside.kernel", limits, slot)
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

    def _judge_functions(self, files: dict[str, bytes]) -> tuple[list[TriedTest], list[Verdict]]:
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
        self, tried: Sequence[TriedTest], verdicts: Sequence[Verdict]
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
