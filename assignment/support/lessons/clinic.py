"""The clinic: eight training runs, seven of them with a fault, to be diagnosed by measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.activations import relu_forward
from assignment.affine import affine_forward
from assignment.network import FullyConnectedNet
from assignment.preprocessing import fit_mean, subtract_mean
from assignment.sgd import minibatch_sgd
from assignment.support.data import Dataset
from assignment.support.trainer import accuracy

__all__ = ["FAULTS", "Fault", "Patient", "Settings", "admit", "flatten", "judge", "treat"]

HIDDEN_DIMS = [50, 50]
NUM_EXAMPLES = 1000
BATCH_SIZE = 50
NUM_STEPS, STEPS_BETWEEN_VISITS = 100, 20
HOPELESS = 1e6  # a run whose loss is above this at a visit is stopped


@dataclass(frozen=True)
class Settings:
    """How a patient is trained; the defaults are those of the healthy one.

    Attributes
    ----------
    centred : bool
        Whether the mean image of the training split is subtracted.
    shuffled : bool
        Whether the training labels are shuffled.
    initialization : "he" or a float
        As for FullyConnectedNet.
    first_bias : float
        Initial value of the first layer's biases.
    learning_rate, reg : float
    """

    centred: bool = True
    shuffled: bool = False
    initialization: str | float = "he"
    first_bias: float = 0.0
    learning_rate: float = 0.2
    reg: float = 1e-4


HEALTHY = Settings()


@dataclass(frozen=True)
class Fault:
    """What can be wrong with a training run.

    Attributes
    ----------
    symptom : str
        How to recognise it.
    look_at : str
        Where to look: the hint after a wrong diagnosis.
    sabotage : dict
        The settings that differ from those of the healthy patient.
    """

    symptom: str
    look_at: str
    sabotage: dict[str, Any]


FAULTS = {
    "healthy": Fault(
        "none of what follows: a right start, the loss falls, both accuracies rise",
        "every row of its chart, is any out of order?",
        {},
    ),
    "not-centred": Fault(
        "the mean of the inputs is about as far from 0 as their spread; the way down is rougher",
        "input_mean, beside input_std",
        {"centred": False},
    ),
    "wrong-scale": Fault(
        "the first loss is far above ln C, and it still is with regularisation off",
        "first_data_loss, beside ln C",
        {"initialization": 1.0},
    ),
    "regularisation-in-the-way": Fault(
        "the first loss is right only with regularisation off; the weights shrink to nothing",
        "first_loss beside first_data_loss, and weights_left",
        {"reg": 0.3},
    ),
    "dead-units": Fault(
        "the first loss is ln C and stays there; before the first step hardly a unit is awake",
        "dead_share",
        {"first_bias": -5.0},
    ),
    "learning-rate-too-high": Fault(
        "a right start, then the loss leaps; the first step changes the weights by a fifth or more",
        "the first losses, and update_ratio",
        {"learning_rate": 5.0},
    ),
    "learning-rate-too-low": Fault(
        "a right start, but the loss barely moves: a step hardly changes the weights, and all live",
        "update_ratio, and dead_share",
        {"learning_rate": 1e-4},
    ),
    "shuffled-labels": Fault(
        "a right start, steps of a good size, but on new images it stays near chance",
        "train_accuracy and val_accuracy, beside chance",
        {"shuffled": True},
    ),
}


@dataclass(frozen=True, eq=False, repr=False)
class Patient:
    """The measurements of one training run.

    Attributes
    ----------
    letter : str
    num_classes : int
    losses : float64 array, shape (number of steps,)
        The loss of each step, with the penalty. A run is stopped if its loss exceeds a million.
    input_mean, input_std : float
        Over all inputs of the network in training.
    first_loss, first_data_loss : float
        Over all training examples before the first step: as trained, and with regularisation off.
    dead_share : float
        Share of the hidden units that are 0 for every training example, before the first step.
    update_ratio : float
        Length of the first step of all weights, relative to their length.
    weights_left : float
        Length of all weights at the end, relative to that before the first step.
    train_accuracy, val_accuracy : float
        Shares at the end, from 0 to 1.
    """

    letter: str
    num_classes: int
    losses: npt.NDArray[np.float64]
    input_mean: float
    input_std: float
    first_loss: float
    first_data_loss: float
    dead_share: float
    update_ratio: float
    weights_left: float
    train_accuracy: float
    val_accuracy: float
    _settings: Settings
    _retrain: Callable[[Settings], Patient]

    def __repr__(self) -> str:
        """Show the letter, not the fault."""
        return f"<Patient {self.letter}: {len(self.losses)} steps>"


def admit(dataset: Dataset, seed: int) -> list[Patient]:
    """Train one patient with each fault and a healthy one, from the same weights.

    Parameters
    ----------
    dataset : Dataset
        As it was loaded: 1,000 of its training images are used, and its validation split.
    seed : int
        Decides the weights, the batches, and which letter has which fault.

    Returns
    -------
    patients : list of Patient, in the order of their letters
    """
    sabotages = [fault.sabotage for fault in FAULTS.values()]
    order = np.random.default_rng([seed, 1]).permutation(len(sabotages))
    return [
        _train(dataset, seed, letter, replace(HEALTHY, **sabotages[i]))
        for letter, i in zip("ABCDEFGH", order, strict=True)
    ]


def judge(patients: Sequence[Patient], diagnoses: Mapping[str, str]) -> int:
    """Print for each patient whether its diagnosis is right, and if not, where to look again.

    Parameters
    ----------
    patients : list of Patient
    diagnoses : dict
        Letter of each patient -> name from FAULTS.

    Returns
    -------
    num_right : int

    Raises
    ------
    ValueError
        A patient has no diagnosis, or one that is not in FAULTS.
    """
    num_right = 0
    for patient in patients:
        diagnosis = diagnoses.get(patient.letter)
        _require_fault(diagnosis, f"judge: the diagnosis of patient {patient.letter}")
        fault = _find_fault(patient._settings)
        right = diagnosis == fault
        num_right += right
        verdict = "right" if right else f"wrong, look again at: {FAULTS[fault].look_at}"
        print(f"patient {patient.letter}   {diagnosis:<27}{verdict}")
    print(f"{num_right} of {len(patients)} are right")
    return num_right


def treat(patient: Patient, diagnosis: str) -> Patient:
    """Train the patient again with only the diagnosed fault repaired.

    Parameters
    ----------
    patient : Patient
    diagnosis : str
        A name from FAULTS. A wrong one changes nothing.

    Returns
    -------
    patient : Patient
        With the same letter, initial weights and batches.

    Raises
    ------
    ValueError
        The diagnosis is not in FAULTS.
    """
    _require_fault(diagnosis, f"treat: the diagnosis of patient {patient.letter}")
    cure = {name: getattr(HEALTHY, name) for name in FAULTS[diagnosis].sabotage}
    return patient._retrain(replace(patient._settings, **cure))


def flatten(images: npt.NDArray[Any], most: int = 256) -> npt.NDArray[Any]:
    """Return images as rows of at most `most` numbers: of every second pixel, every third, ...

    Parameters
    ----------
    images : array, shape (N, H, W) or (N, H, W, 3)
    most : int

    Returns
    -------
    rows : float64 array, shape (N, D)
    """
    step = next(k for k in range(1, len(images[0]) + 1) if images[0, ::k, ::k].size <= most)
    return images[:, ::step, ::step].reshape(len(images), -1).astype(np.float64)


def _train(dataset: Dataset, seed: int, letter: str, settings: Settings) -> Patient:
    """Train a network; measure it before and after the first step, and at the end."""
    split = _prepare(dataset, seed, settings)
    x, y = split.x_train, split.y_train
    net = _build(x.shape[1], len(dataset.classes), seed, settings)
    first_loss, first_data_loss = (_first_loss(net, x, y, reg) for reg in (settings.reg, 0.0))
    dead_share, start = _share_dead(net, x), _join_weights(net)
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):  # some diverge
        losses = minibatch_sgd(net, x, y, rng, 1, BATCH_SIZE, settings.learning_rate)
        first_step = _join_weights(net) - start
        while len(losses) < NUM_STEPS and losses[-1] < HOPELESS:  # nan also ends the loop
            num_steps = STEPS_BETWEEN_VISITS - len(losses) % STEPS_BETWEEN_VISITS
            more = minibatch_sgd(net, x, y, rng, num_steps, BATCH_SIZE, settings.learning_rate)
            losses = np.append(losses, more)
        train_accuracy, val_accuracy = accuracy(net, x, y), accuracy(net, split.x_val, split.y_val)
        weights_left = _length(_join_weights(net)) / _length(start)
    return Patient(
        letter=letter,
        num_classes=len(dataset.classes),
        losses=losses,
        input_mean=float(x.mean()),
        input_std=float(x.std()),
        first_loss=first_loss,
        first_data_loss=first_data_loss,
        dead_share=dead_share,
        update_ratio=_length(first_step) / _length(start),
        weights_left=weights_left,
        train_accuracy=train_accuracy,
        val_accuracy=val_accuracy,
        _settings=settings,
        _retrain=partial(_train, dataset, seed, letter),
    )


def _prepare(dataset: Dataset, seed: int, settings: Settings) -> Dataset:
    """Return the examples as inputs of the network."""
    x_train, x_val = flatten(dataset.x_train[:NUM_EXAMPLES]), flatten(dataset.x_val)
    y_train = dataset.y_train[:NUM_EXAMPLES]
    if settings.centred:
        mean = fit_mean(x_train)
        x_train, x_val = subtract_mean(x_train, mean), subtract_mean(x_val, mean)
    if settings.shuffled:
        y_train = np.random.default_rng([seed, 2]).permutation(y_train)
    return replace(dataset, x_train=x_train, y_train=y_train, x_val=x_val)


def _build(input_dim: int, num_classes: int, seed: int, settings: Settings) -> FullyConnectedNet:
    net = FullyConnectedNet(
        HIDDEN_DIMS,
        input_dim,
        num_classes,
        initialization=settings.initialization,
        reg=settings.reg,
        dtype=np.float64,
        seed=seed,
    )
    net.params["b1"] = net.params["b1"] + settings.first_bias
    return net


def _first_loss(
    net: FullyConnectedNet, x: npt.NDArray[Any], y: npt.NDArray[Any], reg: float
) -> float:
    usual, net.reg = net.reg, reg
    loss = net.loss(x, y)[0]
    net.reg = usual
    return float(loss)


def _share_dead(net: FullyConnectedNet, x: npt.NDArray[Any]) -> float:
    """Return the share of hidden units that are 0 on all examples."""
    dead = []
    for layer in range(1, len(HIDDEN_DIMS) + 1):
        z, _ = affine_forward(x, net.params[f"W{layer}"], net.params[f"b{layer}"])
        x, _ = relu_forward(z)
        dead.append(np.all(x <= 0, axis=0))
    return float(np.mean(np.concatenate(dead)))


def _join_weights(net: FullyConnectedNet) -> npt.NDArray[np.float64]:
    return np.concatenate([net.params[f"W{k + 1}"].ravel() for k in range(len(HIDDEN_DIMS) + 1)])


def _length(vector: npt.NDArray[Any]) -> float:
    return float(np.linalg.norm(vector))


def _find_fault(settings: Settings) -> str:
    faults = FAULTS.items()
    return next(name for name, fault in faults if replace(HEALTHY, **fault.sabotage) == settings)


def _require_fault(diagnosis: object, whose: str) -> None:
    if diagnosis not in FAULTS:
        raise ValueError(f"{whose} is {diagnosis!r}, use one of {', '.join(FAULTS)}")
