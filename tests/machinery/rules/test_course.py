"""Reading and checking course.toml."""

import zoneinfo
from datetime import datetime, timedelta, timezone

import pytest

from assignment.support.project.manifest import ROOT
from autograder.rules import times
from autograder.rules.course import (
    EMPTY,
    CourseError,
    check_names,
    find_due_dates,
    find_voiding,
    find_weight,
    read_course,
)

UTC = timezone.utc
ZONE = 'time_zone = "Europe/Zurich"\n'
DUE = ZONE + 'due = "2026-12-01 23:59"\n'


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "course.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_course(path)

    return read_text


@pytest.fixture
def faults(read):
    def list_faults(text):
        with pytest.raises(CourseError) as caught:
            read(text)
        return str(caught.value).splitlines()

    return list_faults


def test_the_example_uses_every_key():
    path = ROOT / "docs" / "course.toml"
    course = read_course(path)
    assert (course.title, course.grace) == ("Training neural networks", timedelta(minutes=15))
    assert (course.due.isoformat(), course.due.tzinfo.key) == (
        "2026-12-01T23:59:00+01:00",
        "Europe/Zurich",
    )
    late = course.late
    assert (late.percent_per_day, late.days_free, late.cut_off_days) == (10, 1, 7)
    assert course.extensions["Ben Okafor"] == timedelta(hours=36)
    assert course.weights == {"affine.forward": 2, "05_batchnorm": 0.5, "written": 1}
    assert course.voided["test_whiten_covariance"] == "give to all"
    text = path.read_text(encoding="utf-8")
    for key in ("points_per_day", "cut_off ", *vars(EMPTY).keys() - {"file", "lines", "text"}):
        assert key in text


def test_an_empty_file_holds_what_no_file_does(read):
    assert read("") == EMPTY


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2026-12-01", "2026-12-01T23:59:59+01:00"),
        ('"2026-12-01"', "2026-12-01T23:59:59+01:00"),
        ("2026-12-01T23:59:00", "2026-12-01T23:59:00+01:00"),
        ('"2026-07-01 23:59"', "2026-07-01T23:59:00+02:00"),
        ('"2026-12-01 23:59 Z"', "2026-12-02T00:59:00+01:00"),
        ("2026-12-01T23:59:00-05:00", "2026-12-02T05:59:00+01:00"),
        ('"2026-10-25 02:30"', "2026-10-25T02:30:00+01:00"),  # occurs twice: the later
        ('"2026-03-29 02:30"', "2026-03-29T03:30:00+02:00"),  # left out: the later
    ],
)
def test_due_dates(read, due, expected):
    assert read(f"{ZONE}due = {due}").due.isoformat() == expected


