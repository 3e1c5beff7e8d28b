"""Answers that are too large."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, Case, below

__all__ = ["CASES"]

CASES = {
    "empty_giants": Case(
        "an empty array of 67 million rows is refused",
        files={
            "sgd.py": """
import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    return x[:batch_size], np.empty((2**26, 0))


def sgd(w, dw, config):
    return w, config


def sgd_momentum(w, dw, config):
    return w, config


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return np.zeros((2**26, 0))
""",
        },
        outcomes={
            "sgd.update": "failed",
            "sgd.sample": "crashed",
            "sgd.loop": "crashed",
            "babysitting.overfit": "crashed",
        },
        points={
            # given a right minibatch_sgd
            "babysitting.learning_rate": FULL["babysitting.learning_rate"],
        },
        evidence={
            "sgd.update": "wrong values of (w|next_w)",
            "sgd.sample": "stopped: malformed shape",
            "sgd.loop": "stopped: malformed shape",
            "babysitting.overfit": "stopped: malformed shape",
        },
    ),
    "huge_integers": Case(
        "integers too large for a float are a wrong answer, and not the grader's fault",
        files={
            "affine.py": """
def affine_forward(x, w, b):
    return [10**308, 10**308], (x, w)


def affine_backward(dout, cache):
    return {"a": 10**308, "b": 10**400}
""",
        },
        outcomes={"affine.forward": "failed", "affine.backward": "failed"},
        points={
            "network.loss": FULL["network.loss"],  # given right affine functions
        },
        evidence={
            "affine.forward": "out is a list|out is not what it should be",
            "affine.backward": "returned a dict",
        },
    ),
    "long_labels": Case(
        "an answer thousands of times longer than the right one is refused",
        files={
            "sgd.py": """
import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    return x[:batch_size], np.full(60_000_000, y[0], np.uint8)


def sgd(w, dw, config):
    return w, config


def sgd_momentum(w, dw, config):
    return w, config


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return np.zeros(60_000_000, np.uint8)
""",
        },
        outcomes={
            "sgd.update": "failed",
            "sgd.sample": "limit",
            "sgd.loop": "limit",
            "babysitting.overfit": "limit",
        },
        points={
            # given a right minibatch_sgd
            "babysitting.learning_rate": FULL["babysitting.learning_rate"],
        },
        evidence={
            "sgd.update": "wrong values of (w|next_w)",
            "sgd.sample": "stopped: an answer of more than 4 MB",
            "sgd.loop": "stopped: an answer of more than 4 MB",
            "babysitting.overfit": "stopped: an answer of more than 4 MB",
        },
    ),
    "long_text": Case(
        "a text of 32 MB is refused before it is compared",
        files={
            "babysitting.py": r"""
def read_loss_curve(losses):
    return 4_000_000 * "healthx\n"
""",
        },
        outcomes={
            "babysitting.initial_loss": "not written",
            "babysitting.overfit": "not written",
            "babysitting.learning_rate": "not written",
            "babysitting.loss_curve": "limit",
        },
        evidence={"babysitting.loss_curve": "stopped: an answer of more than 4 MB"},
    ),
    "million_digits": Case(
        "integers of 10,000 and more digits are refused, those of 400 are wrong",
        files={
            "hyperparameters.py": """
import sys


def make_grid(values):
    sys.set_int_max_str_digits(0)
    return [10**10_000]


def draw_uniform(low, high, rng, size=None):
    sys.set_int_max_str_digits(4300)
    return 10**1_000_000


def draw_log_uniform(low, high, rng, size=None):
    return draw_uniform(low, high, rng)


def random_search(evaluate, space, num_trials, rng, map=map):
    return [(10**399, dict.fromkeys(space, -(10**398)))] * num_trials
""",
        },
        outcomes={
            "hyperparameters.grid": "crashed",
            "hyperparameters.draws": "crashed",
            "hyperparameters.search": "failed",
        },
        evidence={
            "hyperparameters.grid": r"header is not JSON \(ValueError\)",
            "hyperparameters.draws": r"the limit \(4300 digits\)",
            "hyperparameters.search": "0000000000|too large|DID NOT RAISE",
        },
    ),
    "blank_texts": Case(
        "a long text of blanks is refused before a regular expression searches it",
        files=below(
            "preprocessing.py",
            """
class Components:
    shape = 900_000 * " "

    def __init__(self, array):
        self.T = array.T


honest = fit_pca


def fit_pca(x_train):
    mean, components, variances = honest(x_train)
    return mean, Components(components), variances
""",
        ),
        points={
            "preprocessing.pca": 0.5,  # apply_pca
            "preprocessing.whiten": 2.0,  # given a right fit_pca
        },
        evidence={
            "preprocessing.pca": "stopped: a text of more than 4,000 characters|Components",
            "preprocessing.whiten": "components is a Components",
        },
    ),
    "ten_million_items": Case(
        "a list of ten million numbers is refused",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values):
    return 10_000_000 * [1_234_567]
""",
        ),
        outcomes={"hyperparameters.grid": "limit"},
        # which limit it reaches first depends on the speed of the machine
        evidence={
            "hyperparameters.grid": "stopped: (no answer within|an answer of more than 4 MB)"
        },
    ),
}
