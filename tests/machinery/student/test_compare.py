"""Checks of values: wrong ones fail, and the message says what is wrong."""

import numpy as np
import pytest

from assignment.support.testing.compare import (
    CheckFailed,
    assert_dtypes,
    assert_matches,
    call,
    call_twice,
    call_watched,
    get_cache,
    rel_error,
)

EXPECTED = np.array([[1.0, -2.0], [1e-12, 4.0]])


def fail(*args, **kwargs):
    with pytest.raises(CheckFailed) as caught:
        assert_matches(*args, **kwargs)
    return caught.value


def test_message_in_full():
    got = EXPECTED.copy()
    got[0, 1] = 2
    assert str(fail("dx", got, EXPECTED, x=np.ones((3, 4)), w=np.ones(4, np.float32), eps=0.5)) == (
        "wrong values of dx\n"
        "  case      x (3, 4), w (4,) float32, eps 0.5\n"
        "  expected  [0, 1] = -2\n"
        "  got       [0, 1] = 2\n"
        "  error     2.0e+00 relative, 1e-08 allowed; 1 of 4 values differ"
    )


def test_errors_are_never_relative_to_zero():
    assert fail("dx", np.array([1.0, 2.0]), np.array([1.0, 0.0])).rows == {
        "expected": "[1] = 0",
        "got": "[1] = 2",
        "error": "1 of 2 values differ",
    }


@pytest.mark.parametrize(
    ("got", "problem"),
    [
        (None, "out is None (is the return missing?)"),
        ([1.0], "out is a list"),
        (EXPECTED[:1], "wrong shape of out"),
        (EXPECTED.ravel(), "wrong shape of out"),
        (EXPECTED.astype(object), "wrong dtype of out"),
        (EXPECTED * (1 + 3e-8), "wrong values of out"),
        (np.where(EXPECTED > 3, np.nan, EXPECTED), "wrong values of out"),
        (np.where(EXPECTED > 3, np.inf, EXPECTED), "wrong values of out"),
    ],
)
def test_the_problem_comes_first(got, problem):
    assert fail("out", got, EXPECTED).problem == problem


def test_shape_comes_before_values_that_broadcasting_would_match():
    assert fail("db", np.zeros((1, 3)), np.zeros(3)).rows == {"expected": "(3,)", "got": "(1, 3)"}


def test_small_values_are_judged_on_the_scale_of_the_large_ones_unless_asked():
    got = EXPECTED + np.array([[0, 0], [1e-12, 0]])
    assert_matches("out", got, EXPECTED)
    assert fail("out", got, EXPECTED, floor=0).problem == "wrong values of out"


@pytest.mark.parametrize("floor", [None, 0])
def test_an_infinite_value_does_not_hide_others(floor):
    expected = np.array([1.0, np.inf])
    assert_matches("out", expected.copy(), expected, floor=floor)
    assert_matches("out", expected * (1 + 1e-9), expected, floor=floor)
    assert fail("out", np.array([5.0, np.inf]), expected, floor=floor).problem
    assert fail("out", np.array([1.0, 7.0]), expected, floor=floor).problem


def test_float32_is_judged_as_float32():
    expected = np.array([1.0, 1e-3], np.float32)
    assert_matches("out", expected + np.float32(5e-6), expected)
    assert fail("out", expected + np.float32(5e-4), expected).problem


def test_numbers_and_tuples():
    assert_matches("loss dx", (2.5, np.ones(2)), (2.5, np.ones(2)))
    assert fail("loss", np.ones(1), 1.0).problem == "wrong shape of loss"
    assert fail("loss dx", (2.4, np.ones(2)), (2.5, np.ones(2))).problem == "wrong values of loss"


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda x: None, "<lambda> returned None (is the return missing?)"),
        (lambda x: [x, x], "<lambda> returned a list"),
        (lambda x: x, "<lambda> returned one array"),
        (lambda x: (x, x, x), "<lambda> returned a tuple of 3"),
    ],
)
def test_call_requires_the_tuple(function, problem):
    with pytest.raises(CheckFailed) as caught:
        call(function, np.ones(2), returns="out cache")
    assert caught.value.problem == problem
    assert caught.value.rows == {"expected": "a tuple of 2: out, cache"}


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (np.ones((2, 3)), "forward returned one array"),
        (None, "forward returned None (is the return missing?)"),
        ((1, 2, 3), "forward returned a tuple of 3"),
    ],
)
def test_without_a_cache_the_forward_function_is_named(result, problem):
    def forward(x):
        return result

    with pytest.raises(CheckFailed) as caught:
        get_cache(forward, 1)
    assert caught.value.problem == problem
    assert caught.value.rows == {"expected": "a tuple of 2: out, cache"}


