"""The list of parts in assignment/manifest.toml."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["ROOT", "Part", "load_parts"]

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Part:
    """One part of the assignment: the functions of one file that are tested together.

    ``builds_on`` names the parts whose functions it may call.
    """

    id: str
    file: str
    functions: tuple[str, ...]
    notebook: str
    tests: str
    points: int
    builds_on: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Name under which Python imports the file."""
        return f"assignment.{self.file.removesuffix('.py')}"


@cache
def load_parts() -> tuple[Part, ...]:
    """Return all parts, in the order in which the notebooks need them."""
    text = (ROOT / "assignment" / "manifest.toml").read_text(encoding="utf-8")
    rows = [{"builds_on": [], **row} for row in tomllib.loads(text)["part"]]
    lists = "functions", "builds_on"
    return tuple(Part(**{**row, **{key: tuple(row[key]) for key in lists}}) for row in rows)
