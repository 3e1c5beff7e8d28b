"""Read a notebook's file: what of it is a notebook, and which of its cells can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assignment.support.project.kinds import find_conflict, tell_kind

__all__ = [
    "NotANotebook",
    "find_drawn",
    "find_outputs",
    "find_tags",
    "join_text",
    "load_notebook",
    "read_text",
]

DRAWN = ("image/png", "image/jpeg")  # as Matplotlib draws
KINDS = ("code", "markdown", "raw")


class NotANotebook(Exception):
    """Why a file is no notebook; the message continues its name, as in "is not JSON"."""


def load_notebook(content: bytes) -> dict[str, Any]:
    """Return a notebook; its "cells" are a list, in which anything may be.

    Raises
    ------
    NotANotebook
        It is none, or one in an old format.
    """
    try:
        notebook = json.loads(_decode(content))
    except (ValueError, RecursionError):
        raise NotANotebook(_explain(content)) from None
    if isinstance(notebook, dict) and "worksheets" in notebook:
        raise NotANotebook("is in Jupyter's old format 3")
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise NotANotebook("is not a notebook")
    return notebook


def _decode(content: bytes) -> str | bytes:
    """Return text that an editor on Windows saved in its own encoding; json reads all others."""
    try:
        content.decode(json.detect_encoding(content), "surrogatepass")
    except UnicodeError:
        return content.decode("cp1252", "replace")
    return content


def _explain(content: bytes) -> str:
    """Say why a file is not JSON."""
    if line := find_conflict(content):
        return f"holds an unfinished merge in git, which begins in line {line:,}"
    kind = tell_kind(content)
    if kind in ("", "a notebook"):
        return "is not JSON"
    return f"is {kind}" if kind == "empty" else f"is {kind}, not a notebook"


def read_text(cell: object) -> str | None:
    """Return the text of a cell, None where the cell is damaged.

    Some programs write the lines of a cell without the newlines at their ends.
    """
    if not isinstance(cell, dict) or cell.get("cell_type") not in KINDS:
        return None
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = ("" if any("\n" in line for line in source) else "\n").join(source)
    return source if isinstance(source, str) else None


def find_tags(cell: Mapping[str, Any]) -> list[Any]:
    """Return the tags of a cell, whose metadata may be anything."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def find_drawn(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the pictures in the outputs of a cell: media type, base64."""
    for output in find_outputs(cell):
        data = output.get("data")
        kinds = data if isinstance(data, dict) else {}
        for kind in DRAWN:
            if content := join_text(kinds.get(kind)):
                yield kind, content.replace("\n", "")


def find_outputs(cell: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the outputs of a cell that are not damaged; what is in them may be anything."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict):
            yield output


def join_text(stored: object) -> str:
    """Return a text of an output, stored whole or as a list of lines; "" if it is neither."""
    if isinstance(stored, list) and all(isinstance(line, str) for line in stored):
        return "".join(stored)
    return stored if isinstance(stored, str) else ""
