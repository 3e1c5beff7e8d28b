"""The teacher's functions, some of them replaced: asked like a submission, without a wall."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.bank.reference import FUNCTIONS
from autograder.judging.subject import Subject
from autograder.protocol.answering import Answerer
from autograder.protocol.wire import unpack

__all__ = ["InProcess", "LocalAnswerer"]


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


class InProcess(Subject):
    """The teacher's functions as a judge asks them.

    Parameters
    ----------
    functions : dict
        Name in the manifest -> what takes the place of the teacher's function.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.answerer = LocalAnswerer(functions)

    def ask(self, request: bytes) -> bytes:
        """Return the reply to a request."""
        return self.answerer.answer(*unpack(request))
