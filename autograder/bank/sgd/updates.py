"""Variants of sgd and sgd_momentum."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import sgd as ref


@mistake(
    "sgd",
    where="the sign of the step in sgd",
    what="The step goes along the gradient: the loss grows.",
    how="Subtract learning_rate * dw.",
)
def uphill(w, dw, config):
    return ref.sgd(w, -dw, config)


@mistake(
    "sgd",
    where="what sgd does to its argument w",
    what="w is changed in place.",
    how="Return a new array: w - learning_rate * dw, not w -= learning_rate * dw.",
)
def updated_in_place(w, dw, config):
    w -= float(config.get("learning_rate", 1e-2)) * dw
    return w, config


@mistake(
    "sgd",
    where="which learning rate sgd uses",
    what="It is always 0.01: the one in config is ignored.",
    how='Use config.get("learning_rate", 1e-2).',
)
def learning_rate_ignored(w, dw, config):
    return ref.sgd(w, dw, {})[0], config


@mistake(
    "sgd",
    where="which learning rate sgd uses",
    what="The default is not 0.01.",
    how='Use config.get("learning_rate", 1e-2).',
)
def another_default(w, dw, config):
    return ref.sgd(w, dw, {"learning_rate": 1e-3, **config})[0], config


@mistake(
    "sgd",
    where="what sgd returns",
    what="It is the step alone: w is not in it.",
    how="Return w - learning_rate * dw.",
)
def only_the_step_returned(w, dw, config):
    return -float(config.get("learning_rate", 1e-2)) * dw, config


@mistake(
    "sgd",
    where="what dtype sgd returns",
    what="A learning rate that is a np.float64 turns float32 weights into float64.",
    how="Make it a Python float: float(learning_rate).",
)
def float32_becomes_float64(w, dw, config):
    rate = config.get("learning_rate", 1e-2)
    next_w = w - rate * dw
    # NumPy 2 does so without astype
    return next_w.astype(np.float64) if isinstance(rate, np.float64) else next_w, config


@mistake(
    "sgd_momentum",
    where="the signs in sgd_momentum",
    what="The velocity follows the gradient uphill.",
    how="Use velocity = momentum * velocity - learning_rate * dw and w + velocity.",
)
def momentum_uphill(w, dw, config):
    return ref.sgd_momentum(w, -dw, config)


@mistake(
    "sgd_momentum",
    where="the weight of the gradient in the velocity of sgd_momentum",
    what="It is multiplied by 1 - momentum.",
    how="Use velocity = momentum * velocity - learning_rate * dw.",
)
def momentum_dampened(w, dw, config):
    return ref.sgd_momentum(w, (1 - float(config.get("momentum", 0.9))) * dw, config)


@mistake(
    "sgd_momentum",
    where="which velocity sgd_momentum keeps",
    what="The new velocity is not handed on: each step starts from rest.",
    how='Return a config with the new velocity under "velocity".',
)
def velocity_not_kept(w, dw, config):
    return ref.sgd_momentum(w, dw, config)[0], config


@mistake(
    "sgd_momentum",
    where="which velocity sgd_momentum moves w by",
    what="It is the one from before this gradient: the new one takes effect a step late.",
    how="Compute the new velocity first, and add that to w.",
)
def velocity_a_step_late(w, dw, config):
    _, after = ref.sgd_momentum(w, dw, config)
    return w + config.get("velocity", np.zeros_like(w)), after


@mistake(
    "sgd_momentum",
    where="what sgd_momentum adds to w",
    what="It is Nesterov's step: the momentum is applied once more on top of the new velocity.",
    how="Add the new velocity itself: w + velocity.",
)
def nesterov_momentum(w, dw, config):
    _, after = ref.sgd_momentum(w, dw, config)
    again, _ = ref.sgd_momentum(w, dw, after)
    return again, after


@mistake(
    "sgd_momentum",
    where="where the learning rate stands in sgd_momentum",
    what="The velocity is the sum of the gradients, and the learning rate multiplies all of it.",
    how="Put the rate into the velocity: momentum * velocity - learning_rate * dw.",
)
def rate_outside_the_velocity(w, dw, config):
    learning_rate = float(config.get("learning_rate", 1e-2))
    momentum = float(config.get("momentum", 0.9))
    velocity = momentum * config.get("velocity", np.zeros_like(w)) - dw
    return w + learning_rate * velocity, {**config, "velocity": velocity}


@mistake(
    "sgd_momentum",
    where="which momentum sgd_momentum uses if config says 0",
    what="A momentum of 0 is taken for a missing one, and becomes 0.9.",
    how='Use config.get("momentum", 0.9); `or` replaces a 0, too.',
)
def zero_momentum_taken_for_missing(w, dw, config):
    momentum = config.get("momentum") or 0.9
    next_w, after = ref.sgd_momentum(w, dw, {**config, "momentum": momentum})
    return next_w, {**config, "velocity": after["velocity"]}


@mistake(
    "sgd_momentum",
    where="what dtype the velocity of sgd_momentum has",
    what="It starts as float64, and turns float32 weights into float64.",
    how="Start it with np.zeros_like(w).",
)
def velocity_in_float64(w, dw, config):
    start = {"velocity": np.zeros(w.shape), **config}
    return ref.sgd_momentum(w, dw, start)


@mistake(
    "sgd_momentum",
    where="what sgd_momentum does to its argument w",
    what="w is changed in place.",
    how="Return a new array: w + velocity, not w += velocity.",
)
def momentum_in_place(w, dw, config):
    next_w, after = ref.sgd_momentum(w, dw, config)
    w[...] = next_w
    return w, after


@right("sgd", "the default set in config, as in CS231n; a copy changed in place")
def updated_in_a_copy(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    next_w = w.copy()
    next_w -= w.dtype.type(config["learning_rate"]) * dw
    return next_w, config


@right("sgd", "one number after the other, a new config")
def updated_by_loops(w, dw, config):
    config = {"learning_rate": 1e-2, **config}
    rate = config["learning_rate"]
    numbers = [v - rate * g for v, g in zip(w.ravel().tolist(), dw.ravel().tolist())]
    return np.array(numbers, w.dtype).reshape(w.shape), config


@right("sgd_momentum", "config changed in place, as in CS231n")
def config_in_place(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = float(config["momentum"]) * v - float(config["learning_rate"]) * dw
    config["velocity"] = v
    return w + v, config


@right("sgd_momentum", "the velocity itself changed in place, the other sign inside")
def velocity_in_place(w, dw, config):
    learning_rate, momentum = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    velocity = config["velocity"] if "velocity" in config else np.zeros_like(w)
    velocity *= momentum
    velocity -= (learning_rate * dw).astype(w.dtype)
    return np.add(w, velocity), dict(config, velocity=velocity)
