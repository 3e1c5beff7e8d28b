"""Old names of Python 2 and NumPy 1: their error messages get advice what to write instead."""

import itertools
import sys
import time

import numpy as np
import pytest

from assignment.support.testing.advice import NUMPY, find_advice
from assignment.support.testing.failures import Raised, classify
from assignment.support.testing.messages import explain_import

pytestmark = pytest.mark.filterwarnings("ignore")  # deprecated names warn
INSTALLED = np.lib.NumpyVersion(np.__version__)
INTEGER = "a / b is a float in Python 3: write a // b for a count or an index"
ITERATOR = "Python 3 gives an iterator here: write list(...) around it"
SYNTAX = {
    "x = 10L": "10L is Python 2: write 10",
    "if a <> b: pass": "a <> b is Python 2: write a != b",
    "x = `y`": "`x` is Python 2: write repr(x)",
    "raise ValueError, 'x'": "raise E, text is Python 2: write raise E(text)",
    "if x:\n\ty\n        z": "Python 3 forbids mixing tabs and spaces: indent with spaces only",
}
USES = {
    "xrange(3)": "xrange is Python 2: write range",
    "reduce(max, [1])": "reduce is Python 2: write from functools import reduce",
    "itertools.izip([1])": "izip is Python 2: write zip",
    "unicode(3)": "unicode is Python 2: write str",
    "raw_input()": "raw_input is Python 2: write input",
    "{}.iteritems()": "iteritems is Python 2: write d.items()",
    "{}.has_key(1)": "has_key is Python 2: write key in d",
    "iter([1]).next()": "it.next() is Python 2: write next(it)",
    "map(abs, [1])[0]": ITERATOR,
    "len(zip([1]))": ITERATOR,
    "{}.keys()[0]": ITERATOR,
    "{}.values().sort()": ITERATOR,
    "range(4 / 2)": INTEGER,
    "[1][2 / 2]": INTEGER,
    "[1][: 2 / 2]": INTEGER,
    "np.ones(3)[2 / 2]": INTEGER,
    "np.zeros((4 / 2, 1))": INTEGER,
    "np.random.default_rng(0).randn(3)": "a Generator has no randn: write rng.standard_normal",
}
SINCE_NUMPY = {  # the first version in which each of them fails
    "np.ones(3).ptp()": "2.4.0",  # before, NumPy says what to write
    "np.ones(3).tostring()": "2.3.0",
    "np.reshape(np.ones(4), newshape=(2, 2))": "2.4.0",
    "np.ones(4).reshape(newshape=(2, 2))": "1.0.0",
    "float(np.ones(1))": "2.4.0",
}
NAMES_GONE = [name for name in NUMPY if name not in dir(np)]
SAID_BY_NUMPY = {
    "np.float_(1)": "`np.float64`",
    "np.NaN": "`np.nan`",
    "np.round_(1)": "`np.round`",
    "np.alltrue([True])": "`np.all`",
    "np.cast": "`np.asarray(arr, dtype=dtype)`",
    "np.array([1.0], copy=False)": "`np.asarray(obj)`",
}
SAID_BY_PYTHON = {
    "print 'x'": "Did you mean print(...)?",
    "exec 'x'": "Did you mean exec(...)?",
    "x = 0777": "use an 0o prefix for octal integers",
}


