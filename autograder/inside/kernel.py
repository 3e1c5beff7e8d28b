"""Inside the wall: run requested cells of one notebook, and the earlier statements they need.

Before it forks, the zygote imports all that notebooks import and loads the data. Functions of the
assignment are the teacher's, because a cell is graded for itself: a call of one is sent across the
wall as a request, and the trusted side answers it before it asks anything else.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import re
import socket
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from unittest import mock

import matplotlib.pyplot  # noqa: F401 - once for all workers
import tqdm.notebook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from assignment.support import data
from assignment.support.project.manifest import ROOT, load_parts
from autograder.inside.worker import Inbox
from autograder.protocol.answering import describe
from autograder.protocol.asking import Asker
from autograder.protocol.proxies import ProxyFinder
from autograder.protocol.slicing import (
    BUILTINS,
    Statement,
    find_bound,
    find_names,
    read_statements,
    select_needed,
)
from autograder.protocol.wire import decode, pack, unpack

__all__ = ["serve"]

MAX_TEXT = 100_000
LESSONS = ("clinic", "convolution", "course_patient", "graphs", "sliders")
USED_IN_NOTEBOOKS = ["predictions", "trainer", *(f"lessons.{name}" for name in LESSONS)]
STAR = re.compile(r"from\s+([\w.]+)\s+import\s*\(?\s*\*")
SHELLS_OWN = {"get_ipython", "display", "In", "Out", "exit", "quit", "_", "__name__", "__file__"}

_teacher = Asker()
# What the teacher's functions change in their arguments stays changed.
_teacher.undo = deque(maxlen=0)  # type: ignore[assignment]
sys.meta_path.insert(0, ProxyFinder(_teacher))
for _part in load_parts():
    importlib.import_module(_part.module)
for _name in USED_IN_NOTEBOOKS:
    importlib.import_module(f"assignment.support.{_name}")
data.load = functools.cache(data.load)
for _name in data.SHIPPED:
    data.load(_name)
for _source in json.loads((ROOT / "cells.json").read_bytes()):
    read_statements(_source)
for _name in ("tqdm", "trange", "tqdm_notebook", "tnrange"):  # widgets need a browser
    setattr(tqdm.notebook, _name, tqdm.trange if "range" in _name else tqdm.tqdm)
_shell = InteractiveShell.instance(history_load_length=0)
_shell.history_manager.enabled = False  # type: ignore[union-attr]
for _name in ("enable_gui", "showsyntaxerror", "showtraceback"):
    setattr(_shell, _name, lambda *_, **__: None)  # errors are reported in replies instead


class _Elsewhere(BaseException):
    """A given statement uses the teacher's functions: its values come across the wall."""


_refused: list[bytes] = []


def _refuse(request: bytes) -> bytes:
    _refused.append(request)
    raise _Elsewhere


