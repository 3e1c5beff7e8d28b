"""docs/statements.md names for each line of the notes the cells that state and measure it."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "statements.md").read_text(encoding="utf-8")
ROWS = [
    [column.strip() for column in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| the notes say")
]
# How many rows each heading has: one for each statement of the notes below it.
LINES = {
    "Mini-batch SGD": 5,
    "Activation functions": 41,
    "Preprocessing": 5,
    "Weight initialisation": 12,
    "Batch normalisation": 9,
    "Babysitting the learning process": 5,
    "Hyper-parameters": 1,
    "Assignment helper": 2,
}
# What is wrong or loose in the notes: the row that begins so must say what is right.
CORRECTED = (
    "Sigmoid: ",
    "Squashes numbers to range [0, 1]",
    "When x = 0, g ≈ 0.5",
    "All x positive",
    "That is why we want zero-mean data",
    "tanh squashes numbers",
    "ReLU converges faster",
    "When x = 0, g = 0",
    "Dead ReLUs: x is high",
    "PReLU: max(",
    "ELU: all benefits",
    "ELU: negative saturation",
    "Maxout: does have the basic form",
    "Maxout: linear regime, does not become flat",
    "max(w₁ᵀx + b, w₂ᵀx + b)",
    "Maxout doubles",
    "Use ReLU, be careful",
    "Normalise data",
    "and whitening",
    "W = 0",
    "Xavier: normal, mean 0, std / input number",
    "Few inputs",
    "Var input = Var output",
    "dL/dw",
    "dL/dz",
    "Breaks with ReLU",
    "Adjust by dividing by 2",
    "Make each dimension unit normal",
    "x̂ =",
    "The network can learn",
    "Mean along D",
    "and before the non-linearity",
    "5. Start with small η",
    "Random search against grid search",
    "Batch norm: dx =",
    "Layer norm: dx =",
)
CELL = re.compile(r"`(\d\d)/([\w-]+)`")


def read_cells():
    """Return the kind and source of each cell: ("02", "ends") -> ("code", "...")."""
    cells = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_bytes())["cells"]:
            cells[path.stem[:2], cell["id"]] = cell["cell_type"], "".join(cell["source"])
    return cells


CELLS = read_cells()


def test_no_line_of_the_notes_is_missing():
    headings = re.split("^## ", TEXT, flags=re.M)[1:]
    rows = {
        part.partition("\n")[0]: len(re.findall(r"^\| (?!the)", part, re.M)) for part in headings
    }
    assert rows == LINES
    assert len(ROWS) == len({row[0] for row in ROWS}) == sum(LINES.values())
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("beginning", CORRECTED)
def test_what_is_wrong_in_the_notes_is_corrected(beginning):
    ((*_, correction),) = [row for row in ROWS if row[0].startswith(beginning)]
    assert correction


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_statement_is_stated_and_measured(row):
    _, stated, measured, correction = row
    ((kind, _),) = [CELLS[cell] for cell in CELL.findall(stated)]
    assert kind == "markdown"
    if not measured:
        assert "claimed nowhere" in correction
        return
    ((kind, source),) = [CELLS[cell] for cell in CELL.findall(measured)]
    assert kind == "code"
    assert "claim(" in source
    assert [name for name in CELL.findall(correction) if name not in CELLS] == []
