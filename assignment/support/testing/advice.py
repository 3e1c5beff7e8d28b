"""What to write instead, told from the text of an exception: old names, and what tests lack.

Where Python or NumPy say it themselves, in every version that raises the exception, nothing is
added: "`np.float_` was removed in the NumPy 2.0 release. Use `np.float64` instead." What Python
suggests in a traceback alone ("Did you mean: 'range'?") is no part of the text.

Only the text is looked at, and none of it is returned: it may come from anywhere.
"""

from __future__ import annotations

import re

__all__ = ["find_advice"]

MAX_TEXT = 600  # of what may be as long as a stranger likes

SAME = ("bool", "complex", "float", "int", "object", "str")  # of Python and once of NumPy
NUMPY = {
    # NumPy says it, too, but not in its first line, and of an import that line alone is told
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
    **dict.fromkeys(("ipdb", "pudb", "pdbpp", "debugpy", "IPython"), "take the debugger out"),
    **dict.fromkeys(("tqdm", "icecream", "ic"), "take it out"),
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
NAMES = (  # where the text has a name, what is said of it, and what to write instead
    (r"module 'numpy' has no attribute '(\w+)'", "np.{} left NumPy", NUMPY),
    (r"'numpy\.ndarray' object has no attribute '(\w+)'", "x.{} left NumPy", ARRAY),
    (r"Generator' object has no attribute '(\w+)'", "a Generator has no {}", GENERATOR),
    (
        r"(?:NameError: name|'itertools' has no attribute|'dict' object has no attribute) '(\w+)'",
        "{} is Python 2",
        PYTHON_2,
    ),
)

UNREADABLE = "(?:Python cannot read |SyntaxError: ).*"  # with the line in question at its end
SENTENCES = {
    "argument 'newshape'|'newshape' is an invalid": (
        "newshape= left NumPy in 2.4: write np.reshape(x, shape), without a name"
    ),
    "only 0-dimensional arrays can be converted": (
        "float(x) takes no array with axes since NumPy 2.4: write x.item()"
    ),
    "'float' object cannot be interpreted as an integer|only integers, slices"
    "|slice indices must be integers|indices must be integers or slices, not float": (
        "a / b is a float in Python 3: where it counts or indexes, write a // b"
    ),
    "object has no attribute 'next'": "it.next() is Python 2: write next(it)",
    r"'(?:map|zip|filter|dict_\w+)' object (?:is not subscriptable|has no attribute 'sort')"
    "|object of type '(?:map|zip|filter)' has no len": (
        "Python 3 gives an iterator here: write list(...) around it"
    ),
    r"No module named '(?!assignment\b|numpy\b)": (
        "only NumPy and what comes with Python is there; a file of yours: "
        "from assignment.NAME import ..."
    ),
    "codec can't decode|encoding declaration|unknown encoding|Non-UTF-8 code|null byte": (
        "the file is not saved as text: save it as UTF-8"
    ),
    "SystemExit": "exit() ends Python, and the tests with it: take it out",
    r"input\(\) has nobody to ask|reading from stdin while|EOF when reading a line"
    "|raw_input was called, but": ("tests cannot type: take input() out"),
    "BdbQuit": "tests have no debugger: take breakpoint() or set_trace() out",
    "multiple exception types must be paren": "Python 3 names an error with as: except E as e:",
    "inconsistent use of tabs": "Python 3 allows no mixture: indent with spaces alone",
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
        Of the exception, "AttributeError".
    text : str
        What the exception says.
    """
    said = f"{type_name}: {text}"[:MAX_TEXT]
    for pattern, said_of_it, instead in NAMES:
        found = re.search(pattern, said)
        if found and found[1] in instead:
            return f"{said_of_it.format(found[1])}: write {instead[found[1]]}"
    found = LIBRARY.search(said)
    if found and found[1] in LIBRARIES:
        return f"the tests have no {found[1]}: {LIBRARIES[found[1]]}"
    return next((s for pattern, s in SENTENCES.items() if re.search(pattern, said)), None)
