"""Describe a hostile or unusual submission by its differences from the solved one."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assignment.support.project.manifest import ROOT, load_parts
from autograder import judging
from tests.machinery.hostile.cells import LAYERNORM, read_released

__all__ = [
    "FULL",
    "GRID_ALONE",
    "KERNEL",
    "SECRETS",
    "WIRE",
    "WORKER",
    "Case",
    "Document",
    "below",
    "read_cases",
    "solve",
    "witnessed",
]

HERE = Path(__file__).parent
Document = dict[str, Any]  # the JSON of a notebook
# Imports that attacks use to reach grader code on their side of the wall.
WORKER = "from autograder.protocol import answering as worker\n"
WIRE = "from autograder.protocol import wire\n"
KERNEL = "from autograder.inside import kernel\n"
# Modules that know the right answers, on the other side of the wall.
SECRETS = f"SECRETS = {('tests.oracles', 'tests.hidden.test_affine', judging.__name__)}\n"
# Part -> all of its points.
FULL = {part.id: part.points for part in load_parts()}
# Outcomes of a file that defines only make_grid, besides that of make_grid.
GRID_ALONE = {"hyperparameters.draws": "not written", "hyperparameters.search": "not written"}
# For an attack in make_grid that succeeds. The functions called afterwards count as not written, as
# if they were missing, and their message reports what the attack has done.
WITNESS = """
FIRED = []


def draw_uniform(low, high, rng, size=None):
    raise NotImplementedError("fired: " + ", ".join(sorted(set(FIRED))))


draw_log_uniform = draw_uniform


"""


@dataclass(frozen=True)
class Case:
    """One submission: of functions if it has files, otherwise of notebooks.

    Attributes
    ----------
    about : str
        What it shows, in one sentence.
    files : dict
        File name -> content that is handed in instead of the solved file.
    cells : dict
        Cell id -> its new source, in ``notebook``.
    edit : function
        Changes the document of the notebook, or returns the bytes of the file.
    outcomes : dict
        Part or cell id -> outcome, for those that do not pass.
    points : dict
        Part -> points, for those that pass in part.
    evidence : dict
        Part or cell id -> regular expression, which the teacher's text of each verdict that is not
        passed must match. It matches only if the attack has fired.
    finding : str
        Text that one of the intake findings must contain.
    honest : bool
        Whether it is unusual but no attack, and needs no evidence.
    """

    about: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    edit: Callable[[Document], bytes | None] | None = None
    notebook: str = LAYERNORM
    outcomes: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    finding: str = ""
    honest: bool = False

    def write_notebook(self) -> bytes:
        """Return the bytes of the notebook that is handed in."""
        document = json.loads(json.dumps(read_released(self.notebook)))
        for cell in document["cells"]:
            cell["source"] = self.cells.get(cell["id"], cell["source"])
        edited = self.edit(document) if self.edit else None
        return edited or json.dumps(document).encode()


def read_cases() -> dict[str, Case]:
    """Return the cases of all modules in the folders here, by kind and name."""
    cases: dict[str, Case] = {}
    for path in sorted(HERE.glob("*/*.py")):
        kind = path.parent.name
        module = importlib.import_module(f"tests.machinery.hostile.{kind}.{path.stem}")
        named = {f"{kind}_{name}": case for name, case in module.CASES.items()}
        assert not named.keys() & cases.keys(), f"names of {path} are taken"
        cases.update(named)
    return cases


def solve(file: str) -> str:
    """Return the teacher's source of a file."""
    return (ROOT / "assignment" / file).read_text(encoding="utf-8")


def below(file: str, code: str) -> dict[str, str]:
    """Return the solved file with code appended, whose definitions replace earlier ones."""
    return {file: solve(file) + "\n\n" + code.lstrip("\n")}


def witnessed(code: str) -> dict[str, str]:
    """Return a file with an attack in make_grid, which appends its effects to ``FIRED``."""
    return {"hyperparameters.py": WITNESS + code.lstrip("\n")}
