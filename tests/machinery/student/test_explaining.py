"""The message for each kind of failure, and that the grader uses the same words."""

from __future__ import annotations

import numpy as np
import pytest

from assignment.affine import affine_backward, affine_forward
from assignment.support.testing import explaining
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.explaining import explain_failure
from assignment.support.testing.loading import CannotUse
from assignment.support.testing.messages import describe_exception
from autograder.outcomes import Outcome

UNREADABLE = "Python cannot read assignment/affine.py, line 3: invalid syntax: if a <> b:"


def explain(error):
    return explain_failure(error, "affine.forward", "It is right.", 231)


def catch(function, *args):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function(*args)
    return caught.value


def test_statuses_are_the_outcomes_of_the_grader():
    names = ("PASSED", "FAILED", "CRASHED", "NOT_WRITTEN")
    assert [getattr(explaining, name) for name in names] == [Outcome[name].value for name in names]


def test_the_message_of_a_failed_check_has_rows():
    explained = explain(CheckFailed("wrong shape of out", expected="(3,)", got="(1, 3)"))
    assert explained.message == (
        "affine.forward: wrong shape of out\n"
        "  check     It is right.\n"
        "  expected  (3,)\n"
        "  got       (1, 3)\n"
        "  seed      231\n"
        "  again     pytest --part affine.forward"
    )
    assert (explained.status, explained.note) == ("failed", "affine.forward: wrong shape of out")


def test_the_command_that_repeats_a_test_includes_the_seed():
    message = explain_failure(CheckFailed("wrong"), "affine.forward", "It is right.", 77).message
    assert message.endswith("  again     pytest --part affine.forward --seed 77")


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (NotImplementedError("other.part: not written yet"), "not written", "other.part: not wri"),
        (NotImplementedError(), "not written", "affine.forward: not written yet"),
        (CannotUse("assignment/affine.py is missing"), "not written", "affine.forward: assignm"),
        (CannotUse("assignment/affine.py has no affine_forward"), "not written", "affine.forw"),
        (CannotUse(UNREADABLE), "crashed", f"affine.forward: {UNREADABLE}\n  hint      a <> b is"),
        (
            CannotUse("assignment/a.py cannot be imported, line 1: X: module 'm' has no name"),
            "crashed",
            "affine.forward: assignment/a.py cannot",
        ),
    ],
)
def test_message_about_code_that_cannot_run(error, status, message):
    explained = explain(error)
    assert explained.status == status
    assert explained.message.startswith(message)
    assert explained.says_all


def test_message_about_an_exception_names_the_students_line():
    explained = explain(catch(affine_backward, np.ones((2, 3)), (np.ones((2, 2)), np.ones((2, 2)))))
    first, line = explained.message.split("\n")
    assert first.startswith("affine.forward: ValueError: matmul: Input operand 1 has a mismatch")
    assert line.startswith("  at        assignment/affine.py, line ")
    assert line.endswith(": dx = (dout @ w.T).reshape(x.shape)")
    assert (explained.status, explained.says_all) == ("crashed", True)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("ValueError", "", "ValueError"),
        ("SystemExit", "None", "SystemExit\n  hint      exit() ends Python"),
        (
            "OSError",
            "pytest: reading from stdin while output is captured! Consider using `-s`.",
            "OSError: input() has nobody to ask\n  hint      tests cannot type: take input() out",
        ),
        (
            "EOFError",
            "EOF when reading a line",
            "EOFError: EOF when reading a line\n  hint      tes",
        ),
        ("AssertionError", "1 == 2\n  \n  Use -v to get more diff", "AssertionError: 1 == 2"),
    ],
)
def test_message_about_an_exception_is_not_in_pytests_words(kind, text, said):
    described = describe_exception(kind, text)
    assert described.startswith(said)
    assert "pytest" not in described
    assert "-v" not in described


def test_message_about_refused_arguments_names_no_line():
    explained = explain(catch(affine_forward, np.ones((2, 3)), np.ones((2, 2)), np.ones(2)))
    assert explained.status == "crashed"
    assert explained.message == (
        "affine.forward: ValueError: affine_forward: w has shape (2, 2), expected (D, M) with D = 3"
    )


def test_an_exception_in_the_test_itself_keeps_its_traceback():
    explained = explain(catch(iter, None))
    assert explained.message.startswith("affine.forward: It is right.\n  TypeError: 'NoneType' ")
    assert explained.note.startswith("TypeError: 'NoneType' ")
    assert (explained.status, explained.says_all) == ("failed", False)


def test_message_about_an_old_name_has_two_rows_instead_of_numpys_five():
    text = "module 'numpy' has no attribute 'int'.\n`np.int` was a deprecated alias ..."
    assert describe_exception("AttributeError", text, "assignment/a.py, line 1: np.int") == (
        "AttributeError: module 'numpy' has no attribute 'int'.\n"
        "  at        assignment/a.py, line 1: np.int\n"
        "  hint      np.int left NumPy in 1.24: write int"
    )
    assert describe_exception("ValueError", "a\nb") == "ValueError: a\nb"
