"""How late an attempt is, what it costs, and which attempt counts."""

import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from autograder.rules.course import ATTEMPTS, EMPTY, Course, LateRule
from autograder.rules.lateness import Attempt, Lateness, choose_attempt, deduct, find_lateness
from autograder.rules.times import add_time, as_local, count_days, describe_duration, read_duration

UTC = timezone.utc
ZURICH = ZoneInfo("Europe/Zurich")
NEW_YORK = ZoneInfo("America/New_York")
DUE = datetime(2026, 12, 1, 23, 59, tzinfo=ZURICH)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def make_course(grace=timedelta(0), due=DUE, **late):
    return Course(due=due, time_zone=due.tzinfo, grace=grace, late=LateRule(**late))


def judge(course, after, said_late=False):
    return find_lateness(course, course.due, course.due + after, said_late)


def test_a_day_that_has_begun_is_charged_and_told():
    course = make_course(percent_per_day=10, days_free=1)
    late = judge(course, DAY + 3 * HOUR)
    assert late == Lateness(
        DAY + 3 * HOUR,
        1,
        reason="handed in 1 day and 3 hours after the due date: 2 days begun, 1 free, "
        "10 % of the points less",
    )
    assert deduct(50, late, course) == 45
    free = judge(course, 3 * HOUR)
    assert (free.late_by, free.days) == (3 * HOUR, 0)
    assert free.reason.endswith(": 1 day begun, 1 free, no points are taken off")


@pytest.mark.parametrize(
    ("seconds", "late"), [(-1, False), (0, False), (59, False), (60, True), (3600, True)]
)
def test_the_whole_minute_of_the_due_date_is_in_time(seconds, late):
    found = judge(make_course(percent_per_day=10), timedelta(seconds=seconds))
    assert bool(found.late_by) == bool(found.days) == late


def test_a_date_alone_lasts_until_its_last_second():
    course = make_course(percent_per_day=10, due=DUE.replace(second=59))
    assert not judge(course, timedelta(microseconds=999_999)).days
    assert judge(course, timedelta(seconds=1)).days == 1


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(minutes=15), 0),
        (timedelta(minutes=16), 1),
        (DAY + timedelta(minutes=15), 1),
        (DAY + timedelta(minutes=16), 2),
    ],
)
def test_the_grace_is_added_to_the_end_of_each_day(after, days):
    found = judge(make_course(timedelta(minutes=15), percent_per_day=10), after)
    assert found.days == days
    assert found.late_by == (after if days else timedelta(0))
    assert ("on time" in found.reason) == (days == 0)


@pytest.mark.parametrize("rule", [{"cut_off_days": 7}, {"cut_off": DUE + 7 * DAY}])
def test_the_cut_off_has_the_grace_too(rule):
    course = make_course(timedelta(minutes=15), percent_per_day=1, **rule)
    assert judge(course, 7 * DAY + timedelta(minutes=15)).accepted
    late = judge(course, 7 * DAY + timedelta(minutes=16))
    assert (late.accepted, late.days, deduct(50, late, course)) == (False, 0, 0)
    assert late.reason.endswith("until 2026-12-08 23:59 (Europe/Zurich): not accepted")


def test_an_extension_moves_days_and_cut_off():
    own = DUE + 10 * DAY
    for rule, accepted in (({"cut_off_days": 2}, True), ({"cut_off": DUE + DAY}, False)):
        course = make_course(percent_per_day=10, **rule)
        assert find_lateness(course, own, own, True).reason == "handed in on time"
        late = find_lateness(course, own, own + HOUR, True)
        assert late.accepted == accepted
        assert "1 hour after the extended due date" in late.reason
    assert "accepted until 2026-12-11 23:59 " in late.reason  # later than the cut-off for all


