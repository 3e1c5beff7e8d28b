"""The pytest session of a class: all tests are collected once and handed over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

from assignment.support.project.manifest import ROOT
from autograder.judging.functions import GradedTest, describe_tests
from autograder.judging.student_modules import install
from autograder.notebooks.skeletons import read_skeletons, write_graded
from autograder.protocol.asking import Asker
from autograder.wall.handle import Limits

__all__ = ["Session", "SessionError"]


class SessionError(Exception):
    """Why no class can be judged, in one line."""


class Session:
    """The pytest plugin that runs the class where pytest would run its tests once."""

    def __init__(
        self,
        seed: int,
        level: str,
        limits: Limits,
        notebooks: bool,
        folder: Path,
        hints: str = "none",
        follow_through: float = 0,
    ) -> None:
        self.seed = seed
        self.hints = hints
        self.follow_through = follow_through
        self.notebooks = notebooks
        self.skeletons = read_skeletons() if notebooks else []
        self.cells: list[pytest.Item] = []
        self.level = level
        self.limits = limits
        self.folder = folder
        self.connection = Asker()
        self.config: Any = None
        self.tests: list[GradedTest] = []
        self.work: Callable[[], None] = lambda: None
        self.uncollected: list[str] = []
        self.error: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Remember where a judge can register itself."""
        self.config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected: a class is graded with all tests or not at all."""
        if report.failed:
            reason = report.longreprtext.strip().splitlines()[-1]
            self.uncollected.append(f"{report.nodeid}: {reason}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand the collected tests over."""
        if self.uncollected:
            self.error = SessionError(f"cannot collect the tests: {self.uncollected[0]}")
            return True
        self.cells = [i for i in session.items if isinstance(i, IPyNbCell)]
        self.tests = describe_tests(i for i in session.items if not isinstance(i, IPyNbCell))
        try:
            self.work()
        except BaseException as error:  # pytest would turn it into an exit code
            self.error = error
        return True

    def run(self, work: Callable[[], None]) -> None:
        """Collect, work, and end pytest."""
        install(self.connection)
        self.work = work
        folders = [str(ROOT / "tests" / name) for name in ("public", "hidden")]
        if self.notebooks:
            (self.folder / "graded").mkdir()
            write_graded(self.skeletons, self.folder / "graded")
            folders += [str(self.folder / "graded"), "-p", "nbval.plugin", "--nbval"]
        options = ["-s", "-c", str(ROOT / "pyproject.toml"), f"--seed={self.seed}"]
        for plugin in ("cacheprovider", "logging", "terminalreporter", "warnings"):
            options += ["-p", f"no:{plugin}"]
        status = pytest.main([*folders, *options], plugins=[self])
        if self.error is not None:
            raise self.error
        if not self.tests:
            raise SessionError(f"no tests were collected (pytest: {status!r})")
