"""Compare the speed of the layers with PyTorch, numpy-ml and textbook forms."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tools.bench.timing import Case, Result

__all__ = ["main"]

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",  # Apple's BLAS
}

DESCRIPTION = """\
Compare the speed of the layers in assignment/ with other code that does the same work. For each
row, ours and the other run in turn, in many short repetitions, with one thread; the times are
medians. Before that, both must give the same numbers."""
EPILOG = """\
"<= 0.95" is reached if ours / other is 0.95 or less, ">= 2 x" if ours is at least twice as fast.
Rows are forward and backward passes in float32, unless their name says otherwise. "Graph" means a
backward pass node by node; the simplified forms sum over dxhat = gamma * dout, or over dout. Times
are CPU times of this process; for the search they are wall times. A missed goal depends on the
machine and its load, so the exit code stays 0; the noise below the table shows how exact the
ratios are.

Torch and numpy-ml are optional; without them their rows say "not installed":
  pip install torch scipy matplotlib
  pip install --no-deps numpy-ml

examples:
  python -m tools.bench                a minute
  python -m tools.bench --seconds 3    steadier figures"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all rows, print the table and return the exit code."""
    options = _parse(arguments)
    os.environ.update(ONE_THREAD)  # before NumPy is imported
    from tools.bench import activations, normalization, training
    from tools.bench.timing import measure

    modules = (training, normalization, activations)
    cases = [case for module in modules for case in module.list_cases()]
    progress = track(cases, "measuring", console=Console(stderr=True), transient=True)
    results = [(case, measure(case, options.seconds)) for case in progress]
    noise = measure(training.compare_with_itself(), options.seconds)
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(_make_table(results))
    console.print(f"noise: ratio of a step to itself {noise.ours_s / noise.other_s:.2f}")
    console.print(_describe_machine())
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=0.7,
        metavar="S",
        help="time for a row (default: %(default)s); a longer call runs once",
    )
    options = parser.parse_args(arguments)
    if not options.seconds > 0:
        parser.error(f"--seconds is {options.seconds:g}, use a number above 0")
    return options


def _make_table(results: list[tuple[Case, Result]]) -> Table:
    names = "ours", "size", "time", "the other", "time", "ratio", "to reach", "verdict"
    table = Table(*names, box=SIMPLE_HEAD)
    for index in (2, 4, 5):
        table.columns[index].justify = "right"
    for before, (case, result) in zip([None, *results], results):
        if before and before[0].what != case.what:
            table.add_section()
        table.add_row(*_make_row(case, result))
    return table


def _make_row(case: Case, result: Result) -> list[str | Text]:
    if result.problem:
        row = [case.what, case.size, "", case.other, "", "", str(case.goal)]
        return [*row, Text(result.problem, "yellow")]
    ratio, reached = case.goal.judge(result.ours_s, result.other_s)
    times = _format_time(result.ours_s), case.other, _format_time(result.other_s)
    verdict = Text("reached", "green") if reached else Text("missed", "red")
    return [case.what, case.size, *times, f"{ratio:.2f}", str(case.goal), verdict]


def _format_time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"


def _describe_machine() -> str:
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    versions = [f"Python {platform.python_version()}", f"{blas['name']} {blas['version']}"]
    for package in ("numpy", "torch", "numpy-ml"):
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    return (
        f"{', '.join(versions)}; {platform.platform()}, {_name_processor()}, {os.cpu_count()} cores"
    )


def _name_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor()
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


if __name__ == "__main__":
    sys.exit(main())
