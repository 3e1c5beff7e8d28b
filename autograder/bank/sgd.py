"""Variants of mini-batch SGD."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import sgd as ref


@mistake(
    "sample_minibatch",
    where="how sample_minibatch draws",
    what="An example can come twice in a batch.",
    how="Draw without replacement: rng.choice(N, batch_size, replace=False).",
    label="minibatch with replacement",
)
def drawn_with_replacement(x, y, batch_size, rng):
    chosen = rng.integers(len(x), size=batch_size)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="which labels sample_minibatch returns",
    what="Examples and labels are drawn independently of each other.",
    how="Draw the indices once, and use them for x and y.",
    label="minibatch: labels drawn by themselves",
)
def labels_drawn_by_themselves(x, y, batch_size, rng):
    x_batch, _ = ref.sample_minibatch(x, y, batch_size, rng)
    _, y_batch = ref.sample_minibatch(x, y, batch_size, rng)
    return x_batch, y_batch


@mistake(
    "sample_minibatch",
    where="which labels sample_minibatch returns",
    what="The labels are the first ones of y, whichever examples were drawn.",
    how="Use the same indices for x and y.",
    label="minibatch: labels not shuffled alongside",
)
def labels_not_shuffled(x, y, batch_size, rng):
    x_batch, _ = ref.sample_minibatch(x, y, batch_size, rng)
    return x_batch, y[:batch_size]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch returns",
    what="It is always the first batch_size examples.",
    how="Draw batch_size indices with rng.",
    label="minibatch: always the first examples",
)
def first_examples(x, y, batch_size, rng):
    return x[:batch_size], y[:batch_size]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch can draw",
    what="Only the first batch_size examples are shuffled: the others never have their turn.",
    how="Shuffle all N indices, and take the first batch_size of them.",
    label="minibatch: only the first examples shuffled",
)
def first_examples_shuffled(x, y, batch_size, rng):
    chosen = rng.permutation(batch_size)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch draws together",
    what="A batch is a run of neighbours: only where it starts is drawn.",
    how="Draw each of the batch_size indices.",
    label="minibatch: neighbours only",
)
def run_of_neighbours(x, y, batch_size, rng):
    start = rng.integers(len(x) - batch_size + 1)
    return x[start : start + batch_size], y[start : start + batch_size]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch can draw",
    what="The last example is never drawn.",
    how="Draw from range(N): the upper end is left out already.",
    label="minibatch: last example never drawn",
)
def last_example_never_drawn(x, y, batch_size, rng):
    chosen = rng.choice(len(x) - 1, size=batch_size, replace=False)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="how many examples sample_minibatch returns",
    what="Each example is drawn for itself, so that batches differ in size.",
    how="Draw exactly batch_size indices without replacement.",
    label="minibatch of random size",
)
def size_left_to_chance(x, y, batch_size, rng):
    chosen = rng.random(len(x)) < batch_size / len(x)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="where the random numbers of sample_minibatch come from",
    what="They come from np.random's global state, and not from rng.",
    how="Draw with rng.choice.",
    label="minibatch by np.random",
)
def drawn_by_global_state(x, y, batch_size, rng):
    chosen = np.random.choice(len(x), batch_size, replace=False)  # noqa: NPY002
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="where the random numbers of sample_minibatch come from",
    what="A new generator with a fixed seed is made in each call: it is always the same batch.",
    how="Draw with rng, the argument.",
    label="minibatch: always the same batch",
)
def always_the_same_batch(x, y, batch_size, rng):
    return ref.sample_minibatch(x, y, batch_size, np.random.default_rng(0))


@mistake(
    "sample_minibatch",
    where="what sample_minibatch does to x and y",
    what="The data is shuffled in place.",
    how="Shuffle indices instead, and leave x and y as they are.",
    label="minibatch shuffles the data in place",
)
def data_shuffled_in_place(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    x[:], y[:] = x[order], y[order]
    return x[:batch_size], y[:batch_size]


@mistake(
    "sgd",
    where="the sign of the step in sgd",
    what="The step goes along the gradient: the loss grows.",
    how="Subtract learning_rate * dw.",
    label="sgd uphill",
)
def uphill(w, dw, config):
    return ref.sgd(w, -dw, config)


@mistake(
    "sgd",
    where="what sgd does to its argument w",
    what="w is changed in place.",
    how="Return a new array: w - learning_rate * dw, not w -= learning_rate * dw.",
    label="sgd in place",
)
def updated_in_place(w, dw, config):
    w -= float(config.get("learning_rate", 1e-2)) * dw
    return w, config


@mistake(
    "sgd",
    where="which learning rate sgd uses",
    what="It is always 0.01: the one in config is ignored.",
    how='Use config.get("learning_rate", 1e-2).',
    label="sgd ignores its learning rate",
)
def learning_rate_ignored(w, dw, config):
    return ref.sgd(w, dw, {})[0], config


@mistake(
    "sgd",
    where="which learning rate sgd uses",
    what="The default is not 0.01.",
    how='Use config.get("learning_rate", 1e-2).',
    label="sgd with another default",
)
def another_default(w, dw, config):
    return ref.sgd(w, dw, {"learning_rate": 1e-3, **config})[0], config


@mistake(
    "sgd",
    where="what sgd returns",
    what="It is the step alone: w is not in it.",
    how="Return w - learning_rate * dw.",
    label="sgd returns the step",
)
def step_alone(w, dw, config):
    return -float(config.get("learning_rate", 1e-2)) * dw, config


@mistake(
    "sgd",
    where="what dtype sgd returns",
    what="A learning rate that is a np.float64 turns float32 weights into float64.",
    how="Make it a Python float: float(learning_rate).",
    label="sgd: float32 becomes float64",
)
def promoted_by_the_rate(w, dw, config):
    rate = config.get("learning_rate", 1e-2)
    next_w = w - rate * dw
    # from NumPy 2 on this is so by itself
    return next_w.astype(np.float64) if isinstance(rate, np.float64) else next_w, config


@mistake(
    "sgd_momentum",
    where="the signs in sgd_momentum",
    what="The velocity follows the gradient uphill.",
    how="Use velocity = momentum * velocity - learning_rate * dw and w + velocity.",
    label="momentum uphill",
)
def momentum_uphill(w, dw, config):
    return ref.sgd_momentum(w, -dw, config)


@mistake(
    "sgd_momentum",
    where="the weight of the gradient in the velocity of sgd_momentum",
    what="It is multiplied by 1 - momentum.",
    how="Use velocity = momentum * velocity - learning_rate * dw.",
    label="momentum with dampening",
)
def momentum_dampened(w, dw, config):
    return ref.sgd_momentum(w, (1 - float(config.get("momentum", 0.9))) * dw, config)


@mistake(
    "sgd_momentum",
    where="which velocity sgd_momentum keeps",
    what="The new velocity is not handed on: each step starts from rest.",
    how='Return a config with the new velocity under "velocity".',
    label="momentum: velocity not kept",
)
def velocity_not_kept(w, dw, config):
    return ref.sgd_momentum(w, dw, config)[0], config


@mistake(
    "sgd_momentum",
    where="which velocity sgd_momentum moves w by",
    what="It is the one from before this gradient: the new one takes effect a step late.",
    how="Compute the new velocity first, and add that to w.",
    label="momentum: old velocity used",
)
def velocity_a_step_late(w, dw, config):
    _, after = ref.sgd_momentum(w, dw, config)
    return w + config.get("velocity", np.zeros_like(w)), after


@mistake(
    "sgd_momentum",
    where="what sgd_momentum adds to w",
    what="It is Nesterov's step: the momentum is applied once more on top of the new velocity.",
    how="Add the new velocity itself: w + velocity.",
    label="momentum as Nesterov's",
)
def momentum_of_nesterov(w, dw, config):
    _, after = ref.sgd_momentum(w, dw, config)
    again, _ = ref.sgd_momentum(w, dw, after)
    return again, after


@mistake(
    "sgd_momentum",
    where="where the learning rate stands in sgd_momentum",
    what="The velocity is the sum of the gradients, and the learning rate multiplies all of it.",
    how="Put the rate into the velocity: momentum * velocity - learning_rate * dw.",
    label="momentum: learning rate outside the velocity",
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
    label="momentum 0 taken for missing",
)
def momentum_0_taken_for_missing(w, dw, config):
    momentum = config.get("momentum") or 0.9
    next_w, after = ref.sgd_momentum(w, dw, {**config, "momentum": momentum})
    return next_w, {**config, "velocity": after["velocity"]}


@mistake(
    "sgd_momentum",
    where="what dtype the velocity of sgd_momentum has",
    what="It starts as float64, and turns float32 weights into float64.",
    how="Start it with np.zeros_like(w).",
    label="momentum: velocity in float64",
)
def velocity_in_float64(w, dw, config):
    start = {"velocity": np.zeros(w.shape), **config}
    return ref.sgd_momentum(w, dw, start)


@mistake(
    "sgd_momentum",
    where="what sgd_momentum does to its argument w",
    what="w is changed in place.",
    how="Return a new array: w + velocity, not w += velocity.",
    label="momentum in place",
)
def momentum_in_place(w, dw, config):
    next_w, after = ref.sgd_momentum(w, dw, config)
    w[...] = next_w
    return w, after


def _set_up(model: Any, learning_rate: Any, momentum: Any) -> Any:
    return {name: {"learning_rate": learning_rate, "momentum": momentum} for name in model.params}


def _take_step(model: Any, batch: Any, configs: Any) -> Any:
    loss, grads = model.loss(*batch)
    for name, dw in grads.items():
        update = ref.sgd_momentum(model.params[name], dw, configs[name])
        model.params[name], configs[name] = update
    return loss


@mistake(
    "minibatch_sgd",
    where="what minibatch_sgd does with momentum",
    what="The momentum has no effect: each step is one of plain SGD.",
    how="Update with sgd_momentum, and hand the config that it returns to the next step.",
    label="loop without momentum",
)
def loop_without_momentum(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return ref.minibatch_sgd(model, x, y, rng, num_steps, batch_size, learning_rate)


@mistake(
    "minibatch_sgd",
    where="what minibatch_sgd does with learning_rate",
    what="It is not handed on: every step has a learning rate of 0.01.",
    how="Put learning_rate into the config of each parameter.",
    label="loop ignores the learning rate",
)
def loop_without_learning_rate(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return ref.minibatch_sgd(model, x, y, rng, num_steps, batch_size, momentum=momentum)


@mistake(
    "minibatch_sgd",
    where="which velocity each parameter has in minibatch_sgd",
    what="All parameters share one config, and with it one velocity.",
    how="Keep a config for each name in model.params.",
    label="loop: velocity shared between parameters",
)
def velocity_shared(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    update = ref.sgd_momentum if momentum else ref.sgd
    losses, config = np.empty(num_steps), {"learning_rate": learning_rate, "momentum": momentum}
    for step in range(num_steps):
        losses[step], grads = model.loss(*ref.sample_minibatch(x, y, batch_size, rng))
        for name, dw in grads.items():
            model.params[name], config = update(model.params[name], dw, config)
    return losses


@mistake(
    "minibatch_sgd",
    where="when minibatch_sgd records the loss",
    what="It is recorded after the update.",
    how="Record the loss that comes with the gradients of the step.",
    label="loop: loss after the update",
)
def loss_after_the_update(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    losses, configs = np.empty(num_steps), _set_up(model, learning_rate, momentum)
    for step in range(num_steps):
        batch = ref.sample_minibatch(x, y, batch_size, rng)
        _take_step(model, batch, configs)
        losses[step], _ = model.loss(*batch)
    return losses


@mistake(
    "minibatch_sgd",
    where="how many steps minibatch_sgd takes",
    what="The last one is missing.",
    how="Take num_steps steps: range(num_steps) ends before num_steps by itself.",
    label="loop: last step missing",
)
def last_step_missing(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    options = {"learning_rate": learning_rate, "momentum": momentum}
    return ref.minibatch_sgd(model, x, y, rng, num_steps - 1, batch_size, **options)


@mistake(
    "minibatch_sgd",
    where="when minibatch_sgd draws a batch",
    what="One batch is drawn before the loop, and used in every step.",
    how="Call sample_minibatch inside the loop.",
    label="loop: one batch for all steps",
)
def one_batch_for_all_steps(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    batch = ref.sample_minibatch(x, y, batch_size, rng)
    configs = _set_up(model, learning_rate, momentum)
    return np.array([_take_step(model, batch, configs) for _ in range(num_steps)])


@mistake(
    "minibatch_sgd",
    where="which examples minibatch_sgd uses in a step",
    what="Each step uses all examples.",
    how="Use the batch that sample_minibatch returns.",
    label="loop: all examples in every step",
)
def all_examples_in_every_step(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    options = {"learning_rate": learning_rate, "momentum": momentum}
    return ref.minibatch_sgd(model, x, y, rng, num_steps, len(x), **options)


@mistake(
    "minibatch_sgd",
    where="how minibatch_sgd chooses its batches",
    what="It goes through the data in the order in which it lies, without shuffling.",
    how="Draw each batch with sample_minibatch.",
    label="loop: data never shuffled",
)
def never_shuffled(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    losses, configs = np.empty(num_steps), _set_up(model, learning_rate, momentum)
    for step in range(num_steps):
        chosen = np.arange(step * batch_size, (step + 1) * batch_size) % len(x)
        losses[step] = _take_step(model, (x[chosen], y[chosen]), configs)
    return losses


@mistake(
    "minibatch_sgd",
    where="which labels minibatch_sgd trains with",
    what="They belong to other examples than those that they stand beside.",
    how="Use x_batch and y_batch of one call of sample_minibatch.",
    label="loop: labels of other examples",
)
def labels_of_other_examples(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    losses, configs = np.empty(num_steps), _set_up(model, learning_rate, momentum)
    for step in range(num_steps):
        x_batch, _ = ref.sample_minibatch(x, y, batch_size, rng)
        _, y_batch = ref.sample_minibatch(x, y, batch_size, rng)
        losses[step] = _take_step(model, (x_batch, y_batch), configs)
    return losses


@mistake(
    "minibatch_sgd",
    where="what minibatch_sgd does with the updated parameters",
    what="They are not put back into model.params: the model never learns.",
    how="Assign what the update returns to model.params[name].",
    label="loop: parameters not put back",
)
def parameters_not_put_back(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    batches = [ref.sample_minibatch(x, y, batch_size, rng) for _ in range(num_steps)]
    return np.array([model.loss(*batch)[0] for batch in batches])


@mistake(
    "minibatch_sgd",
    where="which parameters minibatch_sgd updates",
    what="Only the weights W are updated, and not the biases.",
    how="Go through all names in grads.",
    label="loop: only W updated",
)
def only_weights_updated(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    others = {name: p for name, p in model.params.items() if not name.startswith("W")}
    losses, configs = np.empty(num_steps), _set_up(model, learning_rate, momentum)
    for step in range(num_steps):
        losses[step] = _take_step(model, ref.sample_minibatch(x, y, batch_size, rng), configs)
        model.params.update(others)
    return losses


@mistake(
    "minibatch_sgd",
    where="what type minibatch_sgd returns",
    what="The losses are a list.",
    how="Return np.array(losses).",
    label="loop returns a list",
)
def losses_as_a_list(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    options = {"learning_rate": learning_rate, "momentum": momentum}
    return ref.minibatch_sgd(model, x, y, rng, num_steps, batch_size, **options).tolist()


@right("sample_minibatch", "the first part of a permutation")
def drawn_by_permutation(x, y, batch_size, rng):
    chosen = rng.permutation(len(x))[:batch_size]
    return np.take(x, chosen, axis=0), np.take(y, chosen)


@right("sample_minibatch", "the smallest of random keys, in the order of the data")
def drawn_by_keys(x, y, batch_size, rng):
    keys = rng.random(len(x))
    chosen = np.sort(np.argsort(keys)[:batch_size])
    return x[chosen], y[chosen]


@right("sample_minibatch", "pairs drawn one after the other")
def drawn_one_by_one(x, y, batch_size, rng):
    left, pairs = list(zip(x, y)), []
    for _ in range(batch_size):
        pairs.append(left.pop(int(rng.integers(len(left)))))
    x_batch, y_batch = zip(*pairs)
    return np.stack(x_batch), np.array(y_batch)


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


class _Momentum:
    """An optimiser as an object with a state of its own."""

    def __init__(self, model: Any, learning_rate: Any, momentum: Any) -> None:
        self.model, self.learning_rate, self.momentum = model, learning_rate, momentum
        self.velocity = {name: np.zeros_like(w) for name, w in model.params.items()}

    def step(self, grads: Any) -> None:
        for name in self.model.params:
            v = self.momentum * self.velocity[name] - self.learning_rate * grads[name]
            self.velocity[name] = v
            self.model.params[name] = self.model.params[name] + v


@right("minibatch_sgd", "an optimiser as an object, the losses collected in a list")
def loop_with_an_object(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    optimizer = _Momentum(model, learning_rate, momentum)
    losses: list[float] = []
    while len(losses) < num_steps:
        chosen = rng.permutation(len(x))[:batch_size]
        loss, grads = model.loss(x[chosen], y[chosen])
        losses.append(float(loss))
        optimizer.step(grads)
    return np.array(losses)


@right("minibatch_sgd", "params replaced as a whole, step by step from a generator")
def loop_by_a_generator(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    def walk() -> Any:
        configs = _set_up(model, learning_rate, momentum)
        for _ in range(num_steps):
            loss, grads = model.loss(*ref.sample_minibatch(x, y, batch_size, rng))
            pairs = {n: ref.sgd_momentum(w, grads[n], configs[n]) for n, w in model.params.items()}
            model.params = {name: w for name, (w, _) in pairs.items()}
            configs = {name: config for name, (_, config) in pairs.items()}
            yield loss

    return np.fromiter(walk(), np.float64, num_steps)
