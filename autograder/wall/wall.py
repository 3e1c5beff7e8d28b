"""Start the zygote at a level of isolation, and workers behind the wall."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from autograder.protocol.wire import pack
from autograder.settings import Limits
from autograder.wall.bubblewrap import DEVICES, ENVIRONMENT, find_closed, find_scratch, wrap
from autograder.wall.clock import Clock
from autograder.wall.handle import DYING_S, WorkerHandle, read_pid
from autograder.wall.system_calls import allow_listed
from autograder.wall.turns import Turns
from autograder.wall.uids import claim_uids

__all__ = ["Wall"]

STARTING_S = 60


class Wall:
    """A zygote at one level of isolation.

    Parameters
    ----------
    level : "full", "user" or "none"
    readable : Path
        Folder that workers may read, without tests.
    module : str
        Module whose ``serve`` a worker runs.
    slot : int
        Number of this wall among those of one grader.
    turns : Turns, optional
        Shared with other judges. A worker that cannot start beside theirs then starts alone.
    """

    def __init__(
        self,
        level: str,
        readable: Path,
        module: str,
        limits: Limits,
        slot: int = 0,
        turns: Turns | None = None,
    ) -> None:
        self.level = level
        self.limits = limits
        self.turns = turns
        self.scratch = find_scratch(*([readable] if level == "user" else []))
        self.filter = _find_filter(level)
        self.uid = claim_uids() + slot if level != "none" and os.geteuid() == 0 else None
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wrapped, root = wrap(level, readable)
        start = f"import sys; sys.path.insert(0, {root!r}); "
        start += "from autograder.inside.zygote import run_zygote; "
        start += f"run_zygote({theirs.fileno()}, {module!r})"
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - close() ends it
        self.process = subprocess.Popen(
            [*wrapped, sys.executable, "-I", "-B", "-c", start],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,  # Ctrl-C must not reach the workers
        )
        theirs.close()
        self.control.settimeout(STARTING_S)
        with contextlib.suppress(OSError):
            if self.control.recv(16) == b"ready":
                return
        self.close()
        raise OSError(self.read_errors() or "the zygote did not start")

    def read_errors(self) -> str:
        """Return the last line that the zygote or a worker wrote to stderr."""
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def start_worker(self, files: dict[str, Any]) -> WorkerHandle:
        """Start a worker for a submission's files: name -> content, or why there is none."""
        if self.turns is None:
            return self._start(files)
        self.turns.begin()
        try:
            return self._start(files)
        except OSError:
            self.turns.wait_for_others()
        try:
            worker = self._start(files)
        except OSError:
            self.turns.end()
            raise
        self.turns.begin()
        return worker

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which no other judge has a worker; begin and end it without one."""
        return contextlib.nullcontext() if self.turns is None else self.turns.alone()

    def _start(self, files: dict[str, Any]) -> WorkerHandle:
        ours, theirs = socket.socketpair()
        order = {
            "level": self.level,
            "uid": self.uid,
            "limits": self.limits.as_rlimits(),
            "scratch": self.scratch,
            "scratch_bytes": self.limits.scratch_bytes,
            "devices": DEVICES,
            "closed": find_closed(),
            "filter": self.filter,
        }
        with theirs:
            socket.send_fds(self.control, [json.dumps(order).encode()], [theirs.fileno()])
        ours.settimeout(STARTING_S)
        data, fds, _, _ = socket.recv_fds(ours, 1, 1)
        if not data or not fds:
            raise OSError(f"a worker could not start: {self.read_errors()}")
        clock = Clock(read_pid(fds[0]))
        known = self.limits, self.level, self.uid, self.turns
        worker = WorkerHandle(ours, fds[0], clock, *known)
        names = [[name, c if isinstance(c, str) else None] for name, c in files.items()]
        with worker.counting():
            worker.send(pack(names, [c for c in files.values() if not isinstance(c, str)]))
        return worker

    def read_cpu(self) -> float:
        """Wait until all workers have ended; return the CPU seconds of zygote and workers."""
        self.control.send(b"cpu")
        return float(self.control.recv(64))

    def close(self) -> None:
        """Stop the zygote; every worker dies with it."""
        self.control.close()
        try:
            self.process.wait(DYING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Wall:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _find_filter(level: str) -> str:
    """Return the filter of system calls, in Base64; only level none may do without one."""
    try:
        return base64.b64encode(allow_listed()).decode()
    except OSError:
        if level != "none":
            raise
        return ""
