"""Give tests proxies for the student's modules: calls of their functions cross the wall."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from assignment.support.project.manifest import load_parts
from assignment.support.testing import compare
from autograder.protocol.asking import Asker, RemoteFunction

__all__ = ["ProxyFinder", "standing_in"]


class ProxyFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers every import of a student's module with proxies."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.names: dict[str, list[str]] = {}
        for part in load_parts():
            self.names.setdefault(part.module, []).extend(part.functions)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Claim the modules of the manifest."""
        return importlib.machinery.ModuleSpec(name, self) if name in self.names else None

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill a module with a proxy for each name of the manifest."""
        for name in self.names[module.__name__]:
            setattr(module, name, RemoteFunction(self.asker, module.__name__, name))


@contextmanager
def standing_in(asker: Asker) -> Iterator[None]:
    """Make imports of student modules give proxies; none may have been imported before.

    On exit these modules are removed from sys.modules: a later import gets the real files.
    """
    modules = {part.module for part in load_parts()}
    if known := modules & sys.modules.keys():
        raise RuntimeError(f"{min(known)} was imported before its proxy was set up")
    finder = ProxyFinder(asker)
    watched = asker.watch(compare.call_watched)
    with mock.patch.object(compare, "call_watched", watched):
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            for module in modules & sys.modules.keys():
                del sys.modules[module]
