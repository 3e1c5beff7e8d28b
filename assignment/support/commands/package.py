"""Gather what is handed in: the files of the manifest, and the student's modules they import."""

from __future__ import annotations

import ast
import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assignment.support.commands.cell_code import describe_code
from assignment.support.project.cells import (
    WRITTEN,
    Outlined,
    describe_located,
    describe_lost_pictures,
    find_open,
    locate,
    read_outlines,
    take_cell,
)
from assignment.support.project.kinds import find_conflict, tell_kind
from assignment.support.project.manifest import GIVEN_FILES, ROOT, load_parts
from assignment.support.project.naming import find_meant, find_within
from assignment.support.project.newer_python import explain_newer, find_too_new
from assignment.support.project.notebook_files import (
    NotANotebook,
    find_drawn,
    load_notebook,
    read_text,
)
from assignment.support.project.unwritten import find_unanswered
from assignment.support.testing.advice import find_advice
from assignment.support.testing.debuggers import find_stopping
from assignment.support.testing.messages import explain_import

__all__ = ["MAX_NOTEBOOK", "MAX_SOURCE", "Package", "collect"]

MAX_SOURCE, MAX_NOTEBOOK = 2**20, 20 * 2**20  # bytes; the grader leaves out larger files
KNOWN = {"numpy", "assignment", *sys.stdlib_module_names}
COPY = "copy it again from the zip that the course gave you"
MERGE = "keep one of the two versions there, and remove the lines of <<<, === and >>>"
FIX = "fix that line, or remove its function to hand in the others"
SAVE = f"open it in JupyterLab and save it; if that fails, {COPY}"


class Problem(Exception):
    """A file cannot be handed in: what is wrong, and what to do."""


@dataclass
class Package:
    """The files to hand in, and problems and remarks about them.

    Attributes
    ----------
    files : dict of bytes
        Path -> content; notebooks are without their outputs, but for pictures in answers.
    problems : list of (str, str)
        Why the package cannot be handed in, and what to do.
    remarks : list of str
        Possible mistakes.
    unanswered : dict of lists
        Path of a notebook -> ids of the cells that are not completed yet.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unanswered: dict[str, list[str]] = field(default_factory=dict)


def collect(root: Path = ROOT) -> Package:
    """Read everything that is handed in, without running it."""
    package, outlines = Package(), read_outlines(root)
    waiting = list(dict.fromkeys(f"assignment/{part.file}" for part in load_parts()))
    waiting += dict.fromkeys(f"notebooks/{part.notebook}.ipynb" for part in load_parts())
    for name in waiting:  # grows in the loop
        try:
            content = _read(root / name, name)
            if name.endswith(".ipynb"):
                package.files[name] = _take_notebook(
                    name, content, package, outlines.get(Path(name).stem, [])
                )
            else:
                tree = _parse(root / name, content)
                package.remarks += [f"{name} {why}" for why in find_too_new(content, tree)]
                imported = sorted(_find_imports(tree))
                waiting += [own for own in _find_own(imported, root) if own not in waiting]
                package.remarks += _find_unavailable(name, imported, root)
                package.remarks += [f"{name}, {why}" for why in find_stopping(tree)]
                package.files[name] = _require_size(name, content, MAX_SOURCE)
        except Problem as problem:
            package.problems.append(problem.args)
    return package


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Problem(f"{name} is missing", _find_lookalike(path) or COPY) from None
    except OSError as error:
        raise Problem(f"{name} cannot be read", f"{error.strerror or error}") from None


def _find_lookalike(path: Path) -> str:
    """Suggest a file that may be the missing one: a renamed copy, or one in another folder."""
    root = path.parents[1]
    folders = [path.parent, root, root / "assignment", root / "notebooks"]
    files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
    wanted = [path.name]
    like = [f for f in files if find_meant(f.name, wanted) or find_within(f.name, wanted)]
    like = [file for file in like if file.is_file()]
    like.sort(key=lambda file: (file.parent == path.parent, file.stat().st_mtime))
    beside = [file for file in files if file.name.lower().startswith(path.stem.lower())]
    like = like or [file for file in sorted(beside) if file.parent == path.parent]
    if not like:
        return ""
    found = like[-1]
    if found.parent == path.parent:
        return f"rename {found.name!r} to {path.name}, if it is that file"
    where = found.relative_to(root).as_posix()
    return f"move {where!r} to {path.relative_to(root).as_posix()}, if it is that file"


def _require_size(name: str, content: bytes, at_most: int) -> bytes:
    if len(content) > at_most:
        size = f"{name} is larger than {at_most // 2**20} MB"
        raise Problem(size, "remove what is neither code nor an answer")
    return content


def _parse(path: Path, content: bytes) -> ast.Module:
    """Return the tree of a file that Python can read."""
    kind = tell_kind(content)
    if kind not in ("", "empty"):
        raise Problem(f"{path.name} is {kind}, not Python", COPY)
    if line := find_conflict(content):
        raise Problem(f"{path.name} holds an unfinished merge in git, from line {line:,} on", MERGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, str(path))
            compile(tree, str(path), "exec", dont_inherit=True)  # finds "return outside function"
            return tree
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = explain_import(error, path.name)
        newer = explain_newer(getattr(error, "text", None) or "")
        raise Problem(said, newer or find_advice("CannotUse", said) or FIX) from None


def _find_imports(tree: ast.Module) -> Iterator[str]:
    """Find the full names of the modules and objects that a file in assignment/ imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "assignment." if node.level else ""
            module = f"{package}{node.module or ''}".rstrip(".")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _find_own(imported: Iterable[str], root: Path) -> Iterator[str]:
    """Find the student's own files among the imported modules."""
    for name in imported:
        package, _, rest = name.partition(".")
        file = f"{rest.split('.')[0]}.py"
        if (
            package == "assignment"
            and file not in GIVEN_FILES
            and (root / package / file).is_file()
        ):
            yield f"assignment/{file}"


