"""Start the pytest session of a class, collect all tests once, and hand them over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

from assignment.support.project.manifest import ROOT
from assignment.support.testing.pytest_session import run_pytest
from autograder.errors import GraderError
from autograder.judging.functions import GradedTest, describe_tests
from autograder.judging.runner import Runner
from autograder.judging.student_modules import standing_in
from autograder.notebooks.skeletons import Skeleton, read_skeletons, write_graded
from autograder.protocol.asking import Asker
from autograder.settings import Settings

__all__ = ["Collected", "SessionError", "run_session"]

CHECKING_S = 20  # of CPU time, to check what functions have returned in one case
PUBLIC, HIDDEN = ROOT / "tests" / "public", ROOT / "tests" / "hidden"


class SessionError(GraderError):
    """No class can be judged; the message is one line."""


@dataclass(frozen=True)
class Collected:
    """The tests, and what is needed to run them."""

    tests: list[GradedTest]
    cells: list[pytest.Item]  # of the notebooks that write_graded wrote, as nbval collects them
    skeletons: list[Skeleton]  # the teacher's notebooks; empty if cells are not graded
    asker: Asker  # carries the calls of the tests to a subject
    runner: Runner


def run_session(settings: Settings, folder: Path, work: Callable[[Collected], None]) -> None:
    """Collect all tests with pytest, graded notebooks in `folder`, and call `work` with them.

    Raises
    ------
    SessionError
        Some test cannot be collected.
    """
    asker = Asker()
    skeletons = read_skeletons() if settings.notebooks else []
    plugin = _Plugin(work, asker, skeletons, Runner(CHECKING_S))
    paths, options = [PUBLIC, HIDDEN], ["-s", f"--seed={settings.seed}"]
    if skeletons:
        (folder / "graded").mkdir()
        write_graded(skeletons, folder / "graded")
        paths.append(folder / "graded")
        options += ["-p", "nbval.plugin", "--nbval"]
    for name in ("cacheprovider", "logging", "terminalreporter", "warnings"):
        options += ["-p", f"no:{name}"]
    with standing_in(asker):
        status = run_pytest(paths, options, [plugin, plugin.runner])
    if plugin.error is not None:
        raise plugin.error
    if not plugin.has_worked:
        raise SessionError(f"no tests were collected (pytest: {status!r})")


@dataclass(eq=False)
class _Plugin:
    """Hands the collected tests over when pytest would run them."""

    work: Callable[[Collected], None]
    asker: Asker
    skeletons: list[Skeleton]
    runner: Runner
    uncollected: list[str] = field(default_factory=list)
    error: BaseException | None = None
    has_worked: bool = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected."""
        if report.failed:
            reason = report.longreprtext.strip().splitlines()[-1]
            self.uncollected.append(f"{report.nodeid}: {reason}")

    def pytest_itemcollected(self, item: Any) -> None:
        """Mark hidden tests."""
        if item.path.parent == HIDDEN:
            item.add_marker("hidden")

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the marker."""
        config.addinivalue_line("markers", "hidden: students learn nothing of what it tests")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Call `work`, instead of running each test once."""
        try:
            self.work(self._collect(session.items))
        except BaseException as error:  # pytest would turn it into an exit code
            self.error = error
        return True

    def _collect(self, items: list[pytest.Item]) -> Collected:
        if self.uncollected:
            raise SessionError(f"cannot collect the tests: {self.uncollected[0]}")
        cells = [item for item in items if isinstance(item, IPyNbCell)]
        tests = describe_tests(item for item in items if not isinstance(item, IPyNbCell))
        self.has_worked = bool(tests)
        return Collected(tests, cells, self.skeletons, self.asker, self.runner)
