"""Run notebooks from a clean state, several at once, and print a table of which passed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tools.notebook_runs import PASSED, CannotRun, Run, first_line, run_all

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]

DESCRIPTION = """\
Run notebooks from a clean state: each in its own kernel, in the notebook's folder, with one BLAS
thread, as many at once as there are cores. The notebooks are not changed; executed copies are
written to another folder."""
EPILOG = """\
Cells are numbered as in JupyterLab: cell 7 is the one with [7] beside it. A cell may take five
minutes. The exit code is 0 if all notebooks passed, 1 if a cell failed (the table names it), 2 if
a notebook could not be run at all, 130 after Ctrl-C.

examples:
  python -m tools.run_notebooks
  python -m tools.run_notebooks notebooks/02_activations.ipynb"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the notebooks that the command line names and return the exit code."""
    options = _parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 200)
    try:
        runs = _plan(_find_notebooks(options.notebooks), options.out)
    except CannotRun as error:
        return _complain(error)
    try:
        asyncio.run(_show_and_run(runs, console))
        code = 0 if all(run.verdict == PASSED for run in runs) else 1
    except CannotRun as error:
        return _complain(error)
    except KeyboardInterrupt:
        code = 130
    console.print(_make_table(runs))
    return code


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.run_notebooks",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "notebooks",
        nargs="*",
        type=Path,
        default=[ROOT / "notebooks"],
        metavar="NOTEBOOK",
        help="a notebook, or a folder to run all notebooks in it (default: notebooks/)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "build" / "notebooks",
        metavar="DIR",
        help="folder for the executed copies (default: build/notebooks/)",
    )
    return parser.parse_args(arguments)


def _complain(error: CannotRun) -> int:
    print(f"run_notebooks: {error}", file=sys.stderr)
    return 2


def _find_notebooks(paths: Sequence[Path]) -> list[Path]:
    found = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.ipynb"))
            if not inside:
                raise CannotRun(f"no notebook in {path}: name one that exists, or another folder")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise CannotRun(f"{path} does not exist: name a notebook, or none to run all")
    return found


def _plan(sources: list[Path], out: Path) -> list[Run]:
    """Read all notebooks before the first one runs; refuse copies that would overwrite one."""
    runs = [Run(source, out / source.name, _read(source)) for source in sources]
    taken = {source.resolve() for source in sources}
    for run in runs:
        if run.target.resolve() in taken:
            raise CannotRun(
                f"the executed copy of {run.source} would overwrite a notebook or another copy "
                f"in {out}: choose another --out, and notebooks with different names"
            )
        taken.add(run.target.resolve())
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(
            f"cannot write to {out} ({error.strerror}): choose another --out"
        ) from error
    return runs


def _read(source: Path) -> Any:
    try:
        notebook = nbformat.read(source, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise CannotRun(f"cannot read {source}: {error.strerror}") from error
    except Exception as error:  # for a file that is not a notebook, nbformat may raise anything
        raise CannotRun(
            f"{source} is not a notebook ({first_line(str(error))}): restore or replace it"
        ) from error
    return notebook


async def _show_and_run(runs: list[Run], console: Console) -> None:
    with Display(runs, console) as display:
        await run_all(runs, display.report)


class Display:
    """Shows a progress bar over all cells in a terminal, elsewhere a line for each event."""

    def __init__(self, runs: list[Run], console: Console) -> None:
        self.runs = runs
        self.bar = Progress(
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("", total=1)

    def __enter__(self) -> Display:
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def report(self, event: str) -> None:
        """Show the progress, and an event unless it is ""."""
        done = sum(run.cells_done for run in self.runs)
        total = done + sum(run.cells_left for run in self.runs)
        names = ", ".join(run.name for run in self.runs if run.is_running)
        self.bar.update(self.task, completed=done, total=total, description=names)
        if event and self.bar.disable:
            print(f"[{self.bar.tasks[0].percentage:3.0f}%] {event}", flush=True)


def _make_table(runs: list[Run]) -> Table:
    table = Table("notebook", "cells", "seconds", "verdict")
    for column in table.columns[1:3]:
        column.justify = "right"
    for run in runs:
        cells = (
            f"{run.cells_done}"
            if run.verdict == PASSED
            else f"{run.cells_done} of {len(run.cells)}"
        )
        verdict = run.verdict or ("stopped" if run.seconds else "not run")
        text = Text(f"{verdict}\n{run.line}".rstrip(), "green" if verdict == PASSED else "red")
        table.add_row(Text(run.name), cells, f"{run.seconds:.1f}", text)
    return table


if __name__ == "__main__":
    sys.exit(main())
