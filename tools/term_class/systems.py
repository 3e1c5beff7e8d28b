"""What each system writes: the names in its download of all submissions, its roster, its times.

Canvas's names follow its own source (lib/content_zipper.rb), the columns those of real exports.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.term_class.people import ATTEMPTS, DUE, ZONE, HandIn, Person, Term

__all__ = ["SYSTEMS", "System", "write_table"]

Rows = list[list[str]]
Places = tuple[str, ...]
Others = dict[str, str]  # path in the term's folder -> text

LAST = ATTEMPTS - 1
ASSIGNMENT = "hw-1"
TITLE = "HW 1"
GROUP = "Team 1"
NOTHING = "nothing: the teacher has to know it"


@dataclass(frozen=True)
class System:
    """One system, by what it calls students and files."""

    key: Callable[[Person], str]  # by which the roster tells students
    places: Callable[[HandIn, int], Places]  # below submissions/, of an attempt; () if not there
    make_roster: Callable[[Sequence[Person], Term], str]
    make_others: Callable[[Term], Others] = lambda term: {}
    unpacks: bool = False  # whether the download holds folders with the files of each zip
    attempts: str = "latest"  # or "all": which attempts the download holds
    tells_groups: str = NOTHING
    tells_times: str = "the times of the files alone"


def write_table(rows: Rows, quoting: int = csv.QUOTE_MINIMAL, start: str = "") -> str:
    """Return a table as CSV."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return start + text.getvalue()


# Canvas


def _name_in_canvas(hand_in: HandIn, attempt: int) -> Places:
    """Return the one file: a name without blanks and marks, LATE, and two numbers.

    Canvas does not know the grace, nor extensions that it was not told. A group's work goes under
    the group's name and the number of one member. A file that is uploaded again gets a number.
    """
    if attempt != LAST:
        return ()
    person = hand_in.people[0]
    name = GROUP if hand_in.is_group else f"{person.last}, {person.first}"
    parts = [name.lower(), *(["LATE"] if hand_in.time > DUE else []), str(person.id)]
    start = re.sub(r"\W", "", "_".join(parts))
    stem = hand_in.upload.removesuffix(".zip")
    return (f"{start}_{person.id * 13 + 800_000}_{stem}-{LAST}.zip",)


def _list_canvas(people: Sequence[Person], term: Term) -> str:
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{TITLE} (4711)"],
        ["    Points Possible", "", "", "", "", "211"],
    ]
    rows += [[f"{p.last}, {p.first}", f"{p.id}", p.sid, p.login, "Lecture", ""] for p in people]
    return write_table([*rows, ["Student, Test", "9999999", "", "a" * 40, "Lecture", ""]])


def _group_in_canvas(term: Term) -> Others:
    columns = "name canvas_user_id user_id login_id sections group_name canvas_group_id group_id"
    members = term.find("group").people
    rows = [[p.name, f"{p.id}", p.sid, p.login, "Lecture", GROUP, "77", ""] for p in members]
    return {"groups.csv": write_table([columns.split(), *rows])}


# Moodle


def _name_in_moodle(hand_in: HandIn, attempt: int) -> Places:
    """Return a folder for each member; a group's work is in those of all.

    Moodle leaves out what it allows in no file name, such as the apostrophe of O'Brien.
    """
    if attempt != LAST:
        return ()
    names = {p.id: re.sub(r"""[&<>"`|':\\/]""", "", p.name) for p in hand_in.people}
    return tuple(f"{n}_{id}_assignsubmission_file_/{hand_in.upload}" for id, n in names.items())


def _list_moodle(people: Sequence[Person], term: Term) -> str:
    """Return the grading worksheet, whose identifiers are those in the names of folders."""
    columns = [
        *("Identifier", "Full name", "ID number", "Email address", "Status", "Grade"),
        *("Maximum grade", "Grade can be changed", "Last modified (submission)"),
        *("Last modified (grade)", "Feedback comments"),
    ]
    by_person = {person: one for one in term.hand_ins for person in one.people}
    rows = [columns]
    for p in people:
        hand_in = by_person.get(p)
        status, changed = "No submission", "-"
        if hand_in:
            late = hand_in.time - DUE
            late_by = f" - {_write_lateness(late)} late" if late > timedelta(0) else ""
            status, changed = f"Submitted for grading{late_by}", _write_day(hand_in.time)
        row = [f"Participant {p.id}", p.name, p.sid, p.email, status, "", "100.00", "Yes"]
        rows.append([*row, changed, "-", ""])
    return write_table(rows, start="\ufeff")


