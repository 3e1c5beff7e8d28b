"""Write docs/cheat-sheet.md: the summaries of all notebooks, from their stored outputs.

Runs nothing. With --check it writes nothing, and the exit code is 1 if the page is out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from assignment.support.project.writing import write_whole
from autograder.master_notebooks import read_documents

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "cheat-sheet.md"
SUMMARY = "summary"  # the id of the cell whose output is shown
SETTING = re.compile(r'^(seed|dataset) = "?(\w+)"?', re.M)
INTRODUCTION = """\
# The notes on one page

Each line of the lecture notes, beside what the notebooks measured. Other seeds and other data give
other numbers.
"""

Cell = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="make_cheat_sheet", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare only")
    check = parser.parse_args(arguments).check
    page = make_page(read_documents())
    if not check:
        write_whole(PAGE, page.encode())
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
        print("docs/cheat-sheet.md is out of date: run python -m tools.make_cheat_sheet")
        return 1
    return 0


def make_page(notebooks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page, in Markdown.

    Parameters
    ----------
    notebooks : dict
        Name, such as "01_minibatch_sgd" -> the notebook as it is stored.

    Raises
    ------
    ValueError
        A notebook has no summary, or the summary has no output.
    """
    return "\n".join([INTRODUCTION, *map(_make_section, notebooks, notebooks.values())])


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


def _make_section(name: str, notebook: Mapping[str, Any]) -> str:
    cells = notebook["cells"]
    number, _, title = "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ").partition(" ")
    rows = read_table(_read_output(name, cells))
    if not rows[0][0]:
        heading, *rows = rows  # the table has a heading of its own
    else:
        heading = ["the notes say", "measured", *[""] * len(rows[0])][: len(rows[0])]
    table = [heading, ["---"] * len(heading), *([*map(_escape, row)] for row in rows)]
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([f"## {number} {title}", "", *_tell_settings(cells), *lines, ""])


def _tell_settings(cells: Sequence[Cell]) -> list[str]:
    sources = ["".join(cell["source"]) for cell in cells if cell["id"] == "parameters"]
    settings = SETTING.findall("".join(sources))
    return [", ".join(f"{name} {value}" for name, value in settings), ""] if settings else []


def _read_output(name: str, cells: Sequence[Cell]) -> str:
    outputs = [cell.get("outputs", []) for cell in cells if cell["id"] == SUMMARY]
    printed = "".join("".join(one.get("text", "")) for output in outputs for one in output)
    if not printed.strip():
        raise ValueError(f"{name}: no cell {SUMMARY!r} with a printed output")
    return printed


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_<|$~\[])", r"\\\1", text).replace("->", "→")


if __name__ == "__main__":
    sys.exit(main())
