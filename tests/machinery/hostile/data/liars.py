"""Objects that pretend to be something else."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case, below

__all__ = ["CASES"]

CASES = {
    "array_subclass_lies": Case(
        "an array whose class fakes shape, dtype and comparisons earns nothing",
        files=below(
            "hyperparameters.py",
            """
class Right(np.ndarray):
    # An array that says of every comparison that it holds.
    __array_priority__ = 1e9
    dtype = property(lambda self: np.dtype(np.float64))
    shape = property(lambda self: (4000,))

    def __eq__(self, other):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(()) if ufunc in (np.subtract, np.absolute) else np.True_

    def __array_function__(self, func, types, args, kwargs):
        return True


def draw_uniform(low, high, rng, size=None):
    return np.full(7, low, np.float32).view(Right) if size else float(rng.uniform(low, high))


def draw_log_uniform(low, high, rng, size=None):
    value = draw_uniform(np.log(low), np.log(high), rng, size)
    return value if size else np.exp(value)
""",
        ),
        outcomes={"hyperparameters.draws": "failed"},
        evidence={"hyperparameters.draws": "got       Right|values is a Right"},
    ),
    "builtin_subclasses_lie": Case(
        "subclasses of float, str and tuple with overridden methods earn nothing",
        files={
            "babysitting.py": """
import copy

import numpy as np

from assignment.sgd import minibatch_sgd


class Number(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = float.__hash__


class Word(str):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = str.__hash__


class Pair(tuple):
    def __iter__(self):
        return iter((1.0, np.zeros(60)))

    def __len__(self):
        return 2


def expected_initial_loss(num_classes, reg=0.0, weights=()):
    return Number(0)


def overfit_small_set(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    return Pair()


def find_learning_rate(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    final = []
    for rate in learning_rates:
        trial, trial_rng = copy.deepcopy(model), copy.deepcopy(rng)
        with np.errstate(all="ignore"):
            losses = minibatch_sgd(trial, x, y, trial_rng, num_steps, batch_size, float(rate))
        final.append(np.mean(losses[-max(1, num_steps // 10) :]))
    return np.nan_to_num(np.array(final), nan=np.inf, posinf=np.inf)


def read_loss_curve(losses):
    return Word("whatever you expect")
""",
        },
        outcomes={
            "babysitting.initial_loss": "failed",
            "babysitting.overfit": "failed",
            "babysitting.loss_curve": "failed",
        },
        evidence={
            "babysitting.initial_loss": "loss is a Number",
            "babysitting.overfit": r"of losses|got       1\n",
            "babysitting.loss_curve": "a Word is no plain",
        },
    ),
    "class_property_lies": Case(
        "a fake __class__ earns nothing",
        files={
            "hyperparameters.py": """
import numpy as np


def pretend(kind):
    # Return an object that isinstance takes for a kind.
    class Pretender:
        __class__ = property(lambda self: kind)

        def __reduce__(self):
            return kind, ()

    return Pretender()


def make_grid(values):
    return pretend(list)


def draw_uniform(low, high, rng, size=None):
    return pretend(np.ndarray if size else float)


def draw_log_uniform(low, high, rng, size=None):
    return pretend(np.ndarray if size else float)


def random_search(evaluate, space, num_trials, rng, map=map):
    return [(pretend(float), pretend(dict))] * num_trials
""",
        },
        outcomes={
            "hyperparameters.grid": "failed",
            "hyperparameters.draws": "failed",
            "hyperparameters.search": "failed",
        },
        evidence={
            "hyperparameters.grid": "Pretender",
            "hyperparameters.draws": "Pretender",
            "hyperparameters.search": "Pretender|DID NOT RAISE",
        },
    ),
    "equal_to_everything": Case(
        "an object whose __eq__ is always true equals nothing across the wall",
        files={
            "hyperparameters.py": """
class Equal:
    # Equals everything, is larger and smaller than everything.
    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__

    def __hash__(self):
        return 0


def make_grid(values):
    return Equal()


def draw_uniform(low, high, rng, size=None):
    return Equal()


def draw_log_uniform(low, high, rng, size=None):
    return [Equal()] * 4000


def random_search(evaluate, space, num_trials, rng, map=map):
    return [(Equal(), {name: Equal() for name in space})] * num_trials
""",
        },
        outcomes={
            "hyperparameters.grid": "failed",
            "hyperparameters.draws": "failed",
            "hyperparameters.search": "failed",
        },
        evidence={
            "hyperparameters.grid": "Equal",
            "hyperparameters.draws": "Equal",
            "hyperparameters.search": "Equal|DID NOT RAISE",
        },
    ),
}