def _write_day(time: datetime) -> str:
    local = time.astimezone(ZONE)
    clock = f"{local.hour % 12 or 12}:{local:%M} {'PM' if local.hour >= 12 else 'AM'}"
    return f"{local:%A}, {local.day} {local:%B %Y}, {clock}"


def _write_lateness(late: timedelta) -> str:
    """Return the two largest units, as Moodle writes them."""
    seconds = int(late.total_seconds())
    units = (("day", 86_400), ("hour", 3_600), ("min", 60), ("sec", 1))
    counts = {}
    for unit, size in units:
        counts[unit], seconds = divmod(seconds, size)
    shown = [f"{n} {unit}{'s' if n > 1 else ''}" for unit, n in counts.items() if n]
    return " ".join(shown[:2])


# Gradescope


def _name_in_gradescope(hand_in: HandIn, attempt: int) -> Places:
    return (f"submission_{_number_in_gradescope(hand_in, attempt)}",) if attempt == LAST else ()


def _number_in_gradescope(hand_in: HandIn, attempt: int) -> int:
    return 290_000_000 + hand_in.number * 10 + attempt


def _list_gradescope(people: Sequence[Person], term: Term) -> str:
    rows = [["First Name", "Last Name", "SID", "Email", "Role"]]
    rows += [[p.first, p.last, p.sid, p.email, "Student"] for p in people]
    return write_table([*rows, ["Grace", "Teacher", "", "teacher@example.edu", "Instructor"]])


def _describe_in_gradescope(term: Term) -> Others:
    """Return submission_metadata.yml, with Ruby's symbols as keys."""
    lines = ["---"]
    for one in term.hand_ins:
        lines += [f"submission_{_number_in_gradescope(one, LAST)}:", "  :submitters:"]
        for p in one.people:
            lines += [f"  - :name: {json.dumps(p.name, ensure_ascii=False)}"]
            lines += [f"    :sid: '{p.sid}'", f"    :email: {p.email}"]
        lines += [f"  :created_at: {_write_ruby(one.time)}", "  :score: 0.0"]
        lines += ["  :status: processed", "  :history:"]
        for attempt, time in enumerate(one.times[:LAST]):
            lines += [f"  - :id: {_number_in_gradescope(one, attempt)}"]
            lines += [f"    :created_at: {_write_ruby(time)}", "    :score: 0.0"]
    return {"submissions/submission_metadata.yml": "\n".join(lines) + "\n"}


def _write_ruby(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}.000000000 Z"


# GitHub Classroom


def _name_in_github(hand_in: HandIn, attempt: int) -> Places:
    return (f"{ASSIGNMENT}-{_name_repository(hand_in)}",) if attempt == LAST else ()


def _name_repository(hand_in: HandIn) -> str:
    return GROUP.lower().replace(" ", "-") if hand_in.is_group else hand_in.people[0].github


def _list_github(people: Sequence[Person], term: Term) -> str:
    rows = [["identifier", "github_username", "github_id", "name"]]
    rows += [[p.email, p.github, str(p.id * 311), p.name] for p in people]
    return write_table(rows, csv.QUOTE_ALL)


def _grade_in_github(term: Term) -> Others:
    """Return the table of grades, which alone tells times and whose a group's repository is."""
    columns = (
        "assignment_name assignment_url starter_code_url github_username roster_identifier "
        "student_repository_name student_repository_url submission_timestamp points_awarded "
        "points_available"
    )
    rows = [columns.split()]
    for one in term.hand_ins:
        name = f"{ASSIGNMENT}-{_name_repository(one)}"
        for p in one.people:
            url, code = "https://classroom.example.org/hw-1", "https://git.example.org/course/hw-1"
            row = [
                TITLE,
                url,
                code,
                p.github,
                p.email,
                name,
                f"https://git.example.org/course/{name}",
            ]
            rows.append([*row, f"{one.time:%Y-%m-%d %H:%M:%S} UTC", "0", "0"])
    return {"grades.csv": write_table(rows, csv.QUOTE_ALL)}


