"""Measure the grader on two synthetic classes: functions only, and with notebooks."""

from __future__ import annotations

import argparse
import ast
import copy
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assignment.support.project.manifest import ROOT, load_parts
from autograder.intake.submissions import Submission, find_submissions, read_submission
from autograder.master_notebooks import parse_cell, read_documents
from autograder.session.judge import Judged
from autograder.session.seats import judge_class
from autograder.settings import Settings
from autograder.wall.probing import PRIVATE, find_isolation
from tools.spoiling import empty, spoil

__all__ = ["main", "make_class", "print_bench"]

FUNCTIONS_ONLY, WITH_NOTEBOOKS = 1000, 20
SHARE_WRONG, SHARE_NOT_WRITTEN = 0.15, 0.15  # of a synthetic student's functions

DESCRIPTION = f"""\
Measure how long the grader takes for {FUNCTIONS_ONLY} made-up submissions of functions alone, and
for {WITH_NOTEBOOKS} with notebooks. In each student's work some functions are wrong and some are
missing, so that hardly two submissions give the same answers."""
EPILOG = """\
start s is what a class costs once: collecting the tests and judging the teacher's own solution. The
columns after it leave that out. CPU s each is the CPU time per submission, on both sides of the
wall. peak MB is the memory of the largest process.

Figures count only behind the whole wall (isolation full). The exit code is 0 if they do, else 1."""


@dataclass(frozen=True)
class Measured:
    """Time and memory for judging a class; start-up is measured separately."""

    submissions: int
    start_seconds: float
    seconds: float
    cpu_seconds: float
    memory_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge both classes, print the table and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.grader",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    if sys.platform != "linux":
        print("grading needs Linux for its wall, so there is nothing to measure", file=sys.stderr)
        return 1
    console = Console(width=None if sys.stdout.isatty() else 150)
    return 0 if print_bench(console) else 1


def print_bench(console: Console) -> bool:
    """Measure both classes and print a table; return whether the wall was complete."""
    isolation = find_isolation(PRIVATE)
    console.print(f"isolation {isolation.level}")
    for reason in isolation.reasons:
        console.print(f"not possible here: {reason}", style="yellow", soft_wrap=True)
    columns = ("class", "submissions", "start s", "seconds", "a second", "CPU s each", "peak MB")
    table = Table(*columns, box=None, pad_edge=False)
    for name, size in (("functions", FUNCTIONS_ONLY), ("with notebooks", WITH_NOTEBOOKS)):
        console.print(f"writing and judging {size} submissions, {name}")
        with ProcessPoolExecutor(1) as process:  # a process imports the tests for one session
            took = process.submit(_measure, size, name != "functions", isolation.level).result()
        row = [took.start_seconds, took.seconds, size / took.seconds, took.cpu_seconds / size]
        figures = [f"{value:.3g}" for value in (*row, took.memory_bytes / 2**20)]
        table.add_row(name, str(size), *figures)
    console.print(table)
    if isolation.level != "full":
        console.print("these figures do not count: the wall was not complete")
    return isolation.level == "full"


def _measure(size: int, notebooks: bool, level: str) -> Measured:
    """Judge a synthetic class; the time starts after the teacher's own files were judged."""
    results: list[Judged] = []
    began = started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        make_class(Path(folder), size, notebooks, seed=1)

        def read() -> Iterator[Submission]:
            nonlocal started
            started = time.monotonic()
            yield from map(read_submission, find_submissions(Path(folder)))

        began = time.monotonic()
        judge_class(
            read(),
            lambda submission, judged: results.append(judged),
            Settings(1, level, notebooks=notebooks),
        )
    ended = time.monotonic()
    ours = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    peak = max(resource.getrusage(who).ru_maxrss for who in ours)
    cpu = sum(judged.cpu_seconds for judged in results)
    return Measured(len(results), started - began, ended - started, cpu, peak * 1024)


def make_class(folder: Path, size: int, notebooks: bool, seed: int) -> None:
    """Write varied submissions: each mixes right, wrong and missing functions.

    A wrong function is the teacher's with one operator or number changed.
    """
    rng = random.Random(seed)
    files = sorted({part.file for part in load_parts()})
    trees = {file: ast.parse((ROOT / "assignment" / file).read_text()) for file in files}
    for i in range(size):
        student = folder / f"student-{i:04}"
        (student / "assignment").mkdir(parents=True)
        for file, tree in trees.items():
            text = ast.unparse(_vary(copy.deepcopy(tree), rng))
            (student / "assignment" / file).write_text(text)
        if notebooks:
            _copy_notebooks(student / "notebooks", rng)


def _vary(tree: ast.Module, rng: random.Random) -> ast.Module:
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        luck = rng.random()
        if luck < SHARE_WRONG:
            spoil(node, rng)
        elif luck < SHARE_WRONG + SHARE_NOT_WRITTEN:
            empty(node)
    return tree


def _copy_notebooks(folder: Path, rng: random.Random) -> None:
    """Write the solved notebooks with some cells unsolved."""
    folder.mkdir()
    for name, document in read_documents().items():
        for stored in document["cells"]:
            cell = parse_cell(stored)
            if "solution" in cell.tags and rng.random() < SHARE_NOT_WRITTEN:
                head = cell.source.split("    ### BEGIN SOLUTION")[0]
                stored["source"] = f"{head}    raise NotImplementedError"
        (folder / f"{name}.ipynb").write_text(json.dumps(document))


if __name__ == "__main__":
    sys.exit(main())
