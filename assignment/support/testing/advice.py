"""What to write instead, told from the text of an exception: old names, and what tests lack.

Only the text is looked at, and none of it is returned: it may come from anywhere.
"""

from __future__ import annotations

import re

__all__ = ["find_advice"]

MAX_TEXT = 600  # of what may be as long as a stranger likes


def _left_numpy(before: str, version: str, **instead: str) -> dict[str, str]:
    said = f"left NumPy in {version}: write"
    return {name: f"{before}.{name} {said} {new}" for name, new in instead.items()}


def _was_python_2(**instead: str) -> dict[str, str]:
    return {name: f"{name} is Python 2: write {new}" for name, new in instead.items()}


NUMPY = {
    **_left_numpy("np", "1.23", asscalar="x.item()"),
    **_left_numpy("np", "1.24", int="int", float="float", bool="bool", object="object", str="str"),
    **_left_numpy("np", "1.24", complex="complex", long="int", unicode="str"),
    **_left_numpy("np", "2.0", float_="np.float64", complex_="np.complex128"),
    **_left_numpy("np", "2.0", string_="np.bytes_", unicode_="np.str_", mat="np.array"),
    **_left_numpy("np", "2.0", Inf="np.inf", Infinity="np.inf", infty="np.inf", PINF="np.inf"),
    **_left_numpy("np", "2.0", NINF="-np.inf", NaN="np.nan"),
    **_left_numpy("np", "2.0", product="np.prod", cumproduct="np.cumprod", round_="np.round"),
    **_left_numpy("np", "2.0", alltrue="np.all", sometrue="np.any", msort="np.sort(x, axis=0)"),
    **_left_numpy("np", "2.0", asfarray="np.asarray(x, float)", cast="np.asarray(x, dtype)"),
    **_left_numpy("np", "2.4", in1d="np.isin", trapz="np.trapezoid"),
    **_left_numpy("np", "2.5", row_stack="np.vstack"),
}
ARRAY = {
    **_left_numpy("x", "2.0", ptp="np.ptp(x)", itemset="x[i] = value"),
    **_left_numpy("x", "2.0", newbyteorder="x.view(x.dtype.newbyteorder())"),
    **_left_numpy("x", "2.3", tostring="x.tobytes()"),
}
OF_GENERATOR = {  # what np.random.NAME is called there
    "rand": "random",
    "randn": "standard_normal",
    "randint": "integers",
    "random_sample": "random",
}
GENERATOR = {
    name: f"a Generator has another name for {name}: write rng.{new}"
    for name, new in OF_GENERATOR.items()
}
BUILTINS = {
    **_was_python_2(xrange="range", reduce="from functools import reduce", raw_input="input"),
    **_was_python_2(unicode="str", basestring="str", unichr="chr", long="int"),
    **_was_python_2(cmp="(a > b) - (a < b)", izip="zip", imap="map", ifilter="filter"),
}
DICT = {
    **_was_python_2(iteritems="d.items()", iterkeys="d.keys()", itervalues="d.values()"),
    **_was_python_2(has_key="key in d"),
}
NAMES = (
    (r"module 'numpy' has no attribute '(\w+)'|`np\.(\w+)` was removed in", NUMPY),
    (r"'numpy\.ndarray' object has no attribute '(\w+)'|`(\w+)` was removed from the nda", ARRAY),
    (r"Generator' object has no attribute '(\w+)'", GENERATOR),
    (r"name '(\w+)' is not defined|module 'itertools' has no attribute '(\w+)'", BUILTINS),
    (r"'dict' object has no attribute '(\w+)'", DICT),
)

UNREADABLE = "(?:Python cannot read |SyntaxError: ).*"  # with the line in question at its end
SENTENCES = {
    "argument 'newshape'|'newshape' is an invalid": (
        "newshape= left NumPy in 2.4: write np.reshape(x, shape), without a name"
    ),
    "Unable to avoid copy while creating an array": (
        "copy=False forbids copies since NumPy 2.0: write np.asarray(x)"
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
    r"input\(\) has nobody to ask|reading from stdin while|EOF when reading a line": (
        "tests cannot type: take input() out"
    ),
    "Missing parentheses in call to 'print'": "print is a function in Python 3: write print(x)",
    "multiple exception types must be paren": "Python 3 names an error with as: except E as e:",
    "inconsistent use of tabs": "Python 3 allows no mixture: indent with spaces alone",
    UNREADABLE + "leading zeros in decimal": "0777 is Python 2: write 0o777",
    UNREADABLE + r"invalid decimal literal.*\b\d+[lL]\b": "10L is Python 2: write 10",
    UNREADABLE + "<>": "a <> b is Python 2: write a != b",
    UNREADABLE + "`[^`]+`": "`x` is Python 2: write repr(x)",
    UNREADABLE + r"\braise \w+, ": "raise E, text is Python 2: write raise E(text)",
}


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
    for pattern, sentences in NAMES:
        found = re.search(pattern, said)
        if found and found[found.lastindex or 0] in sentences:
            return sentences[found[found.lastindex or 0]]
    return next((s for pattern, s in SENTENCES.items() if re.search(pattern, said)), None)
