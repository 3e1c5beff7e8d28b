"""Give tests proxies for the student's modules: calls of their functions cross the wall."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from assignment.support.project.manifest import load_parts
from assignment.support.testing import compare
from autograder.protocol.asking import Asker
from autograder.protocol.proxies import ProxyFinder

__all__ = ["standing_in"]


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
