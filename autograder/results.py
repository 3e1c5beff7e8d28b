"""RESULTS, the folder of a class: read what is known of it, and write the files that people read.

Everything is written from the gradebook and marks.csv, so it can be written again at any time. A
file that somebody has changed by hand is kept under another name.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assignment.support.project.writing import write_whole
from autograder.errors import GraderError
from autograder.gradebook.publishing import (
    make_csv,
    make_mistakes,
    make_results,
    make_sheets,
    safe_folder_name,
)
from autograder.gradebook.rules_used import keep_rules, recall_digests
from autograder.gradebook.store import Gradebook
from autograder.gradebook.written_answers import read_questions
from autograder.marks.marks import Read, read_marks
from autograder.marks.updating import Row, update_marks
from autograder.points.catalogue import WRITTEN, Catalogue, read_catalogue
from autograder.points.dependencies import Dependencies, explain_change, read_dependencies
from autograder.rules.course import EMPTY, Course, check_names, read_course
from autograder.scoring.scores import Known, Score, find_candidates, name_people, score_class

__all__ = [
    "ResultsError",
    "Written",
    "assign",
    "explain_stale",
    "explain_writing",
    "find_course",
    "load_known",
    "publish",
]
__all__ += ["rescore", "write_gradebook"]

COURSE = "course.toml"
MARKS = "marks.csv"
WRITTEN_FOLDER = "written/"
SHEETS = "sheets"  # the setting with a digest of what the sheets show
PUBLISHED = "published"  # the setting with a digest of each file as it was last written


class ResultsError(GraderError):
    """A folder of results cannot be used; the message is one line."""


@dataclass(frozen=True)
class Written:
    """What was written, and what a teacher should know about it."""

    scores: tuple[Score, ...]
    remarks: tuple[str, ...]  # one line each
    title: str = ""  # of the course


def find_course(book: Gradebook, named: Path | None, submissions: Path | None = None) -> Course:
    """Read the rules of the course: of the file named, else of course.toml where it was last found.

    A file named, or one in or beside the folder of submissions, is remembered for later runs.

    Raises
    ------
    ResultsError, CourseError
        There is no such file, or it has faults.
    """
    places = [named] if named else []
    if submissions is not None and not named:
        folder = submissions.resolve()
        places += [folder / COURSE] if folder.is_dir() else []
        places += [folder.parent / COURSE]
    path = next((place for place in places if place.is_file()), None)
    if named and path is None:
        raise ResultsError(f"there is no file {named}: name the rules of the course")
    if path is not None:
        book.remember("course", str(path.resolve()))
    remembered = book.recall("course")
    if not remembered:
        return EMPTY
    if not Path(remembered).is_file():
        raise ResultsError(f"{remembered} is gone: put it back, or name the file by --course")
    return read_course(Path(remembered))


def load_known(book: Gradebook, course: Course) -> Known:
    """Return all that is known of a class; of the grades only those that may count."""
    known = Known(
        people=book.people(),
        attempts=book.attempts(),
        answers=book.answers(),
        marks=book.marks(),
        course=course,
    )
    wanted = {
        (attempt.student, attempt.submission)
        for dated in find_candidates(known).values()
        for attempt, _ in dated
    }
    grades = {(grade.student, grade.submission): grade for grade in book.grades(wanted)}
    return replace(known, grades=grades)


def _read_marks(known: Known, path: Path, catalogue: Catalogue) -> tuple[Known, Read]:
    """Return what is known with what is typed in marks.csv, and what was read there.

    A row that cannot count hides the mark that was read in its place before.
    """
    people = name_people(known.list_people())
    read = read_marks(
        path,
        {item.name: item.possible for item in catalogue.items},
        lambda text: people.get(text.casefold()),
        students={person.student: person.name for person in known.list_people()},
        computed={item.name for item in catalogue.items if item.kind != WRITTEN},
        history=known.marks,
    )
    marks = {**known.marks, **{(mark.student, mark.item): mark for mark in read.marks}}
    kept = {key: mark for key, mark in marks.items() if key not in read.held}
    return replace(known, marks=kept), read


def _update_marks(scores: Sequence[Score], known: Known, path: Path) -> tuple[str, ...]:
    """Add a row to marks.csv for each answer that waits; return what a teacher should know."""
    people = name_people(known.list_people())
    rows = [
        Row(
            score.student,
            score.person.name,
            line.item.name,
            line.item.possible,
            line.answer.digest if line.answer else "",
        )
        for score in scores
        for line in score.lines
        if line.answer is not None or line.mark is not None
    ]
    updated = update_marks(path, rows, known.marks, lambda text: people.get(text.casefold()))
    changed = f"{len(updated.changed)} answers have changed since they were marked"
    return (*([f"marks.csv: {changed}"] if updated.changed else []), *updated.problems)


def write_gradebook(book: Gradebook, course: Course, out: Path, catalogue: Catalogue) -> None:
    """Write gradebook.csv alone, for who wants to read it during a run."""
    scores = score_class(load_known(book, course), catalogue)
    keep_rules(book, course, catalogue)
    _Publisher(book, out).write({"gradebook.csv": make_csv(scores)})


def publish(book: Gradebook, course: Course, out: Path) -> Written:
    """Write the tables, each student's results.json, and the sheets of written answers."""
    catalogue = read_catalogue()
    known, read = _read_marks(load_known(book, course), out / MARKS, catalogue)
    book.add_marks(read.marks)
    scores = score_class(known, catalogue)
    graded = [score for score in scores if score.grade is not None]
    files = {
        "gradebook.csv": make_csv(scores),
        "mistakes.csv": make_mistakes([score.grade for score in graded if score.grade]),
    }
    for score in graded:
        name = safe_folder_name(score.student)
        files[f"{name}/results.json"] = make_results(score, course.hints)
    questions = read_questions()
    content = repr([questions, [(one.student, bool(one.grade), one.answers) for one in scores]])
    shown = _digest(content.encode("utf-8", "surrogatepass"))
    # To lay out the answers of a large class takes longer than all else.
    if shown != book.recall(SHEETS) or not any((out / WRITTEN_FOLDER).glob("*.md")):
        for name, sheet in make_sheets(questions, scores).items():
            files[f"{WRITTEN_FOLDER}{name}"] = sheet
    keep_rules(book, course, catalogue)
    kept = _Publisher(book, out).write(files)
    book.remember(SHEETS, shown)
    stored = replace(known, marks=book.marks())
    typed = (*read.problems, *_update_marks(scores, stored, out / MARKS))
    remarks = (*_check_names(known, catalogue), *kept, *typed)
    return Written(tuple(scores), tuple(dict.fromkeys(remarks)), course.title)


