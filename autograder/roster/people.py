"""One person enrolled, and the forms in which names, ids and addresses are compared."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from autograder.intake.decoding import INVISIBLE, one_line

__all__ = ["Person", "clean", "fold", "fold_name", "join_name", "split_name"]

# Apostrophes and what is typed for them. Systems leave them out of names of files: O'Neil, ONeil.
APOSTROPHES = dict.fromkeys(map(ord, "'`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u2032\uff07"))


@dataclass(frozen=True)
class Person:
    """One row of a roster."""

    student: str  # the key in all tables: login, else e-mail address, else id, else name; unique
    name: str = ""  # "Jane Doe"
    email: str = ""
    login: str = ""
    ids: tuple[str, ...] = ()
    section: str = ""
    groups: tuple[str, ...] = ()
    withdrawn: bool = False
    sort_name: str = ""  # "Doe, Jane", where the roster tells which is the last name
    file_id: str = ""  # by which a system calls them in names of files, as in "Canvas 123456"

    @property
    def shown(self) -> str:
        """What to call the person in a message."""
        named = dict.fromkeys(filter(None, (self.name, self.student)))
        return " (".join(one_line(text, 60) for text in named) + ")" * (len(named) > 1)


def clean(text: str) -> str:
    """Return a text as one line of composed characters, without those that are not seen."""
    line = " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())
    return "".join(c for c in line if unicodedata.category(c) != "Cc")


def fold(text: str) -> str:
    """Return what is equal for texts that differ by case, accents' forms, widths or blanks."""
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def fold_name(name: str) -> str:
    """Return the words of a name, folded: equal also if punctuation alone differs."""
    text = fold(clean(name).translate(APOSTROPHES))
    # Marks are kept: in scripts of South Asia they are vowels.
    return " ".join("".join(c if _is_of_word(c) else " " for c in text).split())


def _is_of_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def split_name(name: str) -> tuple[str, str]:
    """Return the first and the last name of "Doe, Jane", two empty texts for another form."""
    last, comma, first = (part.strip() for part in name.partition(","))
    return (first, last) if comma and first and last and "," not in first else ("", "")


def join_name(first: str, last: str) -> tuple[str, str]:
    """Return "Jane Doe" and "Doe, Jane"; the second only if there are both names."""
    return f"{first} {last}".strip(), f"{last}, {first}" if first and last else ""
