"""``python -m assignment submit``: show what goes in and what stays out, and write a zip."""

from __future__ import annotations

import getpass
import itertools
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from assignment.support.commands.package import Package, collect
from assignment.support.project.manifest import GIVEN_FILES, ROOT
from assignment.support.project.naming import find_meant
from assignment.support.project.pristine import find_changes, name_some
from assignment.support.project.unwritten import find_unwritten
from assignment.support.project.writing import make_zip, write_whole

__all__ = ["SubmitError", "submit"]

COMMENT = b"python -m assignment submit"  # marks a zip that this command has written
ANOTHER_NAME = "python -m assignment submit NAME"
LITTER = ("__pycache__", ".ipynb_checkpoints")


class SubmitError(Exception):
    """No zip was written: why, and what to do."""


def submit(name: str | None, folder: Path, root: Path = ROOT) -> None:
    """Write NAME.zip into a folder, and print what is in it and what is not.

    Parameters
    ----------
    name : str or None
        Name of the zip without .zip; None means the login name.
    folder : Path
    root : Path
        Where assignment/ and notebooks/ are.

    Raises
    ------
    SubmitError
        A file is missing or cannot be read, or the zip cannot be written.
    """
    package = collect(root)
    target = folder / f"{name or _find_login()}.zip"
    if package.problems:
        lines = [f"{target.name} was not written:"]
        for remedy, group in itertools.groupby(package.problems, lambda problem: problem[1]):
            lines += [*(f"  {problem}" for problem, _ in group), f"    {remedy}"]
        raise SubmitError("\n".join(lines))
    before = _refuse_stranger(target)
    why = "" if name else f", named after your login; another name: {ANOTHER_NAME}"
    print("\n".join([f"{target.name}{why}", *_describe(package, root)]))
    content = make_zip(package.files, comment=COMMENT)
    _write(target, content)
    what = "replaced" if before else "wrote"
    print(f"{what} {target}, {_write_size(len(content))}: this is the file to hand in")


def _find_login() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        raise SubmitError(f"cannot tell your login name; give one: {ANOTHER_NAME}") from None


def _describe(package: Package, root: Path) -> Iterator[str]:
    """Write the lines that a student should read before handing in."""
    yield "goes in"
    for name, content in package.files.items():
        remark = "without outputs" if name.endswith(".ipynb") else ""
        yield _write_row(name, _write_size(len(content)), remark)
    yield "stays out"
    for name, remark in _find_left_out(package, root):
        yield _write_row(name, "", remark)
    yield "  everything outside assignment/ and notebooks/"
    unwritten = find_unwritten(root)
    unanswered = {name: cells for name, cells in package.unanswered.items() if cells}
    if unwritten or unanswered:
        yield "not done yet; you may hand in all the same"
    if unwritten:
        yield f"  {name_some(unwritten, 5)}"
    for name, cells in unanswered.items():
        yield f"  {name}: {name_some(cells, 5)}"
    if package.remarks:
        yield "possible mistakes"
        yield from (f"  {remark}" for remark in package.remarks)


def _find_left_out(package: Package, root: Path) -> Iterator[tuple[str, str]]:
    """Find files that are not handed in: changed given files, and others in the two folders."""
    for name in find_changes(root):
        yield name, "given, but changed: the grader uses its own"
    for folder in ("assignment", "notebooks"):
        for path in sorted((root / folder).iterdir()):
            name = f"{folder}/{path.name}"
            given = (
                path.name in (*GIVEN_FILES, "support", "manifest.toml") and folder == "assignment"
            )
            litter = path.name.startswith(".") or path.name in LITTER
            if name not in package.files and not given and not litter:
                yield name, _say_why(path, package, root)


def _say_why(path: Path, package: Package, root: Path) -> str:
    """Say why a file is not handed in."""
    places = {Path(name).name: name for name in package.files}
    if meant := find_meant(path.name, places):
        newer = path.stat().st_mtime > (root / places[meant]).stat().st_mtime
        return f"a copy{' that is newer' if newer else ''}: {meant} goes in"
    if path.suffix == ".py" and path.parent.name == "assignment":
        return "not imported by a file that goes in"
    return "not asked for"


def _write_row(name: str, size: str, remark: str) -> str:
    return f"  {name:<36}{size:>9}  {remark}".rstrip()


def _write_size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size / 2**10:.1f} KB"


def _refuse_stranger(target: Path) -> bool:
    """Say whether the target is an earlier submission; SubmitError if it is another file."""
    if not os.path.lexists(target):
        return False
    try:
        with zipfile.ZipFile(target) as archive:
            if archive.comment == COMMENT:
                return True
    except (OSError, zipfile.BadZipFile):
        pass
    said = f"{target.name} exists already and was not written by this command"
    raise SubmitError(f"{said}\n  move it away, or give another name: {ANOTHER_NAME}")


def _write(target: Path, content: bytes) -> None:
    try:
        write_whole(target, content)
    except OSError as error:
        reason = error.strerror or error
        raise SubmitError(f"cannot write {target}: {reason}; run this in another folder") from None
