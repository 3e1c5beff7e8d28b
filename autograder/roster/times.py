"""Read times as learning management systems write them, in four languages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.roster.people import fold

__all__ = ["read_time", "read_timestamp"]

MONTHS = """
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
LEAST_LETTERS = 3  # of a month that is cut short
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?"
    r" ?(Z|UTC|[+-]\d\d:?\d\d|[A-Z][A-Za-z]+(?:/[A-Za-z_+-]+){1,2})?"
)
DIGITS = re.compile(r"\d{14}(\d{3})?")  # 20240301123005, perhaps with milliseconds
CLOCK = re.compile(r"\b(\d{1,2})[:.h](\d\d)(?::(\d\d))?(?: ?([ap])\.? ?m\b\.?)?", re.I)
PACKED_CLOCK = re.compile(r"\b(\d{1,2})(\d\d) ([ap])m$", re.I)  # 1159 PM, of Brightspace
MOST_LETTERS = 100


def read_time(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Return the time that a text states, None if it is empty or not understood.

    Parameters
    ----------
    text : str
        Such as "2024-03-01 12:30:05 -0700", "Wednesday, 10 June 2026, 2:14 PM" or "Oct 3, 2024
        1159 PM", also with German, French and Spanish months. A date in digits alone, such as
        "10/3/2024", is not understood, since day and month may be swapped.
    zone : tzinfo, optional
        Where the text states no time zone. Without it such a time has none.
    """
    text = " ".join(text[:MOST_LETTERS].split())
    try:
        found = _read_iso(text) or _read_digits(text) or _read_words(text)
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):  # the 31st of February
        return None
    return found.replace(tzinfo=zone) if found and found.tzinfo is None else found


def read_timestamp(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Return the time in a file timestamp.txt of nbgrader or Sakai."""
    return read_time(next(iter(text.strip().splitlines()), ""), zone)


def _read_iso(text: str) -> datetime | None:
    found = ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(number or 0) for number in found.groups()[:6])
    return datetime(year, month, day, hour, minute, second, tzinfo=_read_zone(found[7] or ""))


def _read_zone(text: str) -> tzinfo | None:
    if text in ("Z", "UTC"):
        return timezone.utc
    if text[:1] in ("+", "-"):
        offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
        return timezone(offset if text[0] == "+" else -offset)
    return ZoneInfo(text) if text else None


def _read_digits(text: str) -> datetime | None:
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S") if DIGITS.fullmatch(text) else None


def _read_words(text: str) -> datetime | None:
    """Return the time in a text with the name of one month, one year, one day and a clock."""
    clock = PACKED_CLOCK.search(text) or CLOCK.search(text)
    if not clock:
        return None
    hour, minute, *rest = clock.groups()
    second, half = rest if len(rest) == 2 else ("0", rest[0])
    date = fold(f"{text[: clock.start()]} {text[clock.end() :]}")
    numbers = re.findall(r"\d+", date)
    years = [int(number) for number in numbers if len(number) == 4]
    days = [int(number) for number in numbers if len(number) < 3]
    months = {month for word in re.findall(r"[^\W\d_]+", date) for month in _find_months(word)}
    if len(years) != 1 or len(days) != 1 or len(months) != 1:
        return None
    hours = int(hour)
    if half:
        hours = hours % 12 + 12 * (half.lower() == "p")
    return datetime(years[0], months.pop(), days[0], hours, int(minute), int(second or 0))


@cache
def _find_months(word: str) -> frozenset[int]:
    """Return the months that a word names, perhaps cut short."""
    if len(word) < LEAST_LETTERS:
        return frozenset()
    names = [fold(line).split() for line in MONTHS.strip().splitlines()]
    exact = {i for line in names for i, name in enumerate(line, 1) if name == word}
    short = {i for line in names for i, name in enumerate(line, 1) if name.startswith(word)}
    return frozenset(exact or short)
