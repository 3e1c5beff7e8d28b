"""Notebooks whose document is edited: given cells changed, cells or ids lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.machinery.hostile.cases import Case, Document
from tests.machinery.hostile.cells import WRONG, solve_cell

__all__ = ["CASES"]

HOLES = ("rung-1", "rung-2", "rungs-5-6", "notes-formula", "per-image")
NOT_WRITTEN = dict.fromkeys(HOLES, "not written")
NO_CELL = dict.fromkeys(HOLES, "no such cell")


def make_cell(id: str, source: str, kind: str = "code") -> dict[str, Any]:
    """Return a cell in notebook format."""
    return {"cell_type": kind, "id": id, "metadata": {}, "source": source, "outputs": []}


def is_hole(cell: dict[str, Any]) -> bool:
    """Return whether a cell is one to complete."""
    return cell["id"] in HOLES


def answer(document: Document, source: str) -> None:
    """Write another source into the first cell to complete."""
    for cell in document["cells"]:
        if cell["id"] == "rung-1":
            cell["source"] = source


def keep_holes(document: Document) -> None:
    """Delete every given cell."""
    document["cells"] = [cell for cell in document["cells"] if is_hole(cell)]


def turn_round(document: Document) -> None:
    """Reverse the order of the cells."""
    document["cells"].reverse()


def double_given(document: Document) -> None:
    """Duplicate every given cell, with the same id."""
    document["cells"] = [c for cell in document["cells"] for c in [cell] * (2 - is_hole(cell))]


def edit_checks(document: Document) -> None:
    """Replace each given cell by code that imitates a passed check and then exits."""
    for cell in document["cells"]:
        if not is_hole(cell):
            cell["source"] = "print('check passed')\nraise SystemExit"


def edit_parameters(document: Document) -> None:
    """Fix the seed in the parameters cell, and change its other settings."""
    for cell in document["cells"]:
        if cell["id"] == "parameters":
            cell["source"] = "seed = 231\nwidth = None\nimport sys\nsys.exit()"


def smuggle(document: Document) -> None:
    """Add below a wrong answer a cell that imitates its hidden cell, with tags and outputs."""
    answer(document, WRONG)
    judged = make_cell("rung-1-judged", "print('@result gradients list of 4')")
    judged["metadata"] = {"tags": ["hidden"], "assignment": {"points": 100}}
    judged["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "@result 1\n"}]
    cells = document["cells"]
    at = [cell["id"] for cell in cells].index("rung-1")
    cells[at + 1 : at + 1] = [judged, judged]


def tag_everything(document: Document) -> None:
    """Give a wrong answer, and tag each cell as to complete, hidden and worth many points."""
    answer(document, WRONG)
    for cell in document["cells"]:
        cell["metadata"] = {
            "tags": ["solution", "hidden", "parameters", "raises-exception", "nbval-skip"],
            "assignment": {"points": 100},
        }


def repeat_wrong(document: Document) -> None:
    """Put a wrong answer with the same id below the right one."""
    document["cells"].append(make_cell("rung-1", WRONG))


def repeat_right(document: Document) -> None:
    """Put the right answer below a wrong one with the same id."""
    document["cells"].insert(0, make_cell("rung-1", WRONG))


def drop_ids(document: Document) -> None:
    """Remove all ids, as old programs do."""
    for cell in document["cells"]:
        del cell["id"]


def damage_ids(document: Document) -> None:
    """Replace ids by invalid ones."""
    for number, cell in enumerate(document["cells"]):
        cell["id"] = [None, 7, "../../etc", "", ["rung-1"], "x" * 10**5][number % 6]


def delete_one(document: Document) -> None:
    """Delete a cell to complete."""
    document["cells"] = [cell for cell in document["cells"] if cell["id"] != "rung-2"]


def swap_two(document: Document) -> None:
    """Swap the ids of two cells to complete."""
    ids = {"rung-1": "rung-2", "rung-2": "rung-1"}
    for cell in document["cells"]:
        cell["id"] = ids.get(cell["id"], cell["id"])


def make_markdown(document: Document) -> None:
    """Turn a cell to complete into a Markdown cell."""
    for cell in document["cells"]:
        if cell["id"] == "rung-1":
            cell["cell_type"] = "markdown"


def split_lines(document: Document) -> None:
    """Store sources as lists of lines, as Jupyter does."""
    for cell in document["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def damage_cells(document: Document) -> None:
    """Add malformed cells."""
    no_source = {"cell_type": "code", "id": "rung-1", "source": None}
    document["cells"][:0] = [None, 7, [], {}, no_source, make_cell("rung-1", WRONG, "sql")]


def add_helper(document: Document) -> None:
    """Add a cell that defines a helper, and use the helper in a cell to complete."""
    answer(document, solve_cell("rung-1").replace("dout * gamma", "multiply(dout, gamma)"))
    document["cells"].insert(0, make_cell("own", "def multiply(x, y):\n    return x * y"))


def add_helpers_helper(document: Document) -> None:
    """Let a helper need an import, added to the set-up, and a constant of a cell of its own."""
    add_helper(document)
    for cell in document["cells"]:
        if cell["id"] == "own":
            cell["source"] = "def multiply(x, y):\n    return math.prod([x, y], start=ONE)"
        if cell["id"] == "setup":
            cell["source"] += "\nimport math"
    document["cells"].insert(1, make_cell("own-2", "ONE = 1\nundone = 1 / 0"))


def lose_helper(document: Document) -> None:
    """Use a helper that stands nowhere."""
    add_helper(document)
    document["cells"] = [cell for cell in document["cells"] if cell["id"] != "own"]


def replace_given(document: Document) -> None:
    """Let a wrong answer need a cell that binds what the hidden cells use."""
    answer(document, f"own_key\n{WRONG}\ncall_each, print_numbers, np")
    replaced = "own_key, np = 1, None\nprint_numbers = call_each = lambda *_, **__: 1\nown_key = 2"
    document["cells"].insert(0, make_cell("own", replaced))


def replace_in_branch(document: Document) -> None:
    """Do the same where it is not certain that the cell binds these names."""
    replace_given(document)
    source = document["cells"][0]["source"]
    document["cells"][0]["source"] = "if True:\n    " + source.replace("\n", "\n    ")


def use_own(above: str, call: str) -> Callable[[Document], None]:
    """Return an edit that puts a cell above the first one to complete, whose answer needs it."""

    def edit(document: Document) -> None:
        source = solve_cell("rung-1").replace("dout * gamma", call)
        answer(document, source)
        place = [cell["id"] for cell in document["cells"]].index("rung-1")
        document["cells"].insert(place, make_cell("own", above))

    return edit


def count_calls(document: Document) -> None:
    """Let the function count in a name of an own cell, which it only adds to."""
    use_own("calls = 0", "dout * gamma")(document)
    for cell in document["cells"]:
        if cell["id"] == "rung-1":
            cell["source"] = cell["source"].replace(
                "    ### BEGIN", "    global calls\n    calls += 1\n    ### BEGIN"
            )


def store_outputs(document: Document) -> None:
    """Store huge and malformed outputs."""
    for cell in document["cells"]:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "@result " * 9999}]
        cell["execution_count"] = "many"


def be_version_3(document: Document) -> bytes:
    """Convert to notebook format 3, which was used until 2015."""
    cells = [{**cell, "input": cell["source"]} for cell in document["cells"]]
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()


def break_off(document: Document) -> bytes:
    """Cut the file in the middle."""
    return json.dumps(document).encode()[:-200]


CASES = {
    "only_holes": Case("given cells may be deleted", edit=keep_holes, honest=True),
    "reordered": Case("cells run in the teacher's order", edit=turn_round, honest=True),
    "doubled": Case("duplicated given cells do not matter", edit=double_given, honest=True),
    "edited_checks": Case("edited checks have no effect", edit=edit_checks, honest=True),
    "edited_parameters": Case("the seed of the run is used", edit=edit_parameters, honest=True),
    "smuggled": Case(
        "a hidden cell in the student's notebook is not used",
        outcomes={"rung-1": "failed"},
        edit=smuggle,
        evidence={"rung-1": "other numbers"},
    ),
    "tagged": Case(
        "tags and points are taken from the teacher's notebook",
        outcomes={"rung-1": "failed"},
        edit=tag_everything,
        evidence={"rung-1": "other numbers"},
    ),
    "first_of_two": Case(
        "of two cells with one id the first counts: the right one", edit=repeat_wrong, honest=True
    ),
    "second_of_two": Case(
        "of two cells with one id the one counts that stands in its place, below a first try",
        edit=repeat_right,
        honest=True,
    ),
    "no_ids": Case(
        "a cell without an id is matched by the names that it defines",
        edit=drop_ids,
        finding="without an id",
        honest=True,
    ),
    "damaged_ids": Case(
        "a cell with a damaged id is matched by its names", edit=damage_ids, honest=True
    ),
    "deleted": Case(
        "a missing cell counts as not written",
        outcomes={"rung-2": "not written"},
        edit=delete_one,
        evidence={"rung-2": "no such cell"},
    ),
    "swapped": Case(
        "a cell with the id of another is known by the name that it defines",
        edit=swap_two,
        finding="otherwise than by their id, by name: rung-1, rung-2",
        honest=True,
    ),
    "markdown": Case(
        "code that became a Markdown cell is still an answer",
        edit=make_markdown,
        finding="as text: rung-1",
        honest=True,
    ),
    "lines": Case("sources may be lists of lines", edit=split_lines, honest=True),
    "damaged_cells": Case(
        "malformed cells are ignored", edit=damage_cells, finding="damaged", honest=True
    ),
    "helper_cell": Case(
        "a helper in a cell that the student added runs before the cell that needs it",
        edit=add_helper,
        honest=True,
    ),
    "helpers_helper": Case(
        "and so is what that one needs: imports and constants, in changed given cells, too",
        edit=add_helpers_helper,
        honest=True,
    ),
    "no_helper": Case(
        "what is not there is named to the student",
        outcomes={"rung-1": "crashed"},
        edit=lose_helper,
        finding="06_layernorm/rung-1: the name multiply is not defined in the cells above",
        evidence={"rung-1": "NameError: name 'multiply' is not defined"},
    ),
    "own_replaces": Case(
        "a cell of one's own does not replace what hidden cells call",
        outcomes={"rung-1": "failed"},
        edit=replace_given,
        evidence={"rung-1": "other numbers"},
    ),
    "own_replaces_in_branch": Case(
        "not even in a branch",
        outcomes={"rung-1": "failed"},
        edit=replace_in_branch,
        evidence={"rung-1": "other numbers"},
    ),
    "all_imported": Case(
        "names that a student's cell imports by * are found",
        edit=use_own(
            "from math import *\nfrom numpy import *", "multiply(dout, gamma * exp(0 * dout))"
        ),
        honest=True,
    ),
    "imported_beside": Case(
        "a statement that binds a name of the course's beside a new one still binds the new one",
        edit=use_own("import numpy as np, math\nplt, ONE = 0, 1", "math.prod([dout, gamma]) * ONE"),
        honest=True,
    ),
    "timed": Case(
        "%time runs its statement",
        edit=use_own("%time ONE = 1\n%time print(ONE)", "dout * gamma * ONE"),
        honest=True,
    ),
    "counter": Case("a function may count its calls", edit=count_calls, honest=True),
    "own_value": Case(
        "where a student gives a name of the course's another value, that is told",
        outcomes={"rung-1": "crashed"},
        edit=use_own("def data(x, y):\n    return x * y", "data(dout, gamma)"),
        finding="06_layernorm/rung-1: the name data keeps the value that the course gives it",
        evidence={"rung-1": "TypeError"},
        honest=True,
    ),
    "own_module": Case(
        "a module that is not handed in is named",
        outcomes={"rung-1": "crashed"},
        edit=lambda document: answer(
            document, "from helpers import x\n" + solve_cell("rung-1").replace("dout * gamma", "x")
        ),
        finding="06_layernorm/rung-1: line 1 imports helpers, which the grader does not have",
        evidence={"rung-1": "ModuleNotFoundError"},
        honest=True,
    ),
    "other_name": Case(
        "a function under another name is told",
        outcomes={"rung-1": "crashed"},
        edit=lambda document: answer(document, solve_cell("rung-1").replace("back_through", "go")),
        finding="06_layernorm/rung-1: it does not define back_through_out",
        evidence={"rung-1": "NameError"},
        honest=True,
    ),
    "other_branch": Case(
        "a function that raises NotImplementedError in a branch is no stub",
        edit=lambda document: answer(
            document,
            solve_cell("rung-1").replace(
                "    ### BEGIN",
                "    if dout.ndim > 4:\n        raise NotImplementedError\n    ### BEGIN",
            )
            + "\n\n\ndef back_through_out():\n    raise NotImplementedError('not written yet')",
        ),
        honest=True,
    ),
    "outputs": Case("stored outputs are not read", edit=store_outputs, honest=True),
    "version_3": Case(
        "format 3 cannot be read",
        outcomes=NOT_WRITTEN,
        edit=be_version_3,
        finding="format 3",
        evidence=NO_CELL,
    ),
    "half": Case(
        "a truncated file cannot be read",
        outcomes=NOT_WRITTEN,
        edit=break_off,
        finding="is not JSON",
        evidence=NO_CELL,
    ),
    "empty": Case(
        "an empty file cannot be read",
        outcomes=NOT_WRITTEN,
        edit=lambda _: b" ",
        finding="06_layernorm.ipynb is empty",
        evidence=NO_CELL,
    ),
    "number": Case(
        "a file with a number is not a notebook",
        outcomes=NOT_WRITTEN,
        edit=lambda _: b"7",
        finding="is not a notebook",
        evidence=NO_CELL,
    ),
    "nested": Case(
        "deeply nested brackets are not a notebook",
        outcomes=NOT_WRITTEN,
        edit=lambda _: b"[" * 10**5,
        finding="is not JSON",
        evidence=NO_CELL,
    ),
}
