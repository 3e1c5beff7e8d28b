"""Make the folder that workers may read: what students have, without tests and solutions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from assignment.support.project.manifest import ROOT

__all__ = ["copy_for_functions", "copy_for_notebooks"]

READABLE = ("protocol", "inside")  # the only folders of autograder/ that workers may read
CACHES = shutil.ignore_patterns("__pycache__")


def copy_for_functions(folder: Path) -> Path:
    """Copy what functions need into a new folder and return it: given code, no solutions."""
    _copy_grader(folder)
    shutil.copytree(
        ROOT / "assignment" / "support", folder / "assignment" / "support", ignore=CACHES
    )
    for name in ("__init__.py", "contracts.py", "manifest.toml"):
        shutil.copy(ROOT / "assignment" / name, folder / "assignment")
    return _make_readable(folder)


def copy_for_notebooks(folder: Path, cells: Sequence[str]) -> Path:
    """Copy what notebooks need: given code and data.

    Parameters
    ----------
    cells : sources of the cells that students do not complete, for the zygote to analyse once
    """
    copy_for_functions(folder)
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
    """Make the copy readable for every user, whatever the permissions of the original."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder
