"""Texts and numbers in the cells of marks.csv, and what spreadsheets make of them."""

from __future__ import annotations

import functools
import re
import unicodedata
from datetime import date, timedelta

from autograder.intake.decoding import INVISIBLE, quote, show_invisible

__all__ = [
    "BadPoints",
    "fold",
    "guard",
    "guard_lines",
    "is_error_value",
    "read_number",
    "read_points",
    "tidy",
    "unguard",
    "write_number",
]

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# English and German months: a spreadsheet takes "mar12" for a date, and "1dec2025".
MONTH = r"(jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*"
DAY = rf"\d+[-/. ]*{MONTH}[-/. ]*\d*|{MONTH}[-/. ]*\d+"
CHANGED_BY_PROGRAMS = re.compile(
    rf"0\d+|\d{{12,}}|\d+(\.\d+)?e[-+]?\d+|\d+[-/.]\d+([-/.]\d*)?|{DAY}|true|false",
    re.IGNORECASE,
)
DATE = re.compile(rf"\d+([-/.] ?\d+){{1,2}}[-/.]?|{DAY}", re.IGNORECASE)
ERROR_VALUE = re.compile(r"#[A-Z/0]+[!?]?|(Err|Fehler):\d{3}")  # "#NAME?", "#DIV/0!", "Err:508"
WIDE = {0xFF01 + i: 0x21 + i for i in range(94)}  # as Japanese and Chinese keyboards write ASCII
PLAIN = r"[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+"
NUMBER = re.compile(PLAIN)
NEGATIVE = re.compile(rf"[-\u2212\u2013](?:{PLAIN})")
SHARE = re.compile(rf"({PLAIN}) ?(?:(/)|of) ?({PLAIN})", re.IGNORECASE)
FRACTIONS_OF_A_POINT = {"1/2", "1/3", "1/4", "3/4"}
FIRST_DAY = date(1899, 12, 30)  # day 0 of the numbers by which spreadsheets store dates
DAYS = range(36526, 73051)  # the years 2000 to 2099
ROUNDING = 1e-9
CACHED = 20_000  # the names of a class and of the items stand in many rows


class BadPoints(ValueError):
    """A cell that should hold points and does not; the message says why."""


@functools.lru_cache(maxsize=CACHED)
def tidy(text: str) -> str:
    """Return a text without blanks around it, and without characters that are not seen."""
    return " ".join(INVISIBLE.sub("", text).translate(WIDE).split())


@functools.lru_cache(maxsize=CACHED)
def fold(text: str) -> str:
    """Return a text in the form in which capitals and ways to write accents are the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", tidy(text)).casefold())


def guard(text: str) -> str:
    """Return a text as one line that no spreadsheet takes for a formula, a number or a date.

    Student "00123" would become 123, and "mar12" a date.
    """
    return guard_lines(show_invisible(CONTROL.sub("", text)))


def guard_lines(text: str) -> str:
    """Return a text of several lines that no spreadsheet takes for something else."""
    return f"'{text}" if _would_change(text) else text


def unguard(text: str) -> str:
    """Return a text without its guard; some programs have dropped that already."""
    return text[1:] if text.startswith("'") and _would_change(text[1:]) else text


@functools.lru_cache(maxsize=CACHED)
def _would_change(text: str) -> bool:
    # NFKC turns wide and small signs, which also begin formulas in Excel, into ASCII.
    plain = unicodedata.normalize("NFKC", show_invisible(CONTROL.sub("", text)))
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf").strip()
    is_formula = seen.startswith(("=", "+", "-", "@"))
    return is_formula or CHANGED_BY_PROGRAMS.fullmatch(seen) is not None


def is_error_value(text: str) -> bool:
    """Whether a spreadsheet has written an error in place of what was typed."""
    return ERROR_VALUE.fullmatch(tidy(text)) is not None


def read_number(text: str) -> float | None:
    """Return a number with a decimal point or comma, or with a fraction such as ½; else None."""
    text = tidy(text).removeprefix("'")
    if NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    whole, last = text[:-1].strip(), text[-1:]
    is_fraction = last and unicodedata.decomposition(last).startswith("<fraction>")
    if is_fraction and re.fullmatch("[0-9]*", whole):
        return float(whole or "0") + unicodedata.numeric(last, 0.0)
    return None


def read_points(text: str, possible: float) -> float:
    """Return the points in a cell.

    Raises
    ------
    BadPoints
        It is no number, negative, or more than is possible.
    """
    number = read_number(text)
    if number is None:
        number = _read_share(unguard(tidy(text)), possible)
    if number > possible + ROUNDING:
        raise BadPoints(f"{number:g} points, but {possible:g} are possible{_explain_day(number)}")
    return number


def write_number(value: float, decimal: str) -> str:
    """Return a number as text, with this decimal sign."""
    return f"{round(value, 6):.12g}".replace(".", decimal)


def _read_share(text: str, possible: float) -> float:
    """Read "2 of 3" and "2/3" where three points are possible."""
    share = SHARE.fullmatch(text)
    if share and read_number(share[3]) == possible:
        points = read_number(share[1]) or 0.0
        if share[2] and text.replace(" ", "") in FRACTIONS_OF_A_POINT:
            meanings = f"{points:g} of {possible:g} points, or {points / possible:.3g} of one"
            raise BadPoints(f"{quote(text)} may mean {meanings}: type the number of points")
        return points
    if share:
        raise BadPoints(f"{quote(text)}: {possible:g} points are possible")
    if NEGATIVE.fullmatch(text):
        raise BadPoints(f"negative points: {quote(text)}")
    is_date = DATE.fullmatch(text)
    hint = "; did a spreadsheet make a date of it?" if is_date else ""
    raise BadPoints(f"{quote(text)} is not a number of points{hint}")


def _explain_day(number: float) -> str:
    if number not in DAYS:
        return ""
    day = FIRST_DAY + timedelta(days=int(number))
    return f"; did a spreadsheet make a date of it? In its count this is {day:%Y-%m-%d}"