def test_an_offset_needs_no_zone(read):
    assert read("due = 2026-12-01T23:59:00Z").due == datetime(2026, 12, 1, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('titel = "x"', "line 1, titel: is no key; do you mean title?"),
        ("due = 2026-12-01", "line 1, due: has no time zone; add time_zone = "),
        ('due = "1.12.2026"', "line 1, due: '1.12.2026' is no date and time; write it as in"),
        (ZONE + 'due = "2026-12-01 24:00"', "line 2, due: '2026-12-01 24:00' is no date and time:"),
        (ZONE + "due = 23:59:00", "line 2, due: datetime.time(23, 59) is no date;"),
        ('time_zone = "Europe/Zürich"', "line 1, time_zone: there is no time zone"),
        ('time_zone = "Europe/Zurch"', "do you mean Europe/Zurich"),
        ('time_zone = "EST"', "line 1, time_zone: 'EST' is not the name of a place"),
        ('time_zone = "Europe/../../x"', "line 1, time_zone: there is no time zone"),
        ('time_zone = "Europe/"', "line 1, time_zone: there is no time zone"),
        ("time_zone = 1", "line 1, time_zone: is no text"),
        (DUE + "grace = 15", "line 3, grace: 15 is no duration; write it as in"),
        (DUE + 'grace = "15"', "line 3, grace: '15' is no duration"),
        (DUE + "late.percent_per_day = 110", "line 3, late.percent_per_day: 110 is no number from"),
        (DUE + "[late]\npercent_per_day = nan", "line 4, late.percent_per_day: nan is no number"),
        (DUE + "[late]\npercent_per_day = true", "line 4, late.percent_per_day: True is no number"),
        (DUE + "[late]\npercent_per_days = 1", "is no key; do you mean percent_per_day?"),
        (DUE + "[late]\ndays_free = 1.5", "line 4, late.days_free: 1.5 is no whole number of days"),
        (DUE + "[late]\ndays_free = true", "line 4, late.days_free: True is no whole number"),
        (DUE + "late.percent_per_day = inf", "line 3, late.percent_per_day: inf is no number"),
        (DUE + '[late]\nattempts = "best"', "line 4, late.attempts: belongs above the first line"),
        (DUE + "days_free = 1", "line 3, days_free: belongs below the line [late]"),
        (DUE + "late = 10", "line 3, late: is no table"),
        (DUE + "late = {percent_per_day = 1, points_per_day = 1}", "stands beside percent_per_day"),
        (DUE + "late.cut_off = 2026-11-30", "line 3, late.cut_off: is before the due date, 2026-"),
        ("late.percent_per_day = 1", "line 1, late: has no meaning without a due date"),
        ('attempts = "last"', "line 1, attempts: 'last' is not known; write \"latest\" or"),
        ("attempts = [1]", "line 1, attempts: [1] is not known"),
        ("follow_through = 50", "line 1, follow_through: 50 is no number from 0 to 1"),
        ('hints = "all"', "line 1, hints: 'all' is not known"),
        ("weights.affine.forward = -1", 'line 1, weights."affine.forward": -1 is no number'),
        ("weights = 1", "line 1, weights: is no table; write [weights]"),
        ('[voided]\ntest_x = "drop"', "line 2, voided.test_x: 'drop' is not known"),
        (DUE + "[extensions]\nanna = 2026-12-01", ""),
        (DUE + "[extensions]\nanna = 2026-11-30", "line 4, extensions.anna: is not after the due"),
        (DUE + "[extensions]\nanna = 0", "line 4, extensions.anna: 0 is no whole number of days"),
        (DUE + "[extensions]\nanna = 1.5", "line 4, extensions.anna: 1.5 is no number of whole"),
        (DUE + "[extensions]\nanna@x.org = 2", 'line 4: write such a name in quotes: "anna@x.org"'),
        (DUE + "[extensions]\nAnna Meier = 2", 'line 4: write such a name in quotes: "Anna Meier"'),
        ("title = 1\ntitle = 2\n", "line 2: "),
        ("title = [", ": "),
        ('title = "a\\nb"', "line 1, title: is no text of one line"),
        ("\ufefftitle = 1", "line 1, title: is no text"),
        ("title = 1".encode("utf-16"), "course.toml: is not in UTF-8"),
        ("due = 0001-01-01T00:00:00Z", "line 1, due: the year 1 cannot be right"),
    ],
)
def test_a_fault_has_its_line_and_key(read, faults, text, expected):
    if not expected:
        assert read(text)
        return
    (line,) = faults(text)
    assert line.startswith("course.toml")
    assert expected in line


def test_a_time_without_seconds_or_quotes(read):
    """TOML 1.1 takes it, which tomli reads, but tomllib of most Pythons does not."""
    text = f"{ZONE}due = 2026-12-01 23:59\n"
    message = 'line 2: write a time without seconds in quotes: "2026-12-01 23:59"'
    try:
        found = read(text)
    except CourseError as error:
        found = str(error)
    assert found in (read(DUE), f"course.toml, {message}")


