"""What a student reads of each kind of failure, and that the grader uses the same words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assignment.affine import affine_backward, affine_forward
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.failures import (
    MAX_TEXT,
    Failure,
    Outcome,
    Raised,
    classify,
    write_failure,
)
from assignment.support.testing.loading import CannotUse

UNREADABLE = "Python cannot read assignment/affine.py, line 3: invalid syntax: if a <> b:"


def write(error, seed=231):
    return write_failure(classify(error), "affine.forward", "It is right.", seed)


def write_raised(name, text, where=""):
    """Write what an exception says that comes from another process."""
    error = Exception(text)
    error.raised = Raised(name, text, where)
    return write(error).removeprefix("affine.forward: ")


def catch(function, *args):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function(*args)
    return caught.value


def test_a_check_that_failed_has_rows():
    error = CheckFailed("wrong shape of out", expected="(3,)", got="(1, 3)")
    assert write(error) == (
        "affine.forward: wrong shape of out\n"
        "  check     It is right.\n"
        "  expected  (3,)\n"
        "  got       (1, 3)\n"
        "  seed      231\n"
        "  again     pytest --part affine.forward"
    )
    failure = Failure(Outcome.FAILED, "wrong shape of out", expected="(3,)", got="(1, 3)")
    assert classify(error) == failure


def test_another_seed_is_part_of_what_repeats_the_test():
    assert write(CheckFailed("wrong"), 77).endswith(
        "  again     pytest --part affine.forward --seed 77"
    )


@pytest.mark.parametrize(
    ("error", "outcome", "message"),
    [
        (CannotUse("assignment/affine.py is missing", True), "not written", "affine.forward: assi"),
        (
            CannotUse(UNREADABLE, False),
            "crashed",
            f"affine.forward: {UNREADABLE}\n  hint      a <>",
        ),
    ],
)
def test_what_cannot_be_used(error, outcome, message):
    assert classify(error).outcome.value == outcome
    assert write(error).startswith(message)


def not_written(text):
    """Return what a stub raises; only what student code has raised counts as not written."""
    error = NotImplementedError(text)
    error.raised = Raised("NotImplementedError", text)
    return error


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        ("other.part: not written yet, see x.py", "other.part", "other.part: not written yet, see"),
        ("05_a/rung-1: not written yet", "05_a/rung-1", "05_a/rung-1: not written yet"),
        ("", "", "affine.forward: not written yet"),
        ("later", "", "affine.forward: later"),
    ],
)
def test_a_stub_names_the_part_that_is_to_be_written(text, part, message):
    error = not_written(text)
    assert (classify(error).outcome, classify(error).unwritten) == (Outcome.NOT_WRITTEN, part)
    assert write(error).startswith(message)
    assert classify(NotImplementedError(text)).outcome is Outcome.FAILED


def test_a_habit_is_a_fact():
    habit = ("changes its argument", "relu_backward", "dout")
    assert classify(CheckFailed("what", habit=habit)).habit == habit
    assert classify(CheckFailed("what")).habit == ()


def test_a_failure_survives_json():
    failure = classify(CheckFailed("wrong", case="x (3,)", got="1", habit=("a", "b")))
    assert Failure.from_plain(json.loads(json.dumps(failure.to_plain()))) == failure


def test_long_facts_are_cut():
    assert classify(CheckFailed("x" * 10**6, got="y" * 10**6)) == Failure(
        Outcome.FAILED, "x" * MAX_TEXT, got="y" * MAX_TEXT
    )


def test_what_a_students_function_raises_is_told_with_its_line():
    error = catch(affine_backward, np.ones((2, 3)), (np.ones((2, 2)), np.ones((2, 2))))
    first, line = write(error).split("\n")
    assert first.startswith("affine.forward: ValueError: matmul: Input operand 1 has a mismatch")
    assert line.startswith("  at        assignment/affine.py, line ")
    assert line.endswith(": dx = (dout @ w.T).reshape(x.shape)")
    assert (classify(error).outcome, classify(error).by_check) == (Outcome.CRASHED, True)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("ValueError", "", "ValueError"),
        ("SystemExit", "None", "SystemExit\n  hint      exit() would end Python"),
        (
            "OSError",
            "pytest: reading from stdin while output is captured! Consider using `-s`.",
            "OSError: input() cannot read anything\n"
            "  hint      nobody can type during tests: remove input()",
        ),
        (
            "EOFError",
            "EOF when reading a line",
            "EOFError: EOF when reading a line\n  hint      nobody can type",
        ),
        ("AssertionError", "1 == 2\n  \n  Use -v to get more diff", "AssertionError: 1 == 2"),
        ("AssertionError", 9_000_000 * " ", f"AssertionError: {1_000 * ' '}"),
    ],
)
def test_an_exception_is_told_in_no_words_of_pytest(kind, text, said):
    described = write_raised(kind, text)
    assert described.startswith(said)
    assert "pytest" not in described
    assert "-v" not in described


def test_arguments_that_are_refused_have_no_line():
    error = catch(affine_forward, np.ones((2, 3)), np.ones((2, 2)), np.ones(2))
    assert classify(error).outcome is Outcome.CRASHED
    assert write(error) == (
        "affine.forward: ValueError: affine_forward: w has shape (2, 2), expected (D, M) with D = 3"
    )


def test_what_a_test_makes_of_an_answer_keeps_its_traceback():
    error = catch(iter, None)
    assert write(error).startswith("affine.forward: It is right.\n  TypeError: 'NoneType' ")
    assert classify(error).summary.startswith("TypeError: 'NoneType' ")
    assert (classify(error).outcome, classify(error).by_check) == (Outcome.FAILED, False)


def test_an_old_name_is_told_in_two_rows_and_not_in_numpys_five():
    text = "module 'numpy' has no attribute 'int'.\n`np.int` was a deprecated alias ..."
    assert write_raised("AttributeError", text, "assignment/a.py, line 1: np.int") == (
        "AttributeError: module 'numpy' has no attribute 'int'.\n"
        "  at        assignment/a.py, line 1: np.int\n"
        "  hint      NumPy has no np.int: write int"
    )
    assert write_raised("ValueError", "a\nb") == "ValueError: a\nb"
