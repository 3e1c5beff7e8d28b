"""Give each person of a roster a key of their own, and tell who is listed twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.intake.decoding import quote
from autograder.roster.people import Person, fold, fold_name

__all__ = ["Enrolled", "enrol"]


@dataclass(frozen=True)
class Enrolled:
    """A person, and the line in which the roster lists them."""

    line: int
    person: Person  # `student` is the key that the roster itself gives, "" for none


def enrol(found: Sequence[Enrolled]) -> tuple[tuple[Person, ...], dict[int, str], list[str]]:
    """Give each person a key: login, else e-mail address, else id, else name.

    Parameters
    ----------
    found : sequence of Enrolled
        The rows of a roster, in order.

    Returns
    -------
    people : tuple of Person
        Each once, with unique keys: also those that differ by case alone are not both used.
    keys : dict of str
        Line -> key of the person in it.
    problems : list of str
        Who is listed twice, and what two people share; one line each.
    """
    taken: dict[str, Enrolled] = {}  # folded key -> who has it
    keys: dict[int, str] = {}
    problems = []
    for one in found:
        candidates = _list_keys(one.person)
        if not candidates:
            problems.append(f"line {one.line}: nothing tells who this is; left out")
            continue
        other = taken.get(fold(candidates[0]))
        if other and _is_same(one.person, other.person):
            merged, is_new = _merge(other.person, one.person)
            taken[fold(candidates[0])] = replace(other, person=merged)
            keys[one.line] = merged.student
            if not is_new:
                told = f"{merged.shown} stands also in line {other.line}; listed once"
                problems.append(f"line {one.line}: {told}")
            continue
        if other:
            problems.append(
                f"line {one.line}: {one.person.name or 'this person'} and {other.person.shown} in "
                f"line {other.line} share {quote(candidates[0])}; it matches neither"
            )
        candidates.append(f"{candidates[0]} (line {one.line})")
        key = next(key for key in candidates if fold(key) not in taken)
        taken[fold(key)] = Enrolled(one.line, replace(one.person, student=key))
        keys[one.line] = key
    return tuple(one.person for one in taken.values()), keys, problems + _find_shared(taken)


def _list_keys(person: Person) -> list[str]:
    keys = [person.student, person.login, person.email, *person.ids, person.name]
    return list(dict.fromkeys(filter(None, keys)))


def _is_same(one: Person, other: Person) -> bool:
    """Say whether two rows are of one person: nothing in them differs but section and group."""
    names = {fold_name(name) for name in (one.name, other.name)} - {""}
    emails = {fold(email) for email in (one.email, other.email)} - {""}
    differ = one.ids and other.ids and not set(one.ids) & set(other.ids)
    return len(names) < 2 and len(emails) < 2 and not differ


def _merge(one: Person, other: Person) -> tuple[Person, bool]:
    """Return a person with the sections and groups of two rows, and whether that adds any."""
    sections = [one.section, *([other.section] if other.section != one.section else [])]
    merged = replace(
        one,
        name=one.name or other.name,
        email=one.email or other.email,
        ids=tuple(dict.fromkeys([*one.ids, *other.ids])),
        section=" and ".join(filter(None, sections)),
        groups=tuple(dict.fromkeys([*one.groups, *other.groups])),
        withdrawn=one.withdrawn and other.withdrawn,
    )
    return merged, (merged.section, merged.groups) != (one.section, one.groups)


def _find_shared(taken: dict[str, Enrolled]) -> list[str]:
    """Return a line for each e-mail address and id that two people share, beside their keys."""
    problems = []
    seen: dict[str, Enrolled] = {}
    for one in taken.values():
        person = one.person
        for value in dict.fromkeys(map(fold, filter(None, [person.email, *person.ids]))):
            other = seen.setdefault(value, one)
            is_told = fold(_list_keys(other.person)[0]) == value
            if other is not one and not is_told:
                shared = f"share {quote(value)}; it matches neither"
                problems.append(
                    f"line {one.line}: {person.shown} and {other.person.shown} in line "
                    f"{other.line} {shared}"
                )
    return problems
