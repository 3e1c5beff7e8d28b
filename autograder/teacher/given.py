"""What the given cells of the solved notebooks compute with the teacher's functions."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from autograder.protocol.proxies import ProxyFinder
from autograder.protocol.slicing import read_statements, select_needed
from autograder.protocol.wire import WireError, encode

__all__ = ["GivenCells", "Notebooks"]

MAX_VALUES_BYTES = 15 * 2**20
Notebooks = Mapping[str, Mapping[str, str]]  # name -> id of a code cell -> source
KEPT_MODULES = ("assignment.support.project", "assignment.support.testing")


class GivenCells:
    """Runs the statements of solved notebooks that a given statement needs.

    Parameters
    ----------
    notebooks : the solved notebooks
    completed : of each notebook the ids of the cells that students complete
    """

    def __init__(self, notebooks: Notebooks, completed: Mapping[str, frozenset[str]]) -> None:
        self.notebooks = notebooks
        self.completed = completed

    def encode_values(self, place: Any, buffers: list[bytes]) -> list[list[Any]]:
        """Return the plain values that a given statement leaves behind: pairs of name and tree.

        Parameters
        ----------
        place : [name of the notebook, id of the cell, number of the statement in it]
        """
        pairs = []
        for name, value in self._run(*place).items():
            own: list[bytes] = []
            with contextlib.suppress(WireError):
                tree = encode(value, own, _refuse)
                if sum(map(len, buffers)) + sum(map(len, own)) < MAX_VALUES_BYTES:
                    pairs.append([name, tree])
                    buffers += own
        return pairs

    def _run(self, notebook: str, cell: str, index: int) -> dict[str, Any]:
        """Run a statement after those that it needs; return what it binds and changes."""
        if cell in self.completed[notebook]:
            raise WireError("students complete this cell")
        before = []
        for cell_id, source in self.notebooks[notebook].items():
            statements = read_statements(source)
            if cell_id == cell:
                before += statements[:index]
                last = statements[index]
                break
            before += statements
        _import_afresh()
        values: dict[str, Any] = {"__name__": "__main__", "display": lambda *_, **__: None}
        needed = [before[i] for i in select_needed(before, last.uses)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                for statement in (*needed, last):
                    exec(statement.source, values)
            finally:
                plt.close("all")  # else every figure stays in memory
        names = last.binds | last.may_bind | last.changes
        names |= {name for name in last.uses if type(values.get(name)) is np.random.Generator}
        return {name: values[name] for name in sorted(names) if name in values}


def _refuse(value: Any) -> Any:
    raise WireError(f"a {type(value).__name__} is not plain data")


def _import_afresh() -> None:
    """Let imports give the teacher's files: in a grading session they give proxies."""
    finders = [finder for finder in sys.meta_path if isinstance(finder, ProxyFinder)]
    if not finders:
        return
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in finders]
    for name in list(sys.modules):
        if name.startswith("assignment.") and not name.startswith(KEPT_MODULES):
            del sys.modules[name]
