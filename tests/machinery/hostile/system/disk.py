"""Submissions that read and write files."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case, witnessed

__all__ = ["CASES"]

CASES = {
    "fills_many_files": Case(
        "the limit on space holds for many files together",
        files=witnessed("""
import itertools
import os

PRIVATE = os.environ["HOME"]  # in /tmp, unless Python itself is there


def make_grid(values):
    written = 0
    try:
        for number in range(10**6):
            with open(f"{PRIVATE}/{number}", "wb") as file:
                written += file.write(bytes(2**18))
    except OSError:
        pass
    assert written < 2**26
    assert len(os.listdir(PRIVATE)) < 10_000
    FIRED.append(f"{written} bytes")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: [1-9]\d{6,} bytes"},
    ),
    "fills_the_disk": Case(
        "the private folder cannot hold 10 GB",
        files={
            "hyperparameters.py": """
import os


def make_grid(values):
    with open(os.environ["HOME"] + "/large", "wb") as file:
        for _ in range(10_000):
            file.write(bytes(2**20))
    return []
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "crashed"},
        evidence={"hyperparameters.grid": "File too large|No space left"},
    ),
    "reads_the_grader": Case(
        "no test, no solution, no gradebook and no other submission can be found",
        files=witnessed("""
import itertools
import os
import sys
from pathlib import Path

SYSTEM = {"/usr", "/lib", "/lib64", "/bin", "/sbin", "/dev", sys.prefix, sys.base_prefix}
TELLTALE = ("test_", "oracles", "gradebook", "neighbour", "hidden", "sqlite", "affine", "judging")


def make_grid(values):
    found, seen = [], 0
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in SYSTEM]
        seen += len(files + folders)
        found += [f"{folder}/{name}" for name in files + folders if name.startswith(TELLTALE)]
    beside = [path.name for path in Path(sys.prefix).parent.iterdir()]
    found += [name for name in beside if name in ("tests", "autograder", "notebooks", ".git")]
    for place in (
        "/proc/1/environ",
        "/proc/1/root/work",
        "/proc/self/fd",
        "/proc/self/maps",
        "/sys",
    ):
        found += [place] if os.path.exists(place) else []
    if found:
        raise LookupError(" ".join(found))
    FIRED.append(f"{seen} names")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: \d\d+ names"},
    ),
    "writes": Case(
        "only the private folder can be written to",
        files=witnessed("""
import itertools
import os
import sys
import tempfile

PLACES = [
    "/",
    "/course",
    "/course/assignment",
    "/course/assignment/support",
    "/usr",
    "/bin",
    "/dev",
]
PLACES += ["/dev/shm", "/var/tmp", "/run", "/etc", "/root", "/home", "/mnt", "/sys"]
PLACES.remove(tempfile.gettempdir()) if tempfile.gettempdir() in PLACES else None
PLACES += [sys.prefix, sys.base_prefix, os.path.dirname(sys.prefix), *sys.path]


def make_grid(values):
    written, refused = [], 0
    for place in PLACES:
        try:
            with open(os.path.join(place, "a-submission-was-here"), "w"):
                written.append(place)
        except OSError:
            refused += 1
    if written:
        raise LookupError(" ".join(written))
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: \d\d refused"},
    ),
    "runs_a_shell": Case(
        "a shell can do no more than the student's own code",
        files=witnessed('''
import itertools
import subprocess

SCRIPT = """
kill -9 -1
touch /a-submission-was-here /course/a-submission-was-here /dev/shm/a-submission-was-here
mount -o remount,rw / ; umount /proc ; umount -l /tmp ; chroot /proc/1/root ; su ; sudo -n id
echo tried all
"""


def make_grid(values):
    done = subprocess.run(["/bin/sh", "-c", SCRIPT], timeout=1, stdout=subprocess.PIPE, text=True)
    FIRED.append(done.stdout)
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
'''),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: .*tried all"},
    ),
}
