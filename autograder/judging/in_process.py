"""The teacher's functions, some of them replaced: asked like a submission, without a wall."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.bank.reference import FUNCTIONS
from autograder.judging.case_results import CaseResult
from autograder.protocol.answering import Answerer
from autograder.protocol.wire import unpack
from autograder.wall.handle import Foreseen

__all__ = ["LocalSubject"]


class LocalAnswerer(Answerer):
    """Answers requests in this process."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__()
        self.functions = {**FUNCTIONS, **functions}

    def answer(self, tree: Any, buffers: list[bytes]) -> bytes:
        """Return the reply to a request; warnings of wrong variants are nobody's concern."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return super().answer(tree, buffers)

    def find(self, tree: Any) -> Any:
        """Return what a reference stands for; a function of the assignment is one of ours."""
        ((kind, content),) = tree.items()
        if kind == "name" and content[1] in self.functions:
            return self.functions[content[1]]
        return super().find(tree)


class LocalSubject:
    """What a judge asks instead of a submission behind a wall.

    Parameters
    ----------
    functions : dict
        Name in the manifest -> what takes the place of the teacher's function.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.worker = LocalAnswerer(functions)

    def ask(self, request: bytes) -> bytes:
        """Return the answer to a request."""
        return self.worker.answer(*unpack(request))

    def begin(self, part: str, *scripts: Sequence[Foreseen]) -> None:
        """Start a case."""

    def time_out(self) -> None:
        """Count no limit."""

    def counting(self) -> contextlib.AbstractContextManager[None]:
        """Count no time."""
        return contextlib.nullcontext()

    def end(self) -> None:
        """End a case."""

    def settle(self) -> None:
        """End a test."""

    def refuse(self, part: str) -> CaseResult | None:
        """Refuse nothing."""

    def drop(self) -> None:
        """Stay: there is no process to end."""
