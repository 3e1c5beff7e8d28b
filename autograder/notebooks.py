"""Judge the completed cells of notebooks: nbval runs them, in a kernel that is behind the wall.

The teacher's notebook is the skeleton; of a submission only the sources of the cells to complete
are taken. After each of them comes a cell tagged ``hidden``, which calls what the student has
written and prints numbers that depend on the seed of the grading run. They are compared with what
the teacher's solved notebook has printed with that seed, behind the same wall.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import nbval.plugin
from nbformat import NotebookNode

from assignment.support.project.manifest import ROOT
from autograder.judging import Runner
from autograder.outcomes import Outcome, Verdict
from autograder.printed import same_output
from autograder.results import GRADERS_SENTENCE, Result, classify
from autograder.subject import TIMEOUTS_ALLOWED
from autograder.texts import Cell
from autograder.wall import Crashed, LimitReached, TimedOut, Wall, Worker
from autograder.wire import WireError, pack, unpack

__all__ = ["NotebookJudge", "Skeleton", "describe_holes", "read_skeletons", "write_graded"]

CELL_SENTENCE = (
    "A hidden check of this cell did not pass. It calls what the cell defines, as its docstring "
    "says, on inputs that are new in each grading run."
)
DEFINED = re.compile(r"^(?:def|class) +(\w+)", re.MULTILINE)
MAX_LINES = 10_000


@dataclass(frozen=True)
class Hole:
    """A cell to complete, and the hidden cell that judges it."""

    id: str
    source: str
    points: float
    judged_by: str


@dataclass(frozen=True)
class Skeleton:
    """The teacher's notebook: its code cells in order, solved, without the hidden ones."""

    name: str
    cells: tuple[tuple[str, str], ...]
    parameters: str
    holes: tuple[Hole, ...]

    @property
    def solved(self) -> list[Cell]:
        """Return the teacher's cells as if a student had handed them in."""
        return [Cell(cell, "code", source) for cell, source in self.cells]

    @property
    def given(self) -> list[str]:
        """Return the sources that no student changes."""
        completed = {hole.id for hole in self.holes} | {self.parameters}
        return [source for cell, source in self.cells if cell not in completed]

    def fill(self, sources: Mapping[str, str], seed: int) -> list[tuple[str, str]]:
        """Return the cells with other sources in some, and with another seed."""
        missing = {hole.id: "" for hole in self.holes}  # never the solution
        filled = [(cell, {**missing, **sources}.get(cell, source)) for cell, source in self.cells]
        return [
            (cell, f"{source}\nseed = {seed}" if cell == self.parameters else source)
            for cell, source in filled
        ]

    def find_sources(self, cells: Sequence[Cell]) -> dict[str, str]:
        """Return a student's source for each hole, by cell id, or by the name that it defines."""
        code = [cell for cell in reversed(cells) if cell.kind == "code"]  # of two the first counts
        by_id = {cell.id: cell.source for cell in code}
        by_name = {n: c.source for c in code if not c.id for n in DEFINED.findall(c.source)[:1]}
        found = {}
        for hole in self.holes:
            names = [name for name in DEFINED.findall(hole.source)[:1] if name in by_name]
            if hole.id in by_id or names:
                found[hole.id] = by_id[hole.id] if hole.id in by_id else by_name[names[0]]
        return found


def read_skeletons(folder: Path = ROOT / "notebooks") -> list[Skeleton]:
    """Read all notebooks of the assignment."""
    return [_read_skeleton(path) for path in sorted(folder.glob("*.ipynb"))]


def _read_skeleton(path: Path) -> Skeleton:
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in cells]
    holes = [
        Hole(cell.id, cell.source, cell.metadata["assignment"]["points"], following.source)
        for cell, following, has, then in zip(cells, cells[1:], tags, tags[1:])
        if "solution" in has and "hidden" in then
    ]
    return Skeleton(
        path.stem,
        tuple((cell.id, cell.source) for cell, has in zip(cells, tags) if "hidden" not in has),
        next(cell.id for cell, has in zip(cells, tags) if "parameters" in has),
        tuple(holes),
    )


def write_graded(skeletons: Sequence[Skeleton], folder: Path) -> None:
    """Write for each notebook what nbval collects: each hole, and then the cell that judges it."""
    for skeleton in skeletons:
        cells = []
        for hole in skeleton.holes:
            for source in (hole.source, hole.judged_by):
                cells.append(nbformat.v4.new_code_cell(source, execution_count=1))
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, folder / f"{skeleton.name}.ipynb")


