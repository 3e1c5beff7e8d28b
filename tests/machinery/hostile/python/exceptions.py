"""Exceptions that imitate those of the grader, or have an unusual type."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, WORKER, Case

__all__ = ["CASES"]

CASES = {
    "exception_group": Case(
        "exceptions that take more than a text count like others",
        files={
            "hyperparameters.py": """
def make_grid(values):
    raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])


def draw_uniform(low, high, rng, size=None):
    raise StopIteration("nothing more")


def draw_log_uniform(low, high, rng, size=None):
    return draw_uniform(low, high, rng)


def random_search(evaluate, space, num_trials, rng, map=map):
    raise BaseExceptionGroup("several", [SystemExit(0), KeyboardInterrupt()])
""",
        },
        outcomes={
            "hyperparameters.grid": "crashed",
            "hyperparameters.draws": "crashed",
            "hyperparameters.search": "crashed",
        },
        evidence={
            # Python 3.10 has no such groups.
            "hyperparameters.grid": "ExceptionGroup: several|NameError: name 'Exc",
            "hyperparameters.draws": "StopIteration: nothing more",
            "hyperparameters.search": "BaseExceptionGroup: several|NameError: name 'Base",
        },
    ),
    "exceptions_without_types": Case(
        "an exception without a type counts as the submission's own",
        files={
            "affine.py": WORKER
            + """

DESCRIBE = worker.describe


def forge(described):
    def describe(error):
        worker.describe = DESCRIBE
        return described

    worker.describe = describe


def affine_forward(x, w, b):
    forge({"types": []})
    raise ValueError


def affine_backward(dout, cache):
    forge({"types": {}, "text": [], "where": 3})
    raise ValueError
""",
        },
        outcomes={"affine.forward": "crashed", "affine.backward": "crashed"},
        points={
            "network.loss": FULL["network.loss"],  # given right affine functions
        },
        evidence={"affine.forward": ": an exception$", "affine.backward": ": an exception$"},
    ),
    "forged_exceptions": Case(
        "exceptions named like the grader's own earn nothing",
        files={
            "hyperparameters.py": """
from assignment.support.testing.compare import CheckFailed
from assignment.support.testing.loading import CannotUse


class StudentError(Exception):
    pass


class Skipped(BaseException):
    # Named like the one by which pytest skips a test.
    allow_module_level = True
    msg = "not needed here"


def make_grid(values):
    raise CheckFailed("stopped: no answer within 10 s", expected="full marks")


def draw_uniform(low, high, rng, size=None):
    raise Skipped("this is the grader's own fault")


def draw_log_uniform(low, high, rng, size=None):
    raise StudentError("this is the grader's own fault")


def random_search(evaluate, space, num_trials, rng, map=map):
    raise CannotUse("assignment/hyperparameters.py is missing", True)
""",
        },
        outcomes={
            "hyperparameters.grid": "crashed",
            "hyperparameters.draws": "crashed",
            "hyperparameters.search": "not written",
        },
        evidence={
            "hyperparameters.grid": "stopped: no answer within 10 s",
            "hyperparameters.draws": "(Skipped|StudentError): this is the grader's own fault",
            "hyperparameters.search": "hyperparameters.py is missing",
        },
    ),
}
