"""Lists, dicts and texts that cannot be sent in a message."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case, below

__all__ = ["CASES"]

CASES = {
    "object_keys": Case(
        "a dict with unusual keys is a wrong answer",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values):
    return [{object(): 1, (1, 2): 3, None: 4, 0.5: 6}]
""",
        ),
        outcomes={"hyperparameters.grid": "failed"},
        evidence={"hyperparameters.grid": "a list is no plain"},
    ),
    "strange_config": Case(
        "a config that contains itself, and has objects as keys, is a wrong answer",
        files={
            "sgd.py": """
import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    chosen = rng.permutation(len(x))[:batch_size]
    return x[chosen], y[chosen]


def sgd(w, dw, config):
    config[object()] = config
    return w - float(config.get("learning_rate", 1e-2)) * dw, config


def sgd_momentum(w, dw, config):
    velocity = float(config.get("momentum", 0.9)) * config.get("velocity", 0 * w)
    velocity = velocity - float(config.get("learning_rate", 1e-2)) * dw
    config["velocity"] = velocity
    config["history"] = {(0, 1): [config]}
    return w + velocity, dict(config)


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    losses, velocity = np.empty(num_steps), {}
    for step in range(num_steps):
        losses[step], grads = model.loss(*sample_minibatch(x, y, batch_size, rng))
        for name, dw in grads.items():
            velocity[name] = momentum * velocity.get(name, 0 * dw) - learning_rate * dw
            model.params[name] = model.params[name] + velocity[name]
    return losses
""",
        },
        outcomes={"sgd.update": "crashed"},
        evidence={"sgd.update": "WireError: a dict with a (object|tuple) as key"},
    ),
    "list_in_itself": Case(
        "a list that contains itself is a wrong answer",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values):
    grid = [dict(values)]
    grid[0]["grid"] = grid
    grid.append(grid)
    return grid
""",
        ),
        outcomes={"hyperparameters.grid": "failed"},
        evidence={"hyperparameters.grid": "a list is no plain"},
    ),
    "nested_deeply": Case(
        "a list nested 100,000 deep is a wrong answer",
        files=below(
            "hyperparameters.py",
            """
def make_grid(values):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested
""",
        ),
        outcomes={"hyperparameters.grid": "failed"},
        evidence={"hyperparameters.grid": "a list is no plain"},
    ),
    "exception_texts": Case(
        "an exception's name and text may hold formulas, escapes and lone surrogates",
        files={
            "affine.py": r"""
NASTY = '=HYPERLINK("http://x","y")\n@SUM(1)\r\x1b[2J\x1b]0;passed\x07\ud800\x00<script>\u202e'
Nasty = type(NASTY.replace("\ud800", "").replace("\x00", ""), (Exception,), {})


def affine_forward(x, w, b):
    raise Nasty(10 * NASTY)


def affine_backward(dout, cache):
    raise UnicodeEncodeError("utf-8", NASTY, 0, 1, NASTY)
""",
        },
        outcomes={
            "affine.forward": "crashed",
            "affine.backward": "crashed",
            "network.loss": "crashed",
        },
        evidence={
            "affine.forward": "=HYPERLINK.*@SUM",
            "affine.backward": "=HYPERLINK.*@SUM",
            "network.loss": "=HYPERLINK.*@SUM",
        },
    ),
}
