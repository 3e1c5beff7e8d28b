"""Say whose a file is: by id, login, e-mail address or full name, and never by guess."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from autograder.intake.archives import ARCHIVE, SOURCE
from autograder.intake.decoding import quote
from autograder.roster.file_names import Owner
from autograder.roster.gradescope import Submitter
from autograder.roster.people import Person, clean, fold, fold_name, split_name

__all__ = ["Match", "Matcher"]

COPY_OF_BROWSER = re.compile(r" ?\(\d+\)$")
BRANCH = re.compile(r"-(main|master)$")  # which GitHub puts behind the name of a zip
DEFAULT_GROUPS = ("default group", "standardgruppe", "groupe par défaut", "grupo por defecto")
_Found = Mapping[str, Person]  # by key


@dataclass(frozen=True)
class Match:
    """Whose a file is."""

    students: tuple[str, ...]  # keys; several for a group, none where it is nobody's
    how: str = ""  # "settled", "id", "login", "e-mail address", "name" or "group"
    problem: str = ""  # why it is nobody's, or who else handed it in and is not enrolled; one line


class Matcher:
    """Finds the people whose work a file is.

    Parameters
    ----------
    people : iterable of Person
        Everybody enrolled, with those who are withdrawn.
    settled : mapping of tuples of str, optional
        What a teacher has typed: file -> keys of its students, none for a file of nobody.
    """

    def __init__(
        self, people: Iterable[Person], settled: Mapping[str, tuple[str, ...]] | None = None
    ):
        self._people = {person.student: person for person in people}
        self._settled = dict(settled or {})
        self._handles: dict[str, dict[str, Person]] = {}
        self._names: dict[str, dict[str, Person]] = {}
        self._groups: dict[str, dict[str, Person]] = {}
        self._file_ids: dict[str, dict[str, Person]] = {}
        for person in self._people.values():
            for handle in (person.student, person.login, person.email, *person.ids):
                _add(self._handles, fold(handle), person)
            for key in _list_name_keys(person):
                _add(self._names, key, person)
            for group in person.groups:
                _add(self._groups, fold_name(group), person)
                _add(self._groups, _pack(fold_name(group)), person)
            _add(self._file_ids, person.file_id, person)
        self._numbering = {file_id.rpartition(" ")[0] for file_id in self._file_ids}

    def find(self, file: str, owner: Owner | None, student: str) -> Match:
        """Say whose a file is.

        Parameters
        ----------
        file : str
            What was handed in, below the folder of the submissions.
        owner : Owner or None
            What the system wrote into its name; without it the whole name has to be that of a
            person or group, or a login, e-mail address or id.
        student : str
            The name that intake gives to whoever handed it in.
        """
        typed = self._settled.get(file, self._settled.get(student))
        if typed is not None:
            return self._read_typed(typed)
        names = [student] if owner else [student, file]  # a folder below may have any name
        found = self._find_owner(owner) if owner else None
        for name in dict.fromkeys(map(_strip, names)):
            found = found or self._find_plain(name)
        return found or Match((), "", self._tell_missing(owner or Owner("", name=_strip(student))))

    def find_submitters(self, file: str, submitters: Collection[Submitter], student: str) -> Match:
        """Say who handed in a folder of Gradescope, by what submission_metadata.yml says of it."""
        typed = self._settled.get(file, self._settled.get(student))
        if typed is not None:
            return self._read_typed(typed)
        owners = [Owner("", name=one.name, id=one.sid, email=one.email) for one in submitters]
        matches = [self._find_owner(o) or Match((), "", self._tell_missing(o)) for o in owners]
        students = dict.fromkeys(key for match in matches for key in match.students)
        problems = "; ".join(match.problem for match in matches if match.problem)
        how = "group" if len(students) > 1 else next((m.how for m in matches if m.students), "")
        return Match(
            tuple(students),
            how,
            problems or ("" if matches else "submission_metadata.yml names nobody"),
        )

    def _read_typed(self, typed: Collection[str]) -> Match:
        found = [self._people.get(key) or self._find_alone(key) for key in typed]
        unknown = [quote(key) for key, person in zip(typed, found) if not person]
        if unknown:
            return Match((), "", f"it was settled as that of {', '.join(unknown)}, not enrolled")
        return Match(tuple(dict.fromkeys(p.student for p in found if p)), "settled")

    def _find_alone(self, key: str) -> Person | None:
        found = list(self._handles.get(fold(key), {}).values())
        return found[0] if len(found) == 1 else None

    def _find_owner(self, owner: Owner) -> Match | None:
        """Say whose a file is by what a system wrote, None if the roster knows nothing of it."""
        if owner.system == "Gradescope":
            return self._find_submission(owner.id)
        known = {
            ("id", owner.id): self._find_id(owner),
            ("login", owner.login): self._find_login(owner),
            ("e-mail address", owner.email): self._handles.get(fold(owner.email), {}),
        }
        return self._decide({key: found for key, found in known.items() if found}, owner)

    def _find_submission(self, number: str) -> Match:
        found = self._file_ids.get(f"Gradescope {number}", {})
        if not found:
            needed = "give submission_metadata.yml or Gradescope's grades as roster"
            return Match((), "", f"nothing tells whose submission {quote(number)} is; {needed}")
        return Match(tuple(found), "group" if len(found) > 1 else "id")

    def _find_id(self, owner: Owner) -> _Found:
        if owner.system in self._numbering:
            return self._file_ids.get(f"{owner.system} {owner.id}", {})
        # The numbers that Moodle and Brightspace write into names are no ids of students.
        return {} if owner.system == "Moodle" else self._handles.get(fold(owner.id), {})

    def _find_login(self, owner: Owner) -> _Found:
        found = self._handles.get(fold(owner.login), {})
        if not found and owner.system == "GitHub Classroom":
            found = self._handles.get(fold(BRANCH.sub("", owner.login)), {})
        return found

    def _decide(self, known: Mapping[tuple[str, str], _Found], owner: Owner) -> Match | None:
        named = self._find_named(owner.name)
        if not known:
            return self._decide_by_name(owner, named)
        together = _intersect(known.values())
        if not together:
            return Match((), "", f"{_tell_each(known)}")
        if len(together) > 1:
            together = _intersect([together, named])  # namesakes have ids, and the other way round
            if len(together) != 1:
                return Match((), "", f"{_tell_each(known)}")
        team = {} if named else self._find_team(owner)
        if team and together.keys() <= team.keys():
            return Match(tuple(team), "group")
        if (others := named or team) and not together.keys() & others.keys():
            told = _tell_each({**known, ("name", owner.name): others})
            return Match((), "", f"{told}")
        return Match(tuple(together), next(kind for kind, _ in known))

    def _decide_by_name(self, owner: Owner, named: _Found) -> Match | None:
        if len(named) > 1:
            told = _tell_each({("name", owner.name): named})
            return Match((), "", f"{told}")
        for person in named.values():
            system, _, number = person.file_id.rpartition(" ")
            if owner.id and system == owner.system:
                has = f"{_tell(named)} has {quote(number)} there"
                return Match((), "", f"nobody in the roster has the id {quote(owner.id)}; {has}")
            return Match((person.student,), "name")
        team = self._find_team(owner)
        return Match(tuple(team), "group") if team else None

    def _find_named(self, name: str) -> _Found:
        """Return the people of a name, also behind that of a group: "Team 4-Jane Doe" of Moodle."""
        if found := self._look_up(name):
            return found
        for hyphen in re.finditer("-", name):
            group = fold_name(name[: hyphen.start()])
            if group in self._groups or group in DEFAULT_GROUPS:
                return self._look_up(name[hyphen.end() :])
        return {}

    def _look_up(self, name: str) -> _Found:
        first, last = split_name(clean(name))
        if last:
            key = f"{fold_name(last)},{fold_name(first)}"
        else:
            key = fold_name(name)
            key = key if " " in key else f"={key}"
        return self._names.get(key, {})

    def _find_team(self, owner: Owner) -> _Found:
        texts = filter(None, (owner.group, owner.name, owner.login))
        return next((found for t in texts if (found := self._groups.get(fold_name(t)))), {})

    def _find_plain(self, name: str) -> Match | None:
        """Say whose a file is whose whole name is that of a person or group, or a login or id."""
        handles = self._handles.get(fold(name), {})
        if not handles:
            return self._decide_by_name(Owner("", name=name), self._find_named(name))
        found = {**handles, **self._find_named(name)}
        if len(found) > 1:
            return Match((), "", f"{quote(name)} is that of {_tell(found)}")
        (person,) = found.values()
        return Match((person.student,), _tell_kind(person, name))

    def _tell_missing(self, owner: Owner) -> str:
        parts = (("id", owner.id), ("login", owner.login), ("e-mail address", owner.email))
        written = [
            f"the {kind} {quote(text)}" for kind, text in (*parts, ("name", owner.name)) if text
        ]
        if not written:
            return "nothing in its name tells whose it is"
        told = " or ".join(written)
        hints = [self._hint(text) for text in (owner.id, owner.login, owner.name) if text]
        return "; ".join([f"nobody in the roster has {told}", *filter(None, hints)])

    def _hint(self, text: str) -> str:
        """Return whom an id may be of that a spreadsheet has taken the zeros from."""
        text = fold(text)
        if not (text.isdecimal() and text.strip("0")):
            return ""
        alike = [
            key for key in self._handles if key.isdecimal() and key.lstrip("0") == text.lstrip("0")
        ]
        people = {p.student: p for key in alike for p in self._handles[key].values()}
        if not people:
            return ""
        ids = " and ".join(map(quote, alike))
        return f"{ids} is that of {_tell(people)}: a spreadsheet may have dropped zeros"


def _add(index: dict[str, dict[str, Person]], key: str, person: Person) -> None:
    if key:
        index.setdefault(key, {})[person.student] = person


def _strip(name: str) -> str:
    """Return a name without what stands behind it: ".zip", " (1)"."""
    stem = SOURCE.sub("", ARCHIVE.sub("", name.rpartition("/")[2]))
    return COPY_OF_BROWSER.sub("", stem).strip()


def _pack(words: str) -> str:
    return words.replace(" ", "")


def _list_name_keys(person: Person) -> list[str]:
    """Return the keys under which a person is found by name.

    These are "jane doe", "doe,jane", and "=janedoe" and "=doejane" for names without blanks. Where
    the roster does not tell the last name, each part of the name may be it.
    """
    whole = fold_name(person.name)
    first, last = map(fold_name, split_name(person.sort_name))
    words = whole.split()
    splits = (
        [(first, last)]
        if last
        else [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    )
    keys = [whole, f"={_pack(whole)}"] if whole else []
    keys += [f"{last},{first}" for first, last in splits]
    keys += [f"={_pack(last + first)}" for first, last in splits]
    return keys + ([f"{last} {first}"] if last else [])


def _intersect(founds: Iterable[_Found]) -> _Found:
    several = list(founds)
    first = several[0] if several else {}
    return {key: p for key, p in first.items() if all(key in found for found in several)}


def _tell(found: _Found) -> str:
    return " and ".join(person.shown for person in found.values())


def _tell_each(known: Mapping[tuple[str, str], _Found]) -> str:
    told = [f"the {kind} {quote(text)} is that of {_tell(p)}" for (kind, text), p in known.items()]
    return ", ".join(told)


def _tell_kind(person: Person, text: str) -> str:
    for kind, values in (
        ("login", [person.login]),
        ("e-mail address", [person.email]),
        ("id", person.ids),
    ):
        if fold(text) in map(fold, values):
            return kind
    return "name"
