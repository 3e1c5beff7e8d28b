"""What workers may read of the course: a folder made for them, without tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from assignment.support.project.manifest import ROOT

__all__ = ["copy_for_functions", "copy_for_notebooks"]

READABLE = ("protocol", "inside")  # of the grader, nothing else
CACHES = shutil.ignore_patterns("__pycache__")


def copy_for_functions(folder: Path) -> Path:
    """Copy what functions run with into a new folder and return it: the given code, no solution."""
    _copy_grader(folder)
    shutil.copytree(
        ROOT / "assignment" / "support", folder / "assignment" / "support", ignore=CACHES
    )
    for name in ("__init__.py", "contracts.py", "manifest.toml"):
        shutil.copy(ROOT / "assignment" / name, folder / "assignment")
    return _make_readable(folder)


def copy_for_notebooks(folder: Path, cells: Sequence[str]) -> Path:
    """Copy what notebooks run with: the data, and the teacher's functions.

    A notebook is graded for its cells, not once more for the functions that they call.

    Parameters
    ----------
    cells : sources that are the same for every student, to be analysed beforehand
    """
    _copy_grader(folder)
    shutil.copytree(ROOT / "assignment", folder / "assignment", ignore=CACHES)
    (folder / "datasets").mkdir()
    for path in (ROOT / "datasets").glob("*.npz"):
        shutil.copy(path, folder / "datasets")
    (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    return _make_readable(folder)


def _copy_grader(folder: Path) -> None:
    for name in READABLE:
        source = ROOT / "autograder" / name
        shutil.copytree(source, folder / "autograder" / name, ignore=CACHES)
    shutil.copy(ROOT / "autograder" / "__init__.py", folder / "autograder")


def _make_readable(folder: Path) -> Path:
    """Let workers read the copy, whatever the permissions of the original are."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder
