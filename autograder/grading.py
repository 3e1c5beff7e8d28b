"""Grade a class: read submissions, judge them behind the wall, keep and publish grades."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from assignment.support.project.manifest import load_parts
from assignment.support.project.newer_python import write_version
from autograder.enrolment import Owned, find_owners, make_attempts
from autograder.errors import GraderError
from autograder.gradebook.publishing import safe_folder_name
from autograder.gradebook.rules_used import keep_digests
from autograder.gradebook.store import Gradebook
from autograder.gradebook.written_answers import AnswerReader
from autograder.intake.classes import HandedIn, find_submissions, name_left_out, name_sections
from autograder.intake.decoding import one_line
from autograder.intake.submissions import Submission, hash_submission, read_submission
from autograder.outcomes import Grade, write_now
from autograder.points.catalogue import Catalogue, read_catalogue
from autograder.points.dependencies import Dependencies, read_dependencies
from autograder.results import (
    Written,
    explain_stale,
    explain_writing,
    find_course,
    load_known,
    publish,
    write_gradebook,
)
from autograder.roster.rosters import HandedInAt, read_roster
from autograder.rules.course import Course
from autograder.scoring.scores import find_candidates
from autograder.session.judge import Judged
from autograder.session.seats import judge_class
from autograder.settings import LEVELS, Settings
from autograder.wall.probing import PRIVATE, find_isolation

__all__ = ["GradingError", "Wishes", "grade_class"]

console = Console(highlight=False)
LEAST_JUDGED = 5  # before the time left is told
REFRESH_S = 10  # between two versions of gradebook.csv


class GradingError(GraderError):
    """A class cannot be graded; the message is one line."""


@dataclass(frozen=True)
class Run:
    """What the grades of one run have in common."""

    settings: Settings
    dependencies: Dependencies
    again: bool

    def is_new(self, submission: Submission, students: Iterable[str], book: Gradebook) -> bool:
        """Say whether a submission is to be judged: one of its students has no valid grade."""
        how = self.dependencies.digest, self.settings.level, self.settings.notebooks
        found = (book.find(student, submission.sha256, *how) for student in students)
        return self.again or not all(found)

    def make_grade(self, submission: Submission, judged: Judged) -> Grade:
        """Make the grade of a submission, its parts in the order of the manifest."""
        places = {part.id: i for i, part in enumerate(load_parts())}
        return Grade(
            student=submission.student,
            submission=submission.sha256,
            tests=self.dependencies.digest,
            seed=self.settings.seed,
            isolation=self.settings.level,
            graded_at=write_now(),
            seconds=judged.seconds,
            findings=(*submission.findings, *judged.findings),
            notebooks=self.settings.notebooks,
            verdicts=tuple(sorted(judged.verdicts, key=lambda v: places.get(v.part, len(places)))),
            mistakes=judged.mistakes,
            refused=submission.refused,
            python=write_version(sys.version_info[:2]),
        )


@dataclass(frozen=True)
class Wishes:
    """What the teacher has asked for besides the settings; None and "" for what is stored."""

    again: bool = False  # to judge submissions again that have a grade
    # Whether to grade at level user also where one submission can leave messages for the next.
    accepts_leaks: bool = True
    keeps_seed: bool = False  # whether the seed of the folder counts, where it has one
    course: Path | None = None  # the rules
    roster: Path | None = None
    hints: str = ""  # in place of the rules
    follow_through: float | None = None


def grade_class(folder: Path, out: Path, wanted: Settings, wishes: Wishes = Wishes()) -> Written:
    """Grade all submissions in a folder, and write the results of the class.

    Parameters
    ----------
    folder, out : Path
        Where the submissions are; where gradebook and results go.
    wanted : Settings
        Its level is the lowest isolation that is accepted.
    wishes : Wishes

    Raises
    ------
    IntakeError, GradebookError, GradingError, CourseError, ResultsError
        There is nothing to grade, results cannot be written, the isolation is too low, or the rules
        have faults.
    """
    if sys.platform != "linux":
        raise GradingError("grading needs Linux: use a container or a virtual machine")
    found = find_submissions(folder)
    _check_out(found, folder.resolve(), out.resolve())
    catalogue = read_catalogue()  # refuses points that are not clear before anything is judged
    _make_out(out)
    isolation = find_isolation([*PRIVATE, folder.resolve(), out.resolve()])
    if LEVELS.index(isolation.level) > LEVELS.index(wanted.level):
        raise GradingError(f"no isolation of level {wanted.level}: {isolation.reasons[0]}")
    leaks = [f"at level {isolation.level}, {leak}" for leak in isolation.leaks]
    if leaks and not wishes.accepts_leaks:
        instead = f"to grade all the same, add --require-isolation {isolation.level}"
        raise GradingError(f"{isolation.reasons[0]}; {leaks[0]}; {instead}")
    _warn(leaks)
    _warn(f"not possible here: {reason}" for reason in isolation.reasons)
    _warn(filter(None, [name_left_out(folder, found), name_sections(found)]))
    with Gradebook(out / "gradebook.sqlite") as book:
        course = _find_rules(book, wishes, folder)
        seed = _settle_seed(book, wanted.seed, wishes.keeps_seed)
        settings = replace(wanted, level=isolation.level, seed=seed)
        run = Run(settings, read_dependencies(), wishes.again)
        handed_in_at = _enter_roster(book, wishes.roster, course)
        zone = course.time_zone
        owned, problems = find_owners(found, folder, book.people(), book.settled(), zone)
        _warn(problems)
        if problems:
            _warn([f"to settle that: python -m autograder assign {out} FILE STUDENT"])
        console.print(f"{len(found)} submissions, isolation {settings.level}, seed {seed}")
        try:
            _Grading(book, course, run, out, catalogue).grade(owned, handed_in_at)
            return publish(book, course, out)
        except OSError as error:
            raise explain_writing(error, out) from None


def _find_rules(book: Gradebook, wishes: Wishes, folder: Path) -> Course:
    course = find_course(book, wishes.course, folder)
    share = course.follow_through if wishes.follow_through is None else wishes.follow_through
    return replace(course, hints=wishes.hints or course.hints, follow_through=share)


def _enter_roster(book: Gradebook, path: Path | None, course: Course) -> dict[str, HandedInAt]:
    """Enter who is enrolled, if a roster is given; return when each handed in, as far as known."""
    if path is not None:
        roster = read_roster(path, course.time_zone)
        _warn(f"{path.name}, {one}" for one in (*roster.problems, *roster.left_out))
        book.enter_people(roster.people)
        console.print(f"{len(roster.people)} people in the roster, as {roster.system} exports it")
        known = {
            student: [one.at.isoformat(), one.source]
            for student, one in roster.handed_in_at.items()
        }
        book.remember("handed_in_at", json.dumps(known))
    stored = json.loads(book.recall("handed_in_at") or "{}")
    return {
        student: HandedInAt(datetime.fromisoformat(at), source)
        for student, (at, source) in stored.items()
    }


def _settle_seed(book: Gradebook, seed: int, keeps: bool) -> int:
    """Return the seed of this folder of results; remember it if it is new."""
    known = book.recall("seed")
    if known and keeps:
        return int(known)
    if known and int(known) != seed:
        console.print(f"seed {seed} from now on; grades given before have seed {known}")
    book.remember("seed", str(seed))
    return seed


def _warn(lines: Iterable[str]) -> None:
    for line in lines:
        console.print(Text(line), style="yellow", soft_wrap=True)


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


class _Grading:
    """Judges what is new in a class, and enters each grade at once."""

    def __init__(
        self, book: Gradebook, course: Course, run: Run, out: Path, catalogue: Catalogue
    ) -> None:
        self.book = book
        self.course = course
        self.run = run
        self.out = out
        self.reader = AnswerReader(out / "written")
        self.catalogue = catalogue
        self.refreshed, self.pause = time.monotonic(), float(REFRESH_S)

    def grade(self, owned: Sequence[Owned], handed_in_at: Mapping[str, HandedInAt]) -> None:
        """Read all submissions, and judge those that may count and have no valid grade."""
        by_attempt = {}
        for one in owned:
            sha256 = hash_submission(one.handed_in)
            for attempt in make_attempts(one, sha256, handed_in_at):
                self.book.enter_attempt(attempt)
                by_attempt[attempt.student, sha256] = one, sha256
        known = load_known(self.book, self.course)
        keys = [
            (attempt.student, attempt.submission)
            for dated in find_candidates(known).values()
            for attempt, _ in dated
        ]
        # Work of a group stands here once for each of its students.
        wanted = {id(by_attempt[key][0]): by_attempt[key] for key in keys if key in by_attempt}
        self._judge([wanted[id(one)] for one in owned if id(one) in wanted])

    def _judge(self, wanted: Sequence[tuple[Owned, str]]) -> None:
        now = self.run.dependencies
        keep_digests(self.book, now)
        before = [self.book.find_tests(one.students[0], sha256) for one, sha256 in wanted]
        for line in explain_stale(self.book, before, now, "are judged again"):
            console.print(Text(line), style="yellow", soft_wrap=True)
        students = {sha256: one.students for one, sha256 in wanted}
        with Meter(len(wanted)) as meter:

            def read_new() -> Iterator[Submission]:
                for one, _ in wanted:
                    submission = read_submission(one.handed_in)
                    answers, noticed = self.reader.read(submission)
                    self.book.enter_answers(submission.sha256, answers)
                    if self.run.is_new(submission, one.students, self.book):
                        findings = (*map(one_line, noticed), *submission.findings)
                        yield replace(submission, findings=findings)
                    else:
                        meter.skip()

            def enter(submission: Submission, judged: Judged) -> None:
                grade = self.run.make_grade(submission, judged)
                group = students.get(submission.sha256, ())
                self.book.add(grade, group if grade.student in group else ())
                meter.advance(failed=bool(grade.faults or submission.refused))
                self._refresh()

            new = read_new()
            first = next(new, None)
            if first is not None:  # else nothing needs to be set up
                judge_class(itertools.chain([first], new), enter, self.run.settings)

    def _refresh(self) -> None:
        """Write gradebook.csv now and then, for who reads it during the run."""
        started = time.monotonic()
        if started - self.refreshed > self.pause:
            write_gradebook(self.book, self.course, self.out, self.catalogue)
            self.refreshed = time.monotonic()
            self.pause = max(REFRESH_S, 20 * (self.refreshed - started))  # it costs at most 5 %


class Meter:
    """The progress bar: done, failed, and the time left once that can be told."""

    def __init__(self, total: int) -> None:
        self.progress = Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            auto_refresh=False,  # no thread: the judges are forked
        )
        self.task = self.progress.add_task("grading", total=total, note="setting up")
        self.total, self.judged, self.failed = total, 0, 0
        self.began = 0.0  # when the first result came: to set up takes its own time

    def skip(self) -> None:
        """Leave out a submission that has a grade."""
        self.total -= 1
        self.progress.update(self.task, total=self.total)

    def advance(self, failed: bool) -> None:
        """Count a submission that has been judged."""
        now = time.monotonic()
        self.began = self.began or now
        self.judged += 1
        self.failed += failed
        note = f"{self.failed} failed"
        left = self.total - self.judged
        if self.judged >= LEAST_JUDGED and left:
            seconds = left * (now - self.began) / (self.judged - 1)
            note += f", about {timedelta(seconds=round(seconds))} left"
        self.progress.update(self.task, advance=1, note=note, refresh=True)

    def __enter__(self) -> Meter:
        self.progress.start()
        self.progress.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()
