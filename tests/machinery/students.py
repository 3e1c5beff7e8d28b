"""Make a student's copy of the project, edit its files and run its commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from assignment.support.project.manifest import ROOT

__all__ = ["copy_project", "read_all", "replace_text", "run"]

CACHES = shutil.ignore_patterns("__pycache__")


def copy_project(target: Path, notebooks: bool = False) -> Path:
    """Copy the files that a student has, solved."""
    folders = ["assignment", "tests/public"] + ["notebooks"] * notebooks
    for folder in folders:
        shutil.copytree(ROOT / folder, target / folder, ignore=CACHES)
    for path in (ROOT / "conftest.py", ROOT / "pyproject.toml", *(ROOT / "tests").glob("*.py")):
        shutil.copy(path, target / path.relative_to(ROOT))
    return target


def read_all(folder: Path) -> dict[str, bytes]:
    """Return the content of each file below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def replace_text(path: Path, old: str, new: str) -> None:
    """Replace text in a file; it must occur exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m assignment`` in the project, and capture its output."""
    return subprocess.run(
        [sys.executable, "-m", "assignment", *arguments],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
