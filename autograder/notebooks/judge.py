"""Judge the completed cells of notebooks: nbval runs them in a kernel behind the wall.

The student's sources of the cells to complete are filled into the teacher's notebook, the skeleton.
A cell tagged ``hidden`` follows each of them: it calls what the student has written and prints
numbers that depend on the seed of the grading run. They must equal those that the teacher's solved
notebook has printed with that seed, behind the same wall.
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import nbval.plugin
import pytest

from assignment.support.project.definitions import find_definition
from assignment.support.testing.debuggers import STOPPING
from assignment.support.testing.failures import Failure, Outcome
from autograder.intake.decoding import Cell
from autograder.judging.case_results import judge_error
from autograder.judging.runner import Runner
from autograder.notebooks.printed_numbers import same_output
from autograder.notebooks.skeletons import Skeleton, describe_holes
from autograder.notebooks.wall_kernel import Budget, WallKernel, get_type_name
from autograder.outcomes import Verdict
from autograder.protocol.wire import WireError
from autograder.teacher.process import Teacher
from autograder.wall.handle import Crashed, LimitReached
from autograder.wall.wall import Wall

__all__ = ["NotebookJudge"]

MOST_NOTES = 3  # of one kind, about one cell
IMPORT = re.compile(r"\s*(?:from|import)\s+([\w.]+)")
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
MAX_LINE = 500  # characters
# By lines, because whoever parses hostile code may run out of stack.
STOPS = re.compile(rf"[^#'\"]*?\b({'|'.join(STOPPING)})\(")
NOT_HANDED_IN = Failure(Outcome.NOT_WRITTEN, "no such cell: not handed in", missing=True)


class NotebookJudge:
    """Judges the notebooks of submissions; `items` are nbval's, of what write_graded wrote."""

    def __init__(
        self,
        items: Sequence[Any],
        skeletons: Sequence[Skeleton],
        runner: Runner,
        seed: int,
        teacher: Teacher,
    ) -> None:
        self.skeletons = skeletons
        self.runner = runner
        self.teacher = teacher
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
        budget = Budget(math.inf)
        for skeleton in self.skeletons:
            notebook = skeleton.fill_solved(self.seed)
            kernel = WallKernel(wall, skeleton.name, notebook, self.teacher, budget)
            hidden = self.items[skeleton.name][1::2]
            try:
                for hole, item in zip(skeleton.holes, hidden):
                    kernel.enter(hole.id)
                    for source in (hole.source, item.cell.source):
                        kernel.execute_cell_input(source)
                    item.cell.outputs = kernel.outputs
            finally:
                kernel.stop()

    def judge(
        self, wall: Wall, notebooks: Mapping[str, Sequence[Cell]]
    ) -> tuple[list[Verdict], list[str]]:
        """Return a verdict for each cell to complete, and what is worth telling about them."""
        verdicts: list[Verdict] = []
        findings: list[str] = []
        budget = Budget(wall.limits.cells_seconds)
        for skeleton in self.skeletons:
            answered = skeleton.answer(notebooks.get(skeleton.name, ()))
            notebook = skeleton.fill(answered, self.seed)
            kernel = WallKernel(wall, skeleton.name, notebook, self.teacher, budget)
            items = self.items[skeleton.name]
            try:
                with mock.patch.object(nbval.plugin, "RunningKernel", return_value=kernel):
                    for verdict, notes in self._judge_notebook(
                        skeleton, answered.sources, kernel, items
                    ):
                        verdicts.append(verdict)
                        findings += [f"{verdict.part}: {note}" for note in notes]
                    self.runner.tear_down(items[0])
            finally:
                kernel.stop()
        return verdicts, findings

    def _judge_notebook(
        self,
        skeleton: Skeleton,
        sources: Mapping[str, str],
        kernel: WallKernel,
        items: Sequence[Any],
    ) -> Iterator[tuple[Verdict, list[str]]]:
        for verdict, completed, hidden in zip(describe_holes(skeleton), items[::2], items[1::2]):
            failure: Failure | None = NOT_HANDED_IN
            notes: list[str] = []
            if verdict.test in sources:
                completed.cell.source = sources[verdict.test]
                kernel.enter(verdict.test)
                failure = self._judge_cell(completed, hidden, kernel)
                if failure is not None and kernel.is_late and kernel.budget.left > 0:
                    with kernel.alone():  # it may have been late because of another submission
                        kernel.enter(verdict.test)
                        failure = self._judge_cell(completed, hidden, kernel)
                key = skeleton.keys[verdict.test]
                notes = list(_describe_run(sources[verdict.test], key, kernel, failure))
            yield replace(verdict, failure=failure), notes

    def _judge_cell(self, completed: Any, hidden: Any, kernel: WallKernel) -> Failure | None:
        """Run a completed cell and its hidden one; where that one passes, the answer is right.

        Where the completed cell ends its worker, what stands above that statement is kept.
        """
        first = self._run(completed, hidden, kernel)
        if first is not None and kernel.worker is None:
            if not kernel.reached:
                return first
            kernel.keep_reached()
        error, kernel.error = kernel.error, None
        then = self._run(hidden, completed, kernel)
        kernel.error = error or kernel.error
        return None if then is None else first or then

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
    name, text = get_type_name(error), str(error.get("text", ""))[:500]
    special = {"NotImplementedError": Outcome.NOT_WRITTEN, "MemoryError": Outcome.LIMIT}
    return Failure(special.get(name, Outcome.CRASHED), f"{name}: {text}")


def _describe_run(
    source: str, key: str, kernel: WallKernel, failure: Failure | None
) -> Iterator[str]:
    """Say what of a completed cell did not run, and which names it lacks.

    The worker may have been told by student code what to say, and a student reads this: so it holds
    nothing but lines and words of the student's own, and names of Python's exceptions.
    """
    if failure is not None and failure.outcome is Outcome.NOT_WRITTEN:
        return
    lines = source.split("\n")
    for number, name in kernel.raised[:MOST_NOTES]:
        if name == "SyntaxError" and kernel.reached == 1:
            yield "Python cannot read this cell (SyntaxError), so nothing of it ran"
        elif type(number) is int and 1 <= number <= len(lines):
            yield _describe_raised(number, name, lines[number - 1])
    if kernel.kept is not None and failure is None:
        yield "a line took too long or ended the process; what stands above it counts"
    if failure is not None:
        yield from _describe_names(source, key, kernel)
        yield from _describe_stops(source)


def _describe_stops(source: str) -> Iterator[str]:
    """Name the lines that wait for somebody who types."""
    stops = [
        (number, hit[1])
        for number, line in enumerate(source.split("\n"), 1)
        if (hit := STOPS.match(line[:MAX_LINE]))
    ]
    for number, call in stops[:MOST_NOTES]:
        yield f"nobody can type while a cell is graded: take {call}() out of line {number}"


def _describe_raised(number: int, name: object, line: str) -> str:
    imported = IMPORT.match(line)
    if name == "ModuleNotFoundError" and imported:
        return f"line {number} imports {imported[1][:60]}, which the grader does not have"
    known = isinstance(getattr(builtins, str(name), None), type)
    return f"line {number} raises {name if known else 'an exception'}"


def _describe_names(source: str, key: str, kernel: WallKernel) -> Iterator[str]:
    """Say which names a cell that failed lacks, and which have not the student's values."""
    if not find_definition(source, key):
        yield f"it does not define {key}"
    words = set(re.findall(r"\w+", source))
    lacked = UNDEFINED.match(str((kernel.error or {}).get("text", "")))
    for name in _pick([*kernel.missing, lacked and lacked[1]], words):
        yield (
            f"the name {name} is not defined in the cells above, or the line that defines it "
            "raises an exception"
        )
    for name in _pick(kernel.replaced, words):
        yield (
            f"the name {name} keeps the value that the course gives it: where your own lines "
            "give it another one, choose another name"
        )


def _pick(names: Iterable[object], words: set[str]) -> list[str]:
    picked = [name for name in names if isinstance(name, str) and name in words]
    return list(dict.fromkeys(picked))[:MOST_NOTES]


def _compare_printed(test: Any, ref: Any, skip_compare: Any = None) -> bool:
    """Compare outputs for nbval, floats with a tolerance."""
    got, expected = ("".join(o.text for o in outputs if "text" in o) for outputs in (test, ref))
    return not expected or same_output(got, expected)
