"""Answer the calls that a worker makes of the teacher's functions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from assignment.support.project.manifest import load_parts
from autograder.protocol.wire import pack, unpack
from autograder.teacher.process import Teacher
from autograder.wall.handle import Crashed, WorkerHandle

__all__ = ["MODULE_OF", "TeachersFunctions"]

MODULE_OF = {name: part.module for part in load_parts() for name in part.functions}
GIVEN_S = 60  # for what given cells compute; each of them is asked once for a class


class TeachersFunctions:
    """The functions of the teacher's that a worker may call, and those that it has called.

    Parameters
    ----------
    names : names of the functions
    notebook : str
        Name of the notebook whose given cells the worker may ask for their values, or "".
    """

    def __init__(self, names: Collection[str], teacher: Teacher, notebook: str = "") -> None:
        self.names = names
        self.teacher = teacher
        self.notebook = notebook
        self.called: set[str] = set()

    def converse(
        self, worker: WorkerHandle, ask: Callable[[bytes], bytes], request: bytes
    ) -> bytes:
        """Return the reply to a request; answer the calls that the worker makes before it.

        Parameters
        ----------
        ask : sends the worker a message and returns its next one
        """
        message = ask(request)
        while (tree := _read_call(message)) is not None:
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
        place = [self.notebook, *(tree.get(name) for name in ("cell", "index"))]
        request = {"number": tree.get("number"), "do": "given", "place": place}
        return self.teacher.answer(pack(request, []), GIVEN_S)

    def _name_function(self, tree: dict[str, Any]) -> str:
        for name in self.names:
            reference = {"name": [MODULE_OF[name], name]}
            if tree["do"] in ("call", "parameters") and tree.get("on") == reference:
                return name
        raise Crashed("the process called something other than a function that it may call")


def _read_call(message: bytes) -> dict[str, Any] | None:
    """Return what a message calls, None if it is a reply."""
    tree, _ = unpack(message)
    return tree if isinstance(tree, dict) and "do" in tree else None