@pytest.mark.parametrize("kind", [tuple, list])
def test_the_cache_is_the_second_result(kind):
    assert get_cache(lambda x: kind([x, "cache"]), 1) == "cache"


@pytest.mark.parametrize("got", [np.float32, np.float64])
@pytest.mark.parametrize("expected", [np.float32, np.float64])
def test_values_are_compared_in_the_coarser_dtype(got, expected):
    wanted = np.array([1 / 3, -2 / 3, 1e-300], expected)
    assert_matches("out", np.array([1 / 3, -2 / 3, 1e-300], got), wanted, floor=0, rtol=1e-10)
    assert fail("out", np.array([1 / 3 + 1e-3, -2 / 3, 0], got), wanted).problem


@pytest.mark.parametrize("got", [[2, 0], [True, False], [2.0, 0.0]])
def test_whole_numbers_in_another_dtype_are_right(got):
    assert_matches("out", np.array(got), np.array(got, np.float64))
    assert fail("out", np.array(got), np.array([2.0, 1.0])).problem == "wrong values of out"


def test_dtypes_are_compared_where_they_are_asked_for():
    assert_dtypes("dx dw", (np.ones(2), np.ones(3)), np.float64)
    with pytest.raises(CheckFailed) as caught:
        assert_dtypes("dx dw", (np.ones(2), np.ones(3, np.float32)), np.float64, eps=0.5)
    assert caught.value.problem == "wrong dtype of dw"
    assert caught.value.rows == {"case": "eps 0.5", "expected": "float64", "got": "float32"}
    with pytest.raises(CheckFailed, match="out is a list"):
        assert_dtypes("out", [1.0], np.float64)


def test_where_terms_cancel_zero_is_right_up_to_their_rounding():
    rounded, zero = np.array([9e-18, -1.5e-17]), np.zeros(2)
    assert_matches("dx", rounded, zero, scale=1)
    assert fail("dx", rounded, zero).rows["expected"] == "[1] = 0"
    assert fail("dx", 1e10 * rounded, zero, scale=1).problem == "wrong values of dx"


def change_dout(dout, cache):
    dout *= 2
    return dout


def test_call_gives_the_function_arrays_of_its_own():
    dout = np.ones((3, 4))[:, ::2]
    dout.flags.writeable = False
    assert call(change_dout, dout, None, returns="dx").tolist() == 3 * [[2, 2]]
    assert dout.tolist() == 3 * [[1, 1]]
    assert call(lambda x: x.flags.forc, dout, returns="out") is False
    assert call(lambda x: x.flags.f_contiguous, np.ones((3, 2)).T, returns="out") is True


def test_call_watched_notices_a_changed_argument():
    with pytest.raises(CheckFailed, match="change_dout changed its argument dout in place"):
        call_watched(change_dout, np.ones(3), None, returns="dx")


def test_call_twice_notices_what_writes_without_changing_a_number():
    def backward(dout, cache):
        dout[dout > 100] = 0
        return 2 * dout

    with pytest.raises(ValueError, match="read-only"):
        call_twice(backward, np.ones(3), None, returns="dx")


def test_call_twice_notices_another_answer():
    def backward(dout, cache):
        cache *= 2
        return dout * cache[0]

    class Cache(list):
        def __imul__(self, factor):
            self[0] *= factor
            return self

    with pytest.raises(CheckFailed, match="a different result when called a second time"):
        call_twice(backward, np.ones(3), Cache([1.0]), returns="dx")
    assert call(backward, np.ones(3), Cache([1.0]), returns="dx").tolist() == [2, 2, 2]


def test_call_twice_allows_changes_of_bn_param_and_a_generator():
    def draw(param, rng):
        param["calls"] = param.get("calls", 0) + 1
        return rng.normal(size=3) * param["calls"]

    param = {}
    assert call_twice(draw, param, np.random.default_rng(0), returns="out").shape == (3,)
    assert param == {"calls": 1}


def test_rel_error_is_the_usual_formula():
    assert rel_error(np.array([1.0, 0.0]), np.array([1.0, 1e-9])) == pytest.approx(0.1)
    assert np.isnan(rel_error(np.array([np.nan]), np.array([1.0])))