def test_all_faults_are_told_in_the_order_of_lines(faults):
    text = 'hints = 1\ntime_zone = "x"\ndue = "y"\n[weights]\na = "z"\n'
    places = [line.split(":")[0] for line in faults(text)]
    assert places == [
        "course.toml, line 1, hints",
        "course.toml, line 2, time_zone",
        "course.toml, line 3, due",
        "course.toml, line 5, weights.a",
    ]


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        read_course(tmp_path / "none.toml")


def test_without_a_list_of_zones_it_says_what_to_do(faults, monkeypatch):
    def find_none(name):
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(times, "ZoneInfo", find_none)
    monkeypatch.setattr(times, "available_timezones", set)
    (line,) = faults(DUE)
    assert "line 1, time_zone: this computer has no list of time zones: run pip install" in line


def test_dots_belong_to_the_name_with_and_without_quotes(read, faults):
    course = read('[weights]\naffine.forward = 2\n"loss.softmax" = 3\n05_batchnorm.x.y = 4\n')
    assert course.weights == {"affine.forward": 2, "loss.softmax": 3, "05_batchnorm.x.y": 4}
    assert course.place("weights", "affine.forward").startswith("course.toml, line 2, ")
    (line,) = faults('[weights]\na.b = 1\n"a.b" = 2\n')
    assert "line 2, " in line
    assert "stands here twice" in line


def test_names_that_name_nothing(read):
    course = read(
        DUE + '[voided]\ntest_affin = "leave out"\ntest_ok = "leave out"\n[weights]\nwriten = 1\n'
        "written = 1\n05_batchnorm = 1\naffine.foward = 2\n[extensions]\nANNA = 1\nbob = 1\n"
    )
    items = ["affine.forward", "05_batchnorm/rung-1"]
    assert check_names(course, ["test_affine", "test_ok"], items, ["Anna", "Bo\u202eb"]) == [
        "course.toml, line 4, voided.test_affin: there is no test or item of this name; "
        'do you mean "test_affine"?',
        "course.toml, line 7, weights.writen: there is no item, notebook or kind of this name; "
        'do you mean "written"?',
        'course.toml, line 10, weights."affine.foward": there is no item, notebook or kind of this '
        'name; do you mean "affine.forward"?',
        "course.toml, line 13, extensions.bob: there is no student of this name; "
        'do you mean "Bo\\u202eb"?',
    ]
    assert check_names(EMPTY, [], [], []) == []


def test_due_dates_of_students(read):
    course = read(DUE + '[extensions]\nanna = 2\na1 = "1 day"\nbob = 2026-12-09\nnobody = 1\n')
    dates, lines = find_due_dates(course, {"anna": "Anna", "a1": "Anna", "bob": "Bob"}.get)
    assert {name: date.isoformat() for name, date in dates.items()} == {
        "Anna": "2026-12-03T23:59:00+01:00",
        "Bob": "2026-12-09T23:59:59+01:00",
    }
    assert [line.split(":")[0] for line in lines] == [
        "course.toml, line 5, extensions.a1",
        "course.toml, line 7, extensions.nobody",
    ]


def test_the_most_specific_weight_counts(read):
    course = read('[weights]\ncells = 2\n05_batchnorm = 3\n"05_batchnorm/rung-1" = 0\n')
    found = [
        find_weight(course, item, item.split("/")[0], "cells")
        for item in ("05_batchnorm/rung-1", "05_batchnorm/rung-2", "06_x/rung-1")
    ]
    assert found == [0, 3, 2]
    assert find_weight(course, "affine.forward", "01_minibatch_sgd", "functions") == 1


def test_a_voided_test_counts_before_its_item(read):
    course = read('[voided]\n"affine.forward" = "leave out"\ntest_affine = "give to all"\n')
    assert find_voiding(course, "affine.forward", "test_affine") == "give to all"
    assert find_voiding(course, "affine.forward", "test_other") == "leave out"
    assert find_voiding(course, "affine.backward", "test_other") == ""
