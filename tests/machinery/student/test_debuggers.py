"""A debugger never waits where nobody can type: the student reads which line starts it."""

import bdb
import pdb
import sys

import pytest

from assignment.support.testing.advice import find_advice
from assignment.support.testing.debuggers import refuse_debuggers
from tests.machinery.student.test_check_command import run
from tests.machinery.students import copy_project

STARTS = {
    "breakpoint()": "breakpoint()",
    "import pdb; pdb.set_trace()": "pdb.set_trace()",
    "from pdb import set_trace; set_trace()": "pdb.set_trace()",
    "import pdb; pdb.Pdb().set_trace()": "set_trace()",
}


@pytest.mark.parametrize("statement", STARTS)
def test_check_names_the_line_instead_of_waiting(statement, tmp_path):
    project = copy_project(tmp_path)
    path = project / "assignment/affine.py"
    lines = path.read_text(encoding="utf-8").split("\n")
    number = lines.index("def affine_backward(dout, cache):")
    line = next(i for i, text in enumerate(lines[:number]) if text.startswith("    return"))
    lines.insert(line, f"    {statement}")
    path.write_text("\n".join(lines), encoding="utf-8")
    done = run(project, "check", "affine.forward")
    said = f"RuntimeError: tests have no debugger: take {STARTS[statement]} out of line {line + 1}"
    assert said in done.stdout
    assert f"assignment/affine.py, line {line + 1}: {statement}" in done.stdout
    assert find_advice("CannotUse", said) is None  # it says what to do itself


def test_afterwards_debuggers_work_again():
    before = sys.breakpointhook, pdb.set_trace, bdb.Bdb.set_trace, pdb.Pdb.set_trace
    with refuse_debuggers(), pytest.raises(RuntimeError, match="take breakpoint\\(\\) out"):
        breakpoint()
    assert (sys.breakpointhook, pdb.set_trace, bdb.Bdb.set_trace, pdb.Pdb.set_trace) == before
