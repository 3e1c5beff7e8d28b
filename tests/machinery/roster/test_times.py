"""Times are read as systems write them, and none is guessed."""

from datetime import datetime, timedelta, timezone

import pytest

from autograder.roster.times import read_time, read_timestamp

UTC = timezone.utc
DAY = datetime(2025, 12, 2, 10, 37)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-12-02 10:37:05 -0600", datetime(2025, 12, 2, 16, 37, 5, tzinfo=UTC)),
        ("2025-12-02 10:37:05.318042000 +05:30", datetime(2025, 12, 2, 5, 7, 5, tzinfo=UTC)),
        ("2025-12-02T10:37:00Z", DAY.replace(tzinfo=UTC)),
        ("2025-12-02 10:37:00 UTC", DAY.replace(tzinfo=UTC)),
        ("2025-12-02 10:37", DAY),
        ("20251202103700", DAY),
        ("20251202103700123", DAY),
        ("Tuesday, 2 December 2025, 10:37 AM", DAY),
        ("Tuesday, December 2, 2025, 10:37 PM", DAY + timedelta(hours=12)),
        ("Tuesday, 2 December 2025, 12:05 AM", datetime(2025, 12, 2, 0, 5)),
        ("Dienstag, 2. Dezember 2025, 10:37", DAY),
        ("Montag, 2. März 2026, 09:05", datetime(2026, 3, 2, 9, 5)),
        ("mardi 2 décembre 2025, 10:37", DAY),
        ("mardi 2 de\u0301cembre 2025, 10:37", DAY),
        ("martes, 2 de diciembre de 2025, 10:37", DAY),
        ("Dec 2, 2025 1037 AM", DAY),
        ("Oct 3, 2024 901 AM", datetime(2024, 10, 3, 9, 1)),
        ("Dec 2, 2025 10:37 a.m.", DAY),
        # Not one time
        ("", None),
        ("-", None),
        ("12/2/2025, 10:37 AM", None),
        ("2 jui 2025, 10:37", None),  # juin or juillet
        ("31 February 2025, 10:37", None),
        ("2 December 2025", None),
        ("2 December or 3 March 2025, 10:37", None),
        ("2025-13-02 10:37", None),
        ("2025-12-02 10:37:00 Nowhere/City", None),
        ("2025-12-02 10:37:00 +99:00", None),
        ("1" * 100_000, None),
    ],
)
def test_a_time_is_read(text, time):
    assert read_time(text) == time


def test_the_zone_of_the_course_counts_where_none_is_stated():
    zone = timezone(timedelta(hours=1))
    assert read_time("2025-12-02 10:37", zone) == DAY.replace(tzinfo=zone)
    assert read_time("2025-12-02 10:37:00 UTC", zone) == DAY.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (
            "2025-12-02 15:37:00.948203 America/New_York\n",
            datetime(2025, 12, 2, 20, 37, tzinfo=UTC),
        ),
        ("2025-12-02 10:37:00 UTC", DAY.replace(tzinfo=UTC)),
        ("20251202103700123\n", DAY),
        ("", None),
    ],
)
def test_a_file_with_a_time_is_read(text, time):
    assert read_timestamp(text) == time
