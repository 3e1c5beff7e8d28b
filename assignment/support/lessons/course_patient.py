"""The patient of the course: a deep network that does not train, repaired lesson by lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from assignment import activations, initialization, normalization, preprocessing
from assignment.affine import affine_backward, affine_forward
from assignment.losses import softmax_loss
from assignment.sgd import minibatch_sgd
from assignment.support.data import Dataset

__all__ = ["STAGES", "Course", "CoursePatient", "plot_courses"]

# What each lesson changes for good, in the order of the course.
STAGES: Mapping[str, Mapping[str, Any]] = {
    "as found": {},
    "activation": {"activation": "relu"},
    "preprocessing": {"standardized": True},
    "initialization": {"he": True},
    "batch norm": {"normalized": True},
}
NUM_HIDDEN, WIDTH, NUM_CLASSES = 6, 100, 10
FIRST_STD = 0.1  # of all weights, before the lesson about initialisation
NUM_STEPS, BATCH_SIZE = 300, 100
NUM_LAST = 20  # steps over which the last loss is averaged

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Course:
    """One training of the patient.

    Attributes
    ----------
    stage : str
    losses : float64 array, shape (NUM_STEPS,)
    first_gradient : float
        Root mean square of the gradient of the first layer's weights, before the first step.
    """

    stage: str
    losses: Array
    first_gradient: float

    @property
    def last_loss(self) -> float:
        """The mean loss of the last 20 steps."""
        return float(self.losses[-NUM_LAST:].mean())

    def __str__(self) -> str:
        return (
            f"{self.stage:<15} loss {self.last_loss:5.2f} after {len(self.losses)} steps, "
            f"gradient of the first layer {self.first_gradient:.0e}"
        )


@dataclass
class _Layer:
    """A function with parameters: forward keeps what backward needs."""

    names: Sequence[str]
    forward: Callable[..., tuple[Array, Any]]
    backward: Callable[[Array, Any], Any]
    cache: Any = None


class CoursePatient:
    """Six hidden layers of 100 units on flattened images, built from the student's functions.

    A function is called only at stages whose lesson has had it written.

    Parameters
    ----------
    images : Dataset
    stage : str, one of STAGES
        All lessons up to this one have been applied.
    seed : int
        Determines the first weights and the batches.
    """

    def __init__(self, images: Dataset, stage: str, seed: int = 0) -> None:
        self.images, self.stage, self.seed = images, stage, seed
        self.params: dict[str, Array] = {}
        self.layers: list[_Layer] = []
        stages = list(STAGES)
        applied = [STAGES[name] for name in stages[: stages.index(stage) + 1]]
        treated = {name: value for changes in applied for name, value in changes.items()}
        self.x: Array = images.x_train.reshape(len(images.x_train), -1)
        if "standardized" in treated:
            self.x = preprocessing.standardize(self.x, *preprocessing.fit_standardize(self.x))
        self._build(treated, np.random.default_rng(seed))

    def _build(self, treated: Mapping[str, Any], rng: np.random.Generator) -> None:
        name = treated.get("activation", "sigmoid")
        activate = [getattr(activations, f"{name}_{way}") for way in ("forward", "backward")]
        sizes = [self.x.shape[1], *[WIDTH] * NUM_HIDDEN, NUM_CLASSES]
        for number, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1):
            w = rng.standard_normal((fan_in, fan_out)) * FIRST_STD
            if "he" in treated:
                w = initialization.init_he(fan_in, fan_out, rng)
            self._add("W", "b", number, w, np.zeros(fan_out), affine_forward, affine_backward)
            if number > NUM_HIDDEN:
                break
            if "normalized" in treated:
                self._add(
                    *("gamma", "beta", number, np.ones(fan_out), np.zeros(fan_out)),
                    _normalize,
                    normalization.batchnorm_backward,
                )
            self.layers.append(_Layer([], *activate))

    def _add(self, first: str, second: str, number: int, *made: Any) -> None:
        one, other, forward, backward = made
        names = [f"{first}{number}", f"{second}{number}"]
        self.params |= {name: value.astype(np.float32) for name, value in zip(names, (one, other))}
        self.layers.append(_Layer(names, forward, backward))

    def loss(self, x: Array, y: Array) -> tuple[float, dict[str, Array]]:
        """Return the loss of a batch and the gradients of all parameters."""
        for layer in self.layers:
            x, layer.cache = layer.forward(x, *(self.params[name] for name in layer.names))
        loss, dout = softmax_loss(x, y)
        grads: dict[str, Array] = {}
        for layer in reversed(self.layers):
            found = layer.backward(dout, layer.cache)
            dout, *rest = found if layer.names else (found,)
            grads.update(zip(layer.names, rest))
        return loss, grads

    def train(self, learning_rate: float = 0.01, momentum: float = 0.0) -> Course:
        """Train for 300 batches of 100 images with the student's loop.

        The weights stay as trained: make a new patient for each training.
        """
        rng = np.random.default_rng(self.seed)
        _, grads = self.loss(self.x[:BATCH_SIZE], self.images.y_train[:BATCH_SIZE])
        first_gradient = float(np.sqrt(np.mean(grads["W1"].astype(np.float64) ** 2)))
        with np.errstate(all="ignore"):  # a rate may be too large; the loss says so
            losses = minibatch_sgd(
                *(self, self.x, self.images.y_train, rng),
                *(NUM_STEPS, BATCH_SIZE, learning_rate, momentum),
            )
        return Course(self.stage, losses, first_gradient)


def _normalize(x: Array, gamma: Array, beta: Array) -> tuple[Array, Any]:
    out: tuple[Array, Any] = normalization.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    return out


def plot_courses(ax: Axes, courses: Sequence[Course]) -> None:
    """Draw the losses of several trainings, each smoothed over 10 steps."""
    for course in courses:
        smooth = np.convolve(course.losses, np.full(10, 0.1), mode="valid")
        ax.plot(np.arange(len(smooth)) + 10, smooth, label=course.stage)
    ax.axhline(np.log(NUM_CLASSES), color="0.4", linestyle="--", linewidth=1)
    ax.set(xlabel="step", ylabel="loss of the batch", ylim=(0, 2.6))
    ax.legend()