def rescore(out: Path, course: Path | None = None) -> Written:
    """Apply today's points, rules and marks to the stored verdicts, and write the results anew.

    Raises
    ------
    GradebookError, CourseError, ResultsError
        There are no results, they cannot be written, or the rules have faults.
    """
    with _open(out) as book:
        rules = find_course(book, course)
        try:
            written = publish(book, rules, out)
        except OSError as error:
            raise explain_writing(error, out) from None
        tests = [score.grade.tests for score in written.scores if score.grade]
        what = f"of {len(tests)} would be judged again by grade"
        stale = explain_stale(book, tests, read_dependencies(), what)
        return replace(written, remarks=(*stale, *written.remarks))


def explain_stale(book: Gradebook, tests: Iterable[str], now: Dependencies, what: str) -> list[str]:
    """Say of how many grades the verdicts depend on what has changed since, and what that is.

    Parameters
    ----------
    tests : for each grade the digest of what it depends on, "" for none
    now : what verdicts depend on today
    what : happens to such a grade
    """
    counts = Counter(one for one in tests if one and one != now.digest)
    return [
        f"{count} {what}: {explain_change(recall_digests(book, digest), now.digests)}"
        for digest, count in counts.items()
    ]


def assign(out: Path, file: str, names: Sequence[str]) -> tuple[Written, list[str]]:
    """Settle whose a file is, and write the results anew; return whose it was before.

    Raises
    ------
    GradebookError, CourseError, ResultsError
        There is no such file or person, or the results cannot be written.
    """
    with _open(out) as book:
        files = sorted({attempt.file for attempt in book.attempts()})
        if file not in files:
            near = difflib.get_close_matches(file, files, 1, 0.4)
            meant = f"; do you mean {near[0]!r}?" if near else ""
            raise ResultsError(f"nobody has handed in a file {file!r}{meant}")
        people = name_people(Known(people=book.people(), attempts=book.attempts()).list_people())
        for name in names:
            if book.people() and name.casefold() not in people:
                near = difflib.get_close_matches(name.casefold(), people, 1)
                meant = f"; do you mean {near[0]!r}?" if near else ""
                raise ResultsError(f"nobody is called {name!r}, or several are{meant}")
        students = [people.get(name.casefold(), name) for name in names]
        before = book.hand_over(file, students)
        try:
            return publish(book, find_course(book, None), out), before
        except OSError as error:
            raise explain_writing(error, out) from None


