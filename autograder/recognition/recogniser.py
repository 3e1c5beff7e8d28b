"""Recognise the mistake behind a part's failed tests: the one that gives the same answers.

A mistake of the bank explains a part if the teacher's function with that mistake passes and fails
the same tests, at the same case, with the same answers. If the bank has none, a simple relation to
the right answers may explain it: the sign, a factor, an axis. If not exactly one explains all
answers, there is no hint: a wrong hint is worse than none.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from unittest import mock

from assignment.support.project.manifest import load_parts
from autograder.bank import Mistake, load_bank
from autograder.bank.reference import FUNCTIONS, find_module
from autograder.judging.functions import FunctionJudge, TriedTest
from autograder.judging.in_process import InProcess
from autograder.judging.replies import (
    Answer,
    Changes,
    are_same,
    find_changes,
    read_answers,
    same_answers,
)
from autograder.outcomes import EXPLAINABLE, Outcome, Recognised
from autograder.recognition.relations import Relation, find_habit, find_relation

__all__ = ["Recogniser"]

LONGEST_S = 20  # of CPU time for one submission: no part is begun later

PARTS = {part.id: part for part in load_parts()}


class Recogniser:
    """Finds the known mistake that gives a part's answers."""

    def __init__(self, judge: FunctionJudge) -> None:
        self.judge = judge  # tests the bank's mistakes
        self.tried: dict[tuple[str, tuple[str, ...]], dict[str, TriedTest]] = {}
        self.answers: dict[tuple[Any, tuple[str, ...]], Sequence[Answer]] = {}
        self.changes: dict[tuple[Any, tuple[str, ...]], Changes] = {}
        self.topics = _sort_by_part(m for m in load_bank() if isinstance(m, Mistake))

    def recognise(self, tried: Sequence[TriedTest]) -> list[Recognised]:
        """Return the mistakes that explain parts of a submission."""
        found: list[Recognised] = []
        known: dict[str, Mistake] = {}  # recognised so far, by function
        by_part: dict[str, dict[str, TriedTest]] = {}
        for one in tried:
            by_part.setdefault(one.verdict.part, {})[one.verdict.name] = one
        deadline = time.process_time() + LONGEST_S
        for part, by_name in by_part.items():
            if time.process_time() > deadline:
                break
            lost = [one for one in by_name.values() if one.verdict.outcome is not Outcome.PASSED]
            if any(one.verdict.outcome not in EXPLAINABLE for one in lost):
                continue
            if not any(one.exchange for one in lost):
                continue
            mistake = self._find_mistake(part, by_name, known)
            if mistake is not None:
                known |= dict.fromkeys(mistake.functions, mistake)
                found.append(Recognised(part, mistake.label, _list_hints(mistake)))
                continue
            relation = find_habit([one.verdict.failure for one in lost if one.verdict.failure])
            compared = [one for one in lost if one.exchange]
            pairs = [(one.answers, self._answer(one.case, ())) for one in compared]
            relation = relation or find_relation(PARTS[part], pairs)
            if relation is not None:
                found.append(Recognised(part, relation.label, _list_hints(relation)))
        return found

    def _find_mistake(
        self, part: str, tests: Mapping[str, TriedTest], known: Mapping[str, Mistake]
    ) -> Mistake | None:
        """Return the only mistake, alone or with those of other parts, or the only pair."""
        candidates = [(mistake,) for mistake in self.topics[part]]
        others = tuple(dict.fromkeys(known.values()))
        for group in (candidates, [(*one, *others) for one in candidates if others]):
            explaining = self._keep_explaining(part, tests, group)
            if explaining:
                return explaining[0][0] if len(explaining) == 1 else None
        first = _find_first(tests)
        changes = find_changes(first.answers, self._answer(first.case, ()))
        halves = [mistake for (mistake,) in candidates if self._is_half(first, changes, mistake)]
        pairs = self._keep_explaining(part, tests, [*itertools.combinations(halves, 2)])
        return _join(*pairs[0]) if len(pairs) == 1 else None

    def _keep_explaining(
        self, part: str, tests: Mapping[str, TriedTest], groups: Sequence[tuple[Mistake, ...]]
    ) -> list[tuple[Mistake, ...]]:
        """Keep the groups that give all answers; the first failed case rules most others out."""
        first = _find_first(tests)
        changes = find_changes(first.answers, self._answer(first.case, ()))
        fitting = [
            group
            for group in groups
            if self._change(first.case, group) == changes
            and are_same(first.answers, self._answer(first.case, group), changes)
        ]
        return [
            group
            for group in fitting
            if all(_is_same(one, self._try(part, group)[name]) for name, one in tests.items())
        ]

    def _is_half(self, one: TriedTest, changes: Changes, mistake: Mistake) -> bool:
        """Say whether a mistake gives some of the wrong outputs, and changes no others."""
        some = self._change(one.case, (mistake,))
        answers = self._answer(one.case, (mistake,))
        return bool(some) and some < changes and are_same(one.answers, answers, some)

    def _change(self, case: Any, mistakes: Sequence[Mistake]) -> Changes:
        """Return which outputs of a case mistakes change; cached."""
        key = case, tuple(mistake.id for mistake in mistakes)
        if key not in self.changes:
            answers = self._answer(case, mistakes)
            self.changes[key] = find_changes(answers, self._answer(case, ()))
        return self.changes[key]

    def _answer(self, case: Any, mistakes: Sequence[Mistake]) -> Sequence[Answer]:
        """Return the answers that mistakes give in a case; cached."""
        key = case, tuple(mistake.id for mistake in mistakes)
        if key not in self.answers:
            subject = InProcess(_combine(mistakes))
            self.answers[key] = read_answers(self.judge.find_exchange(case, subject))
        return self.answers[key]

    def _try(self, part: str, mistakes: Sequence[Mistake]) -> dict[str, TriedTest]:
        """Run the tests of a part on mistakes taken together; cached."""
        key = part, tuple(mistake.id for mistake in mistakes)
        if key not in self.tried:
            tried = self.judge.try_tests(InProcess(_combine(mistakes)), {part})
            self.tried[key] = {one.verdict.name: one for one in tried}
        return self.tried[key]


