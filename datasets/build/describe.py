"""Print the figures about fashion.npz and earth.npz in datasets/README.md.

Three simple classifiers show how hard a data set is: the nearest class mean of a picture's mean
colour, least squares on the pixels, and the nearest training picture. They are fitted without the
last 500 training examples, which are the validation split of assignment/support/data.
"""

import argparse
import hashlib
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from archive import DATASETS

Images = npt.NDArray[np.float64]  # shape (N, 28, 28) or (N, 32, 32, 3), values in [0, 1]
Labels = npt.NDArray[np.int64]  # shape (N,)
Split = tuple[Images, Labels]

NUM_VALIDATION = 500
RIDGES = (1e1, 1e2, 1e3)
SNOW = 150  # of 255


def flatten(x: Images) -> Images:
    """Return each picture as a row."""
    return x.reshape(len(x), -1)


def predict_by_colour(x: Images, y: Labels, x_new: Images) -> Labels:
    """Predict the class whose mean colour lies nearest to the picture's mean colour."""
    means = np.stack([x[y == k].mean((0, 1, 2), keepdims=True)[0] for k in range(y.max() + 1)])
    return predict_nearest(means, np.arange(len(means)), x_new.mean((1, 2), keepdims=True))


def predict_nearest(x: Images, y: Labels, x_new: Images) -> Labels:
    """Predict the class of the nearest picture."""
    rows, rows_new = flatten(x), flatten(x_new)
    squared = (rows**2).sum(1) - 2 * rows_new @ rows.T  # up to a constant in each row
    return np.asarray(y[squared.argmin(1)])


def predict_linear(x: Images, y: Labels, x_new: Images, ridge: float) -> Labels:
    """Predict by least squares on one-hot targets, with L2 regularisation."""
    rows, mean = flatten(x), flatten(x).mean(0)
    targets = np.eye(y.max() + 1)[y] - 1 / (y.max() + 1)
    gram = (rows - mean).T @ (rows - mean) + ridge * np.eye(rows.shape[1])
    weights = np.linalg.solve(gram, (rows - mean).T @ targets)
    return np.asarray(((flatten(x_new) - mean) @ weights).argmax(1))


def compute_accuracy(
    predict: Callable[[Images, Labels, Images], Labels], train: Split, other: Split
) -> float:
    """Compute the share of right predictions on `other` after fitting on `train`."""
    return float((predict(*train, other[0]) == other[1]).mean())


def print_accuracies(x: Images, y: Labels, test: Split) -> None:
    """Hold out the validation examples, fit the three classifiers, print their accuracies."""
    train = x[:-NUM_VALIDATION], y[:-NUM_VALIDATION]
    val = x[-NUM_VALIDATION:], y[-NUM_VALIDATION:]
    linear = [partial(predict_linear, ridge=ridge) for ridge in RIDGES]
    best = max(linear, key=lambda predict: compute_accuracy(predict, train, val))
    for title, predict in (
        ("nearest class mean, mean colour only", predict_by_colour),
        (f"least squares on pixels, ridge {best.keywords['ridge']:g}", best),
        ("nearest training picture", predict_nearest),
    ):
        on_val, on_test = (compute_accuracy(predict, train, split) for split in (val, test))
        print(f"  {title}: validation {on_val:.1%}, test {on_test:.1%}")


def describe(name: str) -> None:
    """Print size, hash, shapes, classes and accuracies of one data set."""
    path = DATASETS / f"{name}.npz"
    data = path.read_bytes()
    print(f"{name}.npz: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    with np.load(path, allow_pickle=False) as arrays:
        stored = dict(arrays)
    for split in ("train", "test"):
        x, y = stored[f"x_{split}"], stored[f"y_{split}"]
        print(f"  {split}: {x.shape} {x.dtype}, examples per class {np.bincount(y)}")
    print("  classes:", ", ".join(stored["classes"]))
    print_accuracies(
        stored["x_train"] / 255,
        stored["y_train"].astype(np.int64),
        (stored["x_test"] / 255, stored["y_test"].astype(np.int64)),
    )


def print_snow(name: str, class_name: str) -> None:
    """Print how much snow, bright in all three channels, covers the patches of a class."""
    with np.load(DATASETS / f"{name}.npz", allow_pickle=False) as stored:
        patches = stored["x_train"][stored["y_train"] == list(stored["classes"]).index(class_name)]
    cover = (patches > SNOW).all(axis=-1).mean(axis=(1, 2))
    some, most = np.mean(cover > 0.1), np.mean(cover > 0.9)
    print(f"  {class_name}: snow on over a tenth of {some:.0%}, on over nine tenths of {most:.0%}")


def main() -> None:
    """Describe both data sets."""
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    for name in ("fashion", "earth"):
        describe(name)
    print_snow("earth", "tundra")


if __name__ == "__main__":
    main()