@pytest.mark.parametrize(
    ("said", "marks", "reason", "undecided"),
    [
        (True, False, "handed in late, as the system says, but when is not known: no points", True),
        (False, False, "when it was handed in is not known: no points are taken off", True),
        (True, True, "handed in late, as the system says, but when is not known: no points", True),
        (False, True, "handed in on time, as the system says", False),
    ],
)
def test_without_a_time_nothing_is_guessed(said, marks, reason, undecided):
    course = make_course(percent_per_day=10)
    found = find_lateness(course, DUE, None, said, marks_late=marks)
    assert found.reason.startswith(reason)
    assert (found.days, found.accepted, found.undecided) == (0, True, undecided)
    assert deduct(50, found, course) == 50


def test_without_a_rule_nothing_has_to_be_decided():
    assert not find_lateness(make_course(), DUE, None, True).undecided
    assert judge(make_course(), HOUR).reason == (
        "handed in 1 hour after the due date: no points are taken off"
    )
    assert find_lateness(EMPTY, None, DUE, True) == Lateness()
    assert find_lateness(EMPTY, None, None, True) == Lateness()


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="without time zone"):
        find_lateness(make_course(), DUE, DUE.replace(tzinfo=None), False)


def test_no_deduction_leads_below_zero_or_above_what_was_earned():
    seed = random.randrange(10**6)
    print("seed", seed)
    draw = random.Random(seed)
    for _ in range(500):
        key = draw.choice(["percent_per_day", "points_per_day"])
        course = make_course(**{key: draw.uniform(0, 100)})
        earned = draw.choice([0.0, draw.uniform(0, 100)])
        one, two = (deduct(earned, Lateness(DAY, days), course) for days in (2, 3))
        assert 0 <= two <= one <= earned
    course = make_course(points_per_day=5)
    assert [deduct(12, Lateness(DAY, days), course) for days in range(4)] == [12, 7, 2, 0]


# What teachers have met


def test_canvas_counts_1_3_days_as_two():
    course = make_course(percent_per_day=10)
    late = judge(course, 1.3 * DAY)
    assert (late.days, deduct(10, late, course)) == (2, 8)


def test_the_hour_after_summer_time_is_no_further_day():
    """Autolab once charged a second day for it: from 20:00 to 20:00 there were 25 hours."""
    due = datetime(2017, 11, 4, 20, tzinfo=NEW_YORK)
    course = make_course(percent_per_day=10, due=due)
    for hour, days in ((19, 1), (20, 1), (21, 2)):
        at = datetime(2017, 11, 5, hour, tzinfo=NEW_YORK).astimezone(UTC)
        assert find_lateness(course, due, at, True).days == days
    spring = datetime(2026, 3, 28, 20, tzinfo=ZURICH)
    course = make_course(percent_per_day=10, due=spring)
    for hour, days in ((20, 1), (21, 2)):
        at = datetime(2026, 3, 29, hour, tzinfo=ZURICH).astimezone(UTC)
        assert find_lateness(course, spring, at, True).days == days


def test_an_extension_by_days_ends_at_the_same_time_of_day():
    """A+ once let a week's extension end an hour early in autumn."""
    due = datetime(2026, 10, 21, 18, tzinfo=ZURICH)
    assert add_time(due, 7 * DAY).isoformat() == "2026-10-28T18:00:00+01:00"
    assert add_time(due, 4 * DAY + 12 * HOUR).isoformat() == "2026-10-26T06:00:00+01:00"


def test_best_compares_after_the_deduction():
    """Canvas once took a late repetition for as good as the same score in time."""
    in_time = Attempt(DUE - DAY, True, 10, 1)
    repeated = Attempt(DUE + 4 * DAY, True, deduct(10, Lateness(DAY, 5), make_course()) - 5, 2)
    assert choose_attempt([in_time, repeated], "best") == in_time


def test_a_time_in_utc_or_elsewhere_is_the_same_instant():
    """Exports tell times in UTC, or on the clock of a server in another zone."""
    course = make_course(percent_per_day=10)
    for zone in (UTC, NEW_YORK, timezone(timedelta(hours=9))):
        assert not find_lateness(course, DUE, DUE.astimezone(zone), False).days
        assert find_lateness(course, DUE, (DUE + HOUR).astimezone(zone), False).days == 1


