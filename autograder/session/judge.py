"""Judge submissions, one at a time: functions, second tries, recognition, notebooks."""

from __future__ import annotations

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
from autograder.judging.functions import FunctionJudge, TriedTest
from autograder.judging.subject import Submitted
from autograder.notebooks.judge import NotebookJudge
from autograder.notebooks.skeletons import describe_holes, read_given
from autograder.outcomes import Failure, Outcome, Recognised, Verdict
from autograder.recognition.recogniser import Recogniser
from autograder.session.collecting import Collected
from autograder.settings import Settings
from autograder.teacher.process import Teacher
from autograder.wall.turns import Turns
from autograder.wall.wall import Wall
from autograder.wall.worker_folder import copy_for_functions, copy_for_notebooks

__all__ = ["PROCESSES", "Judged", "SubmissionJudge"]

PROCESSES = 2


@dataclass(frozen=True)
class Judged:
    """The result for one submission; the CPU time is that of judge and workers."""

    verdicts: tuple[Verdict, ...]
    mistakes: tuple[Recognised, ...]
    seconds: float
    cpu_seconds: float
    findings: tuple[str, ...] = ()  # about cells, one line each


class SubmissionJudge:
    """Judges submissions: functions and notebooks have a wall each."""

    def __init__(self, collected: Collected, settings: Settings, folder: Path) -> None:
        self.collected = collected
        self.settings = settings
        self.folder = folder  # for the copies that workers may read
        self.functions = FunctionJudge(collected.tests, collected.asker, collected.runner)
        self.recogniser = Recogniser(self.functions)
        self.teacher = Teacher(read_given(collected.skeletons, settings.seed))
        self.retries = FollowThrough(self.functions, self.teacher)
        of_notebooks = collected.cells, collected.skeletons, collected.runner, settings.seed
        self.notebooks = NotebookJudge(*of_notebooks, self.teacher)
        self.walls: list[Wall] = []  # for functions, then for notebooks if they are judged
        self.turns: Turns | None = None  # with the other judge
        self.faulty: dict[str, Verdict] = {}  # by name: what the teacher's own solution fails

    def raise_walls(self, slot: int) -> None:
        """Raise the walls; judges that run at the same time need different slots."""
        folder = Path(tempfile.mkdtemp(prefix=f"judge-{slot}-", dir=self.folder))
        folder.chmod(0o755)
        level, limits = self.settings.level, self.settings.limits
        readable = copy_for_functions(folder / "functions")
        self.turns = Turns(self.folder / "turns")
        arguments = limits, slot, self.turns
        self.walls = [Wall(level, readable, "autograder.inside.worker", *arguments)]
        if self.collected.skeletons:
            given = [source for skeleton in self.collected.skeletons for source in skeleton.given]
            readable = copy_for_notebooks(folder / "notebooks", given)
            arguments = limits.for_notebooks(), slot, self.turns
            self.walls.append(Wall(level, readable, "autograder.inside.kernel", *arguments))

    def learn(self) -> None:
        """Judge the teacher's solution: a test that it does not pass is the grader's fault.

        The judges that are forked later know its replies and the results that they led to.
        """
        names = {part.file for part in load_parts()}
        files = {name: (ROOT / "assignment" / name).read_bytes() for name in names}
        with Submitted(self.walls[0], files) as subject:
            verdicts = [tried.verdict for tried in self.functions.try_tests(subject)]
        for wall in self.walls[1:]:
            self.notebooks.learn(wall)
            solved = {skeleton.name: skeleton.solved for skeleton in self.collected.skeletons}
            verdicts += self.notebooks.judge(wall, solved)[0]
        self.faulty = {v.name: v for v in verdicts if v.outcome is not Outcome.PASSED}

    def close(self) -> None:
        """Tear the walls down, and end the process of the teacher's functions."""
        self.teacher.close()
        for wall in self.walls:
            wall.close()
        if self.turns is not None:
            self.turns.close()

    def judge(self, submission: Submission) -> Judged:
        """Judge one submission."""
        started, cpu = time.monotonic(), self._read_cpu()
        tried, verdicts = self._judge_functions(submission.files)
        mistakes = self._recognise(tried, verdicts)
        del tried  # frees the decoded answers before notebooks run
        findings: list[str] = []
        for wall in self.walls[1:]:
            of_cells, findings = self.notebooks.judge(wall, submission.notebooks)
            verdicts += map(self._correct, of_cells)
        seconds, cpu_seconds = time.monotonic() - started, self._read_cpu() - cpu
        return Judged(tuple(verdicts), mistakes, seconds, cpu_seconds, tuple(findings))

    def _judge_functions(self, files: dict[str, bytes]) -> tuple[list[TriedTest], list[Verdict]]:
        with Submitted(self.walls[0], files) as subject:
            tried = self.functions.try_tests(subject)
            verdicts = [self._correct(one.verdict) for one in tried]
            return tried, self._try_again(subject, verdicts)

    # Verdicts are final here. If what follows raises on hostile answers, print it and keep them.

    def _try_again(self, subject: Submitted, verdicts: list[Verdict]) -> list[Verdict]:
        try:
            return self.retries.try_again(subject, verdicts)
        except Exception:
            traceback.print_exc()
            return verdicts

    def _recognise(
        self, tried: Sequence[TriedTest], verdicts: Sequence[Verdict]
    ) -> tuple[Recognised, ...]:
        """Return labels for the teacher from all tests, and hints for the student.

        A student can hand in many times, and make a mistake that depends on the inputs of a hidden
        test. So nothing of a hint may depend on hidden tests, not even whether there is one.
        """
        public = [one for one in tried if not one.verdict.hidden]
        hints = self._find_mistakes(public, [v for v in verdicts if not v.hidden])
        labels = self._find_mistakes(tried, verdicts)
        return tuple(
            Recognised(
                part,
                labels[part].label if part in labels else "",
                hints[part].hints if part in hints else (),
            )
            for part in {**hints, **labels}
        )

    def _find_mistakes(
        self, tried: Sequence[TriedTest], verdicts: Sequence[Verdict]
    ) -> dict[str, Recognised]:
        # Such a part may be wrong only because a function of another one is.
        doubtful = {verdict.part for verdict in verdicts if verdict.given}
        certain = [one for one in tried if one.verdict.part not in doubtful]
        try:
            return {one.part: one for one in self.recogniser.recognise(certain)}
        except Exception:
            traceback.print_exc()
            return {}

    def blame(self, problem: str) -> Judged:
        """Return a result in which every test ended by the grader's own fault."""
        verdicts = [test.verdict for test in self.collected.tests]
        for skeleton in self.collected.skeletons:
            verdicts += describe_holes(skeleton)
        failure = Failure(Outcome.GRADERS_FAULT, problem)
        return Judged(tuple(replace(v, failure=failure) for v in verdicts), (), 0.0, 0.0)

    def _read_cpu(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = time.process_time() + ended.ru_utime + ended.ru_stime
        ours += self.teacher.read_cpu()
        return ours + sum(wall.read_cpu() for wall in self.walls)

    def _correct(self, verdict: Verdict) -> Verdict:
        """Return a verdict; the grader's own fault if the teacher's solution fails this test."""
        fault = self.faulty.get(verdict.name)
        if fault is None or fault.failure is None:
            return verdict
        problem = f"the teacher's own solution: {fault.outcome.value}: {fault.failure.problem}"
        return replace(verdict, failure=Failure(Outcome.GRADERS_FAULT, problem))
