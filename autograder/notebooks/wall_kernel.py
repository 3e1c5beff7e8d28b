"""A kernel for nbval that runs cells in a worker behind the wall."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.protocol.wire import WireError, pack, unpack
from autograder.wall.handle import Crashed, LimitReached, TimedOut, WorkerHandle
from autograder.wall.wall import Wall

__all__ = ["WallKernel"]

MAX_LINES = 10_000


class WallKernel:
    """Stands in for nbval's RunningKernel, without Jupyter."""

    language = "python"

    def __init__(self, wall: Wall, cells: list[tuple[str, str]]) -> None:
        self.wall = wall
        self.cells = json.dumps(cells).encode()
        self.current = ""  # id of the cell whose source comes next
        self.error: dict[str, Any] | None = None  # that the last source raised
        self.outputs: list[NotebookNode] = []
        self.messages: list[dict[str, Any]] = []
        self.worker: WorkerHandle | None = None
        self.number = 0
        self.timeouts = 0

    def is_alive(self) -> bool:
        """Return True: a worker that has ended is replaced at the next cell."""
        return True

    def enter(self, cell_id: str) -> None:
        """Set the cell that the next sources belong to."""
        self.current = cell_id
        self.error = None

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Run a cell; raise Crashed or LimitReached if that ended the worker."""
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
        """Turn a reply into the messages that a Jupyter kernel would send."""
        fields = tree if isinstance(tree, dict) else {}
        if fields.get("number") != self.number or not isinstance(fields.get("stdout"), str):
            self.stop()
            raise WireError(f"expected reply {self.number}, got {fields.get('number')!r:.20}")
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

    def stop(self) -> None:
        """End the worker."""
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.kill()
