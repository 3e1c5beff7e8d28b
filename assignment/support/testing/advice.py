"""Advise what to write instead of removed names and other code that cannot run in tests.

The advice is chosen by the text of an exception. None is given where Python or NumPy give it
themselves in every version that raises the exception: "`np.float_` was removed in the NumPy 2.0
release. Use `np.float64` instead." A suggestion that Python adds only to a traceback ("Did you
mean: 'range'?") is not part of the text.

The text is untrusted. Only removed names that are listed here are repeated from it.
"""

from __future__ import annotations

import re

__all__ = ["find_advice"]

MAX_TEXT = 600  # characters that are searched

SAME = ("bool", "complex", "float", "int", "object", "str")  # np.bool was once Python's bool
NUMPY = {
    # NumPy advises on these too, but below its first line, and import messages show only that line
    **{name: name for name in SAME},
    "long": "int",
    "unicode": "str",
    "asscalar": "x.item()",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "msort": "np.sort(x, axis=0)",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "row_stack": "np.vstack",
}
ARRAY = {
    "ptp": "np.ptp(x)",
    "itemset": "x[i] = value",
    "newbyteorder": "x.view(x.dtype.newbyteorder())",
    "tostring": "x.tobytes()",
}
GENERATOR = {
    "rand": "rng.random",
    "randn": "rng.standard_normal",
    "randint": "rng.integers",
    "random_sample": "rng.random",
}
OTHERS = "write it with NumPy alone"
LIBRARIES = {
    **dict.fromkeys(("torch", "tensorflow", "keras", "jax", "tf", "mxnet", "theano"), OTHERS),
    **dict.fromkeys(("pandas", "scipy", "sklearn", "skimage", "cv2", "PIL", "numba"), OTHERS),
    **dict.fromkeys(("pd", "autograd", "cupy", "sympy"), OTHERS),
    **dict.fromkeys(("matplotlib", "seaborn", "plotly", "plt"), "draw in the notebooks only"),
    **dict.fromkeys(("ipdb", "pudb", "pdbpp", "debugpy", "IPython"), "remove the debugger"),
    **dict.fromkeys(("tqdm", "icecream", "ic"), "remove it"),
}
PYTHON_2 = {
    "xrange": "range",
    "reduce": "from functools import reduce",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "unichr": "chr",
    "long": "int",
    "cmp": "(a > b) - (a < b)",
    "izip": "zip",
    "imap": "map",
    "ifilter": "filter",
    "iteritems": "d.items()",
    "iterkeys": "d.keys()",
    "itervalues": "d.values()",
    "has_key": "key in d",
}
NAMES = (  # pattern that finds a name, what is wrong with the name, what to write instead
    (r"module 'numpy' has no attribute '(\w+)'", "NumPy has no np.{}", NUMPY),
    (r"'numpy\.ndarray' object has no attribute '(\w+)'", "NumPy has no x.{}", ARRAY),
    (r"Generator' object has no attribute '(\w+)'", "a Generator has no {}", GENERATOR),
    (
        r"(?:NameError: name|'itertools' has no attribute|'dict' object has no attribute) '(\w+)'",
        "{} is Python 2",
        PYTHON_2,
    ),
)

UNREADABLE = "(?:Python cannot read |SyntaxError: ).*"  # ends with the unreadable line
SENTENCES = {
    "argument 'newshape'|'newshape' is an invalid": (
        "NumPy 2.4 removed newshape=: write np.reshape(x, shape)"
    ),
    "only 0-dimensional arrays can be converted": (
        "float(x) needs a 0-dimensional array since NumPy 2.4: write x.item()"
    ),
    "'float' object cannot be interpreted as an integer|only integers, slices"
    "|slice indices must be integers|indices must be integers or slices, not float": (
        "a / b is a float in Python 3: write a // b for a count or an index"
    ),
    "object has no attribute 'next'": "it.next() is Python 2: write next(it)",
    r"'(?:map|zip|filter|dict_\w+)' object (?:is not subscriptable|has no attribute 'sort')"
    "|object of type '(?:map|zip|filter)' has no len": (
        "Python 3 gives an iterator here: write list(...) around it"
    ),
    r"No module named '(?!assignment\b|numpy\b)": (
        "only NumPy and Python's standard library are available; for your own file, write "
        "from assignment.NAME import ..."
    ),
    "codec can't decode|encoding declaration|unknown encoding|Non-UTF-8 code|null byte": (
        "the file is not plain text: save it as UTF-8"
    ),
    "SystemExit": "exit() would end Python and the tests: remove it",
    r"input\(\) cannot read anything|reading from stdin while|EOF when reading a line"
    "|raw_input was called, but": "nobody can type during tests: remove input()",
    "BdbQuit": "tests have no debugger: remove breakpoint() or set_trace()",
    "multiple exception types must be paren": "Python 3 needs as: write except E as e:",
    "inconsistent use of tabs": "Python 3 forbids mixing tabs and spaces: indent with spaces only",
    UNREADABLE + r"invalid decimal literal.*\b\d+[lL]\b": "10L is Python 2: write 10",
    UNREADABLE + "<>": "a <> b is Python 2: write a != b",
    UNREADABLE + "`[^`]+`": "`x` is Python 2: write repr(x)",
    UNREADABLE + r"\braise \w+, ": "raise E, text is Python 2: write raise E(text)",
}


LIBRARY = re.compile(r"(?:No module named|NameError: name) '(\w+)[.']")


def find_advice(type_name: str, text: str) -> str | None:
    """Return what to write instead of an old name, in one sentence, or None.

    Parameters
    ----------
    type_name : str
        Type of the exception, for example "AttributeError".
    text : str
        Message of the exception.
    """
    said = f"{type_name}: {text}"[:MAX_TEXT]
    for pattern, complaint, instead in NAMES:
        found = re.search(pattern, said)
        if found and found[1] in instead:
            return f"{complaint.format(found[1])}: write {instead[found[1]]}"
    found = LIBRARY.search(said)
    if found and found[1] in LIBRARIES:
        return f"the tests have no {found[1]}: {LIBRARIES[found[1]]}"
    return next((s for pattern, s in SENTENCES.items() if re.search(pattern, said)), None)
