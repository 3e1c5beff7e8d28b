"""A pytest plugin: parts and points, one line for what is not written, a table at the end.

Tests say which part they belong to and what they are worth: ``@pytest.mark.part("affine.forward",
points=2)``. The points of a test function count when all its cases pass.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assignment.support.project.manifest import UnknownPart, is_wanted, load_parts, select_parts
from assignment.support.project.pristine import describe_changes
from assignment.support.testing.failures import (
    DEFAULT_SEED,
    Failure,
    Outcome,
    classify,
    write_failure,
)
from assignment.support.testing.loading import CannotUse, load_student_code
from assignment.support.testing.messages import warn_of_import

__all__ = ["PartScore", "PartScores", "read_sentence"]


@dataclass
class PartScore:
    """What the tests of this session say of one part."""

    part_id: str
    possible: dict[str, float] = field(default_factory=dict)  # test function -> points
    open: set[str] = field(default_factory=set)  # cases that have not passed, run or not
    failure: Failure | None = None  # of the first case that has not passed
    message: str = ""  # the same as the student reads it, in full

    @property
    def points_possible(self) -> float:
        """Points of all tests of this session."""
        return sum(self.possible.values())

    @property
    def points_got(self) -> float:
        """Points of the tests whose cases have all passed."""
        lost = {_name_function(case) for case in self.open}
        return sum(points for test, points in self.possible.items() if test not in lost)

    @property
    def outcome(self) -> Outcome:
        """How the part stands."""
        if self.failure is not None:
            return self.failure.outcome
        return Outcome.FAILED if self.open else Outcome.PASSED

    @property
    def note(self) -> str:
        """What went wrong first, in one line; "" where nothing did."""
        if self.failure is not None:
            return self.failure.summary.removeprefix(f"{self.part_id}: ")
        return "not all tests have run" if self.open else ""


class PartScores:
    """Collects the reports of a session by part."""

    def __init__(self) -> None:
        self.scores = {part.id: PartScore(part.id) for part in load_parts()}
        self.problems: dict[str, str] = {}  # file -> why Python cannot import it

    def add(self, item: pytest.Item) -> None:
        """Enter what a collected test is worth."""
        part_id, points = _read_marker(item)
        if part_id:
            self.scores[part_id].possible[_name_function(item.nodeid)] = points
            self.scores[part_id].open.add(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Close the case that has passed; of those that have not, keep the first message."""
        part_id = dict(report.user_properties).get("part")
        if part_id is None:
            return
        score = self.scores[str(part_id)]
        if report.passed:
            if report.when == "call":
                score.open.discard(report.nodeid)
            return
        score.open.add(report.nodeid)
        said: dict[str, Any] = dict(report.user_properties)
        if score.failure is None and "failure" in said:
            score.failure = Failure.from_plain(said["failure"])
            score.message = said["message"]

    def find_part(self, nodeid: str) -> str:
        """Return the part that a collected case belongs to, "" where it has none."""
        test = _name_function(nodeid)
        return next((id for id, score in self.scores.items() if test in score.possible), "")

    def tested(self) -> dict[str, PartScore]:
        """Return the scores of the parts that have tests in this session."""
        return {part_id: score for part_id, score in self.scores.items() if score.possible}

    def find_warnings(self) -> list[str]:
        """Say what is wrong with files that were tested, or used by them, and no message says."""
        files = {part.id: part.file for part in load_parts()}
        failures = [score.failure for score in self.scores.values() if score.failure is not None]
        said = {text for failure in failures for text in (failure.problem, failure.file_problem)}
        others = set(files.values()) - {files[part_id] for part_id in self.tested()}
        return [
            warn_of_import(problem)
            for file, problem in self.problems.items()
            if file not in others and problem not in said
        ]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --part and --seed."""
    group = parser.getgroup("assignment")
    group.addoption(
        "--part",
        action="append",
        default=[],
        metavar="ID",
        help="run the tests of this part only, for example affine.forward, or affine for both",
    )
    group.addoption(
        "--seed", type=int, default=DEFAULT_SEED, help="seed of all random inputs (%(default)s)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Import the student's files before any test does."""
    config.addinivalue_line("markers", "part(id, points): the part a test belongs to, its worth")
    try:
        select_parts(config.getoption("--part"))
    except UnknownPart as error:
        raise pytest.UsageError(str(error)) from None
    if _find_scores(config) is None:
        config.pluginmanager.register(PartScores())
    _find_scores(config).problems = load_student_code()


