"""Work out what each student has earned, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from autograder.marks.marks import Mark
from autograder.outcomes import Answer, Attempt, Grade, Verdict
from autograder.points.catalogue import CELLS, FUNCTIONS, WRITTEN, Catalogue, Item, repoint
from autograder.roster.people import Person
from autograder.rules.course import EMPTY, Course, find_due_dates, find_voiding, find_weight
from autograder.rules.lateness import Attempt as Choice
from autograder.rules.lateness import Lateness, choose_attempt, deduct, find_lateness

__all__ = ["Known", "Line", "Score", "find_candidates", "name_people", "score_class"]

NOT_HANDED_IN = "not handed in"
LEFT_OUT = "leave out"
MARKS_LATE = "Canvas"  # which writes no time into names, but marks what is late


@dataclass(frozen=True)
class Line:
    """One item of a score: a part, a completed cell or a written answer."""

    item: Item
    possible: float  # points, with the item's weight, without tests that are left out
    computed: float | None  # points of the grader, None where it cannot tell
    mark: Mark | None = None  # that a teacher typed: it counts instead
    answer: Answer | None = None  # to be marked
    weight: float = 1  # of the item, by which marks count

    @property
    def points(self) -> float | None:
        """Points that count, None if nobody has given any."""
        if self.mark is None or self.mark.points is None:
            return self.computed
        return self.mark.points * self.weight

    @property
    def waits(self) -> bool:
        """Whether there is an answer that nobody has marked."""
        return self.points is None and self.answer is not None

    @property
    def is_corrected(self) -> bool:
        """Whether a teacher has changed what the grader computed."""
        return self.mark is not None and self.item.kind != WRITTEN

    @property
    def has_changed(self) -> bool:
        """Whether the answer is another one than that which was marked."""
        if self.mark is None or self.answer is None or not self.mark.answer:
            return False
        return self.mark.answer != self.answer.digest


@dataclass(frozen=True)
class Score:
    """What one student has earned."""

    person: Person
    attempts: tuple[Attempt, ...] = ()  # all of them, the first one first
    attempt: Attempt | None = None  # the one that counts
    grade: Grade | None = None  # with today's points
    lines: tuple[Line, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)  # all of them, by item
    lateness: Lateness | None = None
    left_out: tuple[str, ...] = ()  # tests that count for nobody, by the names for students
    total: float = 0  # of all lines, after the late rule
    is_stranger: bool = False  # whether there is a roster, and nobody in it

    @property
    def student(self) -> str:
        """The student's name in all tables."""
        return self.person.student

    @property
    def earned(self) -> float:
        """Points of all lines, before the late rule."""
        return sum(line.points or 0 for line in self.lines)

    @property
    def possible(self) -> float:
        """Points of all lines that could be earned."""
        return sum(line.possible for line in self.lines)

    @property
    def waiting(self) -> tuple[Line, ...]:
        """Lines with answers that nobody has marked."""
        return tuple(line for line in self.lines if line.waits)

    @property
    def corrected(self) -> tuple[Line, ...]:
        """Lines in which a teacher has changed what the grader computed."""
        return tuple(line for line in self.lines if line.is_corrected)

    @property
    def is_unreadable(self) -> bool:
        """Whether nothing could be read of what was handed in."""
        return self.grade is not None and bool(self.grade.refused)

    @property
    def has_total(self) -> bool:
        """Whether there is anything to count: what could be read, or a correction."""
        is_read = self.grade is not None and not self.is_unreadable
        return is_read or bool(self.corrected)

    @property
    def status(self) -> str:
        """What a teacher should know before the points, "ok" for nothing."""
        if self.person.withdrawn:
            return "withdrawn"
        if self.is_stranger:
            why = f"; {self.grade.status}" if self.grade and self.grade.status != "ok" else ""
            return f"not in the roster{why}"
        if self.grade is None:
            if self.attempts and self.attempt is None:
                return "too late"
            return "not graded yet" if self.attempt else NOT_HANDED_IN
        return self.grade.status


@dataclass(frozen=True)
class Known:
    """All that is known of a class."""

    people: Sequence[Person] = ()
    attempts: Sequence[Attempt] = ()  # those of one student from the first to the last
    grades: Mapping[tuple[str, str], Grade] = field(default_factory=dict)  # student, submission
    answers: Mapping[str, Mapping[str, Answer]] = field(default_factory=dict)  # submission, item
    marks: Mapping[tuple[str, str], Mark] = field(default_factory=dict)  # student, item
    course: Course = EMPTY

    def list_people(self) -> list[Person]:
        """Return everybody: the roster in its order, then those who are not in it."""
        names = {person.student for person in self.people}
        others = {one.student for one in self.attempts} - names
        return [*self.people, *(Person(name) for name in sorted(others))]

    def find_due_dates(self) -> tuple[dict[str, datetime], list[str]]:
        """Return the due dates of students with an extension, and a line for each doubtful one."""
        people = name_people(self.list_people())
        return find_due_dates(self.course, lambda key: people.get(key.casefold()))


def name_people(people: Iterable[Person]) -> dict[str, str]:
    """Return whom a name, an address, an id or a login means, where it means only one person."""
    found: dict[str, set[str]] = {}
    for one in people:
        for name in (one.student, one.name, one.email, one.login, *one.ids):
            if name:
                found.setdefault(name.casefold(), set()).add(one.student)
    return {name: students.pop() for name, students in found.items() if len(students) == 1}


Dated = tuple[Attempt, Lateness]


