"""Variants of minibatch_sgd."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import sgd as ref


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
)
def without_momentum(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return ref.minibatch_sgd(model, x, y, rng, num_steps, batch_size, learning_rate)


@mistake(
    "minibatch_sgd",
    where="what minibatch_sgd does with learning_rate",
    what="It is not handed on: every step has a learning rate of 0.01.",
    how="Put learning_rate into the config of each parameter.",
)
def without_learning_rate(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    return ref.minibatch_sgd(model, x, y, rng, num_steps, batch_size, momentum=momentum)


@mistake(
    "minibatch_sgd",
    where="which velocity each parameter has in minibatch_sgd",
    what="All parameters share one config, and with it one velocity.",
    how="Keep a config for each name in model.params.",
)
def velocity_shared_between_parameters(
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
)
def losses_as_a_list(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    options = {"learning_rate": learning_rate, "momentum": momentum}
    return ref.minibatch_sgd(model, x, y, rng, num_steps, batch_size, **options).tolist()


class _Momentum:
    """An optimiser as an object with its own state."""

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
