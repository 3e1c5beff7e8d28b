"""What workers may read of the course: a folder made for them, without tests."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from assignment.support.project.manifest import ROOT

__all__ = ["hash_tests", "make_course", "make_notebook_course"]

BEHIND_THE_WALL = ("__init__", "imports", "proxies", "wire", "worker", "zygote")
WITH_NOTEBOOKS = ("kernel", "slicing")
CACHES = shutil.ignore_patterns("__pycache__")


def make_course(folder: Path) -> Path:
    """Copy what functions run with into a new folder and return it: the given code, no solution."""
    _copy_modules(folder, BEHIND_THE_WALL)
    shutil.copytree(
        ROOT / "assignment" / "support", folder / "assignment" / "support", ignore=CACHES
    )
    for name in ("__init__.py", "contracts.py", "manifest.toml"):
        shutil.copy(ROOT / "assignment" / name, folder / "assignment")
    return _make_readable(folder)


def make_notebook_course(folder: Path, cells: Sequence[str]) -> Path:
    """Copy what notebooks run with: the data, and the teacher's functions.

    A notebook is graded for its cells, not once more for the functions that they call.

    Parameters
    ----------
    cells : sources that are the same for every student, to be analysed beforehand
    """
    _copy_modules(folder, (*BEHIND_THE_WALL, *WITH_NOTEBOOKS))
    shutil.copytree(ROOT / "assignment", folder / "assignment", ignore=CACHES)
    (folder / "datasets").mkdir()
    for path in (ROOT / "datasets").glob("*.npz"):
        shutil.copy(path, folder / "datasets")
    (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    return _make_readable(folder)


def _copy_modules(folder: Path, names: Iterable[str]) -> None:
    (folder / "autograder").mkdir(parents=True)
    for name in names:
        shutil.copy(ROOT / "autograder" / f"{name}.py", folder / "autograder")


def _make_readable(folder: Path) -> Path:
    """Let workers read the copy, whatever the permissions of the original are."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def hash_tests() -> str:
    """Return the SHA-256 of everything that decides a score."""
    total = hashlib.sha256()
    for path in _find_judges():
        total.update(f"{path.relative_to(ROOT)}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _find_judges() -> Iterable[Path]:
    patterns = [
        "assignment/**/*.py",
        "assignment/*.toml",
        "autograder/**/*.py",
        "notebooks/*.ipynb",
    ]
    patterns += ["tests/*.py", "tests/public/*.py", "tests/hidden/*.py"]
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))
