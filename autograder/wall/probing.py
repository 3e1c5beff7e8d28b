"""Find the highest level of the wall that holds on this machine: inspect and attack a worker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assignment.support.project.manifest import ROOT
from autograder.protocol.wire import pack, unpack
from autograder.settings import LEVELS, Limits
from autograder.wall.bubblewrap import DEVICES
from autograder.wall.handle import Crashed, LimitReached, WorkerHandle
from autograder.wall.wall import Wall
from autograder.wall.worker_folder import copy_for_functions

__all__ = ["PRIVATE", "Isolation", "find_isolation"]

# Folders that no worker may read: they hold solutions, tests, or both.
PRIVATE = [ROOT / name for name in (".git", "assignment", "notebooks", "tests")]

NAMESPACES = ("ipc", "mnt", "net", "pid", "user", "uts")
# What a student might try. Behind a complete wall every attempt raises an OSError.
ATTEMPTS = b"""
import os, socket
import numpy

def affine_forward(what, where):
    import colorsys  # not loaded yet: a worker must be able to read the standard library
    os.listdir(os.path.dirname(numpy.__file__))  # and the packages
    try:
        if what == "read":
            os.listdir(where) if os.path.isdir(where) else open(where).close()
        elif what == "write":
            open(os.path.join(where, "written"), "w").close()
        elif what == "date":
            os.utime(where)
        elif what == "connect":
            socket.create_connection(("127.0.0.1", int(where)), 1)
        elif what == "signal":
            os.kill(int(where), 0)
    except OSError:
        return False
    return True
"""


@dataclass(frozen=True)
class Isolation:
    """The level found, and for each higher one why it does not hold."""

    level: str
    reasons: tuple[str, ...]


def find_isolation(private: Sequence[Path]) -> Isolation:
    """Return the highest level that holds on this machine.

    Parameters
    ----------
    private : folders that no worker may read; level user makes them unreadable for other users
    """
    reasons: list[str] = []
    for level in LEVELS:
        with tempfile.TemporaryDirectory(prefix="probe-") as folder:
            os.chmod(folder, 0o755)
            try:
                problems = _try_level(level, Path(folder), private)
            except (OSError, Crashed, LimitReached, ValueError) as error:
                problems = [str(error)]
        if not problems:
            return Isolation(level, tuple(reasons))
        reasons.append(f"level {level}: {problems[0]}")
    raise OSError("; ".join(reasons))


def _try_level(level: str, folder: Path, private: Sequence[Path]) -> list[str]:
    if level == "user" and os.geteuid() != 0:
        return ["only root can become another user"]
    readable = copy_for_functions(folder / "readable")
    with Wall(level, readable, "autograder.inside.worker", Limits()) as wall:
        with wall.start_worker({"affine.py": ATTEMPTS}) as worker:
            problems = []
            if not _attempt(worker, "read", "/"):  # this one must succeed
                problems.append("a worker cannot run: it cannot read Python or its packages")
            if level == "user" and not problems:
                _close(private)
            if level != "none":
                problems += _look(worker, level)
                tried = [("read", str(path)) for path in private]
                tried += [("write", str(readable)), ("signal", str(os.getpid()))]
                if level == "full":
                    tried += [("date", device) for device in DEVICES]
                problems += [
                    f"a worker can {what} {x}" for what, x in tried if _attempt(worker, what, x)
                ]
        return problems


def _close(folders: Sequence[Path]) -> None:
    """Make folders unreadable for other users."""
    for folder in folders:
        if folder.exists():
            folder.chmod(0o700)


def _look(worker: WorkerHandle, level: str) -> list[str]:
    """Check a worker's privileges, user and namespaces in /proc, from outside."""
    process = Path(f"/proc/{worker.pid}")
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    problems = []
    if status["NoNewPrivs"] != "1":
        problems.append("a worker may gain privileges")
    if int(status["CapEff"], 16) or int(status["CapPrm"], 16):
        problems.append("a worker has capabilities")
    if level == "user" and int(status["Uid"].split()[0]) == os.geteuid():
        problems.append("a worker runs as the grader's user")
    if level == "full":
        for name in NAMESPACES:
            if os.readlink(process / "ns" / name) == os.readlink(f"/proc/self/ns/{name}"):
                problems.append(f"a worker shares the namespace {name}")
    return problems


def _attempt(worker: WorkerHandle, what: str, where: str) -> bool:
    """Say whether an attempt succeeds inside the worker."""
    arguments = {"tuple": [{"list": [what, where]}, {"dict": []}]}
    on = {"name": ["assignment.affine", "affine_forward"]}
    request: Any = {"number": 0, "do": "call", "on": on, "arguments": arguments}
    tree, _ = unpack(worker.ask(pack(request, [])))
    return bool(tree.get("value") is True)
