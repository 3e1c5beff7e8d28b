"""Submissions that compute nothing, for a test that they earn nothing.

    python -m tests.machinery.grading.pointless

prints as JSON, for each of SUBMISSIONS, the points of each test that it passes. In each of them all
functions of the assignment are replaced. A test counts if it passes by itself, or with the
teacher's functions in all other parts, of which a second try uses some. It is a program of its own
because a session that hands out proxies must not have imported the real functions before.
"""

from __future__ import annotations

import contextlib
import copy
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Make = Callable[[str, Callable[..., Any]], Callable[..., Any]]


def fill_all(fill: Callable[[Any], Any], value: Any) -> Any:
    """Replace each number and array in a result, also in its dicts, lists and tuples."""
    if isinstance(value, dict):
        return {name: fill_all(fill, one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(fill_all(fill, one) for one in value)
    if isinstance(value, (np.ndarray, np.generic)):
        with np.errstate(all="ignore"):  # of nan as an integer
            return fill(np.asarray(value, float)).astype(value.dtype)[()]
    return float(fill(np.float64(value))) if isinstance(value, float) else None


def imitate(fill: Callable[[Any], Any]) -> Make:
    """Return what makes functions with the right types, shapes, dtypes and names, but no values."""

    def make(name: str, teachers: Any) -> Any:
        def function(*args: Any, **options: Any) -> Any:
            with contextlib.suppress(ValueError):  # of the teacher, at an unknown name
                return fill_all(fill, teachers(*copy.deepcopy(args), **options))

        return imitate_net(fill, teachers) if isinstance(teachers, type) else function

    return make


def imitate_net(fill: Callable[[Any], Any], teachers: Any) -> type:
    """Return a network with the teacher's names and shapes, but no values."""

    def start(self: Any, *args: Any, **options: Any) -> None:
        self.params = self.bn_params = {}
        teachers.__init__(self, *args, **options)
        self.params = fill_all(fill, self.params)

    def loss(self: Any, x: Any, y: Any = None) -> Any:
        return fill_all(fill, teachers.loss(self, x, y))

    return type("Net", (teachers,), {"__init__": start, "loss": loss})


def constant(value: Any) -> Make:
    """Return what makes functions that give one value, whatever they are asked."""

    class Net:
        def __init__(self, *args: Any, **options: Any) -> None:
            self.params = self.bn_params = value

        def loss(self, x: Any, y: Any = None) -> Any:
            return value

    return lambda name, teachers: Net if isinstance(teachers, type) else lambda *a, **o: value


def raising(kind: type[Exception]) -> Make:
    """Return what makes functions that raise an exception that names all their arguments."""

    def make(name: str, teachers: Any) -> Any:
        def function(*args: Any, **options: Any) -> Any:
            raise kind(f"{args} {options}")

        return function

    return make


class Chameleon:
    """An object that all protocols take for what they want."""

    __array_priority__ = 1e9
    shape, dtype, ndim, size = (), np.dtype(float), 0, 1

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return itself."""
        return self

    def __eq__(self, other: Any) -> bool:
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __add__ = __sub__ = __mul__ = __truediv__ = __matmul__ = __getitem__ = __call__
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rmatmul__ = __abs__ = __neg__ = __call__

    def __hash__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    __index__ = __len__ = __int__

    def __iter__(self) -> Any:
        return iter(())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.zeros(())

    def __array_ufunc__(self, *args: Any, **options: Any) -> Any:
        return np.zeros(())

    def __array_function__(self, *args: Any, **options: Any) -> Any:
        return np.zeros(())


def eye(value: Any) -> Any:
    """Return an identity matrix, or ones where the shape is not that of a matrix."""
    return np.eye(*np.shape(value)) if np.ndim(value) == 2 else np.ones_like(value)


FILLS: dict[str, Callable[[Any], Any]] = {
    "zeros": np.zeros_like,
    "ones": np.ones_like,
    "nan": lambda value: np.full_like(value, np.nan),
    "infinity": lambda value: np.full_like(value, np.inf),
    "identity_matrices": eye,
}
CONSTANTS: dict[str, Any] = {
    "none": None,
    "false": False,
    "zero": 0.0,
    "nan_alone": np.nan,
    "zero_dimensional": np.zeros(()),
    "diverged": "diverged",
    "too_slow": "too slow",
    "plateau": "plateau",
    "healthy": "healthy",
    "empty_dict": {},
    "empty_list": [],
    "empty_tuple": (),
    "object": object(),
    "chameleon": Chameleon(),
    "pair_of_chameleons": (Chameleon(), Chameleon()),
    "three_chameleons": (Chameleon(), Chameleon(), Chameleon()),
}
RAISED = (NotImplementedError, ValueError, AssertionError, TypeError, KeyError)


def repeat(name: str, teachers: Any) -> Any:
    """Return a function that hands its first arguments back, or the network's input."""
    if isinstance(teachers, type):

        class Net:
            def __init__(self, *args: Any, **options: Any) -> None:
                self.params, self.bn_params = options, [options]

            def loss(self, x: Any, y: Any = None) -> Any:
                return x if y is None else (x, self.params)

        return Net

    def function(*args: Any, **options: Any) -> Any:
        if name.endswith("_forward"):
            return args[0], args
        if name.endswith(("_backward", "_backward_alt")):
            cache = args[1] if isinstance(args[1], tuple) else ()
            return (args[0], *cache[1:3]) if len(cache) > 1 else args[0]
        right = teachers(*copy.deepcopy(args), **options)
        return args[: len(right)] if isinstance(right, tuple) else args[0]

    return function


SUBMISSIONS: dict[str, Make] = {
    **{name: imitate(fill) for name, fill in FILLS.items()},
    **{name: constant(value) for name, value in CONSTANTS.items()},
    **{f"raises_{kind.__name__}": raising(kind) for kind in RAISED},
    "arguments_returned": repeat,
}


def main() -> int:
    """Print what each submission earns."""
    from assignment.support.project.manifest import load_parts
    from autograder.bank.reference import FUNCTIONS
    from autograder.judging.functions import FunctionJudge
    from autograder.judging.in_process import InProcess
    from autograder.outcomes import Outcome
    from autograder.session.collecting import Collected, run_session
    from autograder.settings import Settings

    # Tests of these call functions of other parts: these are wrong at first, and then right.
    alone = [p for p in load_parts() if p.builds_on or "backward" in p.id]
    earned: dict[str, dict[str, float]] = {}

    def work(collected: Collected) -> None:
        judge = FunctionJudge(collected.tests, collected.asker, collected.runner, sends_ahead=False)
        for label, make in SUBMISSIONS.items():
            functions = {name: make(name, code) for name, code in FUNCTIONS.items()}
            tried = judge.try_tests(InProcess(functions))
            for part in alone:
                own = {name: functions[name] for name in part.functions}
                tried += judge.try_tests(InProcess(own), {part.id})
            passed = [one.verdict for one in tried if one.verdict.outcome is Outcome.PASSED]
            earned[label] = {f"{v.part}: {v.test}": v.possible for v in passed}

    with tempfile.TemporaryDirectory() as folder:
        run_session(Settings(int(sys.argv[1])), Path(folder), work)
    json.dump(earned, sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
