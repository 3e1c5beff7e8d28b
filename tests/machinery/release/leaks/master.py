"""Find the secrets of the master copy, independently of autograder.release."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assignment.support.project.manifest import ROOT

__all__ = ["MADE", "RELEASED", "list_known", "read_master", "read_texts", "split_lines"]

RELEASED = re.compile(
    r"README\.md|LICENSE|conftest\.py|pyproject\.toml|requirements\.txt|get_datasets\.sh"
    r"|assignment/(\w+\.py|manifest\.toml|support/(\w+/)*\w+\.py|support/(CHECKSUMS|OUTLINE))"
    r"|notebooks/\d\d_[a-z_]+\.ipynb|tests/\w+\.py|tests/public/test_\w+\.py"
    r"|datasets/(README\.md|[a-z]+\.npz|LICENSES/[\w.-]+\.txt)"
)
MADE = {  # -> source
    "README.md": "docs/student-README.md",
    "assignment/support/CHECKSUMS": "",
    "assignment/support/OUTLINE": "",
}


@dataclass(frozen=True)
class Master:
    """The public and the secret texts of the master copy.

    Attributes
    ----------
    given : dict
        Path -> texts in it that everybody may read.
    secrets : dict
        Kind ("solution", "hidden test" or "hidden cell") -> pieces of Python.
    answers : list of str
        The written model answers.
    """

    given: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, list[str]] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)


@functools.cache
def read_master() -> Master:
    """Read the master copy."""
    master = Master(secrets={"solution": [], "hidden test": [], "hidden cell": []})
    for name in list_known():
        path = ROOT / name
        if name.startswith("tests/hidden/"):
            master.secrets["hidden test"].append(path.read_text(encoding="utf-8"))
        elif not RELEASED.fullmatch(name) or path.suffix == ".npz":
            continue
        elif path.suffix == ".ipynb":
            _take_notebook(name, json.loads(path.read_bytes()), master)
        else:
            text = (ROOT / MADE.get(name, name)).read_text(encoding="utf-8")
            given, solutions = _cut(text) if path.suffix == ".py" else (text, [])
            master.given[name] = [given]
            master.secrets["solution"] += solutions
    return master


@functools.cache
def list_known() -> list[str]:
    """Return the files that git tracks or does not ignore; all files without a repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()]
    return [name for name in done.stdout.split("\0")[:-1] if (ROOT / name).is_file()]


def _take_notebook(name: str, notebook: dict[str, Any], master: Master) -> None:
    shown = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "hidden" in cell["metadata"].get("tags", []):
            master.secrets["hidden cell"].append(source)
            continue
        given, secret = _cut(source)
        is_code = cell["cell_type"] == "code"
        (master.secrets["solution"] if is_code else master.answers).extend(secret)
        shown.append({**cell, "source": [given], **({"outputs": []} if is_code else {})})
    master.given[name] = list(_find_strings({**notebook, "cells": shown}))


def _cut(text: str) -> tuple[str, list[str]]:
    """Return the lines outside the solution markers, and the blocks between them."""
    given: list[str] = []
    blocks: list[list[str]] = []
    inside = False
    for line in text.split("\n"):
        if "BEGIN SOLUTION" in line:
            inside = True
            blocks.append([])
        elif "END SOLUTION" in line:
            inside = False
        else:
            (blocks[-1] if inside else given).append(line)
    return "\n".join(given), [textwrap.dedent("\n".join(block)) for block in blocks]


def read_texts(name: str, content: bytes) -> list[str]:
    """Return the texts of a released file; for a notebook all strings in it."""
    if name.endswith(".npz"):
        return []
    if name.endswith(".ipynb"):
        return list(_find_strings(json.loads(content)))
    return [content.decode("utf-8", "replace")]


def _find_strings(node: Any) -> Iterator[str]:
    """Find the strings in a JSON tree; a list of strings is one text."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list) and node and all(isinstance(item, str) for item in node):
        yield "".join(node)
    elif isinstance(node, (list, dict)):
        yield from node if isinstance(node, dict) else ()
        for item in node.values() if isinstance(node, dict) else node:
            yield from _find_strings(item)


def split_lines(texts: list[str]) -> list[str]:
    """Return all lines that are not empty, without comment signs."""
    lines = [line.strip().lstrip("#>").strip() for text in texts for line in text.split("\n")]
    return [line for line in lines if line]
