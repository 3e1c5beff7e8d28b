"""How late an attempt is, what that costs, and which attempt counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.rules.course import Course
from autograder.rules.times import (
    DAY,
    add_time,
    count_days,
    describe_duration,
    describe_time,
    to_utc,
)

__all__ = ["Attempt", "Lateness", "choose_attempt", "deduct", "find_lateness"]


@dataclass(frozen=True)
class Lateness:
    """How late an attempt was handed in, and what follows from the rules."""

    late_by: timedelta = timedelta(0)  # after the due date; 0 within the grace
    days: int = 0  # days begun that are charged, without the free ones
    accepted: bool = True  # False after the cut-off
    reason: str = ""  # one sentence for the student; "" if the course has no due date
    # Whether a rule needs the time, and none is known: nothing is taken off, and the teacher has
    # to look at it.
    undecided: bool = False


@dataclass(frozen=True)
class Attempt:
    """One attempt of a student, among those to choose from."""

    handed_in_at: datetime | None  # aware
    accepted: bool
    points: float | None  # after the deduction; None if nothing could be read
    order: int  # as the system counts attempts; a later one has a higher number


def find_lateness(
    course: Course,
    due_of_student: datetime | None,
    handed_in_at: datetime | None,
    said_late: bool,
    *,
    marks_late: bool = False,
) -> Lateness:
    """Say how late an attempt is.

    A day that has begun counts as a whole one, as in Canvas. The grace is added to each limit: to
    the due date, to the end of each day after it, and to the cut-off. Lateness itself is told from
    the due date on. If a time is known, it counts, whatever the system says: the system may not
    know of an extension.

    Parameters
    ----------
    course : Course
    due_of_student : datetime or None
        The due date of this student, with an extension; aware.
    handed_in_at : datetime or None
        Aware; None if unknown.
    said_late : bool
        Whether the system says that the attempt is late.
    marks_late : bool
        Whether the system marks all late attempts, so that no mark means in time.

    Raises
    ------
    ValueError
        A time has no time zone.
    """
    if handed_in_at is None:
        return _without_time(course, due_of_student, said_late, marks_late)
    if handed_in_at.tzinfo is None or (due_of_student and due_of_student.tzinfo is None):
        raise ValueError("a time without time zone; autograder.rules.times.as_local adds it")
    if due_of_student is None:
        return Lateness()
    late_by = count_days(due_of_student, handed_in_at)
    if not late_by:
        return Lateness(reason="handed in on time")
    extended = course.due is not None and to_utc(due_of_student) != to_utc(course.due)
    due = "the extended due date" if extended else "the due date"
    when = f"handed in {describe_duration(late_by)} after {due}"
    if late_by <= course.grace:
        grace = describe_duration(course.grace)
        return Lateness(reason=f"{when}, within the grace of {grace}: on time")
    cut_off = _find_cut_off(course, due_of_student)
    if cut_off and count_days(cut_off, handed_in_at) > course.grace:
        reason = f"{when}; late work was accepted until {describe_time(cut_off)}: not accepted"
        return Lateness(late_by, accepted=False, reason=reason)
    begun = math.ceil((late_by - course.grace) / DAY)
    days = max(0, begun - course.late.days_free)
    return Lateness(late_by, days, reason=f"{when}: {_describe_cost(course, begun, days)}")


def _without_time(
    course: Course, due: datetime | None, said_late: bool, marks_late: bool
) -> Lateness:
    if due is None:
        return Lateness()
    if marks_late and not said_late:
        return Lateness(reason="handed in on time, as the system says")
    known = "handed in late, as the system says, but when" if said_late else "when it was handed in"
    undecided = course.late.needs_time
    after = ": no points are taken off" if undecided else ""
    return Lateness(reason=f"{known} is not known{after}", undecided=undecided)


def _find_cut_off(course: Course, due: datetime) -> datetime | None:
    if course.late.cut_off_days is not None:
        return add_time(due, timedelta(course.late.cut_off_days))
    return max(course.late.cut_off, due, key=to_utc) if course.late.cut_off else None


def _describe_cost(course: Course, begun: int, days: int) -> str:
    late = course.late
    if not late.costs:
        return "no points are taken off"
    free = f", {min(begun, late.days_free)} free" if late.days_free else ""
    counted = f"{begun} day{'s' * (begun > 1)} begun{free}"
    if not days:
        return f"{counted}, no points are taken off"
    if late.percent_per_day:
        return f"{counted}, {min(100, late.percent_per_day * days):g} % of the points less"
    points = late.points_per_day * days
    return f"{counted}, {points:g} point{'s' * (points != 1)} less"


def deduct(points_earned: float, lateness: Lateness, course: Course) -> float:
    """Return the points that are left of those earned; 0 for what was not accepted.

    Percent are of the points earned. The result is never below 0 and never above what was earned.
    """
    if not lateness.accepted:
        return 0.0
    late = course.late
    percent = min(100.0, late.percent_per_day * lateness.days)
    left = points_earned * (100 - percent) / 100 - late.points_per_day * lateness.days
    return min(points_earned, max(0.0, left))


def choose_attempt(attempts: Iterable[Attempt], rule: str) -> Attempt | None:
    """Return the attempt that counts, or None if none was accepted.

    "latest" and "first" go by the time, and where it is the same by the order. If the time of any
    accepted attempt is not known, the order alone counts for all. "best" has the most points after
    the deduction; of equal ones the latest counts, and what could not be read only if all else
    could not either.
    """
    accepted = [attempt for attempt in attempts if attempt.accepted]
    timed = all(attempt.handed_in_at for attempt in accepted)

    def when(attempt: Attempt) -> tuple[float, int]:
        moment = attempt.handed_in_at.timestamp() if timed and attempt.handed_in_at else 0.0
        return moment, attempt.order

    def value(attempt: Attempt) -> tuple[float, tuple[float, int]]:
        return -math.inf if attempt.points is None else attempt.points, when(attempt)

    if rule == "first":
        return min(accepted, key=when, default=None)
    if rule == "best":
        return max(accepted, key=value, default=None)
    if rule == "latest":
        return max(accepted, key=when, default=None)
    raise ValueError(f"there is no attempt rule {rule!r}")