def find_candidates(known: Known) -> dict[str, list[Dated]]:
    """Return for each student the attempts of which one will count; none if none was accepted.

    Where not the best attempt counts, this needs no grades, and is at most one attempt.
    """
    dates, _ = known.find_due_dates()
    found: dict[str, list[Dated]] = {}
    for attempt in known.attempts:
        due = dates.get(attempt.student, known.course.due)
        is_marked = attempt.clock == MARKS_LATE and not attempt.at
        lateness = find_lateness(
            known.course, due, attempt.time, attempt.late, marks_late=is_marked
        )
        found.setdefault(attempt.student, []).append((attempt, lateness))
    rule = known.course.attempts
    if rule == "best":
        return {name: [one for one in all if one[1].accepted] for name, all in found.items()}
    return {name: _choose(all, [None] * len(all), rule) for name, all in found.items()}


def _choose(dated: Sequence[Dated], points: Sequence[float | None], rule: str) -> list[Dated]:
    """Return the attempt that counts, in a list that is empty if none was accepted."""
    choices = [
        Choice(attempt.time, lateness.accepted, one, order)
        for order, ((attempt, lateness), one) in enumerate(zip(dated, points, strict=True))
    ]
    chosen = choose_attempt(choices, rule)
    return [] if chosen is None else [dated[chosen.order]]


def score_class(known: Known, catalogue: Catalogue) -> list[Score]:
    """Return the score of everybody in the class, in the order of `Known.list_people`."""
    of_student: dict[str, list[Attempt]] = {}
    for attempt in known.attempts:
        of_student.setdefault(attempt.student, []).append(attempt)
    candidates = find_candidates(known)
    maker = _Maker(known, catalogue)
    scores = []
    enrolled = {person.student for person in known.people}
    for person in known.list_people():
        dated = candidates.get(person.student, [])
        made = [maker.make(person, *one) for one in dated]
        if len(dated) > 1:
            points = [None if one.is_unreadable else one.total for one in made]
            chosen = _choose(dated, points, known.course.attempts)
            made = [one for one in made if one.attempt is chosen[0][0]]
        score = made[0] if made else maker.make(person, None, None)
        attempts = tuple(of_student.get(person.student, ()))
        is_stranger = bool(enrolled) and person.student not in enrolled
        scores.append(replace(score, attempts=attempts, is_stranger=is_stranger))
    return scores


class _Maker:
    """Makes scores, with what is the same for all of them looked up once."""

    def __init__(self, known: Known, catalogue: Catalogue) -> None:
        self.known = known
        self.catalogue = catalogue
        # Where all grades are of functions alone, nothing else could be earned.
        all_alone = known.grades and not any(one.notebooks for one in known.grades.values())
        kinds = (FUNCTIONS,) if all_alone else (FUNCTIONS, CELLS, WRITTEN)
        self.items = [item for item in catalogue.items if item.kind in kinds and item.possible]
        self.weights = {
            item.name: find_weight(known.course, item.name, item.notebook, item.kind)
            for item in self.items
        }

    def make(self, person: Person, attempt: Attempt | None, lateness: Lateness | None) -> Score:
        """Return the score of one student for one attempt."""
        stored = self.known.grades.get((person.student, attempt.submission)) if attempt else None
        grade = self._repoint(stored) if stored else None
        by_item: dict[str, list[Verdict]] = {}
        for verdict in grade.verdicts if grade else ():
            by_item.setdefault(verdict.part, []).append(verdict)
        answers = self.known.answers.get(attempt.submission, {}) if attempt else {}
        lines = tuple(
            self._make_line(item, person.student, grade, by_item.get(item.name, ()), answers)
            for item in self.items
        )
        left_out = self._name_left_out(stored)
        score = Score(person, (), attempt, grade, lines, answers, lateness, left_out)
        earned = score.earned
        total = earned if lateness is None else deduct(earned, lateness, self.known.course)
        return replace(score, total=total)

    def _make_line(
        self,
        item: Item,
        student: str,
        grade: Grade | None,
        verdicts: Sequence[Verdict],
        answers: Mapping[str, Answer],
    ) -> Line:
        weight = self.weights[item.name]
        mark = self.known.marks.get((student, item.name))
        if mark is not None and mark.points is None:  # it was taken back
            mark = None
        if item.kind == WRITTEN:
            answer = answers.get(item.name)
            is_written = answer is not None and bool(answer.text)
            computed = None if is_written or grade is None else 0.0
            answer = answer if is_written else None
            return Line(item, item.possible * weight, computed, mark, answer, weight)
        counting = [verdict for verdict in verdicts if verdict.counts]
        possible = sum(verdict.possible for verdict in counting)
        if not verdicts:  # not judged
            possible = item.possible * weight
        found = [verdict for verdict in counting if not verdict.missing]
        is_known = found and not (grade and grade.refused)
        computed = sum(verdict.points for verdict in found) if is_known else None
        return Line(item, possible, computed, mark, weight=weight)

    def _repoint(self, grade: Grade) -> Grade:
        """Return a grade with the points, weights and rules of today."""
        course = self.known.course
        verdicts = []
        for verdict in repoint(grade.verdicts, self.catalogue):
            voided = find_voiding(course, verdict.part, verdict.test)
            if voided == LEFT_OUT:
                continue
            possible = verdict.possible * self.weights.get(verdict.part, 1)
            share = course.follow_through
            given = verdict.given if share else ()
            earned = 1.0 if voided else share if given else 0.0
            if (possible, given, earned) != (verdict.possible, verdict.given, verdict.share):
                verdict = replace(verdict, possible=possible, given=given, share=earned)
            verdicts.append(verdict)
        return replace(grade, verdicts=tuple(verdicts))

    def _name_left_out(self, grade: Grade | None) -> tuple[str, ...]:
        voided = {name for name, how in self.known.course.voided.items() if how == LEFT_OUT}
        verdicts: Iterable[Verdict] = grade.verdicts if grade and voided else ()
        return tuple(v.name for v in verdicts if v.test in voided or v.part in voided)
