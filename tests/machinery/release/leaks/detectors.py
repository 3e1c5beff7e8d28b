"""Find leaks in a release: each detector returns a line for each one."""

from __future__ import annotations

import functools
import getpass
import io
import json
import re
import socket
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from assignment.support.project.manifest import ROOT
from assignment.support.project.unwritten import PLACEHOLDER
from tests.machinery.release.leaks.forms import find_forms
from tests.machinery.release.leaks.master import (
    MADE,
    RELEASED,
    list_known,
    read_master,
    read_texts,
    split_lines,
)

__all__ = ["DETECTORS", "Files"]

Files = dict[str, bytes]  # path in the release -> content

STUB = re.compile(
    r'raise NotImplementedError\("[\w./-]+: not written yet, see (assignment|notebooks)/\w+\.\w+"\)'
)
OUTLINED = re.compile(r"\d\d_[a-z_]+ [\w-]+ (solution [a-z_]+|(given|written) [0-9a-f]{16})")
CHECKSUM = re.compile(r"[0-9a-f]{64}  [\w./]+")
MARKER = re.compile(r"(begin|end)[\s_-]*solution", re.IGNORECASE)
PLACE = re.compile(r"(?<![\w.~])/(home|Users|root|work|tmp)/\w|\b[A-Z]:[\\/]+Users\b")
TIME = re.compile(r"\b(19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d|\b[A-Z]\w\w [A-Z]\w\w +\d+ \d\d:\d\d:\d\d")
AUTHOR = re.compile(r"(__)?(authors?|creator|last_?modified\w*|created\w*)(__)?", re.IGNORECASE)
OLDEST = (1980, 1, 1, 0, 0, 0)  # the time in a zip that states none
METADATA = {"kernelspec", "language_info"}
METADATA_OF_CELLS = {"assignment", "jupyter", "tags"}
IN_A_ROW = 6  # two people hardly write the same six words by chance
# Expressions of solutions that given code may contain, because they are common,
COMMON = (
    "x.reshape(len(x), -1).astype",
    "not np.isfinite(x).all()",
    "np.mean(model.loss(x).argmax(axis=1) == y)",
    "c.T @ c / len(x)",
    "x.T @ x / len(x)",
    "i < len(x) - 1",
    "x[-max(1, n // 10):]",
    "affine_forward(x, net.params[f'W{i}'], net.params[f'b{i}'])",
)
# or because a docstring or another lesson gives them away on purpose.
GIVEN_AWAY = (
    "momentum * running + (1 - momentum) * sample",
    "rng.standard_normal((m, n)) / np.sqrt(m)",
    "rng.standard_normal((m, n)) * np.sqrt(2 / m)",
    "1 / np.sqrt(var + eps)",
    "distd * -0.5 * istd**3",
    "-np.sum(ds + dv, axis=0)",
)


def find_foreign_files(files: Files) -> list[str]:
    """Find files that do not belong in a release, or that git does not track."""
    known = {*list_known(), *MADE}
    return [name for name in files if not RELEASED.fullmatch(name) or name not in known]


def find_strange_lines(files: Files) -> list[str]:
    """Find lines that are neither in the same file of the master copy nor in a stub."""
    found = []
    for name, content in files.items():
        if name.endswith(".npz"):
            path = ROOT / name
            is_same = path.is_file() and path.read_bytes() == content
            found += [] if is_same else [f"{name}: other bytes"]
            continue
        given = Counter(split_lines(read_master().given.get(name, [])))
        lines = Counter(split_lines(read_texts(name, content))) - given
        found += [f"{name}: {line}" for line in lines if not _is_made(name, line)]
    return found


def _is_made(name: str, line: str) -> bool:
    if name == "assignment/support/CHECKSUMS":
        return CHECKSUM.fullmatch(line) is not None
    if name == "assignment/support/OUTLINE":
        return OUTLINED.fullmatch(line) is not None
    return line == PLACEHOLDER or STUB.fullmatch(line) is not None


def find_secret_lines(files: Files) -> list[str]:
    """Find lines of solutions, hidden tests and hidden cells that are in no given file."""
    master = read_master()
    given = {line for texts in master.given.values() for line in split_lines(texts)}
    secret = {line for pieces in master.secrets.values() for line in split_lines(pieces)} - given
    return [
        f"{name}: {line}"
        for name, content in files.items()
        for line in split_lines(read_texts(name, content))
        if line in secret
    ]


