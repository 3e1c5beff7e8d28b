"""Find pairs of students whose functions are alike."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assignment.support.project.manifest import ROOT, load_parts
from autograder.errors import GraderError
from autograder.intake.submissions import Submission
from autograder.release.building import make_stubs
from autograder.similar import LEAST

__all__ = ["LEAST", "Found", "Pair", "SimilarError", "Snippet", "collect_code", "find_similar"]

MAX_SNIPPETS = 12  # of a pair
TOP = re.compile(r"(?:async +)?(?:def|class) +(\w+)|# cell \d+")
INSTALL = "pip install -r requirements-teacher.txt"


class SimilarError(GraderError):
    """Submissions cannot be compared: why, in one line."""


@dataclass(frozen=True)
class Snippet:
    """A function or another stretch of one student's file."""

    file: str
    name: str  # of the function, "" for what stands outside of functions
    first_line: int
    lines: tuple[str, ...]
    alike: frozenset[int]  # numbers of the lines in the file


@dataclass(frozen=True)
class Pair:
    """Two students whose functions are alike."""

    student: str
    other: str
    score: float  # 0 to 1: share of the own code of one that is also in the other's
    functions: tuple[tuple[Snippet, Snippet], ...]  # that with most lines alike first
    findings: tuple[str, ...]  # what of their files could not be compared


@dataclass(frozen=True)
class Found:
    """What came out for a class."""

    pairs: tuple[Pair, ...]  # the most alike first
    findings: tuple[tuple[str, str], ...]  # student, and what could not be compared
    students: int  # who had something to compare
    more: int  # pairs that are not listed


def collect_code(submission: Submission) -> dict[str, bytes]:
    """Return what is compared of a submission: its Python files, and the code of each notebook."""
    notebooks = {}
    for name, cells in submission.notebooks.items():
        code = [(n, c.source) for n, c in enumerate(cells, 1) if c.kind == "code"]
        text = "\n\n".join(f"# cell {n}\n{source}" for n, source in code)
        notebooks[f"{name}.ipynb"] = text.encode("utf-8", "replace")
    return {**submission.files, **notebooks}


def find_similar(
    submissions: Iterable[tuple[str, Mapping[str, bytes]]],
    progress: Callable[[str], None] = lambda student: None,
    together: Collection[frozenset[str]] = (),
    least: float = LEAST,
) -> Found:
    """Find pairs that are alike beyond what the task explains.

    What the task explains is in the release, the teacher's solution or the bank, or in the work of
    more than 5 % of the class (and of more than three students).

    Parameters
    ----------
    submissions : iterable of (student, files)
        Content by file name.
    progress : function of a student
        Called when the files of a student have been read.
    together : collection of sets of students
        Who has handed in together: they make no pairs.
    least : float
        The lowest score that is listed, 0 to 1.

    Raises
    ------
    SimilarError
        The library is not installed, or the comparison ends early.
    """
    if importlib.util.find_spec("copydetect") is None:
        raise SimilarError(f"comparing needs a package that is not installed: {INSTALL}")
    works = {
        student: {name: content.decode("utf-8", "replace") for name, content in files.items()}
        for student, files in submissions
    }
    task = {
        "students": works,
        "count": len(works),
        "given": list(_read_given()),
        "together": [sorted(group) for group in together],
        "least": least,
    }
    found: list[Any] = []
    findings: list[tuple[str, str]] = []
    more = 0
    for kind, what in _run(json.dumps(task)):
        if kind == "read":
            progress(what)
        elif kind == "finding":
            findings.append((what[0], what[1]))
        elif kind == "pair":
            found.append(what)
        else:
            more = what
    pairs = tuple(_make_pair(one, works, findings) for one in found)
    return Found(pairs, tuple(findings), sum(map(bool, works.values())), more)


def _read_given() -> Iterator[tuple[str, str]]:
    """Yield what students get, what the teacher wrote, and what the bank knows that many write."""
    for name, content in make_stubs().items():
        text = content.decode()
        yield name, _join_cells(text) if name.endswith(".ipynb") else text
    for file in {part.file for part in load_parts()}:
        yield file, (ROOT / "assignment" / file).read_text(encoding="utf-8")
    for name in {part.notebook for part in load_parts()}:
        yield name, _join_cells((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    for path in sorted((ROOT / "autograder" / "bank").rglob("*.py")):
        yield path.name, path.read_text(encoding="utf-8")


def _join_cells(text: str) -> str:
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def _run(task: str) -> Iterator[tuple[str, Any]]:
    """Run the process that compares, and yield what it says."""
    # Without what a shell or a student's folder adds to Python; hashes of text are always the same.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.similar.worker"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    ended = False
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(task)
            process.stdin.close()
        except BrokenPipeError:
            pass  # its exit code says more
        for line in process.stdout:
            kind, what = json.loads(line)
            ended = kind == "end"
            yield kind, what
    finally:
        process.kill()
        process.wait()
        errors = process.stderr.read() if process.stderr else ""
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
    if not ended:
        why = (errors.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        raise SimilarError(f"the comparison ended early: {why}")


def _make_pair(
    what: Sequence[Any],
    works: Mapping[str, Mapping[str, str]],
    findings: Sequence[tuple[str, str]],
) -> Pair:
    """Cut out the functions that are alike, and put each beside the one that it is most alike."""
    score, one, other, alike = what
    functions = []
    for file, other_file, lines, other_lines, links in alike:
        left = _Text(file, works[one][file], lines)
        right = _Text(other_file, works[other][other_file], other_lines)
        counts: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for here, there in links:
            counts[left.find(here)][right.find(there)] += 1
        for here, theres in counts.items():
            there, count = theres.most_common(1)[0]
            functions.append((count, left.cut(here), right.cut(there)))
    functions.sort(key=lambda found: (-found[0], found[1].file, found[1].first_line))
    best: dict[tuple[str, int], tuple[Snippet, Snippet]] = {}
    for _, a, b in functions:  # a function stands in the page once
        best.setdefault((a.file, a.first_line), (a, b))
    own = tuple(f"{who}: {what}" for who, what in findings if who in (one, other))
    return Pair(one, other, score, tuple(best.values())[:MAX_SNIPPETS], own)


class _Text:
    """A file that is cut at its functions."""

    def __init__(self, file: str, text: str, alike: Iterable[int]) -> None:
        self.file, self.alike = file, frozenset(alike)
        self.lines = text.split("\n")
        tops = [
            (n, found[1] or "")
            for n, line in enumerate(self.lines, 1)
            if (found := TOP.match(line))
        ]
        self.tops = [(1, ""), *tops]

    def find(self, line: int) -> int:
        """Return the number of the function that holds a line."""
        return max(i for i, (first, _) in enumerate(self.tops) if first <= line)

    def cut(self, number: int) -> Snippet:
        first, name = self.tops[number]
        end = self.tops[number + 1][0] if number + 1 < len(self.tops) else len(self.lines) + 1
        lines = self.lines[first - 1 : end - 1]
        while lines and not lines[-1].strip():
            lines.pop()
        alike = self.alike & set(range(first, first + len(lines)))
        return Snippet(self.file, name, first, tuple(lines), frozenset(alike))
