"""Tiny models and score functions with known behaviour, for tests of training and search.

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
    """A model whose parameters all move to the batch mean m: loss ``0.5 * sum((p - m) ** 2)``.

    If all examples are equal, a step of plain SGD multiplies each p - m by 1 - learning_rate.

    Parameters
    ----------
    starts : initial parameters by name, numbers or nested lists of numbers

    Attributes
    ----------
    params : dict of float64 arrays
    bn_params : list of one dict
        A running mean of the batches, like that of batch norm.
    """

    def __init__(self, **starts: Any) -> None:
        self.params = {name: np.array(start, dtype=np.float64) for name, start in starts.items()}
        self.bn_params = [{"running_mean": 0.0}]

    def loss(
        self, x: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> tuple[float, dict[str, npt.NDArray[Any]]]:
        """Return the loss and its gradients; the labels are not used."""
        mean = float(np.mean(x))
        running = self.bn_params[0]
        running["running_mean"] = 0.9 * running["running_mean"] + 0.1 * mean
        grads = {name: p - mean for name, p in self.params.items()}
        return sum(0.5 * float(np.sum(g * g)) for g in grads.values()), grads


class RollCall:
    """A model whose loss tells the examples of a batch: example i with x = y = i adds 2 ** i.

    An example with a wrong label makes the loss negative.
    """

    def __init__(self) -> None:
        self.params = {"w": np.zeros(1)}

    def loss(
        self, x: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> tuple[float, dict[str, npt.NDArray[Any]]]:
        """Return the sum of 2 ** i over the examples, and a gradient of 0."""
        alongside = all(int(i) == int(label) for i, label in zip(x.flat, y, strict=True))
        total = sum(2.0 ** int(i) for i in x.flat)
        return total if alongside else -total, {"w": np.zeros(1)}


class LookupTable:
    """A classifier whose scores for example x are row x of a table, initially 0.

    The loss is half the squared distance between the scores and the one-hot label, averaged over
    the batch.
    """

    def __init__(self, num_rows: int, num_classes: int) -> None:
        self.params = {"table": np.zeros((num_rows, num_classes))}

    def loss(self, x: npt.NDArray[Any], y: npt.NDArray[Any] | None = None) -> Any:
        """Return the scores if y is None, else the loss and its gradients."""
        table, rows = self.params["table"], np.ravel(x).astype(int)
        if y is None:
            return table[rows]
        error = table[rows] - (np.arange(table.shape[1]) == y[:, None])
        gradient = np.zeros_like(table)
        np.add.at(gradient, rows, error / len(rows))  # a batch may hold a row twice
        return 0.5 * float(np.sum(error * error)) / len(rows), {"table": gradient}


def score_learning_rate(configuration: dict[str, float]) -> float:
    """Return 0 for a learning rate of 1e-3, and 1 less for each decade away from it."""
    return -abs(math.log10(configuration["learning_rate"]) + 3)


def score_unless_diverged(configuration: dict[str, float]) -> float:
    """Return score_learning_rate, but nan for learning rates of 1e-3 and more."""
    too_large = configuration["learning_rate"] >= 1e-3
    return math.nan if too_large else score_learning_rate(configuration)


def score_alike(configuration: dict[str, float]) -> float:
    """Return the same score for all configurations."""
    return 0.5


def map_doubled(function: Callable[[Any], float], items: Iterable[Any]) -> list[float]:
    """Map from the last item to the first and double each result: tests see who did the work."""
    return [2 * function(item) for item in reversed(list(items))][::-1]
