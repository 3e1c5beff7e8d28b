"""Which file of the course a file is, though a browser or a system has given it another name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from assignment.support.project.manifest import load_parts
from assignment.support.project.unwritten import DEFINED

__all__ = ["find_defined_file", "find_meant", "find_within"]

MAX_LENGTH = 150  # characters; no renamed file of the course has more
COPY = "copy|kopie|kopia|copie|copia|cópia"
# "Copy of affine.py" (Google Drive), "Copy (2) of affine.py"
BEFORE = re.compile(rf"^(?:{COPY})(?: ?\(\d+\)| \d+)? (?:of|von|de|di|da|av|van) ")
# "affine (1)" (browsers), "affine-Copy1" (Jupyter), "affine copy 2" (macOS), "affine - Copy"
# (Windows), "affine-1" (Canvas), "affine_1"
AFTER = re.compile(
    rf"(?<![ _-])[ _-]*(?:(?<![^\W_])(?:{COPY}|checkpoint)\d*|\(\d+\)|[ _-]\d{{1,2}}) *$"
)
# "affine.py.txt" and "05_batchnorm.ipynb.json" are what some browsers and editors save,
# "affine.py.bak" and "affine.py~" what an editor leaves.
NAME = re.compile(r"(.+?)\.(py|ipynb)((?: ?\(\d+\))?(?:\.(?:txt|json|py|ipynb|bak))?~?)")


def find_meant(name: str, wanted: Iterable[str]) -> str:
    """Return which of the wanted files this one is a renamed copy of, "" if of none.

    Parameters
    ----------
    name : str
        Of a file, without folders.
    wanted : iterable of str
        Names of the course's files, such as "affine.py" and "05_batchnorm.ipynb".

    Examples
    --------
    >>> find_meant("Copy of affine (1).py.txt", ["affine.py", "sgd.py"])
    'affine.py'
    >>> find_meant("affine_tools.py", ["affine.py", "sgd.py"])
    ''
    """
    if len(name) > MAX_LENGTH:
        return ""
    found = NAME.fullmatch(unicodedata.normalize("NFC", name).lower().strip().rstrip(" ."))
    if not found:
        return ""
    plain = _simplify_all(tuple(wanted))
    stem, suffix = found[1], found[2]
    while True:
        if meant := plain.get(_simplify(f"{stem}.{suffix}")):
            return meant
        shorter = AFTER.sub("", BEFORE.sub("", stem))
        if shorter in ("", stem):
            return ""
        stem = shorter


def find_within(name: str, wanted: Iterable[str]) -> str:
    """Return the notebook whose whole name stands in another: "05_batchnorm_Jane_Doe.ipynb".

    No other notebook has such a name, but test_affine.py and affine_tools.py are other files.
    """
    if not name.lower().endswith(".ipynb"):
        return ""
    plain = _simplify_all(tuple(wanted))
    words = f"_{_simplify(name).removesuffix('.ipynb')}_"
    found = [one for key, one in plain.items() if f"_{key.removesuffix('.ipynb')}_" in words]
    return found[0] if len(found) == 1 else ""


def find_defined_file(text: str) -> str:
    """Return the one file of the course whose functions a Python file defines, "" if not one."""
    defined = set(DEFINED.findall(text))
    files = {part.file for part in load_parts() if defined.intersection(part.functions)}
    return files.pop() if len(files) == 1 else ""


@lru_cache(maxsize=8)  # a submission may hold very many files
def _simplify_all(names: tuple[str, ...]) -> dict[str, str]:
    return {_simplify(name): name for name in names}


def _simplify(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.lower()).replace("_.", ".")
