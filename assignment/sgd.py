"""Mini-batch SGD: sample a batch, forward, backward, update."""

import numpy as np

from assignment.contracts import shapes

__all__ = ["minibatch_sgd", "sample_minibatch", "sgd", "sgd_momentum"]


@shapes(x="N ...", y="N")
def sample_minibatch(x, y, batch_size, rng):
    """Draw different examples at random, labels alongside (part sgd.sample).

    Parameters
    ----------
    x : array, shape (N, d_1, ..., d_k)
    y : array, shape (N,)
    batch_size : int, 1 to N
    rng : np.random.Generator

    Returns
    -------
    x_batch : array, shape (batch_size, d_1, ..., d_k)
    y_batch : array, shape (batch_size,)
        ``y_batch[i]`` belongs to ``x_batch[i]``; no example is drawn twice.
    """
    if not 1 <= batch_size <= len(x):
        raise ValueError(f"sample_minibatch: batch_size is {batch_size}, use 1 to N = {len(x)}")
    ### BEGIN SOLUTION
    chosen = rng.choice(len(x), size=batch_size, replace=False)
    return x[chosen], y[chosen]
    ### END SOLUTION


def sgd(w, dw, config):
    """Take a step against the gradient (part sgd.update).

    Parameters
    ----------
    w, dw : float arrays of one shape
        A parameter and the gradient of the loss with respect to it.
    config : dict
        ``learning_rate``: the step is this times the gradient, default 1e-2. May be a np.float64.

    Returns
    -------
    next_w : float array in the shape and dtype of w; w itself is not changed
    config : dict for the next step
    """
    ### BEGIN SOLUTION
    learning_rate = float(config.get("learning_rate", 1e-2))
    return w + -learning_rate * dw, config  # w - ... would need a second array
    ### END SOLUTION


def sgd_momentum(w, dw, config):
    """Take a step with a velocity that remembers earlier gradients (part sgd.update).

    ``velocity = momentum * velocity - learning_rate * dw``, ``next_w = w + velocity``.

    Parameters
    ----------
    w, dw : float arrays of one shape
    config : dict
        ``learning_rate``: default 1e-2. ``momentum``: default 0.9. Either may be a np.float64.
        ``velocity``: like w, starts as zeros.

    Returns
    -------
    next_w : float array in the shape and dtype of w; w itself is not changed
    config : dict for the next step, with the new velocity
    """
    ### BEGIN SOLUTION
    learning_rate = float(config.get("learning_rate", 1e-2))
    momentum = float(config.get("momentum", 0.9))
    velocity = momentum * config.get("velocity", np.zeros_like(w)) - learning_rate * dw
    return w + velocity, {**config, "velocity": velocity}
    ### END SOLUTION


@shapes(x="N ... finite", y="N")
def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    """Run the four-step loop (part sgd.loop).

    Parameters
    ----------
    model : object with ``params`` (dict of arrays) and ``loss(x, y) -> (loss, grads)``
        Its params are replaced after each step.
    x : float array, shape (N, d_1, ..., d_k)
    y : integer array, shape (N,)
    rng : np.random.Generator
    num_steps, batch_size : int
    learning_rate, momentum : float
        Momentum 0 means plain SGD.

    Returns
    -------
    losses : float64 array, shape (num_steps,)
        The loss of each batch before its update.
    """
    ### BEGIN SOLUTION
    update = sgd_momentum if momentum else sgd
    configs = {
        name: {"learning_rate": learning_rate, "momentum": momentum} for name in model.params
    }
    losses = np.empty(num_steps)
    for step in range(num_steps):
        x_batch, y_batch = sample_minibatch(x, y, batch_size, rng)
        losses[step], grads = model.loss(x_batch, y_batch)
        for name, dw in grads.items():
            model.params[name], configs[name] = update(model.params[name], dw, configs[name])
    return losses
    ### END SOLUTION
