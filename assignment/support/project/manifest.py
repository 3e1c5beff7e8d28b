"""The list of parts in assignment/manifest.toml."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["GIVEN_FILES", "ROOT", "Part", "UnknownPart", "is_wanted", "load_parts", "select_parts"]

ROOT = Path(__file__).resolve().parents[3]
GIVEN_FILES = ("__init__.py", "__main__.py", "contracts.py")  # in assignment/


class UnknownPart(ValueError):
    """A part that does not exist was asked for; one line that names similar ones or all."""


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


def select_parts(wanted: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts with these ids or in these groups; all parts if `wanted` is empty.

    Raises
    ------
    UnknownPart
        There is no such part or group.
    """
    parts = load_parts()
    for one in wanted:
        if not any(is_wanted(part.id, [one]) for part in parts):
            raise UnknownPart(_name_known(one, [part.id for part in parts]))
    return tuple(part for part in parts if not wanted or is_wanted(part.id, wanted))


def is_wanted(part_id: str | None, wanted: Sequence[str]) -> bool:
    """Say whether a part, or the group of parts that it belongs to, was asked for."""
    return part_id is not None and any(
        part_id == one or part_id.startswith(f"{one}.") for one in wanted
    )


def _name_known(one: str, ids: list[str]) -> str:
    import difflib  # rarely needed

    groups = dict.fromkeys(part_id.split(".")[0] for part_id in ids)
    near = " or ".join(difflib.get_close_matches(one, [*groups, *ids], n=2))
    said = f"did you mean {near}?" if near else f"the parts are: {', '.join(ids)}"
    return f"no part {one!r}; {said}"
