"""Submissions that patch Python, NumPy, pytest or the course's own code."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, Case

__all__ = ["CASES"]

CASES = {
    "patched_builtins": Case(
        "patched builtins do not affect the verdict",
        files={
            "affine.py": """
import builtins

import numpy as np

builtins.abs = lambda value: 0 * value
builtins.all = lambda values: True
builtins.any = lambda values: False
builtins.repr = lambda value: "passed"


def affine_forward(x, w, b):
    assert repr(x) == "passed" and abs(-1) == 0 and all([0]) and not any([1])
    return np.zeros((len(x), len(b)), x.dtype), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return np.zeros_like(x), np.zeros_like(w), np.zeros_like(dout[0])
""",
        },
        outcomes={
            "affine.forward": "failed",
            "affine.backward": "failed",
            "network.loss": "failed",
        },
        points={"hyperparameters.search": FULL["hyperparameters.search"] - 1.75},
        evidence={
            "affine.forward": r"got       \[.*\] = 0\n",
            "affine.backward": r"got       \[.*\] = 0\n",
            "network.loss": "wrong values of",
        },
    ),
    "patched_checks": Case(
        "patched pytest and course checks do not affect the verdict",
        files={
            "affine.py": """
import contextlib

import numpy as np

import assignment.contracts
import assignment.support.testing.compare


def agree(*args, **kwargs):
    return True


for name in ("assert_matches", "_assert_one_matches", "_assert_values_match", "rel_error"):
    getattr(assignment.support.testing.compare, name)  # or this would patch what is not there
    setattr(assignment.support.testing.compare, name, agree)
assignment.support.testing.compare.CheckFailed = type("CheckFailed", (Warning,), {})
assignment.contracts.shapes = lambda **specs: lambda function: function
with contextlib.suppress(ImportError):
    import pytest

    pytest.fail = pytest.raises = pytest.approx = agree


def affine_forward(x, w, b):
    assert assignment.support.testing.compare.rel_error is agree
    assert assignment.contracts.shapes()(agree) is agree
    return np.zeros((len(x), len(b)), x.dtype), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return np.zeros_like(x), np.zeros_like(w), np.zeros_like(dout[0])
""",
        },
        outcomes={
            "affine.forward": "failed",
            "affine.backward": "failed",
            "network.loss": "failed",
        },
        evidence={
            "affine.forward": r"got       \[.*\] = 0\n",
            "affine.backward": r"got       \[.*\] = 0\n",
            "network.loss": "wrong values of",
        },
    ),
    "patched_len": Case(
        "replacing len and isinstance costs only the points of this file",
        files={
            "affine.py": """
import builtins

builtins.isinstance = lambda value, kind: True
builtins.len = lambda value: 0


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
""",
        },
        outcomes={
            "affine.forward": "crashed",
            "affine.backward": "crashed",
            "network.loss": "crashed",
        },
        evidence={
            "affine.forward": "cannot be imported: the process ended",
            "affine.backward": "cannot be imported: the process ended",
            "network.loss": "cannot be imported: the process ended",
        },
    ),
    "patched_numpy": Case(
        "patched NumPy comparisons do not affect the verdict",
        files={
            "affine.py": """
import numpy as np
import numpy.testing


def agree(*args, **kwargs):
    return True


for name in ("allclose", "array_equal", "array_equiv", "isclose"):
    setattr(np, name, agree)
for name in [name for name in dir(numpy.testing) if name.startswith("assert_")]:
    setattr(numpy.testing, name, agree)
np.testing = numpy.testing


def affine_forward(x, w, b):
    assert np.allclose(0, 1) and np.isclose(0, 1) and np.testing.assert_equal(0, 1)
    return np.zeros((len(x), len(b)), x.dtype), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return np.zeros_like(x), np.zeros_like(w), np.zeros_like(dout[0])
""",
        },
        outcomes={
            "affine.forward": "failed",
            "affine.backward": "failed",
            "network.loss": "failed",
        },
        evidence={
            "affine.forward": r"got       \[.*\] = 0\n",
            "affine.backward": r"got       \[.*\] = 0\n",
            "network.loss": "wrong values of",
        },
    ),
    "patched_toys": Case(
        "patching a model's class earns nothing: the loop must train the model",
        files={
            "sgd.py": """
import numpy as np

from assignment.support.testing import toys


def loss(self, x, y=None):
    scores = np.zeros((len(x), 3))
    return scores if y is None else (0.0, {name: 0 * value for name, value in self.params.items()})


for model in (toys.Bowl, toys.LookupTable, toys.RollCall):
    model.loss = loss
    model.__init__ = lambda self, *args, **kwargs: None
toys.score_learning_rate = toys.score_unless_diverged = toys.score_alike = lambda configuration: 0.0


def sample_minibatch(x, y, batch_size, rng):
    chosen = rng.permutation(len(x))[:batch_size]
    return x[chosen], y[chosen]


def sgd(w, dw, config):
    return w - float(config.get("learning_rate", 1e-2)) * dw, config


def sgd_momentum(w, dw, config):
    velocity = float(config.get("momentum", 0.9)) * config.get("velocity", 0 * w)
    velocity = velocity - float(config.get("learning_rate", 1e-2)) * dw
    return w + velocity, {**config, "velocity": velocity}


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    assert toys.RollCall.loss is loss and toys.score_alike({}) == 0.0
    model.params = {name: np.full_like(value, np.mean(x)) for name, value in model.params.items()}
    return np.zeros(num_steps)
""",
        },
        outcomes={"sgd.loop": "failed", "babysitting.overfit": "failed"},
        points={
            # given a right minibatch_sgd
            "babysitting.learning_rate": FULL["babysitting.learning_rate"],
            "hyperparameters.search": 0.75,
        },
        evidence={
            "sgd.loop": r"got       \[0\] = 0\n|same numbers|got       (0|\[0, 0)",
            "babysitting.overfit": r"got       (\[0\] = 0\n|0\.2)",
        },
    ),
}
