"""Make what students get: stubs, notebooks without outputs, given code, public tests, data."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from assignment.support.data import SHIPPED
from assignment.support.project.cells import OUTLINE, write_outlines
from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.writing import make_zip
from autograder.errors import GraderError
from autograder.master_notebooks import make_outlines, read_master_notebooks
from autograder.release.markers import MARKER, empty_notebook, empty_parts

__all__ = [
    "NAME",
    "ReleaseError",
    "find_differences",
    "make_release",
    "make_stubs",
    "pack_release",
    "renew_folder",
    "write_files",
    "write_release",
]

Files = dict[str, bytes]  # path in the release -> content

NAME = "training-neural-networks-1"
AS_THEY_ARE = (
    "LICENSE",
    "conftest.py",
    "get_datasets.sh",
    "requirements.txt",
    "assignment/__*__.py",
    "assignment/contracts.py",
    "assignment/manifest.toml",
    "assignment/support/**/*.py",
    "datasets/README.md",
    "datasets/LICENSES/*.txt",
    *(f"datasets/{name}.npz" for name in SHIPPED),
    "tests/__init__.py",
    "tests/oracles.py",
    "tests/oracles_normalization.py",
    "tests/randomness.py",
)
CHECKSUMS = "assignment/support/CHECKSUMS"
READ_ONLY = (  # for students
    "assignment/support/",
    "assignment/contracts.py",
    "assignment/manifest.toml",
    "conftest.py",
    "tests/",
)
PYTEST_SECTION = re.compile(r"^\[tool\.pytest\.ini_options\]\n.*?(?=^\[|\Z)", re.M | re.S)


class ReleaseError(GraderError):
    """The release cannot be made or written: why, in one line."""


def make_release() -> Files:
    """Return the files that students get, by their path.

    Raises
    ------
    ReleaseError, MarkerError
        A file is missing, or a solution would be released.
    """
    files = {**_read_given(), **make_stubs(), **_make_own()}
    files[CHECKSUMS] = _make_checksums(files)
    for name, content in files.items():
        if MARKER.search(content.decode("latin-1")):
            raise ReleaseError(f"{name} holds a misplaced or misspelled solution marker: fix it")
    return files


def write_release(out: Path) -> int:
    """Write the release as a folder and as a zip, and return how many files it has.

    Parameters
    ----------
    out : Path
        A folder for these two only; an earlier release in it is replaced.

    Raises
    ------
    ReleaseError, MarkerError
        The release cannot be made, or `out` holds something else.
    """
    files, out = make_release(), out.resolve()
    _refuse_strangers(out)
    try:
        with renew_folder(out) as new:
            write_files(new / NAME, files)
            (new / f"{NAME}.zip").write_bytes(pack_release(files))
    except OSError as error:
        where = error.filename or out
        raise ReleaseError(f"cannot write {where}: {error.strerror or error}") from None
    return len(files)


def find_differences(out: Path) -> list[str]:
    """Return a line for each difference between a release and what would be written now."""
    files = make_release()
    path = out / f"{NAME}.zip"
    found, packed = _read_folder(out / NAME), _read_zip(path)
    if not found and not path.exists():
        return [f"there is no release in {out}"]
    lines = list(_compare(NAME, found, files)) if found else [f"{NAME}/ is missing"]
    if not packed:
        lines.append(f"{path.name} is missing or damaged")
    elif packed != files:
        lines += _compare(path.name, packed, files)
    elif path.read_bytes() != pack_release(files):
        lines.append(f"{path.name} holds the same files, packed differently")
    return lines


def pack_release(files: Mapping[str, bytes]) -> bytes:
    """Return the zip of a release."""
    return make_zip(files, NAME, get_mode=lambda content: stat.S_IFREG | _get_mode(content))


def _read_given() -> Files:
    """Return the files that are released unchanged."""
    public = {f"tests/public/{part.tests}" for part in load_parts()}
    paths = [path for pattern in (*AS_THEY_ARE, *public) for path in _find(pattern)]
    return {path.relative_to(ROOT).as_posix(): _read(path) for path in paths}


def _find(pattern: str) -> list[Path]:
    found = [path for path in ROOT.glob(pattern) if not path.name.startswith(".")]
    if not found:
        raise ReleaseError(f"{pattern} is missing, but belongs to a release")
    return found


def make_stubs() -> Files:
    """Return the files that students complete, without solutions."""
    parts = load_parts()
    ids = {part.id for part in parts}
    files = {}
    for name in {f"assignment/{part.file}" for part in parts}:
        files[name] = empty_parts(name, _read(ROOT / name).decode(), ids).encode()
    for name in {f"notebooks/{part.notebook}.ipynb" for part in parts}:
        files[name] = empty_notebook(name, _read(ROOT / name))
    return files


def _make_own() -> Files:
    """Return the files that differ from those of the same name in the master copy."""
    pyproject = PYTEST_SECTION.search(_read(ROOT / "pyproject.toml").decode())
    if not pyproject:
        raise ReleaseError("pyproject.toml has no section [tool.pytest.ini_options]")
    return {
        "README.md": _read(ROOT / "docs" / "student-README.md"),
        "pyproject.toml": f"{pyproject[0].rstrip()}\n".encode(),
        OUTLINE: write_outlines(make_outlines(read_master_notebooks())),
    }


def _make_checksums(files: Files) -> bytes:
    """Return checksums, as ``sha256sum --check`` reads them, of files that students leave alone."""
    names = [name for name in sorted(files) if name.startswith(READ_ONLY)]
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in names]
    return "".join(lines).encode()


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"cannot read {path}: {error.strerror or error}") from None
    return content if path.suffix == ".npz" else content.replace(b"\r\n", b"\n")


@contextlib.contextmanager
def renew_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which afterwards takes the place of one that may be there.

    Where filling it fails, the old one is left as it was, and nothing lies beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        yield new
        if folder.exists():
            os.replace(folder, Path(scratch) / "old")
        os.replace(new, folder)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder; what begins like a script can be run."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(_get_mode(content))


def _get_mode(content: bytes) -> int:
    return 0o755 if content.startswith(b"#!") else 0o644


def _refuse_strangers(out: Path) -> None:
    """Refuse to replace anything but an unchanged release."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ReleaseError(f"{out} is not a folder; name one that is new or empty")
    strangers = sorted(set(os.listdir(out)) - {NAME, f"{NAME}.zip"})
    if strangers:
        raise ReleaseError(f"{out} holds {strangers[0]!r}; name a folder that is new or empty")
    if not (out / NAME).exists():
        return  # only the zip is left, and nobody works in a zip
    released = _read_zip(out / f"{NAME}.zip")
    for line in _compare(NAME, _read_folder(out / NAME), released):
        raise ReleaseError(f"in {out}, {line}; save what you need, then delete that folder")


def _read_folder(folder: Path) -> Files:
    paths = [path for path in folder.rglob("*") if not path.is_dir()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _read_zip(path: Path) -> Files:
    """Return the files in a zip; none if it is missing or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return {name.removeprefix(f"{NAME}/"): archive.read(name) for name in names}
    except (OSError, zipfile.BadZipFile):
        return {}


def _compare(where: str, found: Files, expected: Files) -> Iterator[str]:
    """Yield a line for each file that is missing, changed or extra."""
    for name in sorted({*found, *expected}):
        if found.get(name) != expected.get(name):
            kind = "is missing" if name not in found else "differs"
            yield f"{where}/{name} {kind if name in expected else 'was not released'}"
