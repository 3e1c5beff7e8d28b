"""Grade a class: read submissions, judge them behind the wall, keep and publish grades."""

from __future__ import annotations

import hashlib
import itertools
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.newer_python import write_version
from autograder.gradebook.publishing import (
    count_mistakes,
    safe_folder_name,
    write_csv,
    write_mistakes,
    write_results,
    write_written_answers,
)
from autograder.gradebook.store import Gradebook
from autograder.gradebook.written_answers import AnswerSheet
from autograder.intake.classes import HandedIn, find_submissions, name_left_out, name_sections
from autograder.intake.decoding import one_line, show_invisible
from autograder.intake.newer_python import HAS
from autograder.intake.submissions import Submission, read_submission
from autograder.outcomes import Grade, Outcome
from autograder.session.judge import Judged
from autograder.session.seats import judge_class
from autograder.settings import LEVELS, Settings
from autograder.wall.probing import PRIVATE, find_isolation

__all__ = ["GradingError", "grade_class", "hash_tests", "print_table"]

console = Console(highlight=False)
MISTAKES_SHOWN = 10  # all of them are in mistakes.csv


class GradingError(Exception):
    """A class cannot be graded; the message is one line."""


@dataclass(frozen=True)
class Run:
    """What the grades of one run have in common."""

    settings: Settings
    tests: str
    again: bool

    def is_new(self, submission: Submission, book: Gradebook) -> bool:
        """Say whether a submission is to be judged."""
        key = submission.student, submission.sha256, self.tests
        return self.again or not book.find(*key, self.settings.level, self.settings.notebooks)

    def make_grade(self, submission: Submission, judged: Judged) -> Grade:
        """Make the grade of a submission, its parts in the order of the manifest."""
        places = {part.id: i for i, part in enumerate(load_parts())}
        return Grade(
            student=submission.student,
            submission=submission.sha256,
            tests=self.tests,
            seed=self.settings.seed,
            isolation=self.settings.level,
            graded_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            seconds=judged.seconds,
            findings=(*submission.findings, *judged.findings),
            notebooks=self.settings.notebooks,
            verdicts=tuple(sorted(judged.verdicts, key=lambda v: places.get(v.part, len(places)))),
            mistakes=judged.mistakes,
            refused=submission.refused,
            python=write_version(sys.version_info[:2]),
        )


def grade_class(
    folder: Path,
    out: Path,
    wanted: Settings,
    again: bool = False,
    accepts_leaks: bool = True,
) -> list[Grade]:
    """Grade all submissions in a folder and return the grades of the class.

    Parameters
    ----------
    folder, out : Path
        Where the submissions are; where gradebook and results go.
    wanted : Settings
        Its level is the lowest isolation that is accepted.
    again : bool
        Whether to judge submissions again that have a grade.
    accepts_leaks : bool
        Whether to grade at level user also where one submission can leave messages for the next.

    Raises
    ------
    IntakeError, GradebookError, GradingError
        There is nothing to grade, results cannot be written, or the isolation is too low.
    """
    if sys.platform != "linux":
        raise GradingError("grading needs Linux: use a container or a virtual machine")
    found = find_submissions(folder)
    _check_out(found, folder.resolve(), out.resolve())
    _make_out(out)
    isolation = find_isolation([*PRIVATE, folder.resolve(), out.resolve()])
    if LEVELS.index(isolation.level) > LEVELS.index(wanted.level):
        raise GradingError(f"no isolation of level {wanted.level}: {isolation.reasons[0]}")
    leaks = [f"at level {isolation.level}, {leak}" for leak in isolation.leaks]
    if leaks and not accepts_leaks:
        instead = f"to grade all the same, add --require-isolation {isolation.level}"
        raise GradingError(f"{isolation.reasons[0]}; {leaks[0]}; {instead}")
    for leak in leaks:
        console.print(leak, style="yellow", soft_wrap=True)
    for reason in isolation.reasons:
        console.print(f"not possible here: {reason}", style="yellow", soft_wrap=True)
    settings = replace(wanted, level=isolation.level)
    run = Run(settings, hash_tests(), again)
    for line in filter(None, [name_left_out(folder, found), name_sections(found)]):
        console.print(Text(line), style="yellow", soft_wrap=True)
    console.print(f"{len(found)} submissions, isolation {settings.level}, seed {settings.seed}")
    sheet = AnswerSheet(out / "written")
    with Gradebook(out / "gradebook.sqlite") as book:
        _grade_new(found, run, book, sheet)
        grades = book.grades()
    try:
        _publish(grades, sheet, out)
    except OSError as error:
        raise _explain_writing(error, out) from None
    return grades


