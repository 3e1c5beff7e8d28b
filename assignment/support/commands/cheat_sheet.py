"""``python -m assignment cheat-sheet``: the summaries of all notebooks on one page.

Runs nothing: it reads the outputs that are saved in the notebooks.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from assignment.support.project.cells import (
    GIVEN,
    Outlined,
    find_given,
    read_outlines,
    take_cell,
)
from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.notebook_files import (
    NotANotebook,
    find_outputs,
    join_text,
    load_notebook,
    read_text,
)
from assignment.support.project.writing import write_whole

__all__ = ["PAGE", "make_page", "read_table", "write_cheat_sheet"]

PAGE = "docs/cheat-sheet.md"  # the last notebook links to it
TITLE, PARAMETERS, SUMMARY = "title", "parameters", "summary"  # ids of cells
SETTING = re.compile(r"""^(seed|dataset) = ["']?(\w+)""", re.M)
LONGEST_ERROR = 200  # characters
INTRODUCTION = """\
# The notes on one page

Each line of the lecture notes, beside what the notebooks measured. Other seeds and other data give
other numbers.
"""

Cell = Mapping[str, Any]


class NoSummary(Exception):
    """Why the page has no summary of a notebook: the sentence that it shows instead."""


def write_cheat_sheet(root: Path = ROOT) -> int:
    """Write the page below a folder, print what it lacks, and return the exit code."""
    page, lacking = make_page(root)
    path = root / PAGE
    try:
        path.parent.mkdir(exist_ok=True)
        # JSON can hold lone surrogates, UTF-8 cannot
        write_whole(path, page.encode("utf-8", "replace"))
    except OSError as error:
        print(f"cannot write {PAGE}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"wrote {PAGE}")
    if lacking:
        print(f"no summary yet of {', '.join(lacking)}: the page says why")
    return 0


def make_page(root: Path = ROOT) -> tuple[str, list[str]]:
    """Make the page from the saved notebooks.

    Parameters
    ----------
    root : Path
        Where notebooks/ is.

    Returns
    -------
    page : str
        In Markdown; a section for each notebook.
    lacking : list of str
        Names of the notebooks of which the page has no summary.
    """
    outlines, sections, lacking = read_outlines(root), [INTRODUCTION], []
    for name in dict.fromkeys(part.notebook for part in load_parts()):
        title, lines = name, []
        try:
            cells = _read_cells(root, name, outlines.get(name, []))
            title = _read_title(cells) or name
            lines = [*_tell_settings(cells), *_write_table(_read_summary(name, cells))]
        except NoSummary as error:
            lines = [str(error)]
            lacking.append(name)
        sections.append("\n".join([f"## {title}", "", *lines, ""]))
    return "\n".join(sections), lacking


def read_table(printed: str) -> list[list[str]]:
    """Cut a printed table into its cells.

    A column begins where all lines that are long enough, at least half of them, have a character
    after a space, and one of them after two. A text without columns is one column.
    """
    lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
    width = max(map(len, lines), default=0)
    starts = [place for place in range(2, width) if _is_start(lines, place)]
    cuts = [0, *starts, width]
    return [[line[a:b].strip() for a, b in pairwise(cuts)] for line in lines]


def _is_start(lines: Sequence[str], place: int) -> bool:
    reached = [line for line in lines if len(line) > place]
    begins = all(line[place - 1] == " " != line[place] for line in reached)
    two = any(line[place - 2] == " " for line in reached)
    return begins and two and 2 * len(reached) >= len(lines)


def _read_cells(root: Path, name: str, outline: Sequence[Outlined]) -> dict[str, Cell]:
    """Return the cells of a notebook from which the page is made, by their ids in the course."""
    file = f"notebooks/{name}.ipynb"
    try:
        stored = load_notebook((root / file).read_bytes())["cells"]
    except FileNotFoundError:
        raise NoSummary(f"{file} is missing.") from None
    except OSError as error:
        raise NoSummary(f"{file} cannot be read: {error.strerror or error}.") from None
    except NotANotebook as error:
        raise NoSummary(f"{file} {error}.") from None
    cells = [cell for cell in stored if read_text(cell) is not None]
    # the master copy has no outline, and there all cells have their ids
    outline = outline or [Outlined(id, GIVEN, "") for id in (TITLE, PARAMETERS, SUMMARY)]
    found = find_given(outline, list(map(take_cell, cells)))
    return {id: cells[place] for id, place in found.items()}


def _read_title(cells: Mapping[str, Cell]) -> str:
    text = (read_text(cells.get(TITLE)) or "").partition("\n")[0]
    return text[2:].strip() if text.startswith("# ") else ""


def _tell_settings(cells: Mapping[str, Cell]) -> list[str]:
    settings = SETTING.findall(read_text(cells.get(PARAMETERS)) or "")
    return [", ".join(f"{name} {value}" for name, value in settings), ""] if settings else []


def _read_summary(name: str, cells: Mapping[str, Cell]) -> str:
    """Return what the cell with the summary has printed."""
    if SUMMARY not in cells:
        raise NoSummary(f"notebooks/{name}.ipynb no longer has the cell that prints its summary.")
    outputs = list(find_outputs(cells[SUMMARY]))
    for output in outputs:
        if output.get("output_type") == "error":
            said = " ".join(f"{output.get('ename')}: {output.get('evalue')}".split())
            raise NoSummary(f"The summary stopped with {_escape(said[:LONGEST_ERROR])}")
    printed = "".join(join_text(one.get("text")) for one in outputs if one.get("name") == "stdout")
    if not printed.strip():
        raise NoSummary(f"Not there yet: run notebooks/{name}.ipynb to its end, and save it.")
    return printed


def _write_table(printed: str) -> list[str]:
    rows = read_table(printed)
    if not rows[0][0]:
        heading, *rows = rows  # the table has a heading of its own
    else:
        heading = ["the notes say", "measured", *[""] * len(rows[0])][: len(rows[0])]
    table = [heading, ["---"] * len(heading), *([*map(_escape, row)] for row in rows)]
    return [f"| {' | '.join(row)} |" for row in table]


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_<|$~\[])", r"\\\1", text).replace("->", "→")
