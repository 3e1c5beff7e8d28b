"""Run pytest on the project's tests, wherever the project lies and however pytest is set up."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assignment.support.project.manifest import ROOT

__all__ = ["run_pytest"]

# What pytest reads, and what decides whether it colours the lines that are searched for a reason.
SETTINGS = ("PYTEST_", "PY_COLORS", "FORCE_COLOR")


def run_pytest(paths: Sequence[Path], options: Sequence[str], plugins: Sequence[Any]) -> int:
    """Run pytest with the settings of the project alone, and return its exit code.

    pytest takes "[" and "::" in an argument for the name of a test. Paths are therefore given as
    seen from the project's folder, in which pytest stands until all tests are collected.
    """
    names = [os.path.relpath(path, ROOT) for path in paths]
    here = _Here(os.getcwd())
    with _without_settings():
        os.chdir(ROOT)
        try:
            arguments = [*names, "-cpyproject.toml", *options]
            return int(pytest.main(arguments, plugins=[here, *plugins]))
        finally:
            here.go_back()


class _Here:
    """The pytest plugin that runs tests in the folder in which the command was given."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def go_back(self) -> None:
        os.chdir(self.folder)

    def pytest_collection_finish(self) -> None:
        """Leave the project's folder: paths of the user are seen from elsewhere."""
        self.go_back()


@contextmanager
def _without_settings() -> Iterator[None]:
    before = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
    for name in before:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)