def _explain_writing(error: OSError, out: Path) -> GradingError:
    where, why = error.filename2 or error.filename or out, error.strerror or error
    kept = "the grades are kept, fix that and run the same command again"
    return GradingError(f"cannot write {where}: {why}; {kept}")


def _check_out(found: list[HandedIn], folder: Path, out: Path) -> None:
    """Refuse an --out that a later run would read as submissions."""
    inside = folder == out or folder in out.parents
    own = [one.path for one in found] == [folder] and folder == out / safe_folder_name(folder.name)
    if inside or own:
        raise GradingError(f"results in {out} would lie among submissions: choose another --out")


def _make_out(out: Path) -> None:
    """Make the folder of results, and check before grading that it can be written."""
    try:
        if out.exists() and not out.is_dir():
            raise GradingError(f"{out} is not a folder: choose another --out")
        (out / "written").mkdir(parents=True, exist_ok=True)
        out.chmod(0o700)  # grades are private
        for name in ("gradebook.csv", "mistakes.csv"):
            if (out / name).is_dir():
                raise GradingError(f"{out / name} is a folder: move it or choose another --out")
    except OSError as error:
        where, why = error.filename or out, error.strerror or error
        raise GradingError(f"cannot write {where}: {why}; choose another --out") from None


def _grade_new(found: list[HandedIn], run: Run, book: Gradebook, sheet: AnswerSheet) -> None:
    """Judge submissions that have no valid grade, and enter each grade at once."""
    with Meter(len(found)) as meter:

        def read_new() -> Iterator[Submission]:
            for handed_in in found:
                submission = read_submission(handed_in)
                noticed = _enter_answers(sheet, submission)
                if run.is_new(submission, book):
                    yield replace(submission, findings=(*noticed, *submission.findings))
                else:
                    meter.skip()

        def enter(submission: Submission, judged: Judged) -> None:
            grade = run.make_grade(submission, judged)
            book.add(grade)
            meter.advance(failed=bool(grade.faults or submission.refused))

        new = read_new()
        first = next(new, None)
        if first is not None:  # else nothing needs to be set up
            judge_class(itertools.chain([first], new), enter, run.settings)


def _enter_answers(sheet: AnswerSheet, submission: Submission) -> list[str]:
    try:
        return [one_line(finding) for finding in sheet.enter(submission)]
    except OSError as error:
        raise _explain_writing(error, sheet.folder) from None


class Meter:
    """The progress bar: done, failed, rate, time left."""

    def __init__(self, total: int) -> None:
        columns = [BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}")]
        self.progress = Progress(
            TextColumn("grading"),
            *columns,
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,  # no thread: the judges are forked
        )
        self.task = self.progress.add_task("grading", total=total, note="setting up")
        self.started = time.monotonic()
        self.total, self.judged, self.failed = total, 0, 0

    def skip(self) -> None:
        """Leave out a submission that has a grade."""
        self.total -= 1
        self.progress.update(self.task, total=self.total)

    def advance(self, failed: bool) -> None:
        """Count a submission that has been judged."""
        self.judged += 1
        self.failed += failed
        rate = self.judged / (time.monotonic() - self.started)
        note = f"{self.failed} failed, {rate:.1f} a second"
        self.progress.update(self.task, advance=1, note=note, refresh=True)

    def __enter__(self) -> Meter:
        self.progress.start()
        self.progress.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()