def find_secret_names(files: Files) -> list[str]:
    """Find the names of hidden tests and of hidden cells."""
    tests = re.findall(r"\bdef (test_\w+)", "\n".join(read_master().secrets["hidden test"]))
    pattern = re.compile(rf"\b({'|'.join(sorted(tests))})\b|[\w-]+-judged\b")
    hits = ((name, hit) for name, text in _get_texts(files) for hit in pattern.finditer(text))
    return [f"{name}: {hit[0]}" for name, hit in hits]


def find_secret_forms(files: Files) -> list[str]:
    """Find expressions of secrets, even with other names and another layout."""
    secret = _get_secret_forms()
    found = []
    for name, text in _get_texts(files):
        forms = find_forms(text)
        found += [f"{name}: {forms[form]} {secret[form]}" for form in forms.keys() & secret.keys()]
    return found


@functools.cache
def _get_secret_forms() -> dict[str, str]:
    """Return the forms of secret expressions -> where they are from."""
    forms = {}
    for kind, pieces in read_master().secrets.items():
        known = _find_all(COMMON + GIVEN_AWAY)
        if kind == "hidden test":  # public tests share expressions with them
            given = read_master().given.items()
            known |= _find_all(text for name, (text, *_) in given if name.startswith("tests/"))
        for form, text in _find_all(pieces).items():
            if form not in known:
                forms[form] = f"is {text} of a {kind}"
    return forms


def _find_all(texts: Iterable[str]) -> dict[str, str]:
    return {form: found for text in texts for form, found in find_forms(text).items()}


def find_answers(files: Files) -> list[str]:
    """Find words of a model answer, in any layout."""
    master = read_master()
    given = {row for texts in master.given.values() for text in texts for row in _find_rows(text)}
    secret = {row for answer in master.answers for row in _find_rows(answer)} - given
    return [
        f"{name}: {' '.join(row)}"
        for name, text in _get_texts(files)
        for row in {*_find_rows(text)} & secret
    ]


def _find_rows(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return zip(*(words[i:] for i in range(IN_A_ROW)))


def find_markers(files: Files) -> list[str]:
    """Find solution markers in any spelling."""
    return [name for name, content in files.items() if MARKER.search(content.decode("latin-1"))]


def find_remains_of_a_run(files: Files) -> list[str]:
    """Find outputs, execution counts, attachments and foreign metadata in notebooks."""
    found = []
    for name in [name for name in files if name.endswith(".ipynb")]:
        notebook = json.loads(files[name])
        found += [f"{name}: {key}" for key in notebook["metadata"].keys() - METADATA]
        for cell in notebook["cells"]:
            left = {key for key in ("outputs", "execution_count", "attachments") if cell.get(key)}
            left |= cell["metadata"].keys() - METADATA_OF_CELLS
            found += [f"{name}: {cell['id']}: {key}" for key in left]
    return found


def find_people_and_places(files: Files) -> list[str]:
    """Find paths and names of this or another machine, and authors."""
    own = [str(ROOT), f"{Path.home()}/", f"{getpass.getuser()}@", f"@{socket.gethostname()}"]
    found = [f"{name}: {ROOT}" for name, content in files.items() if str(ROOT).encode() in content]
    for name, text in _get_texts(files):
        found += [f"{name}: {word}" for word in own if word in text]
        found += [f"{name}: {hit[0]}" for hit in PLACE.finditer(text)]
        if name.endswith(".ipynb") and AUTHOR.fullmatch(text):
            found.append(f"{name}: {text}")
    return found


def find_times(files: Files) -> list[str]:
    """Find time stamps, also in data sets, which are zip files."""
    found = [f"{name}: {hit[0]}" for name, text in _get_texts(files) for hit in TIME.finditer(text)]
    for name in [name for name in files if name.endswith(".npz")]:
        with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
            dates = {entry.date_time for entry in archive.infolist()} - {OLDEST}
        found += [f"{name}: {date}" for date in dates]
    return found


def _get_texts(files: Files) -> Iterator[tuple[str, str]]:
    for name, content in files.items():
        yield from ((name, text) for text in read_texts(name, content))


DETECTORS = {
    detector.__name__: detector
    for detector in (
        find_foreign_files,
        find_strange_lines,
        find_secret_lines,
        find_secret_names,
        find_secret_forms,
        find_answers,
        find_markers,
        find_remains_of_a_run,
        find_people_and_places,
        find_times,
    )
}
