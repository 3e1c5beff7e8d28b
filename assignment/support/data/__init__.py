"""Load the data sets of the course: fashion, earth, and cifar10 after it was fetched.

datasets/README.md describes them, their sources and their weaknesses.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["NAMES", "SHIPPED", "Dataset", "load"]

SHIPPED = ("fashion", "earth")  # included in the course; cifar10 must be fetched
NAMES = (*SHIPPED, "cifar10")
FOLDER = Path(__file__).resolve().parents[3] / "datasets"
SHA256 = {
    "fashion": "8d24d501947f3251bfd49cbe76375fb262c646a2bb9f03358f713aa680059bce",
    "earth": "3f8f65fa98954c478777a0209212114005f4e1c09b6c340dacd0819159295e10",
}

Stored = tuple[
    npt.NDArray[np.uint8],
    npt.NDArray[np.integer],
    npt.NDArray[np.uint8],
    npt.NDArray[np.integer],
    tuple[str, ...],
]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images and labels in three splits.

    Attributes
    ----------
    name : str, one of NAMES
    x_train, x_val, x_test : float32 arrays, shape (N, 28, 28) or (N, 32, 32, 3), from 0 to 1
    y_train, y_val, y_test : int64 arrays, shape (N,), indices into `classes`
    classes : tuple of str
    """

    name: str
    x_train: npt.NDArray[np.float32]
    y_train: npt.NDArray[np.int64]
    x_val: npt.NDArray[np.float32]
    y_val: npt.NDArray[np.int64]
    x_test: npt.NDArray[np.float32]
    y_test: npt.NDArray[np.int64]
    classes: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the sizes, not the arrays."""
        return (
            f"<Dataset {self.name}: {len(self.x_train):,} train, {len(self.x_val):,} validation, "
            f"{len(self.x_test):,} test, images {self.x_train.shape[1:]}, "
            f"{len(self.classes)} classes>"
        )


def load(name: str = "fashion", num_validation: int = 500, at_most: int | None = None) -> Dataset:
    """Load a data set from the folder datasets/.

    Parameters
    ----------
    name : str, one of NAMES
        If it is missing, no other data set is loaded instead.
    num_validation : int, from 0 to less than the number of stored training examples
        So many of them, from the end, become the validation split.
    at_most : int or None
        Use only the first so many of the stored training and test examples: all of cifar10 takes
        700 MB, and a lesson needs a few thousand images.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        The name is unknown, a number is out of range, or the file is damaged.
    FileNotFoundError
        The file is missing, or cifar10 was not fetched.
    """
    if name not in NAMES:
        raise ValueError(f"no data set {name!r}; name must be one of {', '.join(NAMES)}")
    if at_most is not None and at_most < 1:
        raise ValueError(f"at_most is {at_most!r}; use 1 or more, or None for all examples")
    x, y, x_test, y_test, classes = _read_cifar10() if name == "cifar10" else _read_npz(name)
    x, y, x_test, y_test = x[:at_most], y[:at_most], x_test[:at_most], y_test[:at_most]
    if not isinstance(num_validation, (int, np.integer)) or not 0 <= num_validation < len(x):
        raise ValueError(
            f"num_validation is {num_validation!r}; "
            f"for {name} it must be a whole number from 0 to {len(x) - 1}"
        )
    images, labels = _scale(x), y.astype(np.int64)
    num_train = len(x) - int(num_validation)
    return Dataset(
        name=name,
        x_train=images[:num_train],
        y_train=labels[:num_train],
        x_val=images[num_train:],
        y_val=labels[num_train:],
        x_test=_scale(x_test),
        y_test=y_test.astype(np.int64),
        classes=classes,
    )


def _read_npz(name: str) -> Stored:
    path = FOLDER / f"{name}.npz"
    remedy = f"restore it: 'git checkout -- datasets/{path.name}', or unpack the assignment again"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing: {remedy}") from None
    if hashlib.sha256(data).hexdigest() != SHA256[name]:
        raise ValueError(f"{path} is damaged or was changed ({len(data):,} bytes): {remedy}")
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        classes = tuple(stored["classes"].tolist())
        return stored["x_train"], stored["y_train"], stored["x_test"], stored["y_test"], classes


def _read_cifar10() -> Stored:
    from assignment.support.data.cifar10 import load_cifar10  # rarely needed

    return load_cifar10(FOLDER)


def _scale(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.divide(x, 255, dtype=np.float32)