def _publish(grades: list[Grade], sheet: AnswerSheet, out: Path) -> None:
    """Write the tables, each student's results.json, and the written answers."""
    write_csv(grades, out / "gradebook.csv")
    write_mistakes(grades, out / "mistakes.csv")
    for grade in grades:
        folder = out / safe_folder_name(grade.student)
        folder.mkdir(exist_ok=True)
        write_results(grade, folder / "results.json")
    write_written_answers(sheet.complete(), out / "written")


def print_table(grades: list[Grade]) -> None:
    """Print a line for each student, those with the grader's own faults first."""
    table = Table("student", "points", "possible", "note", box=None, pad_edge=False)
    for column in table.columns[1:3]:
        column.justify = "right"
    for grade in sorted(grades, key=lambda grade: (not grade.faults, grade.student)):
        wrong = [v for v in grade.verdicts if v.counts and v.outcome is not Outcome.PASSED]
        failed = [verdict for verdict in wrong if not verdict.missing]
        given = sum(bool(verdict.given) for verdict in failed)
        notes = [_describe_faults(grade)] if grade.faults else []
        notes += [grade.refused] if grade.refused else []
        notes += grade.findings[:1]  # one that explains the rest comes first
        notes += [f"and {len(grade.findings) - 1} more"] if len(grade.findings) > 1 else []
        if grade.is_unwritten and not grade.refused:
            notes.append("nothing written")
        elif not grade.refused:
            notes += [grade.missing_note] if grade.missing_note else []
            notes += [f"{len(failed)} of {len(grade.verdicts)} tests not passed"] if failed else []
        notes += [f"{given} of them right, given right functions elsewhere"] if given else []
        points = "unreadable" if grade.refused else f"{grade.points:g}"
        row = [grade.student, points, f"{grade.possible:g}", "; ".join(notes)]
        table.add_row(*map(Text, map(show_invisible, row)))  # names are not markup
    console.print(table)
    for line in _count_apart(grades):
        console.print(line, style="yellow", soft_wrap=True)
    common = count_mistakes(grades)[:MISTAKES_SHOWN]
    if common:
        console.print("\nmost frequent mistakes, with the number of students:")
        mistakes = Table(box=None, pad_edge=False, show_header=False)
        mistakes.add_column(justify="right", min_width=5)
        for label, parts, students in common:
            mistakes.add_row(str(students), Text(f"{label}, in {', '.join(parts)}"))
        console.print(mistakes)


def _describe_faults(grade: Grade) -> str:
    """Say how many tests ended by the grader's own fault, and why the first did."""
    first = grade.faults[0]
    problem = first.failure.problem if first.failure else ""
    reason = one_line(problem.partition("\n")[0], 80)
    which = ":" if len(grade.faults) == 1 else ", first"
    return f"{grade.fault_note}{which} {first.name} ({reason})"


def _count_apart(grades: list[Grade]) -> Iterator[str]:
    """Count what a teacher should look at, because it was not the code that failed."""
    unreadable = sum(bool(grade.refused) for grade in grades)
    newer = sum(any(HAS in finding for finding in grade.findings) for grade in grades)
    if unreadable:
        yield f"unreadable, and so without points: {unreadable} of {len(grades)} submissions"
    if newer:
        yield f"written for a newer Python: {newer} of {len(grades)} submissions; {HAS}"


def hash_tests() -> str:
    """Return the SHA-256 of everything that decides a score."""
    total = hashlib.sha256()
    for path in _find_deciding_files():
        total.update(f"{path.relative_to(ROOT)}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _find_deciding_files() -> Iterable[Path]:
    patterns = ["assignment/**/*.py", "assignment/*.toml", "autograder/**/*.py"]
    patterns += ["notebooks/*.ipynb", "tests/*.py", "tests/public/*.py", "tests/hidden/*.py"]
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))
