"""Hostile and broken submissions, each a folder in hostile/, graded as one class behind the wall.

A folder holds the files in which it deviates from the solved ones, and expected.toml: in a
sentence what it is, and the outcome of each part that is not passed in full.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.gradebook.store import Gradebook
from autograder.outcomes import Grade, Outcome
from tests.machinery.hostile.grade import NO_WALL, SECONDS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HOSTILE = Path(__file__).parent / "hostile"
FOLDERS = sorted(path.parent for path in HOSTILE.glob("*/expected.toml"))
NAMES = [folder.name for folder in FOLDERS]
NEIGHBOURS = [f"neighbour-{letter}" for letter in "abmnyz"]
TRACE = "a-submission-was-here"  # what hostile code calls a file that it leaves behind
PR_SET_CHILD_SUBREAPER = 36
CLASS_SECONDS = 600  # until the class is given up


@dataclass(frozen=True)
class Run:
    """The class as it was graded, and what it has left behind."""

    grades: dict[str, Grade]
    left_running: list[str]
    changed: list[str]
    out: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Grade every hostile folder once, with honest neighbours before, between and after them."""
    folder = tmp_path_factory.mktemp("hostile")
    names = line_up()
    for i, name in enumerate(names):
        hand_in(name, folder / "class" / f"{i:03}-{name}")
    before = read_all(folder / "class")
    left_running = grade(folder / "class", folder / "out")
    after = read_all(folder / "class")
    changed = [
        str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    ]
    with Gradebook(folder / "out" / "gradebook.sqlite") as book:
        grades = {grade.student[4:]: grade for grade in book.grades()}
    return Run(grades, left_running, changed + find_traces(folder), folder / "out")


def line_up() -> list[str]:
    """Return the order of the class: submissions are judged by name."""
    first, last, middle = NEIGHBOURS[:2], NEIGHBOURS[-2:], NEIGHBOURS[2:-2]
    half = len(NAMES) // 2
    return [*first, *NAMES[:half], *middle, *NAMES[half:], *last]


def hand_in(name: str, folder: Path) -> None:
    """Write a whole submission: the solved files, and over them those of its own."""
    (folder / "assignment").mkdir(parents=True)
    for part in load_parts():
        shutil.copy(ROOT / "assignment" / part.file, folder / "assignment")
    if name in NEIGHBOURS:
        write_in_own_style(folder / "assignment", NEIGHBOURS.index(name))
    elif (HOSTILE / name / "assignment").exists():
        shutil.copytree(HOSTILE / name / "assignment", folder / "assignment", dirs_exist_ok=True)


def write_in_own_style(folder: Path, number: int) -> None:
    """Let right code round in its own way: what another has answered says nothing about it."""
    factor = f"(1 + {number + 1} * 2.0**-48)"
    for file, old, new in [
        ("affine.py", "out += b", f"out += b * {factor}"),
        ("losses.py", "dx /= len(x)", f"dx *= {factor} / len(x)"),
        (
            "hyperparameters.py",
            "rng.uniform(low, high, size)",
            f"rng.uniform(low, high, size) / {factor}",
        ),
    ]:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def grade(submissions: Path, out: Path, driver: str = "tests.machinery.hostile.grade") -> list[str]:
    """Grade the class in another process and return what is still running afterwards."""
    adopt_orphans(True)
    try:
        others = find_children()
        done = subprocess.run(
            [sys.executable, "-m", driver, str(submissions), str(out)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=CLASS_SECONDS,
        )
        commands = [command for pid in find_children() - others if (command := bury(pid))]
    finally:
        adopt_orphans(False)
    if done.returncode == NO_WALL:
        pytest.skip(f"not tried at level full: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    return commands


def adopt_orphans(wanted: bool) -> None:
    """Become the parent of every descendant whose own parent has ended, or no longer."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def find_children() -> set[int]:
    """Return the processes whose parent is this one."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == os.getpid():
                found.add(int(path.parent.name))
        except OSError:  # it has just ended
            continue
    return found


def bury(pid: int) -> str:
    """Take leave of an adopted process; return its command if it was still running."""
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        return ""
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return command or f"process {pid}"


def read_all(submissions: Path) -> dict[Path, str]:
    """Return a hash of each file that decides a score, and of each submission."""
    folders = [ROOT / name for name in ("assignment", "autograder", "notebooks")]
    folders += [ROOT / "tests" / "public", ROOT / "tests" / "hidden", submissions]
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def find_traces(folder: Path) -> list[str]:
    """Return files that hostile code has left where it can have known that there is a folder."""
    places = [Path("/"), Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path.home(), ROOT]
    places += [Path(tempfile.gettempdir()), folder, folder / "out"]
    return [str(place / TRACE) for place in places if (place / TRACE).exists()]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_submission(name: str, run: Run) -> None:
    expected = tomllib.loads((HOSTILE / name / "expected.toml").read_text(encoding="utf-8"))
    grade = run.grades[name]
    assert list(find_surprises(grade, expected)) == [], expected["about"]
    wanted = expected.get("finding", "")
    assert any(wanted in finding for finding in ("", *grade.findings)), grade.findings


def find_surprises(grade: Grade, expected: dict[str, Any]) -> Iterable[str]:
    """Say what is other than expected: outcomes of whole parts, and points where part of a part."""
    outcomes, points = expected.get("outcomes", {}), expected.get("points", {})
    for part in load_parts():
        verdicts = [v for v in grade.verdicts if v.part == part.id]
        got = sum(verdict.points for verdict in verdicts)
        if part.id in points:
            if got != points[part.id]:
                yield f"{part.id}: {got} points instead of {points[part.id]}"
            continue
        wanted = Outcome(outcomes.get(part.id, "passed"))
        for verdict in verdicts:
            if verdict.outcome is not wanted:
                text = verdict.message[:500]
                yield f"{verdict.test}: {verdict.outcome.value}, not {wanted.value}: {text}"
    unknown = (outcomes.keys() | points.keys()) - {part.id for part in load_parts()}
    yield from (f"there is no part {name}" for name in unknown)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbour_gets_full_marks(name: str, run: Run) -> None:
    grade = run.grades[name]
    lost = [f"{v.test}: {v.outcome.value}: {v.message}" for v in grade.verdicts if not v.points]
    assert lost == []
    assert grade.points == grade.possible == 100


def test_every_score_was_got_at_level_full(run: Run) -> None:
    assert {grade.isolation for grade in run.grades.values()} == {"full"}
    assert len(run.grades) == len(NAMES) + len(NEIGHBOURS)
    assert not [name for name, grade in run.grades.items() if grade.faults]


def test_nothing_is_left_running(run: Run) -> None:
    assert run.left_running == []


def test_nothing_was_written_elsewhere(run: Run) -> None:
    assert run.changed == []


def test_nobody_took_long(run: Run) -> None:
    """A part may reach its time limit twice; importing a file may do so once."""
    slow = {
        name: grade.seconds for name, grade in run.grades.items() if grade.seconds > 8 * SECONDS
    }
    assert slow == {}


def test_results_stay_small(run: Run) -> None:
    """Whatever a submission says, nobody has to scroll through it."""
    large = [path for path in run.out.rglob("*") if path.is_file() and path.parent != run.out]
    assert [str(path) for path in large if path.stat().st_size > 500_000] == []
