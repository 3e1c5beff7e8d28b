"""Hidden cells, which grade the cell to complete above them by the numbers that they print."""

import contextlib
import functools
import io
import re
import textwrap

import numpy as np
import pytest

from assignment.support.testing.compare import CheckFailed
from autograder.master_notebooks import read_master_notebooks
from autograder.notebooks.printed_numbers import same_output
from autograder.protocol.slicing import find_names, read_statements, select_needed
from autograder.release.markers import HOLE
from tests.machinery.notebooks.hidden_cell_variants import RIGHT, WRONG

MASTERS = read_master_notebooks()
SEEDS = (231, 7, 2026, 1, 2)
CELLS = [
    f"{name}/{cell.id}"
    for name, cells in MASTERS.items()
    for cell in cells
    if cell.kind == "code" and "solution" in cell.tags
]
each_cell = pytest.mark.parametrize("cell", CELLS)


def code_cells(notebook):
    return [cell for cell in MASTERS[notebook] if cell.kind == "code"]


def find(cell):
    """Return the code cells before a cell to complete, its source, and its hidden cell."""
    notebook, name = cell.split("/")
    cells = code_cells(notebook)
    place = [cell.id for cell in cells].index(name)
    hidden = cells[place + 1]
    assert (hidden.id, hidden.tags) == (f"{name}-judged", {"hidden"})
    return [cell.source for cell in cells[:place]], cells[place].source, hidden.source


def statements_of(sources):
    return [statement for source in sources for statement in read_statements(source)]


@functools.cache
def slice_back(cell):
    """Return the sources of the statements that a cell and its hidden cell need, in order."""
    before, solution, hidden = find(cell)
    statements = statements_of(before)
    needed = select_needed(statements, find_names(solution) | find_names(hidden))
    return [statements[i].source for i in needed]


@functools.cache
def prepare(cell, seed):
    """Return the namespace in which a cell to complete and its hidden cell run."""
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for statement in slice_back(cell):
            exec(f"seed = {seed}" if statement.startswith("seed = ") else statement, names)
    return names


def run(cell, seed, body=None):
    """Return the output of the hidden cell, with the solution or with another body."""
    _, solution, hidden = find(cell)
    if body is not None:
        solution = HOLE.sub(lambda hole: textwrap.indent(body, hole[1]), solution)
    names, output = dict(prepare(cell, seed)), io.StringIO()
    with contextlib.redirect_stdout(output), np.errstate(all="ignore"):
        exec(solution, names)
        with contextlib.suppress(CheckFailed):  # then nothing is printed
            exec(hidden, names)
    return output.getvalue()


expected = functools.cache(run)


def right_bodies(cell):
    return [textwrap.dedent(body).lstrip("\n") for body in RIGHT[cell]]


def wrong_bodies(cell):
    """Return the solution with each of the edits, whose lines are indented like the first one."""
    solution = textwrap.dedent(HOLE.search(find(cell)[1])[2])
    for right, wrong in WRONG[cell]:
        before = solution.partition(right)[0]
        assert solution.count(right) == 1, right
        depth = re.search(r"( *)\S*.*$", before.rpartition("\n")[2])[1]
        yield solution.replace(right, wrong.replace("\n", f"\n{depth}"))


def test_every_cell_to_complete_has_variants():
    assert len(CELLS) == 31
    assert set(RIGHT) == set(WRONG) == set(CELLS)
    assert min(map(len, WRONG.values())) >= 3


@each_cell
def test_each_seed_gives_other_numbers(cell):
    outputs = [expected(cell, seed) for seed in SEEDS]
    for i, one in enumerate(outputs):
        assert not [other for other in outputs[:i] if same_output(one, other)]


@each_cell
def test_right_answers_in_another_style_count(cell):
    for body in right_bodies(cell):
        for seed in SEEDS:
            assert same_output(run(cell, seed, body), expected(cell, seed)), (seed, body)


@each_cell
def test_wrong_answers_do_not_count(cell):
    for body in wrong_bodies(cell):
        for seed in SEEDS[:2]:
            assert not same_output(run(cell, seed, body), expected(cell, seed)), (seed, body)


@each_cell
def test_it_changes_no_name_that_the_notebook_uses(cell):
    cells = code_cells(cell.split("/")[0])
    shown = statements_of(cell.source for cell in cells if "hidden" not in cell.tags)
    used = set().union(*(statement.uses | statement.binds for statement in shown))
    assert not used & set().union(
        *(statement.binds for statement in read_statements(find(cell)[2]))
    )


@each_cell
def test_it_needs_no_training_and_no_other_cell_to_complete(cell):
    cells = code_cells(cell.split("/")[0])
    solutions = [cell.source for cell in cells if "solution" in cell.tags]
    functions = {
        f"def {name}("
        for source in solutions
        for name in re.findall(r"^def (\w+)", source, flags=re.M)
    }
    needed = slice_back(cell)
    assert not [line for line in needed if "minibatch_sgd(" in line or "admit(" in line]
    assert not [line for line in needed if line.startswith(tuple(functions))]
