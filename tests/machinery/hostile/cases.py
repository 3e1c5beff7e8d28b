"""What a hostile or unusual submission is made of: the solved one, and what deviates in it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assignment.support.project.manifest import ROOT
from autograder import judging
from tests.machinery.hostile.cells import LAYERNORM, read_released

__all__ = [
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
Document = dict[str, Any]  # a notebook's
# Where attacks find the parts of the grader that stand with them behind the wall.
WORKER = "from autograder.protocol import answering as worker\n"
WIRE = "from autograder.protocol import wire\n"
KERNEL = "from autograder.inside import kernel\n"
# Modules that know what is right, and stand on the other side.
SECRETS = f"SECRETS = {('tests.oracles', 'tests.hidden.test_affine', judging.__name__)}\n"
# What a file earns, beside the points for make_grid, that has nothing but this function.
GRID_ALONE = {"hyperparameters.draws": "not written", "hyperparameters.search": "not written"}
# Beside an attack of make_grid that ends well. What is asked after it counts as not written, as if
# it were missing, and tells what the attack has done.
WITNESS = """
FIRED = []


def draw_uniform(low, high, rng, size=None):
    raise NotImplementedError("fired: " + ", ".join(sorted(set(FIRED))))


draw_log_uniform = draw_uniform


"""


@dataclass(frozen=True)
class Case:
    """One submission of functions, where it has files, or else of notebooks.

    Attributes
    ----------
    about : str
        In one sentence what it shows.
    files : dict
        File name to what is handed in instead of the solved file.
    cells : dict
        Cell id to its new source, in ``notebook``.
    edit : function
        Changes the notebook's whole document, or returns the file's bytes.
    outcomes : dict
        Part or cell id to its outcome, of those that are not passed.
    points : dict
        Part to its points, of those that are passed in part.
    evidence : dict
        Part or cell id to a regular expression. What the teacher reads of each of its verdicts that
        is not passed must contain it: a text that is there only when the attack has fired.
    finding : str
        What one of intake's findings must contain.
    honest : bool
        Whether it attacks nothing, and needs no evidence: right in an unusual way.
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
        """Return the bytes of the notebook, as a student would hand it in."""
        document = json.loads(json.dumps(read_released(self.notebook)))
        for cell in document["cells"]:
            cell["source"] = self.cells.get(cell["id"], cell["source"])
        edited = self.edit(document) if self.edit else None
        return edited or json.dumps(document).encode()


def read_cases() -> dict[str, Case]:
    """Return all cases, by kind and name: whatever a module in one of the folders here lists."""
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
    """Return the solved file with code at its end, where a second definition replaces the first."""
    return {file: solve(file) + "\n\n" + code.lstrip("\n")}


def witnessed(code: str) -> dict[str, str]:
    """Return a file with an attack of make_grid that lists in ``FIRED`` what it has done."""
    return {"hyperparameters.py": WITNESS + code.lstrip("\n")}
