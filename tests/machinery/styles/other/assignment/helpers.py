"""My own little tools, imported by nearly all other files."""

import sys
import warnings

import numpy as np

print("helpers are loaded")  # left over from debugging


def say(*words):
    """Write a remark to stderr, where it may stay."""
    sys.stderr.write("[remark] " + " ".join(str(word) for word in words) + "\n")


def grumble(text):
    """Warn; nothing more happens."""
    warnings.warn(text, UserWarning, stacklevel=3)


def demand_array(where, name, value, ndim=None):
    """Raise the errors that @shapes would raise for one argument."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{where}: {name} is a {type(value).__name__}, expected a NumPy array")
    if value.dtype.kind not in "fiu":
        raise TypeError(f"{where}: {name} has dtype {value.dtype}, expected real numbers")
    if value.size == 0:
        raise ValueError(f"{where}: {name} is empty: shape {value.shape}")
    if ndim is not None and value.ndim != ndim:
        raise ValueError(f"{where}: {name} has shape {value.shape}, expected {ndim} axes")


def demand_equal(where, what, got, expected):
    """Raise ValueError unless two lengths agree."""
    if got != expected:
        raise ValueError(f"{where}: {what} is {got}, expected {expected}")


class Luggage:
    """A cache: it can hold any fields that are named when it is packed."""

    __slots__ = ("_content",)

    def __init__(self, **content):
        self._content = tuple(content.items())

    def __getattr__(self, name):
        for key, value in object.__getattribute__(self, "_content"):
            if key == name:
                return value
        raise AttributeError(name)
