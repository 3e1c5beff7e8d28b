"""Babysitting: see early whether a training run is healthy."""

import copy

import numpy as np

from assignment.contracts import shapes
from assignment.sgd import minibatch_sgd

__all__ = ["expected_initial_loss", "find_learning_rate", "overfit_small_set", "read_loss_curve"]


def expected_initial_loss(num_classes, reg=0.0, weights=()):
    """Return the loss of a network that knows nothing yet (part babysitting.initial_loss).

    Parameters
    ----------
    num_classes : int
    reg : float
        L2 strength; look at the loss with reg = 0 first.
    weights : sequence of float arrays
        The weight matrices, needed only where reg is not 0.

    Returns
    -------
    loss : float, in nats
        Every class has the same probability, and the loss has the L2 penalty of FullyConnectedNet.
        Derive it from that; notebook 07 has the result in step 3.
    """
    ### BEGIN SOLUTION
    return float(np.log(num_classes) + 0.5 * reg * sum(np.sum(w * w) for w in weights))
    ### END SOLUTION


@shapes(x="N ... finite", y="N")
def overfit_small_set(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    """Train on a handful of examples until they are known by heart (part babysitting.overfit).

    Plain SGD, no momentum. A network that cannot do that has a fault, whatever the data.

    Parameters
    ----------
    model : FullyConnectedNet or alike; it is trained
    x : float array, shape (N, d_1, ..., d_k)
    y : integer array, shape (N,)
    rng : np.random.Generator
    num_examples : int
        The first so many examples (or all, where there are fewer) are used in every step.
    num_steps : int
    learning_rate : float

    Returns
    -------
    accuracy : float
        Share of the small set that the trained model gets right, 0 to 1.
    losses : float64 array, shape (num_steps,)
    """
    ### BEGIN SOLUTION
    x, y = x[:num_examples], y[:num_examples]
    losses = minibatch_sgd(
        model, x, y, rng, num_steps, batch_size=len(x), learning_rate=learning_rate
    )
    accuracy = np.mean(model.loss(x).argmax(axis=1) == y)
    return float(accuracy), losses
    ### END SOLUTION


@shapes(x="N ... finite", y="N", learning_rates="R finite")
def find_learning_rate(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    """Try learning rates with a short run of plain SGD each (part babysitting.learning_rate).

    Parameters
    ----------
    model : FullyConnectedNet or alike; it is left as it was
    x : float array, shape (N, d_1, ..., d_k)
    y : integer array, shape (N,)
    rng : np.random.Generator
    learning_rates : float array, shape (R,)
    num_steps, batch_size : int

    Returns
    -------
    final_losses : float64 array, shape (R,)
        For each rate the mean loss of the last tenth of its run (at least one step), ``inf``
        where that is nan or infinite. Every run starts from the same parameters and sees the same
        batches, so that only the rate differs.
    """
    ### BEGIN SOLUTION
    final_losses = np.empty(len(learning_rates))
    for i, learning_rate in enumerate(learning_rates):
        trial, trial_rng = copy.deepcopy(model), copy.deepcopy(rng)
        with np.errstate(all="ignore"):  # a rate that is too large may overflow: that is the point
            losses = minibatch_sgd(
                trial, x, y, trial_rng, num_steps, batch_size, float(learning_rate)
            )
        final_losses[i] = np.mean(losses[-max(1, num_steps // 10) :])
    return np.where(np.isfinite(final_losses), final_losses, np.inf)
    ### END SOLUTION


@shapes(losses="T")
def read_loss_curve(losses):
    """Say in one word how a training run goes (part babysitting.loss_curve).

    Cut the run into ten equal parts. ``start`` is the first loss, ``middle`` the mean of the
    fifth part, ``end`` the mean of the last one. The first line that holds is the answer:

    - "diverged": a loss is nan or infinite, or end > 1.5 * start
    - "too slow": start - end < 0.1 * start
    - "plateau": end > 0.25 * start, and middle - end < 0.05 * (start - end)
    - "healthy": everything else

    Parameters
    ----------
    losses : float array, shape (T,), T at least 10

    Returns
    -------
    verdict : str
    """
    if len(losses) < 10:
        raise ValueError(f"read_loss_curve: losses has {len(losses)} values, expected 10 or more")
    ### BEGIN SOLUTION
    parts = [part.mean() for part in np.array_split(losses, 10)]
    start, middle, end = losses[0], parts[4], parts[-1]
    if not np.isfinite(losses).all() or end > 1.5 * start:
        return "diverged"
    if start - end < 0.1 * start:
        return "too slow"
    if end > 0.25 * start and middle - end < 0.05 * (start - end):
        return "plateau"
    return "healthy"
    ### END SOLUTION
