"""Give imports proxies for the modules of the manifest: calls of their functions cross the wall."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import types
from typing import Any

from assignment.support.project.manifest import load_parts
from autograder.protocol.asking import Asker, RemoteFunction

__all__ = ["ProxyFinder"]


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
