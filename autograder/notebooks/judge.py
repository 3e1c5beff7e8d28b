"""Judge the completed cells of notebooks: nbval runs them in a kernel behind the wall.

The student's sources of the cells to complete are filled into the teacher's notebook, the skeleton.
A cell tagged ``hidden`` follows each of them: it calls what the student has written and prints
numbers that depend on the seed of the grading run. They must equal those that the teacher's solved
notebook has printed with that seed, behind the same wall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import nbval.plugin
import pytest

from assignment.support.testing.failures import Failure, Outcome
from autograder.intake.decoding import Cell
from autograder.judging.case_results import judge_error
from autograder.judging.runner import Runner
from autograder.judging.subject import TIMEOUTS_ALLOWED
from autograder.notebooks.printed_numbers import same_output
from autograder.notebooks.skeletons import Skeleton, describe_holes
from autograder.notebooks.wall_kernel import WallKernel
from autograder.outcomes import Verdict
from autograder.protocol.wire import WireError
from autograder.wall.handle import Crashed, LimitReached
from autograder.wall.wall import Wall

__all__ = ["NotebookJudge"]


class NotebookJudge:
    """Judges the notebooks of submissions; `items` are nbval's, of what write_graded wrote."""

    def __init__(
        self, items: Sequence[Any], skeletons: Sequence[Skeleton], runner: Runner, seed: int
    ) -> None:
        self.skeletons = skeletons
        self.runner = runner
        self.seed = seed
        self.items: dict[str, list[Any]] = {}
        for item in items[1::2]:  # the hidden ones: the completed cell may have set another seed
            item.cell.source = f"seed = {seed}\n{item.cell.source}"
        for item in items:
            self.items.setdefault(item.path.stem, []).append(item)
            item.compare_outputs = _compare_printed
            item.comparison_traceback = []  # nbval reads it if outputs differ

    def learn(self, wall: Wall) -> None:
        """Run the teacher's solved notebooks with the seed of this run; keep what they print."""
        for skeleton in self.skeletons:
            kernel = WallKernel(wall, skeleton.fill(dict(skeleton.cells), self.seed))
            hidden = self.items[skeleton.name][1::2]
            try:
                for hole, item in zip(skeleton.holes, hidden):
                    kernel.enter(hole.id)
                    for source in (hole.source, item.cell.source):
                        kernel.execute_cell_input(source)
                    item.cell.outputs = kernel.outputs
            finally:
                kernel.stop()

    def judge(self, wall: Wall, notebooks: Mapping[str, Sequence[Cell]]) -> list[Verdict]:
        """Return a verdict for each cell to complete."""
        verdicts = []
        for skeleton in self.skeletons:
            sources = skeleton.find_sources(notebooks.get(skeleton.name, ()))
            kernel = WallKernel(wall, skeleton.fill(sources, self.seed))
            items = self.items[skeleton.name]
            try:
                with mock.patch.object(nbval.plugin, "RunningKernel", return_value=kernel):
                    verdicts += self._judge_notebook(skeleton, sources, kernel, items)
                    self.runner.tear_down(items[0])
            finally:
                kernel.stop()
        return verdicts

    def _judge_notebook(
        self,
        skeleton: Skeleton,
        sources: Mapping[str, str],
        kernel: WallKernel,
        items: Sequence[Any],
    ) -> list[Verdict]:
        verdicts = []
        for verdict, completed, hidden in zip(describe_holes(skeleton), items[::2], items[1::2]):
            failure: Failure | None = Failure(Outcome.NOT_WRITTEN, "no such cell")
            if kernel.timeouts >= TIMEOUTS_ALLOWED:
                failure = Failure(Outcome.LIMIT, "not tried: two cells took too long")
            elif verdict.test in sources:
                completed.cell.source = sources[verdict.test]
                kernel.enter(verdict.test)
                failure = self._run(completed, hidden, kernel)
                failure = failure or self._run(hidden, completed, kernel)
            verdicts.append(replace(verdict, failure=failure))
        return verdicts

    def _run(self, item: pytest.Item, nextitem: pytest.Item, kernel: WallKernel) -> Failure | None:
        """Run a cell with nbval; return None if it passed."""
        error, _ = self.runner.run(item, nextitem)
        if error is None:
            return None
        if isinstance(error, (Crashed, LimitReached, WireError)):
            return judge_error(error, asked=True).failure
        if isinstance(error, MemoryError):  # while its output was compared
            return Failure(Outcome.LIMIT, "out of memory")
        if not isinstance(error, nbval.plugin.NbCellError):
            return Failure(Outcome.GRADERS_FAULT, f"{type(error).__name__}: {error}")
        if kernel.error is None:
            return Failure(Outcome.FAILED, "other numbers")
        return _read_error(kernel.error)


def _read_error(error: dict[str, Any]) -> Failure:
    names, text = error.get("types"), str(error.get("text", ""))[:500]
    name = str(names[0])[:80] if isinstance(names, list) and names else "an exception"
    special = {"NotImplementedError": Outcome.NOT_WRITTEN, "MemoryError": Outcome.LIMIT}
    return Failure(special.get(name, Outcome.CRASHED), f"{name}: {text}")


def _compare_printed(test: Any, ref: Any, skip_compare: Any = None) -> bool:
    """Compare outputs for nbval, floats with a tolerance."""
    got, expected = ("".join(o.text for o in outputs if "text" in o) for outputs in (test, ref))
    return not expected or same_output(got, expected)
