"""Find what is not written yet, from the files' text, without running them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.notebook_files import find_tags, read_text

__all__ = [
    "DEFINED",
    "PLACEHOLDER",
    "drop_placeholder",
    "find_unanswered",
    "find_unwritten",
    "read_stub",
    "write_stub",
]

STUB_TEXT = r"([\w./-]+): not written yet"
STUB = re.compile(rf"^\s*raise NotImplementedError\(\s*[\"']{STUB_TEXT}", re.M)
DEFINED = re.compile(r"^(?:def|class) +(\w+)", re.M)
PLACEHOLDER = "*Double-click here and write your answer in place of this line.*"
# Formatters of Markdown choose other marks, and break lines elsewhere.
WRITTEN_PLACEHOLDER = re.compile(
    r"[*_]{,3}" + r"\s+".join(map(re.escape, PLACEHOLDER.strip("*").split())) + r"[*_]{,3}"
)


def write_stub(part_id: str, file: str) -> str:
    """Return what the stub of a part says when it is called."""
    return f"{part_id}: not written yet, see {file}"


def read_stub(text: str) -> str:
    """Return the id of the part whose stub says this, "" if it is no stub's text."""
    found = re.match(STUB_TEXT, text)
    return found[1] if found else ""


def drop_placeholder(text: str) -> str:
    """Return an answer without the line in whose place it was to be written."""
    return WRITTEN_PLACEHOLDER.sub("", text)


def find_unwritten(root: Path = ROOT) -> list[str]:
    """Return the ids of the parts that still hold their stub, or lack a function."""
    texts = {part.file: _read(root / "assignment" / part.file) for part in load_parts()}
    stubs = {stub for text in texts.values() for stub in STUB.findall(text)}
    defined = {file: set(DEFINED.findall(text)) for file, text in texts.items()}
    return [
        part.id
        for part in load_parts()
        if part.id in stubs or not defined[part.file].issuperset(part.functions)
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def find_unanswered(cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of cells that hold a stub, and of empty answers.

    Parameters
    ----------
    cells : cells of a notebook's JSON
    """
    return [str(cell.get("id", "?")) for cell in cells if _is_unanswered(cell)]


def _is_unanswered(cell: Mapping[str, Any]) -> bool:
    source = read_text(cell) or ""
    if "written" in find_tags(cell):
        return not drop_placeholder(source).strip()
    return cell.get("cell_type") == "code" and bool(STUB.search(source))
