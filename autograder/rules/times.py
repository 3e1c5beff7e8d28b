"""Times and durations as teachers write them, and counting in days of a place's own clock.

A due date at 20:00 ends its next days at 20:00 too, also where summer time begins or ends in
between: such a day has 23 or 25 hours. Where a local time occurs twice, or never, a due date is
the later of the two instants that it may mean, to the student's favour.
"""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

__all__ = [
    "add_time",
    "as_local",
    "count_days",
    "describe_duration",
    "describe_time",
    "find_zone",
    "read_duration",
    "read_time",
    "to_utc",
]

DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)
TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[ T]+(\d\d?):(\d\d)(?::(\d\d))?(?: ?(Z|[+-]\d\d:\d\d))?)?", re.A
)
HOW_TIME = 'write it as in "2026-12-01 23:59"'
HOW_DURATION = 'write it as in "15 min", "2 h" or "1 day"'
SECONDS = {"min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(min|minute|h|hour|d|day)s?", re.A)
LONGEST = 3660 * DAY  # no course is longer, and dates stay far from the year 9999


def to_utc(when: datetime) -> datetime:
    """Return the same instant in UTC.

    Python compares two times of one zone by their clocks, and so misses the end of summer time.
    """
    return when.astimezone(timezone.utc)


def find_zone(name: object) -> tzinfo:
    """Return a time zone by its name, such as "Europe/Zurich" or "UTC".

    Raises
    ------
    ValueError
        There is none, with what to write instead.
    """
    how = 'write it as in "Europe/Zurich" or "UTC"'
    if not isinstance(name, str):
        raise ValueError(f"is no text; {how}")
    if name == "UTC":
        return timezone.utc
    # "EST" has no summer time and "Etc/GMT+5" lies west of Greenwich: few who write them mean that.
    if "/" not in name or name.startswith("Etc/"):
        raise ValueError(f"{name!r} is not the name of a place with its time; {how}")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = available_timezones()
    if not known:
        raise ValueError(
            "this computer has no list of time zones: run pip install tzdata, or leave "
            "time_zone out and write each time with its offset, as in 2026-12-01T23:59:00+01:00"
        )
    near = difflib.get_close_matches(name, known, 1)
    raise ValueError(f"there is no time zone {name!r}; {f'do you mean {near[0]}' if near else how}")


def read_time(value: object, zone: tzinfo | None) -> datetime:
    """Return a time of TOML, or one written as text, as an aware time; of a date, its last second.

    A time with an offset is shown on the clock of `zone`; one without is meant there.

    Raises
    ------
    ValueError
        It is no such time, or neither an offset nor a zone is known, with what to write instead.
    """
    if isinstance(value, str):
        value = _parse_time(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, LAST_SECOND)
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} is no date; {HOW_TIME}")
    if not 1970 < value.year < 9000:
        raise ValueError(f"the year {value.year} cannot be right; {HOW_TIME}")
    if value.tzinfo is not None:
        return value.astimezone(zone or value.tzinfo)
    if zone is None:
        raise ValueError(
            'has no time zone; add time_zone = "Europe/Zurich", or the name of your zone, '
            "to the top of the file"
        )
    return as_local(value, zone)


def _parse_time(text: str) -> datetime | date:
    match = TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{_cut(text)} is no date and time; {HOW_TIME}")
    *numbers, offset = match.groups()
    try:
        day = date(*map(int, numbers[:3]))
        if numbers[3] is None:
            return day
        hour, minute, second = (int(number or 0) for number in numbers[3:])
        found = datetime.combine(day, time(hour, minute, second))
        if offset is None:
            return found
        # Python 3.10 reads no "Z".
        return datetime.fromisoformat(found.isoformat() + offset.replace("Z", "+00:00"))
    except ValueError as error:
        raise ValueError(f"{_cut(text)} is no date and time: {error}") from None


def read_duration(value: object) -> timedelta:
    """Return a duration that is written as in "15 min", "1 h 30 min" or "2 days".

    Raises
    ------
    ValueError
        It is no such text, with what to write instead.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(rf"{DURATION.pattern}(?:,? (?:and )?{DURATION.pattern})*", text, re.A):
        raise ValueError(f"{_cut(value)} is no duration; {HOW_DURATION}")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in DURATION.findall(text))
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{_cut(value)} is more than ten years")
    return timedelta(seconds=seconds)


def as_local(naive: datetime, zone: tzinfo, *, later: bool = True) -> datetime:
    """Return the instant that a local time means, as an aware time that exists.

    When summer time ends, an hour occurs twice, and when it begins, one is left out. The result
    is the later of the two instants meant, or the earlier one. A due date is the later, and the
    time at which something was handed in the earlier, to the student's favour.
    """
    both = [to_utc(naive.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)]
    return (max if later else min)(both).astimezone(zone)


def add_time(start: datetime, duration: timedelta) -> datetime:
    """Return a later time: whole days end at the same time of the clock, the rest is exact."""
    zone = start.tzinfo
    assert zone is not None
    whole = as_local(start.replace(tzinfo=None) + timedelta(duration.days), zone)
    if duration.days == 0:
        whole = start  # whose hour may occur twice
    rest = duration - timedelta(duration.days)
    return (to_utc(whole) + rest).astimezone(zone)


def count_days(start: datetime, end: datetime) -> timedelta:
    """Return how long a time is after another one, 0 if it is not.

    Whole days count by the clock at `start`, and are 24 hours of the result. Fractions of a second
    do not count, and seconds only if `start` has some: what is due at 23:59 is in time at 23:59:40.
    """
    end = to_utc(end).replace(microsecond=0)
    if start.second == 0:
        end = end.replace(second=0)
    if end <= to_utc(start):
        return timedelta(0)
    days = (end.astimezone(start.tzinfo).date() - start.date()).days
    while days and to_utc(add_time(start, timedelta(days))) > end:
        days -= 1
    rest = end - to_utc(add_time(start, timedelta(days)))
    return timedelta(days) + min(rest, DAY)  # the last hour of a day of 25 adds nothing


def describe_duration(duration: timedelta) -> str:
    """Return a duration in words, by its two largest units: "1 day and 3 hours"."""
    seconds = int(duration.total_seconds())
    sizes = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
    words = []
    for unit, size in sizes.items():
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {unit}{'s' * (count > 1)}")
        elif words:
            break  # "1 day and 5 seconds" would seem exact
    return " and ".join(words[:2]) or "0 seconds"


def describe_time(when: datetime) -> str:
    """Return a time as in "2026-12-01 23:59 (Europe/Zurich)"."""
    zone = getattr(when.tzinfo, "key", None) or when.tzname()
    return f"{when:%Y-%m-%d %H:%M}{f':{when:%S}' if when.second else ''} ({zone})"


def _cut(value: object, most: int = 60) -> str:
    shown = repr(value)
    return shown if len(shown) <= most else f"{shown[:most]}..."
