"""The rules of a course: course.toml, read and checked. docs/course.toml explains each key."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, TypeVar

from autograder.errors import GraderError
from autograder.outcomes import HINT_STEPS as HINTS
from autograder.rules import toml_lines
from autograder.rules.times import (
    add_time,
    describe_time,
    find_zone,
    read_duration,
    read_time,
    to_utc,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "ATTEMPTS",
    "EMPTY",
    "KINDS",
    "VOIDINGS",
    "Course",
    "CourseError",
    "LateRule",
    "check_names",
    "find_due_dates",
    "find_voiding",
    "find_weight",
    "parse_course",
    "read_course",
]

ATTEMPTS = ("latest", "best", "first")
KINDS = ("functions", "cells", "written")
VOIDINGS = ("leave out", "give to all")
LATE_KEYS = ("percent_per_day", "points_per_day", "days_free", "cut_off_days", "cut_off")
NAMED = ("extensions", "weights", "voided")  # tables whose keys are names of the course
PLAIN_KEYS = ("title", "due", "time_zone", "grace", "attempts", "follow_through", "hints")
KEYS = (*PLAIN_KEYS, "late", *NAMED)

BARE = re.compile(r"[A-Za-z0-9_-]+")
AT_LINE = re.compile(r"^(.*?) \(at line (\d+), column \d+\)$", re.S)
SHORT_TIME = re.compile(r"=\s*(\d{4}-\d\d-\d\d[ T]\d\d:\d\d)\s*(?:#|$)")
ODD_KEY = re.compile(r"""^\s*([^\s"'#=\[{][^"'#=\[{]*?)\s*=""")
Value = TypeVar("Value")


class CourseError(GraderError):
    """A course.toml that cannot be used; one line for each fault, with its place."""


@dataclass(frozen=True)
class LateRule:
    """What lateness costs. Percent are of the points that the student earned."""

    percent_per_day: float = 0
    points_per_day: float = 0
    days_free: int = 0
    cut_off_days: int | None = None  # after each student's own due date
    cut_off: datetime | None = None  # for all; a later due date of one student counts instead

    @property
    def costs(self) -> bool:
        """Whether a day costs anything."""
        return bool(self.percent_per_day or self.points_per_day)

    @property
    def needs_time(self) -> bool:
        """Whether the rule cannot be applied without the time of handing in."""
        return self.costs or self.cut_off_days is not None or self.cut_off is not None


@dataclass(frozen=True)
class Course:
    """The rules of one assignment in one term."""

    title: str = ""
    due: datetime | None = None  # aware
    time_zone: tzinfo | None = None
    grace: timedelta = timedelta(0)  # added to each limit: the due date, days begun, the cut-off
    late: LateRule = LateRule()
    # Keys as the teacher wrote them: a name, an e-mail address, an id or a login.
    extensions: Mapping[str, datetime | timedelta] = field(default_factory=dict)
    attempts: str = "latest"  # one of ATTEMPTS
    follow_through: float = 1  # share, 0 to 1
    hints: str = "what"  # one of HINTS
    weights: Mapping[str, float] = field(default_factory=dict)  # of an item, a notebook or a kind
    voided: Mapping[str, str] = field(default_factory=dict)  # of a test or an item, to VOIDINGS
    file: str = field(default="course.toml", compare=False)  # its name, for messages
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict, compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)  # of the file

    def place(self, *path: str) -> str:
        """Return where a key stands: 'course.toml, line 7, late.percent_per_day'."""
        line = self.lines.get(path)
        key = ".".join(name if BARE.fullmatch(name) else f'"{_show(name)}"' for name in path)
        return ", ".join([self.file, *([f"line {line}"] if line else []), *([key] if key else [])])


EMPTY = Course()


# Reading


def read_course(path: Path) -> Course:
    """Read a course.toml.

    Raises
    ------
    CourseError
        It cannot be read or has faults; one line for each, with line and key.
    """
    return parse_course(_read_text(path), path.name)


def parse_course(text: str, name: str = "course.toml") -> Course:
    """Return the rules in the text of a course.toml; `name` is that of its file, for messages.

    Raises
    ------
    CourseError
        It has faults; one line for each, with line and key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(_explain_syntax(name, text, str(error))) from None
    course = _Reader(table, Course(file=name, lines=_find_flat_lines(text))).read()
    return replace(course, text=text)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # with the mark that some editors put first
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path.name}: is not in UTF-8; save it in that encoding") from None


def _explain_syntax(name: str, text: str, message: str) -> str:
    match = AT_LINE.match(message)
    if match is None:  # "... (at end of document)"
        return f"{name}: {message}"
    message, number = match[1], int(match[2])
    line = text.splitlines()[number - 1] if number <= len(text.splitlines()) else ""
    short, odd = SHORT_TIME.search(line), ODD_KEY.match(line)
    if short:
        message = f'write a time without seconds in quotes: "{short[1]}"'
    elif odd and not re.fullmatch(r"[\w.-]+", odd[1], re.A):
        message = f'write such a name in quotes: "{_show(odd[1])}"'
    return f"{name}, line {number}: {message}"


def _find_flat_lines(text: str) -> dict[tuple[str, ...], int]:
    """Find lines; below the tables of names, dots belong to the name."""
    lines: dict[tuple[str, ...], int] = {}
    for path, line in toml_lines.find_lines(text).items():
        if path[0] in NAMED and len(path) > 2:
            path = path[0], ".".join(path[1:])
        lines.setdefault(path, line)
    return lines


class _Reader:
    """Takes what is right from a table, and keeps a line for each fault."""

    def __init__(self, table: dict[str, Any], course: Course) -> None:
        self.table = table
        self.place = course.place
        self.course = course
        self.faults: list[tuple[int, str]] = []
        self.zone: tzinfo | None = None
        self.due: datetime | None = None

    def read(self) -> Course:
        """Return the course, or raise all faults in the order of their lines."""
        take = self.take
        self.check_keys((), self.table, KEYS)
        self.zone = take(find_zone, "time_zone")
        # After a wrong zone, times are read nevertheless, to find their own faults.
        self.reading_zone = self.zone or (timezone.utc if "time_zone" in self.table else None)
        self.due = take(self.read_time, "due")
        fields: dict[str, Any] = {
            "title": take(_read_title, "title"),
            "grace": take(read_duration, "grace"),
            "attempts": take(_one_of(ATTEMPTS), "attempts"),
            "follow_through": take(_number(0, 1, "0.5"), "follow_through"),
            "hints": take(_one_of(HINTS), "hints"),
            "late": self.read_late(),
            "extensions": self.read_names("extensions", self.read_extension),
            "weights": self.read_names("weights", _number(0, 1000, "2")),
            "voided": self.read_names("voided", _one_of(VOIDINGS)),
        }
        if "due" not in self.table:
            for key in ("grace", "late", "extensions"):
                if key in self.table:
                    self.blame((key,), 'has no meaning without a due date; add due = "..."')
        if self.faults:
            raise CourseError("\n".join(line for _, line in sorted(self.faults)))
        known = {key: value for key, value in fields.items() if value is not None}
        own: dict[str, Any] = {"file": self.course.file, "lines": self.course.lines}
        return Course(due=self.due, time_zone=self.zone, **known, **own)

    def blame(self, path: tuple[str, ...], message: object) -> None:
        """Keep a fault."""
        line = self.course.lines.get(path, 0)
        self.faults.append((line, f"{self.place(*path)}: {message}"))

    def take(self, read: Callable[[Any], Value], *path: str) -> Value | None:
        """Return what a function reads from the value of a key; None if there is none."""
        table = self.table
        for name in path[:-1]:
            table = table[name]
        if path[-1] not in table:
            return None
        return self.try_reading(read, table[path[-1]], path)

    def try_reading(
        self, read: Callable[[Any], Value], value: Any, path: tuple[str, ...]
    ) -> Value | None:
        try:
            return read(value)
        except ValueError as error:
            self.blame(path, error)
        except (OverflowError, RecursionError):
            self.blame(path, "is out of range")
        return None

    def check_keys(self, path: tuple[str, ...], table: Mapping[str, Any], keys: Any) -> None:
        for name in table:
            if name in keys:
                continue
            message = _name_nearest(name, keys)
            if path and name in KEYS:
                message = "belongs above the first line in [brackets], where the main keys stand"
            elif not path and name in LATE_KEYS:
                message = "belongs below the line [late]"
            self.blame((*path, name), message)

    def read_time(self, value: Any) -> datetime:
        return read_time(value, self.reading_zone)

    def read_late(self) -> LateRule | None:
        table = self.table.get("late")
        if table is None:
            return None
        if not isinstance(table, dict):
            self.blame(("late",), "is no table; write [late], and its keys below")
            return None
        self.check_keys(("late",), table, LATE_KEYS)
        read: dict[str, Any] = {
            "percent_per_day": self.take(_number(0, 100, "10"), "late", "percent_per_day"),
            "points_per_day": self.take(_number(0, 1000, "5"), "late", "points_per_day"),
            "days_free": self.take(_whole(0), "late", "days_free"),
            "cut_off_days": self.take(_whole(0), "late", "cut_off_days"),
            "cut_off": self.take(self.read_time, "late", "cut_off"),
        }
        for one, other in (LATE_KEYS[:2], LATE_KEYS[3:]):
            if one in table and other in table:
                self.blame(("late", other), f"stands beside {one}; keep one of the two")
        if read["cut_off"] and self.due and to_utc(read["cut_off"]) < to_utc(self.due):
            message = f"is before the due date, {describe_time(self.due)}"
            self.blame(("late", "cut_off"), message)
        return LateRule(**{key: value for key, value in read.items() if value is not None})

    def read_extension(self, value: Any) -> datetime | timedelta:
        if isinstance(value, int):
            value = timedelta(days=_whole(1)(value))
        elif isinstance(value, str) and re.search(r"[a-z]", value):
            value = read_duration(value)
        elif isinstance(value, float):
            raise ValueError(f'{value!r} is no number of whole days; write 2, "36 h" or a date')
        else:
            value = self.read_time(value)
            if self.due and to_utc(value) <= to_utc(self.due):
                raise ValueError(f"is not after the due date, {describe_time(self.due)}")
        if not value:
            raise ValueError("is no time; write 2 for two days, or a date")
        found: datetime | timedelta = value
        return found

    def read_names(self, key: str, read: Callable[[Any], Value]) -> dict[str, Value]:
        table = self.table.get(key, {})
        if not isinstance(table, dict):
            self.blame((key,), f"is no table; write [{key}], and below it a line for each name")
            return {}
        found: dict[str, Value] = {}
        for name, value in _flatten(table):
            if name in found:
                self.blame((key, name), "stands here twice, with quotes and without")
            result = self.try_reading(read, value, (key, name))
            if result is not None:
                found[name] = result
        return found


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Yield names and values: TOML takes affine.forward without quotes for a table in a table."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _read_title(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("is no text of one line")
    return value


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    known = " or ".join(f'"{choice}"' for choice in choices)

    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"{_show(repr(value))} is not known; write {known}")
        return str(value)

    return read


def _number(low: float, high: float, example: str) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not right or not low <= value <= high:  # nan is neither
            shown = _show(repr(value))
            raise ValueError(f"{shown} is no number from {low} to {high}, such as {example}")
        return float(value)

    return read


def _whole(low: int, high: int = 365) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            shown = _show(repr(value))
            raise ValueError(f"{shown} is no whole number of days from {low} to {high}")
        return value

    return read


# Using names


def check_names(
    course: Course, tests: Iterable[str], items: Iterable[str], students: Iterable[str]
) -> list[str]:
    """List weights, voided tests and extensions that name nothing, one line each.

    `tests` are names of test functions; `items` those of parts, cells and written answers, such as
    "affine.forward" and "05_batchnorm/rung-1", and of notebooks without any; `students` all names,
    addresses, ids and logins that a student is known by, in capitals or not.
    """
    items = {*items}
    notebooks = {item.split("/")[0] for item in items if "/" in item}
    known_students = {student.casefold(): student for student in students}
    lines: list[tuple[int, str]] = []

    def check(table: str, names: Iterable[str], known: Iterable[str], kind: str) -> None:
        known = {*known}
        for name in names:
            found = known_students if table == "extensions" else known
            if (name.casefold() if table == "extensions" else name) not in found:
                message = f"there is no {kind} of this name{_nearest(name, known)}"
                line = course.lines.get((table, name), 0)
                lines.append((line, f"{course.place(table, name)}: {message}"))

    check("weights", course.weights, {*items, *notebooks, *KINDS}, "item, notebook or kind")
    check("voided", course.voided, {*items, *tests}, "test or item")
    check("extensions", course.extensions, known_students.values(), "student")
    return [line for _, line in sorted(lines)]


def find_due_dates(
    course: Course, resolve: Callable[[str], str | None]
) -> tuple[dict[str, datetime], list[str]]:
    """Return the due dates of students with an extension, and a line for each doubtful one.

    `resolve` returns the student that a key of the extensions means, or None. If two keys mean the
    same student, the later date counts, and a line says so. All others have `course.due`.
    """
    dates: dict[str, datetime] = {}
    lines = []
    for key, extension in course.extensions.items():
        student = resolve(key)
        if student is None:
            lines.append(f"{course.place('extensions', key)}: there is no student of this name")
            continue
        if isinstance(extension, timedelta):
            assert course.due is not None  # or read_course had raised an error
            extension = add_time(course.due, extension)
        if student in dates:
            extension = max(dates[student], extension, key=to_utc)
            message = f"a second extension of one student; {describe_time(extension)} counts"
            lines.append(f"{course.place('extensions', key)}: {message}")
        dates[student] = extension
    return dates, lines


def find_weight(course: Course, item: str, notebook: str, kind: str) -> float:
    """Return the factor for the points of an item: its own, else its notebook's, else its kind's.

    `kind` is one of KINDS.
    """
    for name in (item, notebook, kind):
        if name in course.weights:
            return course.weights[name]
    return 1.0


def find_voiding(course: Course, item: str, test: str = "") -> str:
    """Return what holds for a test of an item: "leave out", "give to all", or "" if it counts."""
    return course.voided.get(test) or course.voided.get(item) or ""


def _name_nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
    return f"is no key; {f'do you mean {near[0]}?' if near else 'known are ' + ', '.join(known)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1, cutoff=0.5)
    return f'; do you mean "{_show(near[0])}"?' if near else ""


def _show(text: str, most: int = 60) -> str:
    """Return a text as one short line with nothing invisible: names come from students, too."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: most + 1])
    return shown if len(text) <= most else f"{shown}..."
