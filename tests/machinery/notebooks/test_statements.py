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
CELL = re.compile(r"`(\d\d)/([\w-]+)`")


def read_cells():
    """Return the kind and source of each cell: ("02", "ends") -> ("code", "...")."""
    cells = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_bytes())["cells"]:
            cells[path.stem[:2], cell["id"]] = cell["cell_type"], "".join(cell["source"])
    return cells


CELLS = read_cells()


def test_there_are_rows():
    assert len(ROWS) > 70
    assert {len(row) for row in ROWS} == {4}


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
