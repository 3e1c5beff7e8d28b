"""Do a student's work: paste the solutions of the master copy into a released folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

from assignment.support.project.manifest import ROOT, load_parts
from autograder.master_notebooks import parse_cell, read_documents, read_master_notebooks
from autograder.release.markers import HOLE

__all__ = ["paste", "paste_files", "paste_notebooks"]

STUB = re.compile(r'^ *raise NotImplementedError\("[^"]*: not written yet, see [^"]*"\)\n', re.M)


def paste(stubs: str, solved: str) -> str:
    """Return a text with its stubs replaced by solutions."""
    bodies: list[str] = []
    for hole in HOLE.finditer(solved):
        if hole[2].lstrip().startswith(("def ", "@", "class ")):  # helpers of the solution before
            bodies[-1] += f"\n{hole[2]}"
        else:
            bodies.append(hole[2])
    assert len(bodies) == len(STUB.findall(stubs))
    return STUB.sub(lambda _: bodies.pop(0), stubs)


def paste_files(project: Path) -> None:
    """Paste the solutions of the functions."""
    for name in {f"assignment/{part.file}" for part in load_parts()}:
        stubs, solved = (folder.joinpath(name).read_text("utf-8") for folder in (project, ROOT))
        (project / name).write_text(paste(stubs, solved), encoding="utf-8")


def paste_notebooks(project: Path) -> None:
    """Paste the solutions of the cells, and the written answers."""
    masters = read_master_notebooks()
    for name, document in read_documents(project / "notebooks").items():
        solved = {cell.id: cell.source for cell in masters[name]}
        for stored in document["cells"]:
            cell = parse_cell(stored)
            if "solution" in cell.tags:
                stored["source"] = paste(cell.source, solved[cell.id])
            elif "written" in cell.tags:
                stored["source"] = HOLE.sub(lambda hole: hole[2], solved[cell.id])
        path = project / "notebooks" / f"{name}.ipynb"
        path.write_text(json.dumps(document), encoding="utf-8")
