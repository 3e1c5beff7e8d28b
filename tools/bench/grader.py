"""Measure the grader on two synthetic classes: functions only, and with notebooks."""

from __future__ import annotations

import ast
import copy
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from assignment.support.project.manifest import ROOT, load_parts
from autograder.intake.submissions import Submission, find_submissions, read_submission
from autograder.session.judge import Judged
from autograder.session.seats import judge_class
from autograder.wall.handle import Limits
from autograder.wall.probing import PRIVATE, find_isolation

__all__ = ["print_bench"]

FUNCTIONS_ONLY, WITH_NOTEBOOKS = 1000, 20
SHARE_WRONG, SHARE_NOT_WRITTEN = 0.15, 0.15  # of a synthetic student's functions
PART_IDS = {name: part.id for part in load_parts() for name in part.functions}
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


@dataclass(frozen=True)
class Measured:
    """Time and memory for judging a class; start-up is measured separately."""

    submissions: int
    start_seconds: float
    seconds: float
    cpu_seconds: float
    memory_bytes: int


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
            seed=1,
            level=level,
            limits=Limits(),
            notebooks=notebooks,
            hints="what",
            follow_through=1,
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
            _spoil(node, rng)
        elif luck < SHARE_WRONG + SHARE_NOT_WRITTEN:
            stub = f"raise NotImplementedError('{PART_IDS.get(node.name)}: not written yet')"
            node.body = ast.parse(stub).body
    return tree


def _spoil(function: ast.FunctionDef, rng: random.Random) -> None:
    """Change one operator or one number in a function."""
    candidates = [
        node
        for statement in function.body
        for node in ast.walk(statement)
        if (isinstance(node, ast.BinOp) and type(node.op) in SWAPPED)
        or (isinstance(node, ast.Constant) and type(node.value) in (int, float))
    ]
    if not candidates:
        return
    node = rng.choice(candidates)
    if isinstance(node, ast.BinOp):
        node.op = SWAPPED[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value = 1 - node.value  # type: ignore[operator]


def _copy_notebooks(folder: Path, rng: random.Random) -> None:
    """Write the solved notebooks with some cells unsolved."""
    folder.mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if "solution" in cell.metadata.get("tags", []) and rng.random() < SHARE_NOT_WRITTEN:
                head = cell.source.split("    ### BEGIN SOLUTION")[0]
                cell.source = f"{head}    raise NotImplementedError"
        (folder / path.name).write_text(json.dumps(notebook))