class WallKernel:
    """What nbval takes for a Jupyter kernel: runs cells in a worker behind the wall."""

    language = "python"

    def __init__(self, wall: Wall, cells: list[tuple[str, str]]) -> None:
        self.wall = wall
        self.cells = json.dumps(cells).encode()
        self.current = ""  # id of the cell whose source comes next
        self.error: dict[str, Any] | None = None
        self.outputs: list[NotebookNode] = []
        self.messages: list[dict[str, Any]] = []
        self.worker: Worker | None = None
        self.number = 0
        self.timeouts = 0

    def is_alive(self) -> bool:
        """Say yes: a worker that has ended is replaced when the next cell comes."""
        return True

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Run a cell; Crashed or LimitReached is raised where the worker did not survive it."""
        self.number += 1
        if self.worker is None:
            self.worker = self.wall.start_worker({"cells": self.cells})
        self.worker.begin()
        try:
            message = {"number": self.number, "cell": self.current, "source": cell_input}
            tree, _ = unpack(self.worker.ask(pack(message, [])))
        except (Crashed, LimitReached, WireError) as error:
            self.timeouts += isinstance(error, TimedOut)
            self.stop()
            raise
        self._receive(tree)
        return str(self.number)

    def _receive(self, tree: Any) -> None:
        """Make messages, as a kernel would send them, of a reply."""
        fields = tree if isinstance(tree, dict) else {}
        if fields.get("number") != self.number or not isinstance(fields.get("stdout"), str):
            self.stop()
            raise WireError("an answer to another question")
        lines = fields["stdout"].splitlines(keepends=True)[-MAX_LINES:]
        self.outputs = [nbformat.v4.new_output("stream", name="stdout", text="".join(lines))]
        self.error = fields["error"] if isinstance(fields.get("error"), dict) else None
        header = {"msg_id": str(self.number)}
        contents: list[tuple[str, Any]] = [("stream", {"name": "stdout", "text": "".join(lines)})]
        if self.error is not None:
            contents.append(("error", {"ename": "", "evalue": "", "traceback": []}))
        contents.append(("status", {"execution_state": "idle"}))
        self.messages = [
            {"msg_type": kind, "content": content, "parent_header": header}
            for kind, content in contents
        ]

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Return at once: the cell has run when its message has been sent."""

    def await_idle(self, parent_id: str, timeout: float) -> None:
        """Return at once, for the same reason."""

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message."""
        return self.messages.pop(0)

    def stop(self) -> None:
        """End the worker."""
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.kill()


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
                result = Result(Outcome.NOT_WRITTEN, detail="no such cell")
                if self.kernel.timeouts >= TIMEOUTS_ALLOWED:
                    result = Result(Outcome.LIMIT, detail="not tried: two cells took too long")
                elif hole.id in sources:
                    completed.cell.source = sources[hole.id]
                    result = self._run(completed, hidden) or self._run(hidden, completed) or PASSED
                verdicts.append(_make_verdict(row, result))
        finally:
            self.runner.tear_down(items[0])
            self.kernel.stop()
        return verdicts

    def _run(self, item: Any, nextitem: Any) -> Result | None:
        """Run a cell with nbval; None where it did what it should."""
        assert self.kernel is not None
        self.kernel.error = None
        error = self.runner.run(item, nextitem)
        if error is None:
            return None
        if isinstance(error, (Crashed, LimitReached, WireError)):
            return classify(error, "", asked=True)
        if isinstance(error, MemoryError):  # of what the cell has printed
            return Result(Outcome.LIMIT, detail="more memory than there is")
        if not isinstance(error, nbval.plugin.NbCellError):
            return Result(
                Outcome.GRADERS_FAULT, GRADERS_SENTENCE, f"{type(error).__name__}: {error}"
            )
        if self.kernel.error is None:
            return Result(Outcome.FAILED, detail="other numbers")
        return _read_error(self.kernel.error)


PASSED = Result(Outcome.PASSED)


def _read_error(error: dict[str, Any]) -> Result:
    names, text = error.get("types"), str(error.get("text", ""))[:500]
    name = str(names[0])[:80] if isinstance(names, list) and names else "an exception"
    outcome = Outcome.NOT_WRITTEN if name == "NotImplementedError" else Outcome.CRASHED
    return Result(Outcome.LIMIT if name == "MemoryError" else outcome, detail=f"{name}: {text}")


def describe_holes(skeleton: Skeleton) -> list[tuple[str, str, str, bool, float]]:
    """Return part, name, test, hidden and points of each verdict on a notebook."""
    parts = [(f"{skeleton.name}/{hole.id}", hole) for hole in skeleton.holes]
    return [(part, f"{part}: completed cell", hole.id, True, hole.points) for part, hole in parts]


def _make_verdict(row: tuple[str, str, str, bool, float], result: Result) -> Verdict:
    message = "" if result.outcome is Outcome.PASSED else CELL_SENTENCE
    if result.outcome is Outcome.GRADERS_FAULT:
        message = result.message
    return Verdict(*row, result.outcome, message, result.detail or result.message)


def _compare_printed(test: Any, ref: Any, skip_compare: Any = None) -> bool:
    """Compare outputs for nbval, at the precision that the numbers have."""
    got, expected = ("".join(o.text for o in outputs if "text" in o) for outputs in (test, ref))
    return not expected or same_output(got, expected)
