"""Two outputs are the same if their numbers agree up to rounding and the rest is equal."""

import math

import numpy as np
import pytest

from assignment.support.outputs import call_each, print_numbers
from assignment.support.testing.compare import CheckFailed
from autograder.notebooks.printed_numbers import largest_difference, same_output


@pytest.fixture
def printed(capsys):
    """Return a function that calls print_numbers and returns its output."""

    def print_and_read(**results):
        print_numbers(**results)
        return capsys.readouterr().out

    return print_and_read


SAME = {
    "a float, and NumPy's": (0.5, np.float64(0.5)),
    "a 0-dimensional array": (0.5, np.array(0.5)),
    "integers of other sizes": (np.int32([1, 2]), np.int64([1, 2])),
    "a millionth": (1.0, 1 + 5e-7),
    "a small number beside a large one": (np.array([1e-9, 1.0]), np.array([2e-10, 1.0])),
    "negative zero": (0.0, -0.0),
    "nan and nan": (np.array([np.nan, -np.inf]), np.array([np.nan, -np.inf])),
    "another order in memory": (np.eye(2, 3), np.asfortranarray(np.eye(2, 3))),
    "dicts that were filled in another order": ({"a": 1.5, "b": 2}, {"b": 2, "a": 1.5}),
    "complex numbers that are real": (np.array([0.5]), np.array([0.5 + 0j])),
    "strings": ("healthy", np.array(["healthy"])[0]),
}
DIFFERENT = {
    "two millionths": (1.0, 1 + 2e-6),
    "sign": (0.5, -0.5),
    "a number that is small beside the others": (np.array([1e-8, 1.0]), np.array([1e-8 + 2e-9, 1])),
    "float32": (np.float64(0.5), np.float32(0.5)),
    "an integer": (1.0, 1),
    "integers, however large": (10**9, 10**9 + 1),
    "a boolean": (1, True),
    "shape": (np.zeros((1, 3)), np.zeros(3)),
    "shape, as many numbers": (np.zeros((2, 3)), np.zeros((3, 2))),
    "a list for an array": (np.array([0.5]), [0.5]),
    "a list for a tuple": ((0.5, 0.5), [0.5, 0.5]),
    "a tuple that is longer": ((0.5,), (0.5, 0.5)),
    "a tuple in a tuple": (((0.5,), 0.5), (0.5, (0.5,))),
    "nan": (1.0, np.nan),
    "a number for nan": (np.nan, 1.0),
    "inf": (np.inf, -np.inf),
    "inf for nan": (np.nan, np.inf),
    "nothing": (0.5, None),
    "a string that reads like None": (None, "None"),
    "a string": ("healthy", "Healthy"),
    "another key": ({"a": 0.5}, {"b": 0.5}),
    "objects": (np.array([0.5]), np.array([0.5], dtype=object)),
    "complex numbers": (np.array([0.5]), np.array([0.5 + 0.1j])),
    "a function": (0.5, len),
    "an array too large to print": (np.zeros(3), np.zeros(10**6)),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same(case, printed):
    one, other = SAME[case]
    assert same_output(printed(x=one), printed(x=other))
    assert same_output(printed(x=other), printed(x=one))


@pytest.mark.parametrize("case", DIFFERENT)
def test_not_the_same(case, printed):
    one, other = DIFFERENT[case]
    assert not same_output(printed(x=one), printed(x=other))
    assert not same_output(printed(x=other), printed(x=one))


def test_a_line_holds_everything(printed):
    text = printed(dx=(np.array([[1.0, -2e100]]), 3), name="x\ny", zero=-0.0, flag=np.array([True]))
    assert text.splitlines() == [
        "@result dx tuple of 2",
        "@result dx[0] float64 (1, 2) 1.000000000e+00 -2.000000000e+100",
        "@result dx[1] int () 3",
        r"@result name str 'x\ny'",
        "@result zero float64 () 0.000000000e+00",
        "@result flag bool (1,) True",
    ]


def test_what_the_functions_print_themselves_does_not_count(printed):
    text = printed(x=0.5, y=np.arange(3))
    lines = text.splitlines()
    assert same_output(f"hello\nloss 0.3{lines[0]}\n\x00\r\n{lines[1]}\nbye", text)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text.replace("result", "results"),
        lambda text: text + text,
        lambda text: text.splitlines()[0],
        lambda text: "\n".join(reversed(text.splitlines())),
        lambda text: text.replace("5.0", "\u0665.0"),
        lambda text: text.replace("5.000000000e-01", "5e-1"),
        lambda text: text.replace("5.000000000e-01", "nan"),
        lambda text: text.replace("5.000000000e-01", "5.000000000e+999"),
        lambda text: text.replace("5.000000000e-01", "5.000000000e-01 5.000000000e-01"),
        lambda text: text.replace("5.000000000e-01", "__import__('os')._exit(0)"),
        lambda text: text.replace("float64", "float32"),
    ],
)
def test_other_text_is_not_the_same(change, printed):
    text = printed(x=0.5, y=np.arange(3))
    assert change(text) != text
    assert not same_output(change(text), text)


@pytest.mark.parametrize(
    "text",
    [
        "@result " * 10**6,
        "@result x float64 () " + "1" * 10**7,
        "@result x\n" * 10**6,
        "e+1." * 10**6,
    ],
    ids=["marks", "digits", "lines", "dots"],
)
def test_hostile_text_is_not_the_same(text, printed):
    """A regular expression that backtracks would not finish on ten million characters."""
    assert not same_output(text, printed(x=np.arange(100.0)))


def test_the_largest_difference_is_returned(printed):
    assert largest_difference(printed(x=1.001), printed(x=1.0)) == pytest.approx(1e-3)
    assert largest_difference(printed(x=1), printed(x=1.0)) == math.inf


def test_expected_output_without_numbers_is_refused():
    with pytest.raises(ValueError, match="no line of print_numbers"):
        same_output("", "")


def test_a_function_that_changes_its_argument_fails():
    def double(x):
        x *= 2
        return x

    assert call_each(np.negative, [(1.0,), (2.0,)]) == [-1.0, -2.0]
    with pytest.raises(CheckFailed, match="double changed its argument x"):
        call_each(double, [(np.ones(2),)])
