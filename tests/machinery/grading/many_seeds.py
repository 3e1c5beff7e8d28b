"""Run all public and hidden tests on right answers with many seeds.

A right answer must get full marks with any seed: the solution of the master copy, and one answer in
each style of tests/machinery/styles. A test that fails for one of them has too tight a tolerance or
statistic, or demands more than the docstrings say. Each seed and style is a run of pytest in a new
process, in a copy of the project with the files of the style, without the wall and the grader.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.progress import track
from rich.table import Table

from assignment.support.project.manifest import ROOT, load_parts

__all__ = ["STYLES", "Failure", "copy_answers", "main", "run_tests"]

STYLES = ("master", "other", "plain")
PROCESSES = 2
EPILOG = """\
Each seed and style takes about four seconds of one core. The output lists for each style how often
it got full marks, then each failed test with its seed. The exit code is 1 if a test failed. Repeat
a failure with
python -m tests.machinery.grading.many_seeds 1 --first SEED --style STYLE.
"""


@dataclass(frozen=True)
class Failure:
    """A test that failed for a right answer."""

    style: str
    seed: int
    test: str
    message: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds and styles given on the command line, and return the exit code."""
    options = _make_parser().parse_args(arguments)
    styles = options.style or STYLES
    seeds = range(options.first, options.first + options.seeds)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="many-seeds-") as name:
        folder = Path(name)
        for style in styles:
            _copy_project(style, folder / style)
        jobs = [(folder, style, seed) for seed in seeds for style in styles]
        with ThreadPoolExecutor(PROCESSES) as pool:
            runs = pool.map(lambda job: run_tests(*job), jobs)
            results = list(track(runs, "testing", len(jobs), console=console))
    failures = [failure for result in results for failure in result]
    console.print(_make_table(styles, len(seeds), failures))
    for failure in failures:
        console.print(f"{failure.style} seed {failure.seed}: {failure.test}", markup=False)
        console.print(f"  {failure.message}", markup=False, highlight=False)
    return 1 if failures else 0


def run_tests(folder: Path, style: str, seed: int) -> list[Failure]:
    """Run the tests once, in the copy of the project in ``folder / style``.

    Raises
    ------
    RuntimeError
        Pytest ended before it ran any test.
    """
    report = folder / f"{style}-{seed}.xml"
    command = [sys.executable, "-m", "pytest", "tests/public", "tests/hidden", f"--seed={seed}"]
    command += ["-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    run = partial(subprocess.run, capture_output=True, encoding="utf-8", errors="replace")
    done = run(command, cwd=folder / style, env={**os.environ, **threads})
    if done.returncode not in (0, 1):
        raise RuntimeError(
            f"{style}, seed {seed}: pytest ended with {done.returncode}\n{done.stdout}"
        )
    cases = list(ElementTree.parse(report).iter("testcase"))
    failures = [
        Failure(style, seed, _name(case), (trouble.get("message") or trouble.tag).split("\n")[0])
        for case in cases
        for trouble in case
        if trouble.tag in ("failure", "error", "skipped")
    ]
    if bool(failures) != bool(done.returncode):
        raise RuntimeError(f"{style}, seed {seed}: pytest's exit code and its report disagree")
    return failures


def copy_answers(style: str, folder: Path) -> None:
    """Copy the submission of a student with this style to ``folder / "assignment"``."""
    source = ROOT if style == "master" else Path(__file__).parents[1] / "styles" / style
    names = {part.file for part in load_parts()}
    target = folder / "assignment"
    target.mkdir(parents=True, exist_ok=True)
    for path in (source / "assignment").glob("*.py"):
        if style != "master" or path.name in names:
            shutil.copy(path, target)


def _copy_project(style: str, folder: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "machinery")
    for name in ("assignment", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for part in load_parts():  # so that tests notice a file missing in a style
        (folder / "assignment" / part.file).unlink(missing_ok=True)
    copy_answers(style, folder)


def _name(case: ElementTree.Element) -> str:
    return f"{str(case.get('classname')).replace('.', '/')}.py::{case.get('name')}"


def _make_table(styles: Sequence[str], num_seeds: int, failures: Sequence[Failure]) -> Table:
    table = Table("style", "seeds", "full marks", box=None)
    for style in styles:
        failed = {failure.seed for failure in failures if failure.style == style}
        table.add_row(style, str(num_seeds), str(num_seeds - len(failed)))
    return table


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.machinery.grading.many_seeds",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("seeds", type=int, metavar="NUMBER", help="how many seeds to try")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first one (1)")
    parser.add_argument(
        "--style", action="append", choices=STYLES, help="only this one; may be given again"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
