"""Find the highest level of the wall that holds on this machine: inspect and attack a worker."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assignment.support.project.manifest import ROOT
from autograder.protocol.wire import decode, pack, unpack
from autograder.settings import LEVELS, Limits
from autograder.wall.bubblewrap import DEVICES
from autograder.wall.handle import Crashed, LimitReached, WorkerHandle
from autograder.wall.system_calls import REFUSED, resolve
from autograder.wall.wall import Wall
from autograder.wall.worker_folder import copy_for_functions

__all__ = ["PRIVATE", "Isolation", "find_isolation"]

# Folders that no worker may read: they hold solutions, tests, or both.
PRIVATE = [ROOT / name for name in (".git", "assignment", "notebooks", "tests")]

SECCOMP_MODE_FILTER = "2"
SHOWN = 5  # places where a message can be left
NAMESPACES = ("ipc", "mnt", "net", "pid", "user", "uts")
ATTEMPTS = Path(__file__).with_name("attempts.py").read_bytes()


@dataclass(frozen=True)
class Isolation:
    """The level found, for each higher one why it does not hold, and what it does not stop here."""

    level: str
    reasons: tuple[str, ...]
    leaks: tuple[str, ...] = ()


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
                problems, leaks = _try_level(level, Path(folder), private)
            except (OSError, Crashed, LimitReached, ValueError) as error:
                problems, leaks = [str(error)], []
        if not problems:
            return Isolation(level, tuple(reasons), tuple(leaks))
        reasons.append(f"level {level}: {problems[0]}")
    raise OSError("; ".join(reasons))


def _try_level(level: str, folder: Path, private: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Return why a level does not hold, and what passes from one worker to the next all the same.

    Level user holds even if something passes.
    """
    if level == "user" and os.geteuid() != 0:
        return ["only root can become another user"], []
    readable = copy_for_functions(folder / "readable")
    with Wall(level, readable, "autograder.inside.worker", Limits()) as wall:
        with wall.start_worker({"affine.py": ATTEMPTS}) as worker:
            if not _attempt(worker, "read", "/"):  # this one must succeed
                return ["a worker cannot run: it cannot read Python or its packages"], []
            if level == "none":
                return [], []
            if level == "user":
                _close(private)
            problems = [*_look(worker, level), *_try_alone(worker, readable, private)]
        leaks = _try_in_turn(wall)
        problems += _try_together(wall)
    return ([*problems, *leaks], []) if level == "full" else (problems, leaks)


def _try_alone(worker: WorkerHandle, readable: Path, private: Sequence[Path]) -> list[str]:
    """Return what a worker can do that it must not."""
    tried = [("read", str(path)) for path in private]
    tried += [("write", str(readable)), ("signal", str(os.getpid()))]
    problems = [f"a worker can {what} {x}" for what, x in tried if _attempt(worker, what, x)]
    for name in REFUSED.split():
        number = resolve(name)
        if number is not None and _attempt(worker, "call the kernel's", str(number)):
            problems.append(f"a worker can call the kernel's {name}")
    return problems


def _try_in_turn(wall: Wall) -> list[str]:
    """Let a first worker leave a mark wherever it can; return where a second one finds it."""
    mark = f"{2**28 + secrets.randbits(28):x}"
    with wall.start_worker({"affine.py": ATTEMPTS}) as worker:
        where = "\n".join([mark, *_list_mounts(worker), *DEVICES])
        dated = _ask(worker, "leave", where)
    with wall.start_worker({"affine.py": ATTEMPTS}) as worker:
        found = _ask(worker, "find", where)
    if not isinstance(dated, list) or not isinstance(found, list):
        return ["a worker cannot run: it cannot look at the folders that it sees"]
    named = [*found, *dated]
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    told = ", ".join(str(one)[:100] for one in named[:SHOWN])
    return [f"a worker can leave a message for the next one: {told}{more}"] if named else []


def _try_together(wall: Wall) -> list[str]:
    """Let a worker use up what it can; say whether another one can start beside it."""
    with wall.start_worker({"affine.py": ATTEMPTS}) as worker:
        if not _attempt(worker, "use up", ""):
            return ["a worker cannot run: it cannot start processes"]
        try:
            with wall.start_worker({"affine.py": ATTEMPTS}) as other:
                _ask(other, "read", "/")
        except (OSError, Crashed, LimitReached) as error:
            return [f"a worker can keep another one from starting: {error}"]
    return []


def _list_mounts(worker: WorkerHandle) -> list[str]:
    """Return where file systems are mounted in a worker."""
    lines = Path(f"/proc/{worker.pid}/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines]


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
    if status.get("Seccomp") != SECCOMP_MODE_FILTER:
        problems.append("a worker may make all system calls: this Linux does not filter them")
    if level == "user" and int(status["Uid"].split()[0]) == os.geteuid():
        problems.append("a worker runs as the grader's user")
    if level == "full":
        for name in NAMESPACES:
            if os.readlink(process / "ns" / name) == os.readlink(f"/proc/self/ns/{name}"):
                problems.append(f"a worker shares the namespace {name}")
    return problems


def _attempt(worker: WorkerHandle, what: str, where: str) -> bool:
    """Say whether an attempt succeeds inside the worker."""
    return _ask(worker, what, where) is True


def _ask(worker: WorkerHandle, what: str, where: str) -> Any:
    """Return what an attempt returns; None if it raises."""
    arguments = {"tuple": [{"list": [what, where]}, {"dict": []}]}
    on = {"name": ["assignment.affine", "affine_forward"]}
    request: Any = {"number": 0, "do": "call", "on": on, "arguments": arguments}
    worker.begin()
    tree, buffers = unpack(worker.ask(pack(request, [])))
    return decode(tree["value"], buffers, repr) if "value" in tree else None
