"""Who is in the class, and when each hands in."""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

__all__ = [
    "ATTEMPTS",
    "CUT_OFF_DAYS",
    "DUE",
    "EXTENDED",
    "FEWEST",
    "GRACE",
    "ZONE",
    "HandIn",
    "Person",
    "Term",
    "make_term",
]

FEWEST = 12  # students, so that there is one of each kind
ATTEMPTS = 3
ZONE_NAME = "Europe/Zurich"
ZONE = ZoneInfo(ZONE_NAME)
DUE = datetime(2026, 11, 30, 23, 59, 59, tzinfo=ZONE)
EXTENDED = datetime(2026, 12, 3, 23, 59, 59, tzinfo=ZONE)
GRACE = timedelta(minutes=15)
CUT_OFF_DAYS = 7
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

# Of 300 students; other sizes of a class are scaled.
MISSING, LATE, UNREADABLE, APPEALS = 20, 30, 12, 5
UNREADABLE_KINDS = ("cut", "encrypted", "web page", "empty", "rar")
UPLOADS = ("{login}.zip", "hw.zip", "training-neural-networks-1.zip")

FIRST = (
    "Jane", "Ana", "Zoë", "Łukasz", "Søren", "José", "Chloé", "Noah", "Mia", "Elif", "Jürgen",
    "Anaïs", "Émile", "Björn", "Ngọc", "Şule", "Tomáš", "Iñigo", "Márta", "Gül", "Oskar", "Leïla",
    "Kofi", "Aiko", "Ravi", "Nour", "Ines", "Paulo", "Freya", "Dmitri",
)  # fmt: skip
LAST = (
    "Doe", "Müller", "García López", "O'Brien", "van der Berg", "Nguyễn", "Ødegaard", "Åkesson",
    "Đorđević", "Meyer-Lüdke", "Yılmaz", "Novák", "Straße", "D'Angelo", "Okafor", "Tanaka", "Singh",  # noqa: RUF001
    "Haddad", "Ferreira", "Lindqvist", "Kowalska", "Smith", "Brontë", "Çelik", "Ivanova", "Rossi",
    "Dubois", "Keller", "Nagy", "Ó Súilleabháin",
)  # fmt: skip
LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "ı": "i", "æ": "ae", "å": "a", "'": "", "-": ""}  # noqa: RUF001
)


