"""Write what each student of the class hands in: solved files or notebooks, with differences."""

from __future__ import annotations

import shutil
from pathlib import Path

from assignment.support.project.manifest import ROOT, load_parts
from autograder.notebooks.skeletons import read_skeletons
from tests.machinery.hostile.cases import Case, read_cases
from tests.machinery.hostile.cells import fill
from tests.machinery.hostile.harness import NEIGHBOURS
from tests.machinery.notebooks.hidden_cell_variants import RIGHT

__all__ = [
    "CASES",
    "FUNCTIONS",
    "HONEST",
    "NOTEBOOKS",
    "SKELETONS",
    "write_functions",
    "write_notebooks",
]

CASES = read_cases()
FUNCTIONS = {name: case for name, case in CASES.items() if case.files}
NOTEBOOKS = {name: case for name, case in CASES.items() if not case.files}
SKELETONS = {skeleton.name: skeleton for skeleton in read_skeletons()}
HONEST = "08_hyperparameters"  # the other notebook of each case
# Neighbour -> index of the right body that it writes into each cell; None is the teacher's.
STYLES = dict(zip(NEIGHBOURS, (None, 0, -1, None, 0, -1)))


def write_functions(name: str, folder: Path) -> None:
    """Write a whole submission: the solved files, with those of the case over them."""
    place = folder / "assignment"
    place.mkdir()
    for part in load_parts():
        shutil.copy(ROOT / "assignment" / part.file, place)
    if name in NEIGHBOURS:
        write_in_own_style(place, NEIGHBOURS.index(name))
    else:
        for file, content in FUNCTIONS[name].files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (place / file).write_bytes(data)


def write_in_own_style(folder: Path, number: int) -> None:
    """Change the rounding of right code, so that no verdict is reused from another submission."""
    factor = f"(1 + {number + 1} * 2.0**-48)"
    for file, old, new in [
        ("affine.py", "out += b", f"out += b * {factor}"),
        ("losses.py", "dx /= len(x)", f"dx *= {factor} / len(x)"),
        (
            "hyperparameters.py",
            "rng.uniform(low, high, size)",
            f"rng.uniform(low, high, size) / {factor}",
        ),
    ]:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def write_notebooks(name: str, folder: Path) -> None:
    """Write one notebook that differs and one that is solved; a neighbour's are both right."""
    place = folder / "notebooks"
    place.mkdir()
    if name in NEIGHBOURS:
        cases = [answer_in_style(notebook, STYLES[name]) for notebook in SKELETONS]
    else:
        cases = [NOTEBOOKS[name], Case("", notebook=HONEST)]
    for case in cases:
        (place / f"{case.notebook}.ipynb").write_bytes(case.write_notebook())


def answer_in_style(notebook: str, which: int | None) -> Case:
    """Return a notebook with right answers, the teacher's or in another style."""
    holes = [hole.id for hole in SKELETONS[notebook].holes if which is not None]
    cells = {id: fill(id, RIGHT[f"{notebook}/{id}"][which or 0], notebook) for id in holes}
    return Case("", cells=cells, notebook=notebook)
