"""``check`` tests the saved files, prints the messages of the tests, and waits for no debugger."""

import bdb
import pdb
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from assignment.support.checking import check, claim
from assignment.support.testing.advice import find_advice
from assignment.support.testing.debuggers import refuse_debuggers
from tests.machinery.students import copy_project, run

ROOT = Path(__file__).resolve().parents[3]
CHECK_TWICE = """
import sys
sys.path.insert(0, ".")
from pathlib import Path
from types import SimpleNamespace
from assignment import affine
from assignment.support.checking import check
before = affine.affine_forward
check("affine")
file = Path("assignment/affine.py")
file.write_text(file.read_text(encoding="utf-8").replace({old!r}, {new!r}), encoding="utf-8")
print("---")
check("affine.forward")
from assignment import affine
assert affine.affine_forward is before and sys.modules["assignment.affine"] is affine
assert "assignment.network" not in sys.modules
"""
STARTS = {
    "breakpoint()": "breakpoint()",
    "import pdb; pdb.set_trace()": "pdb.set_trace()",
    "from pdb import set_trace; set_trace()": "pdb.set_trace()",
    "import pdb; pdb.Pdb().set_trace()": "set_trace()",
}


@pytest.fixture
def project(tmp_path):
    """Copy the project as a student has it."""
    for folder in ("assignment", "tests/public"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("conftest.py", "pyproject.toml", *(ROOT / "tests").glob("*.py")):
        target = tmp_path / (ROOT / file).relative_to(ROOT)
        shutil.copy(ROOT / file, target)
    return tmp_path


def check_twice(project, old, new):
    code = CHECK_TWICE.format(old=old, new=new)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split("---\n")


def test_check_prints_points_and_then_what_is_wrong(project):
    before, after = check_twice(project, "out += b", "out -= b")
    assert before == (
        "affine.forward: passed, 1 of 1 points, and 1 more from hidden tests\n"
        "affine.backward: passed, 1.5 of 1.5 points, and 1.5 more from hidden tests\n"
    )
    lines = after.splitlines()
    assert lines[0] == "affine.forward: wrong values of out"
    assert lines[1] == "  check     affine_forward gives the values of a plain loop."
    assert lines[-2:] == [
        "  again     pytest --part affine.forward",
        "  points    0 of 1 points, and 1 more from hidden tests",
    ]


def test_check_of_a_part_whose_hidden_tests_add_nothing(capsys, monkeypatch):
    check("affine.forward")
    said, _ = capsys.readouterr().out.split(", and ")
    points = float(said.split()[-2])
    only_public = [SimpleNamespace(id="affine.forward", points=points)]
    monkeypatch.setattr("assignment.support.checking.load_parts", lambda: only_public)
    check("affine.forward")
    assert capsys.readouterr().out == f"{said}\n"


def test_check_of_a_file_that_python_cannot_read(project):
    _, after = check_twice(project, "out += b", "out += (b")
    assert after.startswith("affine.forward: Python cannot read assignment/affine.py, line ")
    assert "Traceback" not in after


def test_check_of_a_function_that_was_removed(project):
    _, after = check_twice(project, "def affine_forward(", "def affine_foward(")
    assert after.startswith("affine.forward: assignment/affine.py has no affine_forward\n")


def test_check_of_an_unknown_part():
    with pytest.raises(ValueError, match="no part 'affin'; did you mean affine\\?"):
        check("affin")


def test_claim(capsys):
    claim("all of them", [True, True])
    assert capsys.readouterr().out == "holds: all of them\n"
    with pytest.raises(AssertionError, match="does not hold: all of them"):
        claim("all of them", [True, False])


def test_a_claim_about_included_data_must_hold():
    with pytest.raises(AssertionError, match="does not hold: it rises"):
        claim("it rises", False, about="earth")


def test_a_claim_about_other_data_is_only_printed(capsys):
    claim("it rises", False, about="cifar10")
    claim("it falls", True, about="cifar10")
    assert capsys.readouterr().out == "does not hold on cifar10: it rises\nholds: it falls\n"


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
