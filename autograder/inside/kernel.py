"""Inside the wall: run requested cells of one notebook, and the earlier statements they need.

Before it forks, the zygote imports all that notebooks import and loads the data.
"""

from __future__ import annotations

import functools
import json
import socket
from typing import Any

import matplotlib.pyplot  # noqa: F401 - once for all workers
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from assignment.support import clinic, convolution, data, graphs, trainer  # noqa: F401
from assignment.support.project.manifest import ROOT
from assignment.support.testing.loading import load_student_code
from autograder.inside.slicing import Statement, find_names, read_statements, select_needed
from autograder.inside.worker import Inbox
from autograder.protocol.answering import describe
from autograder.protocol.wire import pack, unpack

__all__ = ["serve"]

MAX_TEXT = 100_000

load_student_code()  # in this worker's folder it is the teacher's
data.load = functools.cache(data.load)
for _name in data.SHIPPED:
    data.load(_name)
for _source in json.loads((ROOT / "cells.json").read_bytes()):
    read_statements(_source)
_shell = InteractiveShell.instance(history_load_length=0)
_shell.history_manager.enabled = False  # type: ignore[union-attr]
for _name in ("enable_gui", "showsyntaxerror", "showtraceback"):
    setattr(_shell, _name, lambda *_, **__: None)  # errors are reported in replies instead


class Notebook:
    """The statements of a notebook's code cells, and which of them have run."""

    def __init__(self, cells: list[tuple[str, str]]) -> None:
        self.statements: list[Statement] = []
        self.starts: dict[str, int] = {}
        self.done: set[int] = set()
        for cell_id, source in cells:
            self.starts[cell_id] = len(self.statements)
            self.statements += read_statements(source)

    def run(self, cell_id: str, source: str) -> dict[str, Any]:
        """Run the earlier statements that a cell needs, and then the cell."""
        before = self.statements[: self.starts[cell_id]]
        for i in select_needed(before, find_names(source)):
            if i not in self.done:
                self.done.add(i)
                _run(before[i].source)
        return _run(source)


def _run(source: str) -> dict[str, Any]:
    with capture_output() as captured:
        result = _shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    return {
        "stdout": captured.stdout[-MAX_TEXT:],
        "error": None if error is None else describe(error),
    }


def serve(connection: socket.socket) -> None:
    """Run requested cells; the first message holds the notebook."""
    inbox = Inbox(connection)
    _, buffers = unpack(inbox.take())
    notebook = Notebook([(cell, source) for cell, source in json.loads(buffers[0])])
    while True:
        try:
            tree, _ = unpack(inbox.take())
        except EOFError:
            return
        try:
            reply = notebook.run(tree["cell"], tree["source"])
        except BaseException as error:
            reply = {"stdout": "", "error": describe(error)}
        connection.sendall(pack({"number": tree["number"], **reply}, []))
