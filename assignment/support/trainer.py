"""Train a model epoch by epoch and keep the weights with the best validation accuracy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.sgd import sample_minibatch, sgd, sgd_momentum
from assignment.support.data import Dataset
from assignment.support.progress import track

__all__ = ["History", "Trainer", "accuracy"]

NUM_JUDGED = 1000  # training examples on which the training accuracy is measured


@dataclass(frozen=True, eq=False)
class History:
    """The course of a training run.

    Attributes
    ----------
    losses : float64 array, shape (number of steps,)
        The loss of each batch before its update.
    train_accuracy, val_accuracy : float64 arrays, shape (number of epochs + 1,)
        Shares from 0 to 1; the first one was measured before the training.
    best_val_accuracy : float
    best_epoch : int
        The epoch whose weights the model has now; 0 means the initial weights.
    diverged : bool
        Whether the loss became nan or infinite, which stops the run.
    message : str
        The result in one line; also ``str(history)``.
    """

    losses: npt.NDArray[np.float64]
    train_accuracy: npt.NDArray[np.float64]
    val_accuracy: npt.NDArray[np.float64]
    best_val_accuracy: float
    best_epoch: int
    diverged: bool
    message: str

    def __str__(self) -> str:
        return self.message


def accuracy(model: Any, x: npt.NDArray[Any], y: npt.NDArray[Any], batch_size: int = 1000) -> float:
    """Return the share of examples whose highest score is that of the right class.

    Parameters
    ----------
    model : object with ``loss(x) -> scores``
    x : float array, shape (N, d_1, ..., d_k)
    y : integer array, shape (N,)
    batch_size : int
        Examples per call of the model, to limit memory.

    Returns
    -------
    share : float from 0 to 1
    """
    right = 0
    for start in range(0, len(x), batch_size):
        scores = model.loss(x[start : start + batch_size])
        known = ~np.isnan(scores).any(axis=1)  # argmax would call a row of nan class 0
        right += int(np.sum(known & (scores.argmax(axis=1) == y[start : start + batch_size])))
    return right / len(x)


def _copy_state(model: Any) -> dict[str, Any]:
    """Copy weights and running statistics, which batch norm needs together."""
    return {name: copy.deepcopy(getattr(model, name)) for name in ("params", "bn_params")}


class Trainer:
    """Mini-batch SGD on the training split, judged on the validation split after each epoch.

    Parameters
    ----------
    model : FullyConnectedNet, or a similar object
        With ``params``, ``bn_params``, ``loss(x, y) -> (loss, grads)`` and ``loss(x) -> scores``.
    dataset : Dataset
        The trainer does no preprocessing, and does not use the test split.
    num_epochs : int
        An epoch has N // batch_size steps.
    batch_size : int, 1 to N
    learning_rate : float
    momentum : float
        0 means plain SGD.
    learning_rate_decay : float
        The learning rate is multiplied by this after each epoch.
    seed : int
        Determines which examples are drawn.
    progress : bool
        Whether to show progress; use False if a run is meant to diverge (see ``track``).

    Raises
    ------
    ValueError
        A split is empty, or holds nan, infinity, or a label that is not a class.
    """

    def __init__(
        self,
        model: Any,
        dataset: Dataset,
        *,
        num_epochs: int = 10,
        batch_size: int = 100,
        learning_rate: float = 1e-2,
        momentum: float = 0.9,
        learning_rate_decay: float = 1.0,
        seed: int = 0,
        progress: bool = True,
    ) -> None:
        for split in ("train", "val"):
            _check_split(dataset, split)
        self.model = model
        self.dataset = dataset
        self.num_epochs = num_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.learning_rate_decay = learning_rate_decay
        self.seed = seed
        self.progress = progress

    def train(self) -> History:
        """Train from the model's current weights; in the end the model has the best ones.

        Returns
        -------
        History
        """
        data, rng = self.dataset, np.random.default_rng(self.seed)
        judged = rng.permutation(len(data.x_train))[:NUM_JUDGED]
        steps_per_epoch = max(1, len(data.x_train) // self.batch_size)
        configs = {
            name: {"learning_rate": self.learning_rate, "momentum": self.momentum}
            for name in self.model.params
        }
        losses: list[float] = []
        accuracies = [self._judge(judged)]
        best = _copy_state(self.model)
        with np.errstate(all="ignore"):  # a run may diverge; the loss says so
            for step in self._count(self.num_epochs * steps_per_epoch):
                losses.append(self._take_step(configs, rng))
                if not np.isfinite(losses[-1]):
                    break
                if (step + 1) % steps_per_epoch == 0:
                    accuracies.append(self._judge(judged))
                    if accuracies[-1][1] > max(val for _, val in accuracies[:-1]):
                        best = _copy_state(self.model)
                    for config in configs.values():
                        config["learning_rate"] *= self.learning_rate_decay
        for name, value in best.items():
            setattr(self.model, name, value)
        return self._summarise(losses, accuracies)

    def _count(self, num_steps: int) -> Iterable[int]:
        steps = range(num_steps)
        return track(steps, "training") if self.progress else steps

    def _take_step(self, configs: dict[str, Any], rng: np.random.Generator) -> float:
        """Return the loss of one batch; update the weights unless it is nan or infinite."""
        x, y = sample_minibatch(self.dataset.x_train, self.dataset.y_train, self.batch_size, rng)
        loss, grads = self.model.loss(x, y)
        if np.isfinite(loss):
            update: Callable[..., Any] = sgd_momentum if self.momentum else sgd
            params = self.model.params
            for name, dw in grads.items():
                params[name], configs[name] = update(params[name], dw, configs[name])
            self.model.params = params
        return float(loss)

    def _judge(self, judged: npt.NDArray[np.int64]) -> tuple[float, float]:
        """Return the accuracy on some training examples and on the validation split."""
        data = self.dataset
        return (
            accuracy(self.model, data.x_train[judged], data.y_train[judged]),
            accuracy(self.model, data.x_val, data.y_val),
        )

    def _summarise(self, losses: list[float], accuracies: list[tuple[float, float]]) -> History:
        train_accuracy, val_accuracy = np.array(accuracies).T
        best_epoch = int(np.argmax(val_accuracy))
        best = float(val_accuracy[best_epoch])
        diverged = bool(losses) and not np.isfinite(losses[-1])
        message = f"best validation accuracy {best:.3f} after epoch {best_epoch}"
        if diverged:
            message = (
                f"diverged: the loss is {losses[-1]} at step {len(losses)}, "
                f"try a learning rate below {self.learning_rate:g}; {message}"
            )
            print(message)
        return History(
            np.array(losses), train_accuracy, val_accuracy, best, best_epoch, diverged, message
        )


def _check_split(dataset: Dataset, split: str) -> None:
    x, y = getattr(dataset, f"x_{split}"), getattr(dataset, f"y_{split}")
    if not len(x):
        raise ValueError(f"Trainer: x_{split} has no examples")
    if len(x) != len(y):
        raise ValueError(f"Trainer: y_{split} has {len(y)} labels for {len(x)} examples")
    if not np.isfinite(x).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise ValueError(
            f"Trainer: x_{split} holds {x[where]} at index {where}, expected finite numbers"
        )
    if y.dtype.kind not in "iu":
        raise ValueError(f"Trainer: y_{split} has dtype {y.dtype}, expected integer labels")
    wrong = y[(y < 0) | (y >= len(dataset.classes))]
    if len(wrong):
        last = len(dataset.classes) - 1
        raise ValueError(f"Trainer: y_{split} holds the label {wrong[0]}, expected 0 to {last}")
