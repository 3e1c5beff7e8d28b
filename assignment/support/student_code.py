"""Import the student's files so that what is broken in one costs only what depends on it."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

from assignment.support.manifest import load_parts

__all__ = ["CannotUse", "explain", "load_student_code", "make_raiser"]


class CannotUse(Exception):
    """A function of the student that is not there, or whose file Python cannot read."""


class StandIn(types.ModuleType):
    """Takes the place of a file that cannot be imported; each function in it says why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.reason = reason

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return make_raiser(self.reason)


def load_student_code() -> None:
    """Import every file of the manifest, with a function that says what is wrong for each fault.

    Afterwards all names of the manifest can be imported, and only those who call a missing one
    meet CannotUse, with one line that says what is wrong.
    """
    for part in load_parts():
        if isinstance(sys.modules.get(part.module), StandIn):
            del sys.modules[part.module]  # perhaps the file has been mended since
        try:
            module = importlib.import_module(part.module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever a file may do when it is imported
            module = sys.modules[part.module] = StandIn(part.module, explain(error, part.file))
        for name in part.functions:
            if not hasattr(module, name):
                setattr(module, name, make_raiser(f"assignment/{part.file} has no {name}"))


def explain(error: BaseException, file: str) -> str:
    """Say in one line why a file of the student cannot be imported."""
    if isinstance(error, SyntaxError):
        return f"Python cannot read assignment/{file}, line {error.lineno}: {error.msg}"
    return f"assignment/{file} cannot be imported: {type(error).__name__}: {error}"


def make_raiser(reason: str) -> Callable[..., Any]:
    """Return a function that takes the place of one which cannot be used, and says why."""

    def raise_cannot_use(*args: Any, **kwargs: Any) -> Any:
        raise CannotUse(reason)

    return raise_cannot_use
