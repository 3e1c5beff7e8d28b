"""Where nobody can type, a debugger would wait for ever: raise an error that names the line."""

from __future__ import annotations

import ast
import bdb
import contextlib
import pdb
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from assignment.support.testing.messages import PACKAGE

__all__ = ["STOPPING", "find_stopping", "refuse_debuggers"]

STOPPING = ("breakpoint", "set_trace", "input")  # what waits for somebody who types


def find_stopping(tree: ast.AST) -> Iterator[str]:
    """Say which lines wait for somebody who types: the grader has nobody."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in STOPPING:
                yield f"line {node.lineno}: {called}() stops the grader: take it out"


@contextlib.contextmanager
def refuse_debuggers() -> Iterator[None]:
    """Make breakpoint() and every set_trace(), of pdb or built on it, raise a RuntimeError."""
    with (
        mock.patch.object(sys, "breakpointhook", _make_refusal("breakpoint()")),
        mock.patch.object(pdb, "set_trace", _make_refusal("pdb.set_trace()")),
        mock.patch.object(bdb.Bdb, "set_trace", _make_refusal("set_trace()")),
        mock.patch.object(pdb.Pdb, "set_trace", _make_refusal("set_trace()")),
    ):
        yield


def _make_refusal(call: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"tests have no debugger: take {call} out{_find_line()}")

    return refuse


def _find_line() -> str:
    """Return the nearest line of a file in assignment/ itself: " of line 12"."""
    frame = sys._getframe(2)
    while frame.f_back and Path(frame.f_code.co_filename).parent.name != PACKAGE:
        frame = frame.f_back
    return f" of line {frame.f_lineno}" if frame.f_back else ""
