"""Let tests import the student's modules: they get proxies, whose use crosses the wall."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any

from assignment.support.project.manifest import load_parts
from assignment.support.testing import compare
from autograder.protocol.asking import Asker, RemoteFunction

__all__ = ["ProxyFinder", "install"]


class ProxyFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers every import of a student's module with proxies."""

    def __init__(self, connection: Asker) -> None:
        self.connection = connection
        self.names: dict[str, list[str]] = {}
        for part in load_parts():
            self.names.setdefault(part.module, []).extend(part.functions)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Claim the modules of the manifest."""
        return importlib.machinery.ModuleSpec(name, self) if name in self.names else None

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill a module with a proxy for each name of the manifest."""
        for name in self.names[module.__name__]:
            setattr(module, name, RemoteFunction(self.connection, module.__name__, name))


def install(connection: Asker) -> None:
    """From now on imports of student modules give proxies; none may have been imported before."""
    compare.call = connection.watch(compare.call)
    for part in load_parts():
        if part.module in sys.modules:
            raise RuntimeError(f"{part.module} was imported before the wall was there")
    sys.meta_path.insert(0, ProxyFinder(connection))