def _find_unavailable(name: str, imported: Iterable[str], root: Path) -> Iterator[str]:
    """Say which modules a file imports that the grader may not have."""
    tops = dict.fromkeys(module.split(".")[0] for module in imported)
    for top in [top for top in tops if top not in KNOWN]:
        write = f"write from assignment.{top} import ..."
        if (root / "assignment" / f"{top}.py").is_file():
            yield f"{name} imports {top}, which stays out: {write}"
        elif (root / f"{top}.py").is_file() or (root / top).is_dir():
            yield f"{name} imports {top}, which stays out: move it into assignment/, and {write}"
        else:
            yield f"{name} imports {top}: the grader has only NumPy and what comes with Python"


def _take_notebook(name: str, content: bytes, package: Package, outline: list[Outlined]) -> bytes:
    """Return a notebook without its outputs, and note which cells are not completed."""
    try:
        notebook = load_notebook(content)
    except NotANotebook as error:
        raise Problem(f"{name} {error}", SAVE) from None
    cells = [cell for cell in notebook["cells"] if read_text(cell) is not None]
    answering: set[int] = set()
    if not cells:
        raise Problem(f"{name} has no cells that can be read", SAVE)
    if damaged := len(notebook["cells"]) - len(cells):
        package.remarks.append(f"{name} has damaged cells ({damaged:,}), which stay out")
    if outline:
        known = list(map(take_cell, cells))
        located = locate(outline, known)
        package.unanswered[name] = find_open(outline, located, known)
        package.remarks += describe_located(name, located)
        package.remarks += describe_lost_pictures(name, outline, located, known)
        package.remarks += describe_code(name, outline, located, known)
        found = [
            located.found[one.id]
            for one in outline
            if one.id in located.found and one.role == WRITTEN
        ]
        answering = {id(cells[place]) for one in found for place in one.places}
    else:  # the master copy
        package.unanswered[name] = find_unanswered(cells)
    for cell in cells:
        _strip(cell, id(cell) in answering)
    text = json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False)
    # the grader replaces lone surrogates, which JSON can hold
    return _require_size(name, text.encode("utf-8", "surrogatepass"), MAX_NOTEBOOK)


def _strip(cell: dict[str, Any], is_answer: bool) -> None:
    """Remove outputs, but for pictures that belong to a written answer."""
    if cell.get("cell_type") == "code":
        drawn = find_drawn(cell) if is_answer else ()
        outputs = [
            {"output_type": "display_data", "data": {kind: content}, "metadata": {}}
            for kind, content in drawn
        ]
        cell.update(execution_count=None, outputs=outputs)