class Notebook:
    """The statements of a notebook's code cells, and which of them have run.

    Attributes
    ----------
    statements : list of Statement
        Of the teacher's given cells, and of the student's completed ones.
    own : list of lists of Statement
        Of the student's other cells: they bind what no cell of the former does.
    """

    def __init__(
        self, cells: Sequence[tuple[str, str]], own: Sequence[str], above: Mapping[str, int]
    ) -> None:
        self.statements: list[Statement] = []
        self.places: list[tuple[str, int]] = []  # of each statement its cell, and its number there
        self.starts: dict[str, int] = {}
        self.own_sources = own
        self.above = above
        self.done: set[str] = set()
        self.waiting: list[Statement] = []  # of the cell that is run
        self.capture = contextlib.ExitStack()  # of what the whole cell prints
        for cell_id, source in cells:
            self.starts[cell_id] = len(self.statements)
            self.statements += read_statements(source)
            self.places += [(cell_id, i) for i in range(len(self.statements) - len(self.places))]

    @functools.cached_property
    def own(self) -> list[list[Statement]]:
        """The student's own statements, cell by cell."""
        given = {statement.source for statement in self.statements}
        cells = map(read_statements, self.own_sources)
        return [[one for one in cell if one.source not in given] for cell in cells]

    def begin(self, cell_id: str, source: str) -> dict[str, Any]:
        """Run the earlier statements that a completed cell needs; name those that nobody binds."""
        statements = read_statements(source)
        # Who cannot be read runs as a whole, and says why.
        no_names = frozenset[str]()
        whole = Statement(source, no_names, no_names, no_names, no_names, no_names)
        self.waiting = [*statements] or [whole]
        self.capture.close()
        reads = self._prepare(cell_id, find_names(source), self.statements[: self.starts[cell_id]])
        self.capture.enter_context(capture_output())
        missing = reads - find_bound(statements) - BUILTINS - SHELLS_OWN
        if any(STAR.match(one.source) for one in statements):
            missing = no_names
        told = {
            "missing": sorted(missing),
            "replaced": sorted(self._find_replaced(cell_id, source)),
        }
        return {"stdout": "", "error": None, "left": len(self.waiting), **told}

    def step(self) -> dict[str, Any]:
        """Run the next statement of a completed cell, whatever became of the one before."""
        statement = self.waiting.pop(0)
        error = _execute(statement.source)
        return {"stdout": "", "error": error, "left": len(self.waiting), "line": statement.line}

    def judge(self, cell_id: str, source: str, kept: int | None) -> dict[str, Any]:
        """Run a hidden cell; if `kept` says so, after the first statements of the completed one."""
        self.capture.close()
        before = self.statements[: self.starts[cell_id] + (kept or 0)]
        if kept is not None:
            cell = before[self.starts[cell_id] :]
            self._prepare(cell_id, frozenset[str]().union(*(one.uses for one in cell)), before)
        self._run_needed(before, find_names(source))
        return _run(source)

    def _prepare(
        self, cell_id: str, names: frozenset[str], before: Sequence[Statement]
    ) -> frozenset[str]:
        """Run what names of a student's code depend on; return those that are not bound.

        The student's own statements bind only what the teacher's and the completed cells do not:
        nobody can replace what hidden cells use by what stands in another cell.
        """
        bound = find_bound(before)
        needed = select_needed(before, names)
        reads = names.union(*(before[i].uses for i in needed))
        own = self._find_own(cell_id)
        chosen = [own[i] for i in select_needed(own, reads - bound, bound)]
        reads = reads.union(*(one.uses for one in chosen))
        self._run_needed(before, reads)
        missing = reads - bound - find_bound(chosen) - BUILTINS
        _import_named([hit[1] for one in own if (hit := STAR.match(one.source))], missing)
        for statement in chosen:
            self._run_own(statement, bound)
        return frozenset(reads - bound - _shell.user_ns.keys())

    def _find_own(self, cell_id: str) -> list[Statement]:
        """Return the student's own statements above a completed cell."""
        return [one for cell in self.own[: self.above.get(cell_id, 0)] for one in cell]

    def _find_replaced(self, cell_id: str, source: str) -> frozenset[str]:
        """Return the names that a completed cell reads, and to which the student's own give values.

        These values do not count: the teacher's do. Who imports a name again means the same.
        """
        bound = find_bound(self.statements[: self.starts[cell_id]])
        own = [one for one in self._find_own(cell_id) if not one.imports]
        return find_names(source) & bound & find_bound(own)

    def _run_own(self, statement: Statement, bound: frozenset[str]) -> None:
        """Run a student's own statement; the teacher's names keep their values."""
        shared = (statement.binds | statement.may_bind) & bound
        values = {name: _shell.user_ns[name] for name in shared & _shell.user_ns.keys()}
        self._run_once(statement)
        for name in shared:
            _shell.user_ns.pop(name, None)
        _shell.user_ns.update(values)

    def _run_needed(self, before: Sequence[Statement], names: frozenset[str]) -> None:
        for i in select_needed(before, names):
            if self._is_new(before[i], str(i)):
                _refused.clear()
                with mock.patch.object(_teacher, "ask", _refuse):
                    _run(before[i].source)
                if _refused:
                    self._ask_for_values(before[i], *self.places[i])

    def _run_once(self, statement: Statement) -> None:
        if self._is_new(statement, "own"):
            _run(statement.source)

    def _is_new(self, statement: Statement, place: str) -> bool:
        key = f"{place} {statement.source}"
        is_new = key not in self.done
        self.done.add(key)
        return is_new

    def _ask_for_values(self, statement: Statement, cell_id: str, index: int) -> None:
        """Give the names that a given statement binds or changes the values of the teacher's."""
        _teacher.number = 0
        values: dict[str, Any] = {}
        with contextlib.suppress(Exception):  # what is not plain data stays unbound
            tree, buffers = _teacher.request("given", None, cell=cell_id, index=index)
            values = decode(tree["value"], buffers, _teacher.receive)
        for name in statement.binds | statement.may_bind:
            _shell.user_ns.pop(name, None)
        _shell.user_ns.update(values)


def _import_named(modules: Sequence[str], names: frozenset[str]) -> None:
    """Import single names in place of all that modules have, which would replace the teacher's."""
    for module in reversed(modules):  # the last one that has a name gives it
        for name in sorted(names - _shell.user_ns.keys()):
            _run(f"from {module} import {name}")


def _run(source: str) -> dict[str, Any]:
    with capture_output() as captured:
        error = _execute(source)
    return {"stdout": captured.stdout[-MAX_TEXT:], "error": error}


def _execute(source: str) -> dict[str, Any] | None:
    result = _shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    return None if error is None else describe(error)


def serve(connection: socket.socket) -> None:
    """Run requested cells; the first message holds the notebook."""
    inbox = Inbox(connection)
    turn = threading.Lock()

    def ask(request: bytes) -> bytes:
        with turn:  # a student's threads may call, too
            connection.sendall(request)
            return inbox.take()

    _teacher.ask = ask
    _, buffers = unpack(inbox.take())
    notebook = Notebook(**json.loads(buffers[0]))
    while True:
        try:
            tree, _ = unpack(inbox.take())
        except EOFError:
            return
        _teacher.number = 0  # so that equal calls in many submissions are equal requests
        try:
            if tree["do"] == "begin":
                reply = notebook.begin(tree["cell"], tree["source"])
            elif tree["do"] == "step":
                reply = notebook.step()
            else:
                reply = notebook.judge(tree["cell"], tree["source"], tree["kept"])
        except BaseException as error:
            reply = {"stdout": "", "error": describe(error)}
        connection.sendall(pack({"number": tree["number"], **reply}, []))
