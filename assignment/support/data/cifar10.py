"""Read CIFAR-10 from the folder that ./get_datasets.sh unpacks, in either format.

The binary files are rows of one label byte and 3,072 pixel bytes: 32 x 32 of red, then of green,
then of blue. The python files are pickles of Python 2 with the same numbers.
https://www.cs.toronto.edu/~kriz/cifar.html describes both.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["CLASSES", "load_cifar10"]

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
IMAGES_PER_FILE = 10_000
PIXELS = 3 * 32 * 32

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Reader = Callable[[Path], "tuple[npt.NDArray[Any], npt.NDArray[Any]]"]


def load_cifar10(folder: Path) -> tuple[Images, Labels, Images, Labels, tuple[str, ...]]:
    """Load all of CIFAR-10: 50,000 training and 10,000 test images, about 185 MB of memory.

    Parameters
    ----------
    folder : Path
        The datasets folder. It holds ``cifar-10-batches-bin``, which is preferred, or
        ``cifar-10-batches-py``.

    Returns
    -------
    x_train : uint8 array, shape (50000, 32, 32, 3), red, green, blue in 0 ... 255
    y_train : int64 array, shape (50000,), indices into classes
    x_test, y_test : the same for the 10,000 test images
    classes : tuple of str, the ten names

    Raises
    ------
    FileNotFoundError
        CIFAR-10 is not in `folder`, or one of its files is missing.
    ValueError
        A file is damaged. The message names it.
    """
    for name, suffix, read in (
        ("cifar-10-batches-bin", ".bin", _read_binary),
        ("cifar-10-batches-py", "", _read_pickle),
    ):
        source = Path(folder) / name
        if source.is_dir():
            train = [source / f"data_batch_{i}{suffix}" for i in range(1, 6)]
            test = [source / f"test_batch{suffix}"]
            return *_read_split(train, read), *_read_split(test, read), CLASSES
    raise FileNotFoundError(
        f"cifar10 is not in {folder}: run ./get_datasets.sh, which fetches it (170 MB), "
        "or use data.load('fashion'), which needs no network"
    )


def _read_split(paths: list[Path], read: Reader) -> tuple[Images, Labels]:
    # Filled file by file: np.concatenate would keep the views' memory order, and copy twice.
    x = np.empty((len(paths) * IMAGES_PER_FILE, 32, 32, 3), np.uint8)
    y = np.empty(len(x), np.int64)
    for i, path in enumerate(paths):
        pixels, labels = _read_checked(path, read)
        rows = slice(i * IMAGES_PER_FILE, (i + 1) * IMAGES_PER_FILE)
        x[rows] = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        y[rows] = labels
    return x, y


def _read_checked(path: Path, read: Reader) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    remedy = f"delete the folder {path.parent} and run ./get_datasets.sh again"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: {remedy}")
    try:
        pixels, labels = read(path)
        if labels.shape != (IMAGES_PER_FILE,) or labels.dtype.kind not in "iu":
            raise ValueError(f"not {IMAGES_PER_FILE} integer labels")
        if labels.min() < 0 or labels.max() >= len(CLASSES):
            raise ValueError(f"a label outside 0 ... {len(CLASSES) - 1}")
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a damaged pickle can raise anything
        raise ValueError(f"{path} is damaged ({error}): {remedy}") from error
    return pixels, labels


def _read_binary(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    size, expected = path.stat().st_size, IMAGES_PER_FILE * (1 + PIXELS)
    if size != expected:
        raise ValueError(f"{size} bytes instead of {expected}")
    rows = np.fromfile(path, np.uint8).reshape(IMAGES_PER_FILE, 1 + PIXELS)
    return rows[:, 1:], rows[:, 0]


def _read_pickle(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    with path.open("rb") as file:
        batch = _PlainUnpickler(file, encoding="bytes").load()
    _, shape, dtype, is_fortran, raw = batch[b"data"].state
    if shape != (IMAGES_PER_FILE, PIXELS) or dtype.arguments[0] != b"u1":
        raise ValueError(f"not a uint8 array of {IMAGES_PER_FILE} x {PIXELS} pixels")
    pixels = np.frombuffer(raw, np.uint8).reshape(shape, order="F" if is_fortran else "C")
    return pixels, np.array(batch[b"labels"])


class _Stored:
    """Replaces NumPy's classes in a pickle: stores arguments and state, and runs nothing."""

    state: Any = None

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _PlainUnpickler(pickle.Unpickler):
    """Accepts only the three names that an array in an old pickle needs.

    Even these are replaced: a pickle that can call ``numpy.ndarray`` can make an array over any
    address in memory.
    """

    def find_class(self, module: str, name: str) -> type[_Stored]:
        if f"{module}.{name}" not in (
            "numpy.core.multiarray._reconstruct",
            "numpy.ndarray",
            "numpy.dtype",
        ):
            raise pickle.UnpicklingError(f"it uses {module}.{name}")
        return _Stored