def _open(out: Path) -> Gradebook:
    if not (out / "gradebook.sqlite").is_file():
        raise ResultsError(f"there is no gradebook in {out}: name the folder of an earlier --out")
    return Gradebook(out / "gradebook.sqlite")


def explain_writing(error: OSError, out: Path) -> ResultsError:
    """Return an error that says which file could not be written, and why."""
    where, why = error.filename2 or error.filename or out, error.strerror or error
    kept = "the grades are kept, fix that and run the same command again"
    return ResultsError(f"cannot write {where}: {why}; {kept}")


def _check_names(known: Known, catalogue: Catalogue) -> list[str]:
    """Name what course.toml says of tests, items and students that there are not."""
    tests = {test for _, test, _ in catalogue.tests}
    items = {item.name for item in catalogue.items} | {item.notebook for item in catalogue.items}
    lines = check_names(known.course, tests, items, name_people(known.list_people()))
    return [*lines, *known.find_due_dates()[1]]


class _Publisher:
    """Writes files of the results, and keeps those that somebody has changed."""

    def __init__(self, book: Gradebook, out: Path) -> None:
        self.book = book
        self.out = out

    def write(self, files: Mapping[str, bytes]) -> list[str]:
        """Write what has changed; return a line for each file that was kept under another name."""
        # Two digests a file: after a run that was stopped, it may have the older or newer content.
        known: dict[str, list[str]] = json.loads(self.book.recall(PUBLISHED) or "{}")
        changed: dict[str, bytes] = {}
        remarks = []
        for name, content in files.items():
            path = self.out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_bytes() if path.exists() else None
            if before == content:
                continue
            # An older grader kept no digests, and its sheets were where people typed marks.
            is_watched = name in known or name.startswith(WRITTEN_FOLDER)
            if before is not None and is_watched and _digest(before) not in known.get(name, []):
                remarks.append(self._keep(path, name))
            known[name] = [*known.get(name, [])[-1:], _digest(content)]
            changed[name] = content
        self.book.remember(PUBLISHED, json.dumps(known))
        for name, content in changed.items():
            write_whole(self.out / name, content)
        return remarks

    def _keep(self, path: Path, name: str) -> str:
        number = 1
        while (other := path.with_name(f"{path.stem}.kept-{number}{path.suffix}")).exists():
            number += 1
        path.rename(other)
        where = "type marks and corrections into marks.csv"
        return f"{name} was changed by hand: it is kept as {other.name}; {where}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
