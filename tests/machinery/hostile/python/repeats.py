"""Answers that are right only once, and random numbers from another generator."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, Case, below

__all__ = ["CASES"]

CASES = {
    "cached_by_shape": Case(
        "an answer cached from an earlier call is wrong for other inputs",
        files={
            "affine.py": """
known = {}


def affine_forward(x, w, b):
    if x.shape not in known:
        known[x.shape] = x.reshape(len(x), -1) @ w + b, (x, w)
    return known[x.shape]


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
""",
        },
        points={
            "affine.forward": FULL["affine.forward"] - 0.75,
            "affine.backward": 1,  # of a shape that came only once
            "network.loss": FULL["network.loss"],  # given a right affine layer
        },
        evidence={"affine.backward": "wrong values of dx"},
    ),
    "wrong_the_second_time": Case(
        "an answer that is right only the first time costs the test that asks twice",
        files={
            "losses.py": """
import numpy as np

known = set()


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    log_p -= x.tobytes() in known
    known.add(x.tobytes())
    return -float(log_p[rows, y].mean()), dx / len(x)
""",
        },
        points={
            "loss.softmax": FULL["loss.softmax"] - 0.25,
            "network.loss": FULL["network.loss"],  # given a right softmax_loss
        },
        evidence={"loss.softmax": "called a second time"},
    ),
    "rng_ignored": Case(
        "a function that creates its own generator fails",
        files=below(
            "hyperparameters.py",
            """
def draw_uniform(low, high, rng, size=None):
    return np.random.default_rng().uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(np.random.default_rng().uniform(np.log(low), np.log(high), size))
""",
        ),
        points={
            "hyperparameters.draws": FULL["hyperparameters.draws"] - 0.5,
            "hyperparameters.search": FULL["hyperparameters.search"],  # given right draws
        },
        evidence={"hyperparameters.draws": "equal generators give different numbers"},
    ),
    "rng_reseeded": Case(
        "a function that resets the generator fails",
        files=below(
            "hyperparameters.py",
            """
def draw_uniform(low, high, rng, size=None):
    rng.bit_generator.state = np.random.PCG64(0).state
    return rng.uniform(low, high, size)


def draw_log_uniform(low, high, rng, size=None):
    return np.exp(draw_uniform(np.log(low), np.log(high), rng, size))
""",
        ),
        points={
            "hyperparameters.draws": FULL["hyperparameters.draws"] - 1,
            "hyperparameters.search": FULL["hyperparameters.search"],  # given right draws
        },
        evidence={"hyperparameters.draws": "generators give the same numbers|assert 20 == "},
    ),
    "global_random": Case(
        "use of the global generator is detected, even after 600 calls",
        files={
            "sgd.py": """
import numpy as np


def sample_minibatch(x, y, batch_size, rng):
    np.random.seed(int(rng.integers(2**32)))
    chosen = np.random.permutation(len(x))[:batch_size]
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
    losses, velocity = np.empty(num_steps), {}
    for step in range(num_steps):
        losses[step], grads = model.loss(*sample_minibatch(x, y, batch_size, rng))
        for name, dw in grads.items():
            velocity[name] = momentum * velocity.get(name, 0 * dw) - learning_rate * dw
            model.params[name] = model.params[name] + velocity[name]
    return losses
""",
        },
        points={
            "sgd.sample": FULL["sgd.sample"] - 0.25,
            "sgd.loop": FULL["sgd.loop"],  # given a right sample_minibatch
            # given a right minibatch_sgd
            "babysitting.learning_rate": FULL["babysitting.learning_rate"],
        },
        evidence={
            "sgd.sample": "the global generator np.random is used",
            "sgd.loop": "the global generator np.random is used",
            "babysitting.learning_rate": "the global generator np.random is used",
        },
    ),
}
