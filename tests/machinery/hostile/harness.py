"""Grade a class of hostile submissions and honest neighbours; find what it leaves behind."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from assignment.support.project.manifest import ROOT
from autograder.gradebook.store import Gradebook
from autograder.outcomes import Grade
from tests.machinery.hostile.grade import NO_WALL

__all__ = ["NEIGHBOURS", "Run", "grade_all"]

NEIGHBOURS = [f"neighbour-{letter}" for letter in "abmnyz"]
TRACE = "a-submission-was-here"  # name of the files that hostile code leaves behind
PR_SET_CHILD_SUBREAPER = 36
CLASS_SECONDS = 3600  # only to end what hangs for ever: the machine may be busy
DRIVER = "tests.machinery.hostile.grade"


@dataclass(frozen=True)
class Run:
    """The graded class, and what it has left behind."""

    kind: str
    names: list[str]
    grades: dict[str, Grade]
    left_running: list[str]
    changed: list[str]
    out: Path


def grade_all(
    kind: str, names: Sequence[str], hand_in: Callable[[str, Path], None], folder: Path
) -> Run:
    """Grade every case once, with honest neighbours before, between and after them.

    Parameters
    ----------
    kind : "functions" or "notebooks"
    hand_in : writes the submission of a name into a new folder
    """
    names = line_up(names)
    for number, name in enumerate(names):
        place = folder / "class" / f"{number:03}-{name}"
        place.mkdir(parents=True)
        hand_in(name, place)
    before = read_all(folder / "class")
    left_running = grade(kind, folder / "class", folder / "out")
    after = read_all(folder / "class")
    changed = [str(p) for p in before.keys() | after.keys() if before.get(p) != after.get(p)]
    with Gradebook(folder / "out" / "gradebook.sqlite") as book:
        grades = {grade.student[4:]: grade for grade in book.grades()}
    return Run(kind, names, grades, left_running, changed + find_traces(folder), folder / "out")


def line_up(names: Sequence[str]) -> list[str]:
    """Return the order of the class: submissions are judged by name."""
    half = len(names) // 2
    first, middle, last = NEIGHBOURS[:2], NEIGHBOURS[2:-2], NEIGHBOURS[-2:]
    return [*first, *names[:half], *middle, *names[half:], *last]


def grade(kind: str, submissions: Path, out: Path) -> list[str]:
    """Grade the class in another process and return what is still running afterwards."""
    adopt_orphans(True)
    try:
        others = find_children()
        done = subprocess.run(
            [sys.executable, "-m", DRIVER, kind, str(submissions), str(out)],
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
    """Become the parent of every descendant whose parent has ended, or stop that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def find_children() -> set[int]:
    """Return the processes whose parent is this one."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == os.getpid():
                found.add(int(path.parent.name))
        except OSError:  # this process has just ended
            continue
    return found


def bury(pid: int) -> str:
    """End and reap an adopted process; return its command if it was still running."""
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        return ""
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return command or f"process {pid}"


def read_all(submissions: Path) -> dict[Path, str]:
    """Return a hash of each file of the project and of the submissions."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."]
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for paths in (ROOT.iterdir(), *(folder.rglob("*") for folder in (*folders, submissions)))
        for path in paths
        if path.is_file() and path.suffix != ".pyc"
    }


def find_traces(folder: Path) -> list[str]:
    """Return files that hostile code has left in folders that it can know of."""
    places = [Path("/"), Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path.home(), ROOT]
    places += [Path(tempfile.gettempdir()), folder, folder / "out"]
    return [str(place / TRACE) for place in places if (place / TRACE).exists()]