def _find_scores(config: pytest.Config) -> Any:
    """Return the PartScores of this session: its own, or one that pytest.main was given."""
    plugins = config.pluginmanager.get_plugins()
    return next((plugin for plugin in plugins if isinstance(plugin, PartScores)), None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that have no tests of the parts asked for: they need not even exist."""
    wanted = config.getoption("--part")
    if not wanted or not collection_path.name.startswith("test_"):
        return None
    files = {part.tests for part in select_parts(wanted)}
    return None if collection_path.name in files else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the parts asked for."""
    wanted = config.getoption("--part")
    chosen = [item for item in items if not wanted or is_wanted(_read_marker(item)[0], wanted)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
    for item in items:
        _find_scores(config).add(item)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of this session, for messages and own generators."""
    return int(request.config.getoption("--seed"))


@pytest.fixture
def rng(request: pytest.FixtureRequest, seed: int) -> np.random.Generator:
    """Return a generator of this test's own: the same numbers whichever tests run beside it."""
    return np.random.default_rng([seed, zlib.crc32(request.node.name.encode())])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write what the student reads into the report of a failed test."""
    part_id, _ = _read_marker(item)
    error = call.excinfo.value if call.excinfo is not None else None
    facts: list[tuple[str, object]] = [("part", part_id)] if part_id else []
    if part_id and error is not None and not isinstance(error, pytest.skip.Exception):
        failure = classify(error)
        seed = item.config.getoption("--seed")
        message = write_failure(failure, part_id, read_sentence(item), seed)
        facts += [("failure", failure.to_plain()), ("message", message)]
        if isinstance(error, (NotImplementedError, CannotUse)):
            unusable = isinstance(error, CannotUse)
            facts.append(("category", "unusable" if unusable else "not written yet"))
        if failure.by_check:  # formatting a traceback that nobody reads takes most of the time
            item.repr_failure = lambda *args, **kwargs: message  # type: ignore[method-assign]
    report = yield
    report.user_properties += facts
    return report


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Keep what cannot run yet out of pytest's list of failures: the table says it in a line."""
    category = dict(getattr(report, "user_properties", ())).get("category")
    return (category, category[0], category.upper()) if category else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: Any, config: pytest.Config
) -> Generator[None, None, None]:
    """Print the table of parts after everything that pytest itself prints."""
    yield
    found = _find_scores(config)
    scores = found.tested()
    if not scores:
        return
    terminalreporter.section(f"points (seed {config.getoption('--seed')})")
    terminalreporter.write_line(f"{'part':<28}{'got':>6}{'possible':>10}")
    for part_id, score in scores.items():
        line = f"{part_id:<28}{score.points_got:>6g}{score.points_possible:>10g}  {score.note}"
        terminalreporter.write_line(line.rstrip(), red=bool(score.note), green=not score.note)
    got = sum(score.points_got for score in scores.values())
    possible = sum(score.points_possible for score in scores.values())
    terminalreporter.write_line(f"{'all':<28}{got:>6g}{possible:>10g}", bold=True)
    for warning in found.find_warnings():
        terminalreporter.write_line(warning, yellow=True)
    if changes := describe_changes():  # pytest has swallowed the warning
        terminalreporter.write_line(changes, yellow=True)


def read_sentence(item: pytest.Item) -> str:
    """Return what a test checks: the first line of its docstring."""
    docstring = getattr(item, "obj", None).__doc__ or item.name
    return str(docstring.strip().splitlines()[0])


def _read_marker(item: pytest.Item) -> tuple[str | None, float]:
    marker = item.get_closest_marker("part")
    return (None, 0.0) if marker is None else (marker.args[0], marker.kwargs["points"])


def _name_function(nodeid: str) -> str:
    return nodeid.split("[")[0]
