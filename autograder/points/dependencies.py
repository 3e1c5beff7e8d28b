"""What a verdict depends on: a change of anything here means to judge again."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from assignment.support.project.cells import SOLUTION
from assignment.support.project.manifest import ROOT
from assignment.support.project.newer_python import write_version
from assignment.support.project.pristine import name_some
from autograder.master_notebooks import MasterCell, make_outlines, read_master_notebooks
from autograder.points.syntax import write_syntax

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["NOT_DECIDING", "Dependencies", "explain_change", "read_dependencies"]

# Rooms of the grader that no verdict depends on: they come before judging, or use what it stored.
NOT_DECIDING = frozenset(
    {
        *("__main__", "commands", "enrolment", "gradebook", "grading", "marks", "points"),
        *("proving", "release", "reports", "results", "roster", "rules", "scoring", "similar"),
    }
)
COMMANDS = ("assignment/__main__.py", "assignment/support/commands/")  # of students
FILES = ("conftest.py", "assignment/**/*.py", "autograder/**/*.py", "tests/*.py")
TESTS = ("tests/public/*.py", "tests/hidden/*.py")
MOST_NAMED = 3


@dataclass(frozen=True)
class Dependencies:
    """A digest of each thing that a verdict depends on, by its name.

    The name is a path in the project, as "tests/hidden/test_affine.py", or "Python" or "NumPy".
    These two have their versions for digests.
    """

    digests: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The SHA-256 of all together, hexadecimal."""
        return _hash(json.dumps(sorted(self.digests.items())))


def read_dependencies(root: Path = ROOT) -> Dependencies:
    """Read what verdicts depend on.

    These are public and hidden tests and what they import, the assignment with the teacher's
    solutions, its manifest, the code of the master notebooks, the rooms of the grader that judge,
    and the minor versions of Python and NumPy: answers, random numbers and messages of errors vary
    with these. The versions stand apart, and the digests of files do not depend on Python's.

    Left out are all points, comments and layout, the text of notebooks, and stored outputs. Where
    the ids of a student's cells are lost, they are found by the given text between them: this works
    best with the text that students got, so a new wording is no reason to judge again.
    """
    digests = {
        "Python": write_version(sys.version_info[:2]),
        "NumPy": ".".join(version("numpy").split(".")[:2]),
    }
    for name in _find_python(root):
        digests[name] = _hash_python((root / name).read_bytes())
    digests["assignment/manifest.toml"] = _hash_manifest(root / "assignment" / "manifest.toml")
    masters = read_master_notebooks(root / "notebooks")
    for name, outline in make_outlines(masters).items():
        keys = {one.id: one.key for one in outline if one.role == SOLUTION}
        digests[f"notebooks/{name}.ipynb"] = _hash_cells(masters[name], keys)
    return Dependencies(digests)


def _find_python(root: Path) -> Iterator[str]:
    """Yield the names of the Python files that a verdict depends on."""
    for path in sorted(path for pattern in (*FILES, *TESTS) for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        folder, _, rest = name.partition("/")
        room = rest.partition("/")[0].removesuffix(".py")
        if not name.startswith(COMMANDS) and not (folder == "autograder" and room in NOT_DECIDING):
            yield name


def _hash_python(source: str | bytes) -> str:
    try:
        return _hash(write_syntax(source))
    except (SyntaxError, ValueError):  # a line of magics, or a file that cannot be collected
        return _hash(source)


def _hash_manifest(path: Path) -> str:
    manifest = tomllib.loads(path.read_text(encoding="utf-8"))
    for part in manifest["part"]:
        part.pop("points", None)
    return _hash(json.dumps(manifest, sort_keys=True))


def _hash_cells(cells: Sequence[MasterCell], keys: Mapping[str, str]) -> str:
    """Hash what runs of a notebook, and by what a student's cells are found.

    Parameters
    ----------
    keys : the name that each cell to complete defines, by the id of the cell
    """
    rows = [
        [
            cell.id,
            cell.kind,
            sorted(cell.tags),
            keys.get(cell.id, ""),
            _hash_python(cell.source) if cell.kind == "code" else "",
        ]
        for cell in cells
    ]
    return _hash(json.dumps(rows))


def _hash(content: str | bytes) -> str:
    content = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(content).hexdigest()


def explain_change(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Say in one line what has changed, "" if nothing has.

    Parameters
    ----------
    before, after : digests of Dependencies; `before` is empty if they are not known
    """
    if not before:
        return "it is not known what has changed: an older grader has judged"
    names = [name for name in {**after, **before} if before.get(name) != after.get(name)]
    if not names:
        return ""
    told = name_some([_describe(name, before, after) for name in names], MOST_NAMED)
    return f"{told} {'has' if len(names) == 1 else 'have'} changed"


def _describe(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    if name not in before or name not in after:
        return f"{name} ({'new' if name in after else 'gone'})"
    if name in ("Python", "NumPy"):
        return f"{name} ({before[name]}, now {after[name]})"
    return name