def test_a_time_that_occurs_twice_favours_the_student():
    twice = datetime(2026, 10, 25, 2, 30)
    due, handed_in = as_local(twice, ZURICH), as_local(twice, ZURICH, later=False)
    assert (due - handed_in.astimezone(UTC), due.utcoffset()) == (HOUR, HOUR)
    assert not count_days(due, handed_in)
    assert count_days(handed_in, due) == HOUR


def test_lateness_never_falls_with_time():
    start = as_local(datetime(2026, 10, 24, 2, 30), ZURICH)
    found = [count_days(start, start.astimezone(UTC) + n * HOUR / 4) for n in range(-20, 250)]
    assert found == sorted(found)
    assert found[20:22] == [timedelta(0), HOUR / 4]


# Attempts


def test_latest_first_and_best():
    one, two, three = (
        Attempt(DUE + n * HOUR, True, points, -n) for n, points in enumerate((5, 9, 7))
    )
    refused = Attempt(DUE + DAY, False, 10, 9)
    attempts = [two, refused, three, one]
    found = [choose_attempt(attempts, rule) for rule in ("first", "latest", "best")]
    assert found == [one, three, two]
    assert choose_attempt([refused], "latest") is None
    with pytest.raises(ValueError, match="no attempt rule"):
        choose_attempt(attempts, "last")


def test_without_one_time_the_order_counts_for_all():
    one, two = Attempt(DUE, True, 5, 1), Attempt(None, True, 5, 2)
    three = Attempt(DUE - DAY, True, 5, 3)
    assert choose_attempt([one, two, three], "latest") == three
    assert choose_attempt([one, two, three], "first") == one
    assert choose_attempt([one, three], "latest") == one


def test_of_equal_attempts_the_latest_is_the_best():
    one, two = Attempt(DUE, True, 5, 1), Attempt(DUE, True, 5, 2)
    unread = Attempt(DUE + DAY, True, None, 3)
    assert choose_attempt([two, one, unread], "best") == two
    assert choose_attempt([two, one, unread], "latest") == unread
    assert choose_attempt([unread], "best") == unread


# Durations


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("15 min", 15), ("1 h 30 min", 90), ("2 days", 2880), ("1.5 hours", 90), ("90min", 90)],
)
def test_durations(text, minutes):
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "15", "min", "15 m", "-1 h", "1 h or 2 h", "9999 days", 15])
def test_wrong_durations(text):
    with pytest.raises(ValueError, match=r"duration|ten years"):
        read_duration(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (61, "1 minute and 1 second"),
        (97200, "1 day and 3 hours"),
        (86405, "1 day"),
    ],
)
def test_durations_in_words(seconds, words):
    assert describe_duration(timedelta(seconds=seconds)) == words


# (day, points)
@pytest.mark.parametrize(
    ("rule", "attempts", "chosen"),
    [
        ("latest", [(2, 5), (1, 9)], 0),
        ("first", [(2, 5), (1, 9)], 1),
        ("best", [(2, 5), (1, 9)], 1),
        ("best", [(1, 9), (3, 9), (2, 9)], 1),  # the latest of equal ones
        ("best", [(1, 0), (2, None)], 0),  # what cannot be read is not the best
        ("best", [(1, None)], 0),
        ("latest", [(1, 5), (1, 3)], 1),
        ("latest", [(2, None), (1, 9)], 0),
    ],
)
def test_the_rule_chooses(rule, attempts, chosen):
    assert rule in ATTEMPTS
    made = [
        Attempt(datetime(2024, 3, day, tzinfo=timezone.utc), True, points, order)
        for order, (day, points) in enumerate(attempts)
    ]
    assert choose_attempt(made, rule) is made[chosen]


def test_another_rule_is_refused():
    with pytest.raises(ValueError, match="'worst'"):
        choose_attempt([], "worst")