def _list_hints(mistake: Mistake | Relation) -> tuple[str, ...]:
    """Return where to look, what is wrong there, and how to correct it."""
    return f"Look at {mistake.where}.", mistake.what, mistake.how


def _sort_by_part(mistakes: Iterable[Mistake]) -> dict[str, list[Mistake]]:
    """List for each part the mistakes in functions that its tests may use."""
    files = {name: part.tests for part in load_parts() for name in part.functions}
    by_part: dict[str, list[Mistake]] = {part.id: [] for part in load_parts()}
    for mistake in mistakes:
        topics = {files[name] for name in mistake.functions}
        for part in load_parts():
            if part.tests in topics:
                by_part[part.id].append(mistake)
    return by_part


def _find_first(tests: Mapping[str, TriedTest]) -> TriedTest:
    lost = (one for one in tests.values() if one.verdict.outcome in EXPLAINABLE)
    return next(one for one in lost if one.exchange)


def _is_same(one: TriedTest, other: TriedTest) -> bool:
    """Say whether two results agree: both passed, or failed at the same case and answers.

    Answers that were too long to be kept are not compared.
    """
    if one.verdict.outcome is Outcome.PASSED or other.verdict.outcome is Outcome.PASSED:
        return one.verdict.outcome is other.verdict.outcome
    if not one.exchange and not other.exchange:
        return one.case is other.case
    return one.case is other.case and same_answers(one.answers, other.answers)


def _combine(mistakes: Sequence[Mistake]) -> dict[str, Callable[..., Any]]:
    """Return the functions of several mistakes; two in one function are nested."""
    functions: dict[str, Callable[..., Any]] = {}
    for mistake in mistakes:
        for name, code in mistake.functions.items():
            functions[name] = _nest(name, code, functions[name]) if name in functions else code
    return functions


def _nest(name: str, outer: Any, inner: Any) -> Any:
    """Return a function with two mistakes: `outer` calls `inner` instead of the teacher's."""
    if isinstance(outer, type):
        return type(name, (outer, inner), {})
    module, teachers = find_module(name), FUNCTIONS[name]  # the bank's ref.name

    def run_inner(*args: Any, **options: Any) -> Any:
        with mock.patch.object(module, name, teachers):
            return inner(*args, **options)

    def run_outer(*args: Any, **options: Any) -> Any:
        with mock.patch.object(module, name, run_inner):
            return outer(*args, **options)

    return run_outer


def _join(one: Mistake, other: Mistake) -> Mistake:
    """Return one mistake with the texts of two, for the hint."""
    where = one.where if one.where == other.where else f"{one.where}, and at {other.where}"
    what, how = f"{one.what} {other.what}", f"{one.how} {other.how}"
    functions = {**one.functions, **other.functions}
    return Mistake(one.id, functions, where, what, how, f"{one.label}; {other.label}")