@dataclass(frozen=True)
class Person:
    """One student, with all that systems call a student by."""

    first: str
    last: str
    login: str
    email: str
    id: int  # the system's own, in names of files
    sid: str  # the university's
    github: str

    @property
    def name(self) -> str:
        """The name as a person writes it."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class HandIn:
    """All attempts at handing in of one student, or of a group."""

    number: int
    people: tuple[Person, ...]
    times: tuple[datetime, ...]  # of each attempt, UTC
    upload: str  # what the student has called the file
    role: str = ""  # why it is in the class, "" for no special reason
    unreadable: str = ""  # what is wrong with the file of the last attempt

    @property
    def time(self) -> datetime:
        """When the last attempt was handed in."""
        return self.times[-1]

    @property
    def due(self) -> datetime:
        """When it was due, with an extension."""
        return EXTENDED if self.role == "extended" else DUE

    @property
    def is_group(self) -> bool:
        """Whether several students hand in together."""
        return len(self.people) > 1


@dataclass(frozen=True)
class Term:
    """The whole class."""

    seed: int
    hand_ins: tuple[HandIn, ...]
    missing: tuple[Person, ...]  # enrolled, without an attempt

    @property
    def enrolled(self) -> list[Person]:
        """Everybody on the roster, by last name."""
        staying = [one for one in self.hand_ins if one.role != "withdrawn"]
        people = [*(person for one in staying for person in one.people), *self.missing]
        return sorted(people, key=_order)

    @property
    def enrolled_at_start(self) -> list[Person]:
        """The same, with who has withdrawn since."""
        return sorted([*self.enrolled, *self.find("withdrawn").people], key=_order)

    def find(self, role: str) -> HandIn:
        """Return the first one in a role."""
        return next(one for one in self.hand_ins if one.role == role)


def make_term(students: int, seed: int) -> Term:
    """Make up a class.

    Parameters
    ----------
    students : int
        Who hand in; a group counts once. At least `FEWEST`.
    seed : int
    """
    rng = random.Random(f"people {seed}")
    roles = list(_list_roles(students))
    rng.shuffle(roles)
    people = _make_people(students + 1 + _scale(MISSING, students), rng)
    late_by, kinds = _spread_lateness(rng), itertools.cycle(UNREADABLE_KINDS)
    hand_ins = []
    for number, role in enumerate(roles):
        members = tuple(next(people) for _ in range(2 if role == "group" else 1))
        last = _choose_last_time(role, late_by, rng)
        second = last - timedelta(seconds=rng.randrange(3_600, 172_800))
        first = second - timedelta(seconds=rng.randrange(86_400, 20 * 86_400))
        times = tuple(time.astimezone(timezone.utc) for time in (first, second, last))
        upload = rng.choice(UPLOADS).format(login=members[0].login)
        unreadable = next(kinds) if role == "unreadable" else ""
        hand_ins.append(HandIn(number, members, times, upload, role, unreadable))
    return Term(seed, _add_namesakes(hand_ins), tuple(people))


def _scale(count: int, students: int) -> int:
    return max(1, round(count * students / 300))


def _list_roles(students: int) -> Iterator[str]:
    """Yield a role for each who hands in, "" for most."""
    single = ["group", "withdrawn", "extended", "in the last second", "within the grace"]
    counts = {"late": LATE, "unreadable": UNREADABLE, "appeal": APPEALS}
    several = [role for role, count in counts.items() for _ in range(_scale(count, students))]
    yield from itertools.islice(itertools.chain(single, several, itertools.repeat("")), students)


def _choose_last_time(role: str, late_by: Iterator[timedelta], rng: random.Random) -> datetime:
    due = DUE.astimezone(timezone.utc)
    if role == "late":
        return due + next(late_by)
    if role == "extended":
        return due + 2 * DAY
    if role == "in the last second":
        return due
    if role == "within the grace":
        return due + GRACE
    if role == "withdrawn":
        return due - 40 * DAY
    return due - timedelta(seconds=rng.randrange(60, 5 * 86_400))


def _spread_lateness(rng: random.Random) -> Iterator[timedelta]:
    """Yield how late each late one is: at the edges of the rules first, then anywhere."""
    yield GRACE + SECOND
    yield DAY + GRACE
    yield DAY + GRACE + SECOND
    yield CUT_OFF_DAYS * DAY + GRACE + SECOND
    while True:
        yield timedelta(seconds=rng.randrange(1_000, (CUT_OFF_DAYS + 3) * 86_400))


def _make_people(count: int, rng: random.Random) -> Iterator[Person]:
    """Yield people of different names; who wants more than there are names gets middle initials."""
    names = list(itertools.product(FIRST, LAST))
    rng.shuffle(names)
    endless = (
        (f"{first} {chr(ord('A') + (turn - 1) % 26)}." if turn else first, last)
        for turn in itertools.count()
        for first, last in names
    )
    ids = rng.sample(range(10_000, 10_000 + 10 * count), count)
    taken: set[str] = set()
    for (first, last), id in zip(itertools.islice(endless, count), ids):
        yield _make_person(first, last, id, taken)


def _make_person(first: str, last: str, id: int, taken: set[str]) -> Person:
    plain = to_ascii(f"{last[:20]}{first[:1]}")
    login = next(name for name in _number(plain) if name not in taken)
    taken.add(login)
    # An address is often made of the whole name, and a login of GitHub of neither.
    email = f"{to_ascii(first)}.{to_ascii(last)}.{id}@example.edu"
    github = f"{to_ascii(first)}-{to_ascii(last)[:8]}{id}"
    return Person(first, last, login, email, id, f"26-{id * 7 % 1_000_000:06}", github)


def _number(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}{number}" for number in itertools.count(2))


def to_ascii(text: str) -> str:
    """Return a name as it stands in logins: small letters of ASCII alone."""
    text = unicodedata.normalize("NFKD", text.lower().translate(LETTERS))
    return "".join(c for c in text if c.isascii() and c.isalnum())


def _add_namesakes(hand_ins: list[HandIn]) -> tuple[HandIn, ...]:
    """Give two students, who each hand in alone, one name."""
    alone = [one for one in hand_ins if not one.is_group and one.role != "withdrawn"]
    first, second = alone[:2]
    (model,), (other,) = first.people, second.people
    taken = {person.login for one in hand_ins for person in one.people}
    other = _make_person(model.first, model.last, other.id, taken)
    return tuple(replace(one, people=(other,)) if one is second else one for one in hand_ins)


def _order(person: Person) -> tuple[str, str, str]:
    return to_ascii(person.last), to_ascii(person.first), person.login
