"""Tiny models and scores whose behaviour is known in advance: tests train and search with them.

A model has ``params`` and ``loss(x, y) -> (loss, grads)``, like FullyConnectedNet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Bowl",
    "LookupTable",
    "RollCall",
    "map_doubled",
    "score_alike",
    "score_learning_rate",
    "score_unless_diverged",
]


class Bowl:
    """Every parameter rolls towards the mean m of the batch: loss ``0.5 * sum((p - m) ** 2)``.

    Where all examples are alike, a step of plain SGD multiplies each p - m by 1 - learning_rate.

    Parameters
    ----------
    starts : the parameters by name, numbers or nested lists of them

    Attributes
    ----------
    params : dict of float64 arrays
    bn_params : list of one dict
        A running mean of the batches, as batch norm keeps one.
    """

    def __init__(self, **starts: Any) -> None:
        self.params = {name: np.array(start, dtype=np.float64) for name, start in starts.items()}
        self.bn_params = [{"running_mean": 0.0}]

    def loss(
        self, x: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> tuple[float, dict[str, npt.NDArray[Any]]]:
        """Return the loss and its gradients; the labels do not matter."""
        mean = float(np.mean(x))
        running = self.bn_params[0]
        running["running_mean"] = 0.9 * running["running_mean"] + 0.1 * mean
        grads = {name: p - mean for name, p in self.params.items()}
        return sum(0.5 * float(np.sum(g * g)) for g in grads.values()), grads


class RollCall:
    """The loss tells who was in the batch: example i with x = y = i adds 2 ** i.

    An example with another label than its own makes the loss negative.
    """

    def __init__(self) -> None:
        self.params = {"w": np.zeros(1)}

    def loss(
        self, x: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> tuple[float, dict[str, npt.NDArray[Any]]]:
        """Return the sum of the examples' numbers and a gradient of 0."""
        alongside = all(int(i) == int(label) for i, label in zip(x.flat, y, strict=True))
        total = sum(2.0 ** int(i) for i in x.flat)
        return total if alongside else -total, {"w": np.zeros(1)}


class LookupTable:
    """A classifier that looks up the scores of example x: row x of its table, at first all 0.

    The loss is the mean over the batch of half the squared distance between the scores and 1 for
    the right class, 0 for the others.
    """

    def __init__(self, num_rows: int, num_classes: int) -> None:
        self.params = {"table": np.zeros((num_rows, num_classes))}

    def loss(self, x: npt.NDArray[Any], y: npt.NDArray[Any] | None = None) -> Any:
        """Return the scores where y is None, else the loss and its gradients."""
        table, rows = self.params["table"], np.ravel(x).astype(int)
        if y is None:
            return table[rows]
        error = table[rows] - (np.arange(table.shape[1]) == y[:, None])
        gradient = np.zeros_like(table)
        np.add.at(gradient, rows, error / len(rows))  # a row may come twice in a batch
        return 0.5 * float(np.sum(error * error)) / len(rows), {"table": gradient}


def score_learning_rate(configuration: dict[str, float]) -> float:
    """Return 0 for a learning rate of 1e-3, and 1 less for each decade away from it."""
    return -abs(math.log10(configuration["learning_rate"]) + 3)


def score_unless_diverged(configuration: dict[str, float]) -> float:
    """Return the same, but nan from a learning rate of 1e-3 on."""
    too_large = configuration["learning_rate"] >= 1e-3
    return math.nan if too_large else score_learning_rate(configuration)


def score_alike(configuration: dict[str, float]) -> float:
    """Return the same score for all configurations."""
    return 0.5


def map_doubled(function: Callable[[Any], float], items: Iterable[Any]) -> list[float]:
    """Return every result twice as large, and begin with the last item: it shows who did it."""
    return [2 * function(item) for item in reversed(list(items))][::-1]
