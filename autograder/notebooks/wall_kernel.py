"""A kernel for nbval that runs cells in a worker behind the wall."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.protocol.wire import WireError, pack, unpack
from autograder.teacher.calls import MODULE_OF, TeachersFunctions
from autograder.teacher.process import Teacher
from autograder.wall.handle import Crashed, LimitReached, TimedOut, WorkerHandle
from autograder.wall.wall import Wall

__all__ = ["Budget", "WallKernel", "get_type_name"]

MAX_LINES = 10_000
ENDING = ("SystemExit", "KeyboardInterrupt", "MemoryError")  # no statement is run after these


@dataclass
class Budget:
    """The seconds that are left for the cells of a submission."""

    left: float


class WallKernel:
    """Stands in for nbval's RunningKernel, without Jupyter.

    What a cell calls of the assignment's functions is answered by the teacher's.

    Attributes
    ----------
    error : dict or None
        What the last source raised; of a completed cell, what its first statement raised that did.
    raised : list of (object, object)
        Of all of them the line and the name of the exception, as the worker says.
    missing, replaced : list
        Names that no cell binds, and names of the course's to which the student's own cells also
        give values, as the worker says.
    reached : int
        How many statements of the completed cell have run.
    is_late : bool
        Whether the completed or the hidden cell has reached its time limit.
    """

    language = "python"

    def __init__(
        self, wall: Wall, name: str, notebook: Mapping[str, Any], teacher: Teacher, budget: Budget
    ) -> None:
        self.wall = wall
        self.budget = budget
        self.functions = TeachersFunctions(MODULE_OF, teacher, name)
        self.notebook = json.dumps(notebook).encode()
        self.cells = [cell for cell, _ in notebook["cells"]]
        self.current = ""  # id of the cell whose source comes next
        self.is_completed = False  # whether that is the completed cell, and not the hidden one
        self.kept: int | None = None
        self.error: dict[str, Any] | None = None
        self.raised: list[tuple[Any, Any]] = []
        self.missing: list[Any] = []
        self.replaced: list[Any] = []
        self.reached = 0
        self.is_late = False
        self.outputs: list[NotebookNode] = []
        self.messages: list[dict[str, Any]] = []
        self.worker: WorkerHandle | None = None
        self.number = 0

    def is_alive(self) -> bool:
        """Return True: a worker that has ended is replaced at the next cell."""
        return True

    def enter(self, cell_id: str) -> None:
        """Set the cell that the next two sources belong to: the completed, and the hidden one."""
        self.current, self.is_completed, self.kept = cell_id, True, None
        self.error, self.raised, self.reached, self.is_late = None, [], 0, False
        self.missing, self.replaced = [], []

    def keep_reached(self) -> None:
        """Let the hidden cell run after those statements that ran before the worker was lost."""
        self.kept = self.reached

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Run a cell; raise Crashed or LimitReached if that ended the worker."""
        if self.worker is None:
            self.worker = self.wall.start_worker({"cells": self.notebook})
        worker, teacher = self.worker, self.functions.teacher
        worker.begin(self.wall.limits.short_seconds if self.budget.left <= 0 else None)
        above = self.cells[: self.cells.index(self.current)]
        self.functions.begin(above, max(self.budget.left, self.wall.limits.short_seconds))
        used = worker.used + teacher.used
        try:
            if self.is_completed:
                self.is_completed = False
                fields = self._run_steps(cell_input)
            else:
                fields = self._ask({"do": "judge", "source": cell_input, "kept": self.kept})
        except (Crashed, LimitReached, WireError) as error:
            self.is_late |= isinstance(error, TimedOut)
            self.stop()
            raise
        finally:
            self.budget.left -= worker.used + teacher.used - used
        self._receive(fields)
        return str(self.number)

    def _run_steps(self, source: str) -> dict[str, Any]:
        """Run a completed cell statement by statement; what is raised costs only that one."""
        fields = self._ask({"do": "begin", "source": source})
        told = [fields.get(name) for name in ("missing", "replaced")]
        self.missing, self.replaced = [one if isinstance(one, list) else [] for one in told]
        first = None
        while fields.get("left"):  # the time limit ends this, whatever the worker says
            fields = self._ask({"do": "step"})
            self.reached += 1
            error = fields.get("error")
            if isinstance(error, dict):
                first = first or error
                name = get_type_name(error)
                line = fields.get("line")  # anything else may fill the memory
                self.raised.append((line if type(line) is int else None, name))
                if name in ENDING:
                    break
        return {**fields, "error": first}

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of the worker's reply."""
        assert self.worker is not None
        self.number += 1
        message = {"number": self.number, "cell": self.current, **message}
        reply = self.functions.converse(self.worker, self.worker.ask, pack(message, []))
        tree, _ = unpack(reply)
        fields = tree if isinstance(tree, dict) else {}
        if fields.get("number") != self.number or not isinstance(fields.get("stdout"), str):
            raise WireError(f"expected reply {self.number}, got {fields.get('number')!r:.20}")
        return fields

    def _receive(self, fields: dict[str, Any]) -> None:
        """Turn a reply into the messages that a Jupyter kernel would send."""
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
        """Return at once: execute_cell_input has run the cell."""

    def await_idle(self, parent_id: str, timeout: float) -> None:
        """Return at once, for the same reason."""

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message."""
        return self.messages.pop(0)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other submission run inside this block, which begins and ends without a worker."""
        self.stop()
        with self.wall.alone():
            try:
                yield
            finally:
                self.stop()

    def stop(self) -> None:
        """End the worker."""
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.kill()


def get_type_name(error: Mapping[str, Any]) -> str:
    """Return the name of an exception's type, as a worker describes it."""
    names = error.get("types")
    return str(names[0])[:80] if isinstance(names, list) and names else "an exception"
