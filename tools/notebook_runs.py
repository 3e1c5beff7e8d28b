"""Run notebooks, each in its own kernel, several at once."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from assignment.support.project.writing import write_whole

__all__ = ["PASSED", "CannotRun", "Run", "first_line", "run_all"]

CELL_TIMEOUT_S = 300
PASSED = "passed"
ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Report = Callable[[str], None]


class CannotRun(Exception):
    """A notebook cannot be run: what is wrong, where, and what to do, in one line."""


@dataclass
class Run:
    """The run of one notebook: its input, progress and result."""

    source: Path
    target: Path
    notebook: Any
    is_running: bool = False
    cells_done: int = 0
    seconds: float = 0.0
    verdict: str = ""
    line: str = ""  # first line of the cell that failed

    @property
    def name(self) -> str:
        """The name of the file, without .ipynb."""
        return self.source.stem

    @property
    def cells(self) -> list[tuple[int, Any]]:
        """The code cells that are not empty, each with its index among all cells."""
        cells = enumerate(self.notebook.cells)
        return [(i, cell) for i, cell in cells if cell.cell_type == "code" and cell.source.strip()]

    @property
    def cells_left(self) -> int:
        """How many cells are still to run; 0 after the verdict."""
        return 0 if self.verdict else len(self.cells) - self.cells_done


async def run_all(runs: list[Run], report: Report) -> None:
    """Run notebooks, as many at once as there are cores, and set the result of each run.

    Parameters
    ----------
    runs : list of Run
        Changed in place.
    report : function of a str
        Called with a line when a notebook starts and ends, and with "" after each cell.

    Raises
    ------
    CannotRun
        A kernel does not start. The other notebooks are stopped.
    """
    slots = asyncio.Semaphore(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        await asyncio.gather(*(_run_one(run, slots, Path(scratch), report) for run in runs))


async def _run_one(run: Run, slots: asyncio.Semaphore, scratch: Path, report: Report) -> None:
    async with slots:
        start = time.perf_counter()
        run.is_running = True
        report(f"{run.name}: {len(run.cells)} cells to run")
        try:
            async with _open_kernel(run, scratch) as client:
                await _run_cells(run, client, report)
            _save(run)
        finally:
            run.is_running = False
            run.seconds = time.perf_counter() - start
        report(f"{run.name}: {run.verdict}")


@asynccontextmanager
async def _open_kernel(run: Run, scratch: Path) -> AsyncIterator[Any]:
    """Run a kernel of this interpreter, independent of kernels and settings in the user's home."""
    manager = AsyncKernelManager(
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        connection_file=str(scratch / f"{run.target.stem}.json"),
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
    log = scratch / f"{run.target.stem}.log"
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


async def _run_cells(run: Run, client: Any, report: Report) -> None:
    """Run one cell after the other until one fails, and set the verdict."""
    for number, (index, cell) in enumerate(run.cells, start=1):
        try:
            await client.async_execute_cell(cell, index)
        except CellExecutionError as error:
            problem = f"{error.ename}: {first_line(error.evalue)}"
        except CellTimeoutError:
            problem = f"still not done after {CELL_TIMEOUT_S} s"
        except DeadKernelError:
            if await client.km.is_alive():  # nbclient raises this for Ctrl-C as well
                raise asyncio.CancelledError from None
            problem = "its kernel died (out of memory, a crash, or os._exit)"
        else:
            run.cells_done = number
            report("")
            continue
        run.verdict = f"failed at cell {number} [{cell.get('id', 'no id')}]: {problem}"
        run.line = first_line(cell.source)
        return
    run.verdict = PASSED


def _save(run: Run) -> None:
    write_whole(run.target, f"{nbformat.writes(run.notebook)}\n".encode())


def first_line(text: str) -> str:
    """Return the first line of a text that is not blank."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