def fail(run):
    """Return type and text of the exception that a call raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        run()
    return caught.type.__name__, str(caught.value)


@pytest.mark.parametrize("source", SYNTAX)
def test_syntax_of_python_2(source):
    with pytest.raises(SyntaxError) as caught:
        compile(source, "old.py", "exec")
    text = f"{caught.value.msg}: {caught.value.text}"
    assert find_advice("SyntaxError", text) == SYNTAX[source]
    read = f"Python cannot read assignment/affine.py, line 1: {text}"
    assert find_advice("CannotUse", read) == SYNTAX[source]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="3.14 takes it for a tuple of types")
def test_except_with_a_comma():
    kind, text = fail(lambda: compile("try: x\nexcept E, e: y", "old.py", "exec"))
    assert find_advice(kind, text) == "Python 3 needs as: write except E as e:"


@pytest.mark.parametrize("use", USES)
def test_uses_of_python_2_and_of_the_old_random_numbers(use):
    names = {"np": np, "itertools": itertools}
    assert find_advice(*fail(lambda: eval(use, names))) == USES[use]


@pytest.mark.parametrize("name", NAMES_GONE)
def test_names_that_numpy_no_longer_has(name):
    advice = f"NumPy has no np.{name}: write {NUMPY[name]}"
    assert find_advice(*fail(lambda: getattr(np, name))) == advice


@pytest.mark.parametrize("use", [use for use, since in SINCE_NUMPY.items() if since <= INSTALLED])
def test_other_uses_that_numpy_no_longer_supports(use):
    assert ": write " in find_advice(*fail(lambda: eval(use, {"np": np})))


@pytest.mark.parametrize("name", ["int", "product", "in1d"])
def test_the_advice_names_what_there_is(name):
    assert eval(NUMPY[name], {"np": np}) is not None


@pytest.mark.skipif(INSTALLED < "2.0.0", reason="NumPy 1 still has these names")
@pytest.mark.parametrize("use", SAID_BY_NUMPY)
def test_what_numpy_says_itself_is_left_to_numpy(use):
    kind, text = fail(lambda: eval(use, {"np": np}))
    assert find_advice(kind, text) is None
    error = Exception(text)
    error.raised = Raised(kind, text)
    assert SAID_BY_NUMPY[use] in classify(error).problem


@pytest.mark.parametrize("source", SAID_BY_PYTHON)
def test_what_python_says_itself_is_left_to_python(source):
    with pytest.raises(SyntaxError) as caught:
        compile(source, "affine.py", "exec")
    problem = explain_import(caught.value, "affine.py")
    assert find_advice("CannotUse", problem) is None
    assert SAID_BY_PYTHON[source] in problem


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("IndexError", "index 5 is out of bounds for axis 0 with size 3"),
        ("ValueError", "operands could not be broadcast together with shapes (3,) (4,)"),
        ("NameError", "name 'xhat' is not defined"),
        ("AttributeError", "module 'numpy' has no attribute 'averge'"),
        ("AttributeError", "'dict' object has no attribute 'eps'"),
        ("ImportError", "cannot import name 'cmp' from 'assignment.own'"),
        ("TypeError", "list indices must be integers or slices, not tuple"),
        ("SyntaxError", "invalid syntax: x = = 1"),
        ("KeyError", "'`x`'"),
        ("", ""),
    ],
)
def test_other_mistakes_get_no_advice(kind, text):
    assert find_advice(kind, text) is None


def test_advice_repeats_nothing_of_the_text_and_takes_no_time():
    text = "SyntaxError: invalid decimal literal `1 1 <> " * 10**5
    started = time.process_time()
    advice = "NumPy has no np.int: write int"
    assert find_advice("AttributeError", f"module 'numpy' has no attribute 'int'{text}") == advice
    assert find_advice("SyntaxError", text) == "a <> b is Python 2: write a != b"
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("kind", "text", "advice"),
    [
        ("ModuleNotFoundError", "No module named 'torch'", "write it with NumPy alone"),
        ("ModuleNotFoundError", "No module named 'torch.nn'", "write it with NumPy alone"),
        ("ModuleNotFoundError", "No module named 'scipy.special'", "write it with NumPy alone"),
        ("NameError", "name 'torch' is not defined", "write it with NumPy alone"),
        ("ModuleNotFoundError", "No module named 'matplotlib'", "draw in the notebooks only"),
        ("ModuleNotFoundError", "No module named 'ipdb'", "remove the debugger"),
        ("EOFError", "EOF when reading a line", "remove input()"),
        ("StdinNotImplementedError", "raw_input was called, but this", "remove input()"),
        ("BdbQuit", "", "remove breakpoint() or set_trace()"),
    ],
)
def test_what_the_tests_lack(kind, text, advice):
    assert find_advice(kind, text).endswith(advice)
