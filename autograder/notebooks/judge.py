"""Judge the completed cells of notebooks: nbval runs them, in a kernel that is behind the wall.

The teacher's notebook is the skeleton; of a submission only the sources of the cells to complete
are taken. After each of them comes a cell tagged ``hidden``, which calls what the student has
written and prints numbers that depend on the seed of the grading run. They are compared with what
the teacher's solved notebook has printed with that seed, behind the same wall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import nbval.plugin

from autograder.intake.decoding import Cell
from autograder.judging.case_results import GRADERS_SENTENCE, CaseResult, classify
from autograder.judging.runner import Runner
from autograder.judging.subject import TIMEOUTS_ALLOWED
from autograder.notebooks.printed_numbers import same_output
from autograder.notebooks.skeletons import Skeleton, describe_holes
from autograder.notebooks.wall_kernel import WallKernel
from autograder.outcomes import Outcome, Verdict
from autograder.protocol.wire import WireError
from autograder.wall.handle import Crashed, LimitReached
from autograder.wall.wall import Wall

__all__ = ["NotebookJudge"]

CELL_SENTENCE = (
    "A hidden check of this cell did not pass. It calls what the cell defines, as its docstring "
    "says, on inputs that are new in each grading run."
)


class NotebookJudge:
    """Judges the notebooks of one submission after the other.

    Parameters
    ----------
    items : the cells of the notebooks of write_graded, as nbval has collected them
    """

    wall: Wall

    def __init__(
        self, items: Sequence[Any], skeletons: Sequence[Skeleton], runner: Runner, seed: int
    ) -> None:
        self.skeletons = skeletons
        self.runner = runner
        self.seed = seed
        self.items: dict[str, list[Any]] = {}
        for item in items[1::2]:  # the hidden ones: a cell before may have set another seed
            item.cell.source = f"seed = {seed}\n{item.cell.source}"
        for item in items:
            self.items.setdefault(item.path.stem, []).append(item)
            item.compare_outputs = _compare_printed
            item.comparison_traceback = []  # of which nbval makes a text where they differ
        nbval.plugin.RunningKernel = self._get_kernel
        self.kernel: WallKernel | None = None

    def _get_kernel(self, *_: Any, **__: Any) -> WallKernel:
        assert self.kernel is not None
        return self.kernel

    def learn(self) -> None:
        """Run the teacher's solved notebooks with the seed of this run; keep what they print."""
        for skeleton in self.skeletons:
            self._learn_one(skeleton)

    def _learn_one(self, skeleton: Skeleton) -> None:
        kernel = WallKernel(self.wall, skeleton.fill(dict(skeleton.cells), self.seed))
        hidden = self.items[skeleton.name][1::2]
        try:
            for hole, item in zip(skeleton.holes, hidden):
                kernel.current = hole.id
                for source in (hole.source, item.cell.source):
                    kernel.execute_cell_input(source)
                item.cell.outputs = kernel.outputs
        finally:
            kernel.stop()

    def judge(self, notebooks: Mapping[str, Sequence[Cell]]) -> list[Verdict]:
        """Return a verdict for each cell to complete."""
        verdicts = []
        for skeleton in self.skeletons:
            sources = skeleton.find_sources(notebooks.get(skeleton.name, ()))
            verdicts += self._judge_notebook(skeleton, sources)
        return verdicts

    def _judge_notebook(self, skeleton: Skeleton, sources: dict[str, str]) -> list[Verdict]:
        self.kernel = WallKernel(self.wall, skeleton.fill(sources, self.seed))
        items = self.items[skeleton.name]
        verdicts = []
        try:
            rows = zip(describe_holes(skeleton), skeleton.holes, items[::2], items[1::2])
            for row, hole, completed, hidden in rows:
                self.kernel.current = hole.id
                result = CaseResult(Outcome.NOT_WRITTEN, detail="no such cell")
                if self.kernel.timeouts >= TIMEOUTS_ALLOWED:
                    result = CaseResult(Outcome.LIMIT, detail="not tried: two cells took too long")
                elif hole.id in sources:
                    completed.cell.source = sources[hole.id]
                    result = self._run(completed, hidden) or self._run(hidden, completed) or PASSED
                verdicts.append(_make_verdict(row, result))
        finally:
            self.runner.tear_down(items[0])
            self.kernel.stop()
        return verdicts

    def _run(self, item: Any, nextitem: Any) -> CaseResult | None:
        """Run a cell with nbval; None where it did what it should."""
        assert self.kernel is not None
        self.kernel.error = None
        error = self.runner.run(item, nextitem)
        if error is None:
            return None
        if isinstance(error, (Crashed, LimitReached, WireError)):
            return classify(error, "", asked=True)
        if isinstance(error, MemoryError):  # of what the cell has printed
            return CaseResult(Outcome.LIMIT, detail="more memory than there is")
        if not isinstance(error, nbval.plugin.NbCellError):
            return CaseResult(
                Outcome.GRADERS_FAULT, GRADERS_SENTENCE, f"{type(error).__name__}: {error}"
            )
        if self.kernel.error is None:
            return CaseResult(Outcome.FAILED, detail="other numbers")
        return _read_error(self.kernel.error)


PASSED = CaseResult(Outcome.PASSED)


def _read_error(error: dict[str, Any]) -> CaseResult:
    names, text = error.get("types"), str(error.get("text", ""))[:500]
    name = str(names[0])[:80] if isinstance(names, list) and names else "an exception"
    outcome = Outcome.NOT_WRITTEN if name == "NotImplementedError" else Outcome.CRASHED
    return CaseResult(Outcome.LIMIT if name == "MemoryError" else outcome, detail=f"{name}: {text}")


def _make_verdict(row: tuple[str, str, str, bool, float], result: CaseResult) -> Verdict:
    message = "" if result.outcome is Outcome.PASSED else CELL_SENTENCE
    if result.outcome is Outcome.GRADERS_FAULT:
        message = result.message
    return Verdict(*row, result.outcome, message, result.detail or result.message)


def _compare_printed(test: Any, ref: Any, skip_compare: Any = None) -> bool:
    """Compare outputs for nbval, at the precision that the numbers have."""
    got, expected = ("".join(o.text for o in outputs if "text" in o) for outputs in (test, ref))
    return not expected or same_output(got, expected)
