"""Read submission_metadata.yml, which Gradescope puts beside the folders of all submissions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

import yaml

from autograder.roster.people import clean
from autograder.roster.times import read_time

__all__ = ["GradescopeSubmission", "MetadataError", "Submitter", "read_gradescope_metadata"]

FOLDER = re.compile(r"([^\s:#-][^:]*):\s*$")
ENTRY = re.compile(r"(?P<indent> +)(?P<dash>- )?:(?P<key>\w+):(?: (?P<value>.*))?$")
MOST_LETTERS = 500  # of a value


class MetadataError(Exception):
    """The file is not that of Gradescope; one line."""


@dataclass(frozen=True)
class Submitter:
    """One of those who handed in together."""

    name: str
    sid: str
    email: str


@dataclass(frozen=True)
class GradescopeSubmission:
    """What the file says about one folder."""

    submitters: tuple[Submitter, ...]
    created_at: datetime | None  # with a zone
    history: tuple[datetime, ...]  # times of earlier attempts, which are not in the download


@dataclass
class _Section:
    """What stands below the name of a folder."""

    created_at: str = ""
    items: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # of lists, by their keys


def read_gradescope_metadata(text: str) -> dict[str, GradescopeSubmission]:
    """Return what the file says, by the name of the submission's folder.

    Raises
    ------
    MetadataError
        It does not name the folders of submissions.
    """
    found = _read_lines(text)
    if not found:
        raise MetadataError("submission_metadata.yml does not name the folders of submissions")
    return {folder: _make_submission(section) for folder, section in found.items()}


def _read_lines(text: str) -> dict[str, _Section]:
    """Return the entries of three levels: folders, what is known of each, and items of lists there.

    Below lie results and output of student code, megabytes of YAML that may be nested so deeply
    that libyaml crashes or takes minutes. Gradescope indents all of it, so lines tell the levels.
    """
    found: dict[str, _Section] = {}
    section = _Section()
    key, depth = "", 0  # of the list that is read, and how far its dashes are indented
    for line in text.splitlines():
        if folder := FOLDER.match(line):
            section = found.setdefault(_read_scalar(folder[1]), _Section())
            key = ""
        elif entry := ENTRY.match(line):
            indent = len(entry["indent"])
            if indent == 2 and not entry["dash"]:
                key, depth = entry["key"], 0
                section.items[key] = []
                if key == "created_at":
                    section.created_at = _read_scalar(entry["value"] or "")
            elif key and entry["dash"] and indent == (depth or indent):
                depth = indent
                section.items[key].append({})
            if key and section.items[key] and indent + 2 * bool(entry["dash"]) == depth + 2:
                section.items[key][-1][entry["key"]] = _read_scalar(entry["value"] or "")
    return found


def _read_scalar(text: str) -> str:
    """Return a value as a text, "" for a list or what is damaged: "0123" keeps its zero."""
    try:
        value = yaml.load(text[:MOST_LETTERS], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return ""
    return clean(value) if isinstance(value, str) else ""


def _make_submission(section: _Section) -> GradescopeSubmission:
    submitters = [
        Submitter(one.get("name", ""), one.get("sid", ""), one.get("email", ""))
        for one in section.items.get("submitters", [])
    ]
    earlier = [read_time(one.get("created_at", "")) for one in section.items.get("history", [])]
    at = read_time(section.created_at)
    return GradescopeSubmission(tuple(submitters), at, tuple(time for time in earlier if time))
