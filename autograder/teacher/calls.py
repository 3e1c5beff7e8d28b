"""Answer the calls that a worker makes of the teacher's functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from assignment.support.project.manifest import load_parts
from autograder.protocol.answering import describe
from autograder.protocol.wire import WireError, pack, unpack
from autograder.teacher.process import Teacher
from autograder.wall.handle import Crashed, WorkerHandle

__all__ = ["MODULE_OF", "TeachersFunctions"]

MODULE_OF = {name: part.module for part in load_parts() for name in part.functions}
GIVEN_S = 60  # for what given cells compute while one cell runs; most is known from the solution
REFUSAL = pack({"number": 0, "error": describe(WireError("no values of this cell"))}, [])


class TeachersFunctions:
    """The functions of the teacher's that a worker may call, and those that it has called.

    Parameters
    ----------
    names : names of the functions
    notebook : str
        Name of the notebook whose given cells the worker may ask for their values, or "".

    Attributes
    ----------
    above : collection of str
        Ids of the cells whose values the worker may ask for. What stands below a cell to complete
        was computed with its solution.
    seconds_left : float
        Time for what these cells compute.
    """

    def __init__(self, names: Collection[str], teacher: Teacher, notebook: str = "") -> None:
        self.names = names
        self.teacher = teacher
        self.notebook = notebook
        self.called: set[str] = set()
        self.above: Collection[str] = ()
        self.seconds_left = 0.0

    def begin(self, above: Collection[str], seconds: float) -> None:
        """Start to count the time of given cells, at most `seconds`; set which may be asked."""
        self.above = above
        self.seconds_left = min(seconds, GIVEN_S)

    def converse(
        self, worker: WorkerHandle, ask: Callable[[bytes], bytes], request: bytes
    ) -> bytes:
        """Return the reply to a request; answer the calls that the worker makes before it.

        Parameters
        ----------
        ask : sends the worker a message and returns its next one
        """
        message = ask(request)
        while (tree := _read_call(message, worker)) is not None:
            if tree["do"] == "given" and self.notebook:
                answer = self._find_given(tree)
            else:
                self.called.add(self._name_function(tree))
                before = self.teacher.used
                answer = self.teacher.answer(message, worker.seconds_left)
                worker.charge(self.teacher.used - before)
            message = ask(answer)
        return message

    def _find_given(self, tree: dict[str, Any]) -> bytes:
        cell, index = tree.get("cell"), tree.get("index")
        if cell not in self.above or type(index) is not int or index < 0:
            return REFUSAL
        # The number is the same for all, so that nobody can let the same be computed again.
        request = {"number": 0, "do": "given", "place": [self.notebook, cell, index]}
        before = self.teacher.used
        try:
            return self.teacher.answer(pack(request, []), self.seconds_left)
        finally:
            self.seconds_left -= self.teacher.used - before

    def _name_function(self, tree: dict[str, Any]) -> str:
        for name in self.names if type(tree.get("number")) is int else ():
            reference = {"name": [MODULE_OF[name], name]}
            if tree["do"] in ("call", "parameters") and tree.get("on") == reference:
                return name
        raise Crashed("the process called something other than a function that it may call")


def _read_call(message: bytes, worker: WorkerHandle) -> dict[str, Any] | None:
    """Return what a message calls, None if it is a reply; the worker pays for reading it."""
    before = time.process_time()
    try:
        tree, _ = unpack(message)
    finally:
        worker.charge(time.process_time() - before)
    return tree if isinstance(tree, dict) and "do" in tree else None
