"""Run notebooks from a clean state, several at once, and say in a table which of them passed."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

__all__ = ["CannotRun", "main"]

ROOT = Path(__file__).resolve().parents[1]
CELL_TIMEOUT_S = 300
PASSED = "passed"
ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

DESCRIPTION = """\
Run notebooks from a clean state: each in a kernel of its own, in its own folder, with one BLAS
thread, as many at once as there are cores. The notebooks stay as they are; the executed copies
go to another folder."""
EPILOG = """\
Cells are counted as JupyterLab does: cell 7 is the one with [7] beside it. A cell may take five
minutes. The exit code is 0 when all notebooks passed, 1 when a cell failed (the table names it),
2 when something could not run at all, 130 after Ctrl-C.

examples:
  python -m tools.run_notebooks
  python -m tools.run_notebooks notebooks/02_activations.ipynb"""


class CannotRun(Exception):
    """Why nothing can be run: what, where, and what to do, in one line."""


@dataclass
class Run:
    """A notebook on its way: what there is to do, how far it is, what came of it."""

    source: Path
    target: Path
    notebook: Any
    is_running: bool = False
    cells_done: int = 0
    seconds: float = 0.0
    verdict: str = ""
    line: str = ""  # of the cell that failed

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def cells(self) -> list[tuple[int, Any]]:
        """The cells that hold code, each with its index among all cells."""
        cells = enumerate(self.notebook.cells)
        return [(i, cell) for i, cell in cells if cell.cell_type == "code" and cell.source.strip()]

    @property
    def cells_left(self) -> int:
        return 0 if self.verdict else len(self.cells) - self.cells_done


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the notebooks that the command line names and return the exit code."""
    options = _parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 200)
    try:
        runs = _plan(_find_notebooks(options.notebooks), options.out)
    except CannotRun as error:
        return _complain(error)
    try:
        asyncio.run(_run_all(runs, console))
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
        help="a notebook, or a folder for all that are in it (default: notebooks/)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "build" / "notebooks",
        metavar="DIR",
        help="where the executed copies go (default: build/notebooks/)",
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
    """Read every notebook before the first one runs, and see that no copy destroys a file."""
    runs = [Run(source, out / source.name, _read(source)) for source in sources]
    taken = {source.resolve() for source in sources}
    for run in runs:
        if run.target.resolve() in taken:
            raise CannotRun(
                f"the executed copy of {run.source} would overwrite a notebook or another copy "
                f"in {out}: choose another --out, and no two notebooks of one name"
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
    except Exception as error:  # nbformat raises whatever a file that is no notebook makes it meet
        raise CannotRun(
            f"{source} is not a notebook ({_first_line(str(error))}): restore it, or save it again"
        ) from error
    return notebook


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


async def _run_all(runs: list[Run], console: Console) -> None:
    slots = asyncio.Semaphore(os.cpu_count() or 1)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        Display(runs, console) as display,
    ):
        await asyncio.gather(*(_run_one(run, slots, Path(scratch), display) for run in runs))


async def _run_one(run: Run, slots: asyncio.Semaphore, scratch: Path, display: Display) -> None:
    async with slots:
        start = time.perf_counter()
        run.is_running = True
        display.tell(f"{run.name}: {len(run.cells)} cells to run")
        try:
            async with _open_kernel(run, scratch) as client:
                await _run_cells(run, client, display)
            _save(run)
        finally:
            run.is_running = False
            run.seconds = time.perf_counter() - start
        display.tell(f"{run.name}: {run.verdict}")


@asynccontextmanager
async def _open_kernel(run: Run, scratch: Path) -> AsyncIterator[Any]:
    """Hold a kernel of this interpreter, whatever kernels and settings the user's home has."""
    manager = AsyncKernelManager(
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        connection_file=str(scratch / f"{run.name}.json"),
    )
    client: Any = NotebookClient(
        run.notebook,
        km=manager,
        timeout=CELL_TIMEOUT_S,
        iopub_timeout=30,
        coalesce_streams=True,
        record_timing=False,
    )
    try:
        await _start_kernel(client, run, scratch)
        yield client
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await manager.shutdown_kernel(now=True)


async def _start_kernel(client: Any, run: Run, scratch: Path) -> None:
    env = {**os.environ, **ONE_BLAS_THREAD, "IPYTHONDIR": str(scratch)}
    log = scratch / f"{run.name}.log"
    try:
        with log.open("wb") as file:
            folder = run.source.resolve().parent
            await client.async_start_new_kernel(cwd=folder, env=env, stdout=file, stderr=file)
        await client.async_start_new_kernel_client()
    except Exception as error:
        said = log.read_text(errors="replace").splitlines()
        raise CannotRun(
            f"cannot start a kernel for {run.source} ({[str(error), *said][-1]}): "
            f"is ipykernel installed for {sys.executable}?"
        ) from error


async def _run_cells(run: Run, client: Any, display: Display) -> None:
    """Run one cell after the other until one fails, and write down how it went."""
    for number, (index, cell) in enumerate(run.cells, start=1):
        try:
            await client.async_execute_cell(cell, index)
        except CellExecutionError as error:
            problem = f"{error.ename}: {_first_line(error.evalue)}"
        except CellTimeoutError:
            problem = f"still not done after {CELL_TIMEOUT_S} s"
        except DeadKernelError:
            if await client.km.is_alive():  # nbclient takes Ctrl-C for the kernel's death
                raise asyncio.CancelledError from None
            problem = "its kernel died (out of memory, a crash, or os._exit)"
        else:
            run.cells_done = number
            display.refresh()
            continue
        run.verdict = f"failed at cell {number} [{cell.get('id', 'no id')}]: {problem}"
        run.line = _first_line(cell.source)
        return
    run.verdict = PASSED


def _save(run: Run) -> None:
    unfinished = run.target.with_suffix(".unfinished")
    nbformat.write(run.notebook, unfinished)
    os.replace(unfinished, run.target)


class Display:
    """In a terminal a bar over the cells of all notebooks, elsewhere a line for each event."""

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

    def refresh(self) -> None:
        done = sum(run.cells_done for run in self.runs)
        total = done + sum(run.cells_left for run in self.runs)
        names = ", ".join(run.name for run in self.runs if run.is_running)
        self.bar.update(self.task, completed=done, total=total, description=names)

    def tell(self, event: str) -> None:
        self.refresh()
        if self.bar.disable:
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
