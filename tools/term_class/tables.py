"""What lies beside the submissions: the rules, what a teacher has typed, what must come out."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from assignment.support.project.manifest import ROOT
from tools.term_class.people import ATTEMPTS, CUT_OFF_DAYS, DUE, EXTENDED, GRACE, ZONE, HandIn, Term
from tools.term_class.systems import System, write_table
from tools.term_class.works import Works

__all__ = ["MADE_BY", "make_course", "make_expected", "make_marks"]

MADE_BY = "python -m tools.term_class"
MARKED_QUESTIONS = 3  # the teacher has got so far
VOIDED_FILE = "tests/hidden/test_sgd.py"
TEST = re.compile(
    r'^@pytest\.mark\.part\("(?P<part>[\w.]+)", points=(?P<points>[\d.]+)\)\n(?:@.*\n)*'
    r"def (?P<name>test_\w+)",
    re.M,
)
POINTS = ("0", "0.5", "1", "1.5", "2")
COMMENTS = (
    "",
    "the reason is missing",
    'right, but "noisy" is no reason; see the notes, page 4',
    "très bien, ½ point off for the sign",
    "first line\nsecond line",
    "=1+1 is not what I asked",
)


def make_course(system: System, term: Term) -> str:
    """Return course.toml: one late rule, one extension, one voided test."""
    extended = system.key(term.find("extended").people[0])
    return f"""\
title = "Training neural networks"
time_zone = {json.dumps(ZONE.key)}
due = "{DUE:%Y-%m-%d %H:%M:%S}"
grace = "{int(GRACE.total_seconds() / 60)} min"
attempts = "latest"

[late]
percent_per_day = 10
days_free = 1
cut_off_days = {CUT_OFF_DAYS}

[extensions]
{json.dumps(extended)} = "{EXTENDED:%Y-%m-%d %H:%M:%S}"

[voided]
{find_voided()["test"]} = "give to all"
"""


def find_voided() -> dict[str, Any]:
    """Return the test that the rules take out, by its name, part and points."""
    found = TEST.search((ROOT / VOIDED_FILE).read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{VOIDED_FILE} has no test with a part and points")
    return {"test": found["name"], "part": found["part"], "points": float(found["points"])}


def make_marks(system: System, term: Term, works: Works) -> str:
    """Return marks-typed.csv: some written answers, and parts that were corrected on appeal."""
    rows = [["student", "item", "points", "comment", "by"]]
    rng = random.Random(f"marks {term.seed}")
    for item in works.questions[:MARKED_QUESTIONS]:
        for one in _list_markable(term):
            points, comment = rng.choice(("0", "0.5", "1", "1.5", "2")), rng.choice(COMMENTS)
            rows.append(
                [system.key(one.people[0]), item, points, comment, rng.choice(("mb", "jk"))]
            )
    for one in _find_appeals(term):
        part = works.find_appeal(one)
        comment = "appeal accepted: the text of the task can be read in two ways"
        rows.append([system.key(one.people[0]), part.id, str(part.points), comment, "mb"])
    return write_table(rows, start="\ufeff")


def _list_markable(term: Term) -> list[HandIn]:
    out = ("group", "withdrawn", "unreadable")
    return [one for one in term.hand_ins if one.role not in out]


def _find_appeals(term: Term) -> list[HandIn]:
    return [one for one in term.hand_ins if one.role == "appeal"]


def make_expected(name: str, system: System, term: Term, works: Works) -> str:
    """Return expected.json; times are UTC, and paths are below submissions/."""
    people = [*_describe_people(system, term, works), *_describe_missing(system, term)]
    statuses = [person["status"] for person in people]
    late = [one for one in term.hand_ins if one.role == "late"]
    expected = {
        "made_by": MADE_BY,
        "seed": term.seed,
        "system": name,
        "due": _write_time(DUE),
        "grace_seconds": int(GRACE.total_seconds()),
        "attempts_in_download": system.attempts,
        "times_are_told_by": system.tells_times,
        "groups_are_told_by": system.tells_groups,
        "voided": find_voided(),
        "counts": {
            "enrolled": len(term.enrolled),
            "hand_ins": len(term.hand_ins),
            "missing": statuses.count("missing"),
            "withdrawn": statuses.count("withdrawn"),
            "late": len(late),
            "not_accepted": sum(not _is_accepted(one) for one in late),
            "unreadable": sum(bool(one.unreadable) for one in term.hand_ins),
            "appeals": len(_find_appeals(term)),
            "marks": MARKED_QUESTIONS * len(_list_markable(term)),
        },
        "people": people,
    }
    return json.dumps(expected, indent=1, ensure_ascii=False) + "\n"


def _describe_people(system: System, term: Term, works: Works) -> Iterator[dict[str, Any]]:
    for one in term.hand_ins:
        for person in one.people:
            appeal = works.find_appeal(one) if one.role == "appeal" else None
            yield {
                "student": system.key(person),
                "name": person.name,
                "status": "withdrawn" if one.role == "withdrawn" else "handed in",
                "why_in_class": one.role,
                "due": _write_time(one.due),
                "attempts": [_describe_attempt(system, one, i) for i in range(ATTEMPTS)],
                "counts": ATTEMPTS,  # the number of the attempt, under the rule "latest"
                "seconds_after_due": int((one.time - one.due).total_seconds()),
                "is_late": one.role == "late",
                "accepted": _is_accepted(one),
                "unreadable": one.unreadable,
                "group": sorted(system.key(member) for member in one.people if one.is_group),
                "corrected": {appeal.id: appeal.points} if appeal else {},
            }


def _describe_missing(system: System, term: Term) -> Iterator[dict[str, Any]]:
    for person in term.missing:
        yield {"student": system.key(person), "name": person.name, "status": "missing"}


def _describe_attempt(system: System, one: HandIn, attempt: int) -> dict[str, Any]:
    return {
        "number": attempt + 1,
        "time": _write_time(one.times[attempt]),
        "in_download": list(system.places(one, attempt)),
    }


def _is_accepted(one: HandIn) -> bool:
    limit = CUT_OFF_DAYS * 86_400 + GRACE.total_seconds()
    return (one.time - one.due).total_seconds() <= limit


def _write_time(time: datetime) -> str:
    return f"{time.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
