"""A pytest plugin that counts points for each part and prints a table of them at the end.

Tests name their part and their points: ``@pytest.mark.part("affine.forward", points=2)``. A test
function earns its points if all its cases pass. What is not written yet takes one line.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Generator
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

__all__ = ["PartScore", "PartScores", "read_sentence", "write_table"]

MAX_NOTE = 80  # characters


@dataclass
class PartScore:
    """The results of one part in this session."""

    part_id: str
    possible: dict[str, float] = field(default_factory=dict)  # test function -> points
    open: set[str] = field(default_factory=set)  # cases that have not passed, or not run
    failure: Failure | None = None  # of the first case that did not pass
    message: str = ""  # the full text of this failure for the student

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
    def points(self) -> str:
        """Points got and possible: "1.5 of 2"."""
        return f"{self.points_got:g} of {self.points_possible:g}"

    @property
    def outcome(self) -> Outcome:
        """The outcome of the first failure; failed as well if some cases have not run."""
        if self.failure is not None:
            return self.failure.outcome
        return Outcome.FAILED if self.open else Outcome.PASSED

    @property
    def note(self) -> str:
        """The first problem in one line; "" if there is none."""
        if self.failure is not None:
            return self.failure.summary.removeprefix(f"{self.part_id}: ")
        return "not all tests have run" if self.open else ""


class PartScores:
    """Collects the reports of a session by part."""

    def __init__(self) -> None:
        self.scores = {part.id: PartScore(part.id) for part in load_parts()}
        self.problems: dict[str, str] = {}  # file -> why Python cannot import it

    def add(self, item: pytest.Item) -> None:
        """Record the points of a collected test."""
        part_id, points = _read_marker(item)
        if part_id:
            self.scores[part_id].possible[_name_function(item.nodeid)] = points
            self.scores[part_id].open.add(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record whether a case passed; keep the first failure and its message."""
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
        """Return the part that a collected case belongs to, "" if it has none."""
        test = _name_function(nodeid)
        return next((id for id, score in self.scores.items() if test in score.possible), "")

    def tested(self) -> dict[str, PartScore]:
        """Return the scores of the parts that have tests in this session."""
        return {part_id: score for part_id, score in self.scores.items() if score.possible}

    def find_warnings(self) -> list[str]:
        """Return import problems of tested files, and files they use, that no failure mentions."""
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
    config.addinivalue_line("markers", "part(id, points): the part of a test, and its points")
    try:
        select_parts(config.getoption("--part"))
    except UnknownPart as error:
        raise pytest.UsageError(str(error)) from None
    if _find_scores(config) is None:
        config.pluginmanager.register(PartScores())
    _find_scores(config).problems = load_student_code()


def _find_scores(config: pytest.Config) -> Any:
    """Return the PartScores of this session, which pytest.main may have been given."""
    plugins = config.pluginmanager.get_plugins()
    return next((plugin for plugin in plugins if isinstance(plugin, PartScores)), None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip files without tests of the requested parts, so that they need not be importable."""
    wanted = config.getoption("--part")
    if not wanted or not collection_path.name.startswith("test_"):
        return None
    files = {part.tests for part in select_parts(wanted)}
    return None if collection_path.name in files else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the requested parts."""
    wanted = config.getoption("--part")
    chosen = [item for item in items if not wanted or is_wanted(_read_marker(item)[0], wanted)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
    for item in items:
        _find_scores(config).add(item)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of this session, for messages and further generators."""
    return int(request.config.getoption("--seed"))


@pytest.fixture
def rng(request: pytest.FixtureRequest, seed: int) -> np.random.Generator:
    """Return a generator whose numbers depend only on the seed and the name of this test."""
    return np.random.default_rng([seed, zlib.crc32(request.node.name.encode())])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the failure, and its message for the student, to the report of a test."""
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
        if failure.by_check:  # formatting a traceback is slow, and this one is not read
            item.repr_failure = lambda *args, **kwargs: message  # type: ignore[method-assign]
    report = yield
    report.user_properties += facts
    return report


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Keep unwritten and unusable functions out of pytest's failures; the table lists them."""
    category = dict(getattr(report, "user_properties", ())).get("category")
    return (category, category[0], category.upper()) if category else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: Any, config: pytest.Config
) -> Generator[None, None, None]:
    """Print the table of parts below pytest's own output."""
    yield
    found = _find_scores(config)
    scores = found.tested()
    if not scores:
        return
    terminalreporter.section(f"points (seed {config.getoption('--seed')})")

    def paint(text: str, outcome: Outcome) -> str:
        color = "green" if outcome is Outcome.PASSED else "red"
        return str(terminalreporter._tw.markup(text, **{color: True}))

    for line in write_table(scores.values(), paint):
        terminalreporter.write_line(line)
    for warning in found.find_warnings():
        terminalreporter.write_line(warning, yellow=True)
    if changes := describe_changes():  # pytest has swallowed the warning
        terminalreporter.write_line(changes, yellow=True)


def write_table(scores: Collection[PartScore], paint: Callable[[str, Outcome], str]) -> list[str]:
    """Return a line for each part, and their sum if there are several.

    Parameters
    ----------
    paint : function
        Gives a text the colour of an outcome.
    """
    lines = [_write_row(score.part_id, score.points_got, score.points_possible) for score in scores]
    for i, score in enumerate(scores):
        note = score.note or "passed"
        note = note if len(note) <= MAX_NOTE else f"{note[: MAX_NOTE - 3]}..."
        lines[i] += f" {paint(note, score.outcome)}"
    if len(scores) > 1:
        got = sum(score.points_got for score in scores)
        lines.append(_write_row("all", got, sum(score.points_possible for score in scores)))
    return lines


def _write_row(name: str, got: float, possible: float) -> str:
    return f"{name:<28}{got:>5g} of {possible:<5g}"


def read_sentence(item: pytest.Item) -> str:
    """Return what a test checks: the first line of its docstring."""
    docstring = getattr(item, "obj", None).__doc__ or item.name
    return str(docstring.strip().splitlines()[0])


def _read_marker(item: pytest.Item) -> tuple[str | None, float]:
    marker = item.get_closest_marker("part")
    return (None, 0.0) if marker is None else (marker.args[0], marker.kwargs["points"])


def _name_function(nodeid: str) -> str:
    return nodeid.split("[")[0]