# Blackboard


def _name_in_blackboard(hand_in: HandIn, attempt: int) -> Places:
    return (f"{_begin_in_blackboard(hand_in, attempt)}_{hand_in.upload}",)


def _begin_in_blackboard(hand_in: HandIn, attempt: int) -> str:
    time = hand_in.times[attempt].astimezone(ZONE)
    return f"{TITLE}_{hand_in.people[0].login}_attempt_{time:%Y-%m-%d-%H-%M-%S}"


def _list_blackboard(people: Sequence[Person], term: Term) -> str:
    columns = ["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability"]
    rows = [[*columns, f"{TITLE} [Total Pts: 211 Score] |4711"]]
    rows += [[p.last, p.first, p.login, p.sid, "2026-12-01 08:00:00", "Yes", ""] for p in people]
    return write_table(rows, csv.QUOTE_ALL, "\ufeff")


def _confirm_in_blackboard(term: Term) -> Others:
    """Return the note that lies beside each attempt."""
    notes = {}
    for one in term.hand_ins:
        person = one.people[0]
        for attempt, time in enumerate(one.times):
            file = _begin_in_blackboard(one, attempt)
            notes[f"submissions/{file}.txt"] = (
                f"Name: {person.name} ({person.login})\nAssignment: {TITLE}\n"
                f"Date Submitted: {_write_day(time)} {time.astimezone(ZONE):%Z}\n"
                "Current Grade: Not Yet Graded\n\nSubmission Field:\n"
                "There is no student submission text data for this assignment.\n\nComments:\n"
                "There are no student comments for this assignment.\n\nFiles:\n"
                f"\tOriginal filename: {one.upload}\n\tFilename: {file}_{one.upload}\n"
            )
    return notes


# No system


def _name_plainly(hand_in: HandIn, attempt: int) -> Places:
    """Return the name that a browser gives a second and third file of one name."""
    name = hand_in.people[0].login if not hand_in.is_group else GROUP.lower().replace(" ", "-")
    return (f"{name} ({attempt}).zip" if attempt else f"{name}.zip",)


def _list_plainly(people: Sequence[Person], term: Term) -> str:
    members = term.find("group").people
    rows = [["student", "name", "email", "group"]]
    rows += [
        [p.login, p.name, p.email, GROUP.lower().replace(" ", "-") if p in members else ""]
        for p in people
    ]
    return write_table(rows)


SYSTEMS: Mapping[str, System] = {
    "canvas": System(
        key=lambda person: person.login,
        places=_name_in_canvas,
        make_roster=_list_canvas,
        make_others=_group_in_canvas,
        tells_groups="groups.csv",
        tells_times="LATE in names; the times of the files",
    ),
    "moodle": System(
        key=lambda person: person.email,
        places=_name_in_moodle,
        make_roster=_list_moodle,
        tells_groups="the same files in the folder of each member",
        tells_times="roster.csv, to the minute; the times of the files",
    ),
    "gradescope": System(
        key=lambda person: person.email,
        places=_name_in_gradescope,
        make_roster=_list_gradescope,
        make_others=_describe_in_gradescope,
        unpacks=True,
        tells_groups="submissions/submission_metadata.yml",
        tells_times="submissions/submission_metadata.yml",
    ),
    "github": System(
        key=lambda person: person.github,
        places=_name_in_github,
        make_roster=_list_github,
        make_others=_grade_in_github,
        unpacks=True,
        tells_groups="grades.csv",
        tells_times="grades.csv; the times of the files",
    ),
    "blackboard": System(
        key=lambda person: person.login,
        places=_name_in_blackboard,
        make_roster=_list_blackboard,
        make_others=_confirm_in_blackboard,
        attempts="all",
        tells_times="the names of the files",
    ),
    "plain": System(
        key=lambda person: person.login,
        places=_name_plainly,
        make_roster=_list_plainly,
        attempts="all",
        tells_groups="roster.csv",
    ),
}
