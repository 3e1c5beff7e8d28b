"""A page about a class: counts, points, parts that were lost, and who needs a look."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.gradebook.publishing import count_mistakes
from autograder.intake.decoding import one_line, show_invisible
from autograder.intake.newer_python import HAS
from autograder.outcomes import Grade, Outcome
from autograder.points.catalogue import WRITTEN
from autograder.scoring.scores import Score

__all__ = ["print_page", "print_table"]

BARS, WIDEST_BAR = 10, 40
PARTS_SHOWN, LOOKS_SHOWN, NAMES_SHOWN = 8, 20, 40
LONGEST_NAME = 30  # in a table
MISTAKES_SHOWN = 8  # all of them are in mistakes.csv


class Look(NamedTuple):
    """A submission that a teacher should look at."""

    urgency: int  # the lowest first
    student: str
    why: str


def print_page(scores: Sequence[Score], remarks: Iterable[str], console: Console) -> None:
    """Print what fits on a screen or two; the rest is in gradebook.csv."""
    for remark in remarks:
        console.print(_text(remark), style="yellow", soft_wrap=True)
    console.print(", ".join(_count(scores)), soft_wrap=True)
    missing = [score.person.name or score.student for score in scores if _is_missing(score)]
    if missing:
        console.print(_text(f"not handed in: {_name(missing)}"), style="yellow", soft_wrap=True)
    read = [score for score in scores if _is_read(score)]
    if len(read) > 1:
        _print_points(read, console)
    _print_parts(read, console)
    _print_looks(scores, console)
    _print_mistakes([score.grade for score in read if score.grade], console)


def print_table(scores: Sequence[Score], sorted_by: str, console: Console) -> None:
    """Print a line for each student, as wide as the terminal.

    Parameters
    ----------
    sorted_by : "name", "points" or "status"
    """
    keys = {
        "name": lambda score: score.student.casefold(),
        "points": lambda score: (score.total, score.student.casefold()),
        "status": lambda score: (score.status, score.student.casefold()),
    }
    table = Table("student", "total", "of", "status", "note", box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap, column.overflow = True, "ellipsis"
    for column in table.columns[1:3]:
        column.justify, column.min_width = "right", 6
    table.columns[0].min_width = min(max(len(score.student) for score in scores), LONGEST_NAME)
    for score in sorted(scores, key=keys[sorted_by]):
        total = f"{score.total:g}" if _is_read(score) else ""
        notes = "; ".join(_note(score))
        row = [score.student, total, f"{score.possible:g}", score.status, notes]
        table.add_row(*map(_text, row))
    console.print(table)


def _is_read(score: Score) -> bool:
    return score.grade is not None and not score.grade.refused


def _is_missing(score: Score) -> bool:
    return not score.attempts and not score.person.withdrawn


def _count(scores: Sequence[Score]) -> Iterator[str]:
    grades = [score.grade for score in scores if score.grade]
    students = f"{len(scores)} student{'s' * (len(scores) != 1)}"
    yield f"{students}: {sum(bool(score.attempts) for score in scores)} handed in"
    late = [score.lateness for score in scores if score.lateness and score.lateness.late_by]
    counts = {
        "not handed in": sum(map(_is_missing, scores)),
        "withdrawn": sum(score.person.withdrawn for score in scores),
        "not in the roster": sum(score.is_stranger for score in scores),
        "late": len(late),
        "too late": sum(score.status == "too late" for score in scores),
        "unreadable, and so without points": sum(bool(grade.refused) for grade in grades),
        "nothing written": sum(grade.is_unwritten and not grade.refused for grade in grades),
        "with the grader's own faults": sum(bool(grade.faults) for grade in grades),
        f"written for a newer Python ({HAS})": sum(map(_is_newer, grades)),
        "with answers that wait for a mark": sum(bool(score.waiting) for score in scores),
    }
    yield from (f"{count} {what}" for what, count in counts.items() if count)


def _is_newer(grade: Grade) -> bool:
    return any(HAS in finding for finding in grade.findings)


def _print_points(read: Sequence[Score], console: Console) -> None:
    """Print quartiles and a histogram of the totals."""
    totals = [score.total for score in read]
    lower, median, upper = statistics.quantiles(totals, n=4, method="inclusive")
    most = max(score.possible for score in read)
    console.print(f"\npoints of {most:g}: median {median:g}, quartiles {lower:g} and {upper:g}")
    width = max(most, *totals) / BARS or 1
    counts = [0] * BARS
    for total in totals:
        counts[min(int(total / width), BARS - 1)] += 1
    for i, count in enumerate(counts):
        bar = "█" * round(WIDEST_BAR * count / max(counts)) or ("▏" if count else "")
        console.print(f"{i * width:6.4g} to {(i + 1) * width:<6.4g} {count:4} {bar}")


def _print_parts(read: Sequence[Score], console: Console) -> None:
    """Print the parts and cells in which most students lost points."""
    lost: dict[str, list[float]] = {}
    for score in read:
        for line in score.lines:
            if line.item.kind != WRITTEN and line.possible:
                lost.setdefault(line.item.name, []).append((line.points or 0) / line.possible)
    ranked = sorted(lost, key=lambda name: statistics.fmean(lost[name]))
    ranked = [name for name in ranked if statistics.fmean(lost[name]) < 1][:PARTS_SHOWN]
    if ranked:
        console.print("\nparts with the fewest points, on the mean, and who lost some:")
    for name in ranked:
        share = statistics.fmean(lost[name])
        students = sum(one < 1 for one in lost[name])
        console.print(f"{share:5.0%}  {name}, {students} of {len(lost[name])}", soft_wrap=True)


def _print_looks(scores: Sequence[Score], console: Console) -> None:
    looks = sorted(_list_looks(scores))
    if not looks:
        return
    shown = f"{min(len(looks), LOOKS_SHOWN)} of {len(looks)}, " if len(looks) > LOOKS_SHOWN else ""
    console.print(f"\nto look at ({shown}`show` says more):")
    table = Table(box=None, pad_edge=False, show_header=False)
    for look in looks[:LOOKS_SHOWN]:
        cells: list[RenderableType] = [_text(look.student), _text(look.why)]
        table.add_row(*cells)
    console.print(table)


def _list_looks(scores: Sequence[Score]) -> Iterator[Look]:
    """Yield a line for each submission in which it was not only the code that failed."""
    for score in scores:
        grade, notes = score.grade, _note(score)
        if grade is not None and grade.faults:
            yield Look(0, score.student, describe_faults(grade))
        elif grade is not None and grade.refused:
            yield Look(1, score.student, score.status)
        elif any(line.has_changed for line in score.lines):
            yield Look(2, score.student, "an answer has changed since it was marked")
        elif score.lateness is not None and score.lateness.undecided:
            yield Look(3, score.student, score.lateness.reason)
        elif grade is not None and (grade.missing_note or grade.is_unwritten):
            yield Look(4, score.student, "; ".join([score.status, *notes]))
        elif grade is not None and grade.findings:
            yield Look(5, score.student, "; ".join(notes))


def _note(score: Score) -> list[str]:
    """Say in short what is unusual about a submission, and how many tests did not pass."""
    grade = score.grade
    if grade is None:
        return []
    notes = list(grade.findings[:1])  # one that explains the rest comes first
    notes += [f"and {len(grade.findings) - 1} more"] if len(grade.findings) > 1 else []
    wrong = [v for v in grade.verdicts if v.counts and v.outcome is not Outcome.PASSED]
    failed = [verdict for verdict in wrong if not verdict.missing]
    if failed and not grade.is_unwritten and not grade.refused:
        notes.append(f"{len(failed)} of {len(grade.verdicts)} tests not passed")
    given = sum(bool(verdict.given) for verdict in failed)
    notes += [f"{given} of them right, given right functions elsewhere"] if given else []
    if score.lateness is not None and score.lateness.late_by:
        notes.append(score.lateness.reason)
    return notes


def describe_faults(grade: Grade) -> str:
    """Say how many tests ended by the grader's own fault, and why the first did."""
    first = grade.faults[0]
    problem = first.failure.problem if first.failure else ""
    reason = one_line(problem.partition("\n")[0], 80)
    which = ":" if len(grade.faults) == 1 else ", first"
    return f"{grade.fault_note}{which} {first.name} ({reason})"


def _print_mistakes(grades: Sequence[Grade], console: Console) -> None:
    common = count_mistakes(grades)[:MISTAKES_SHOWN]
    if not common:
        return
    console.print("\nmost frequent mistakes, with the number of students:")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", min_width=5)
    for label, parts, students in common:
        table.add_row(str(students), Text(f"{label}, in {', '.join(parts)}"))
    console.print(table)


def _name(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def _text(text: str) -> Text:
    """Return a text that is no markup, and in which nothing is invisible."""
    return Text(show_invisible(text))
