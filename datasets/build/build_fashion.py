"""Build fashion.npz, a small, balanced sample of Fashion-MNIST.

The original files are in Debian's package dataset-fashion-mnist: `apt-get install` puts them where
this script looks; `apt-get download` and `dpkg-deb -x` put them into any other folder.
"""

import argparse
import gzip
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from archive import DATASETS, SEED, check_sha256, order_by_turns, write_npz

Images = npt.NDArray[np.uint8]

INSTALLED = Path("/usr/share/datasets/fashion-mnist")
CLASSES = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
PER_CLASS = {"train": 400, "t10k": 100}
SHA256 = {
    "train-images-idx3": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}


def read_idx(folder: Path, name: str) -> npt.NDArray[np.uint8]:
    """Read a gzipped IDX file of bytes: zero, zero, 8, number of axes, the axes, the values."""
    path = folder / f"{name}-ubyte.gz"
    try:
        packed = path.read_bytes()
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}; install Debian's package dataset-fashion-mnist")
    check_sha256(packed, SHA256[name], str(path))
    data = gzip.decompress(packed)
    num_axes = data[3]
    shape = np.frombuffer(data, dtype=">u4", count=num_axes, offset=4)
    return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * num_axes).reshape(shape)


def read_split(folder: Path, split: str) -> tuple[Images, npt.NDArray[np.uint8]]:
    """Read the images (N, 28, 28) and labels (N,) of "train" or "t10k"."""
    x = read_idx(folder, f"{split}-images-idx3")
    y = read_idx(folder, f"{split}-labels-idx1")
    return x, y


def draw(
    x: Images, y: npt.NDArray[np.uint8], per_class: int, rng: np.random.Generator
) -> tuple[Images, npt.NDArray[np.uint8]]:
    """Draw `per_class` examples of each class, in blocks that hold every class once."""
    order = order_by_turns(y, rng)[: per_class * len(CLASSES)]
    return x[order], y[order]


def main() -> None:
    """Build the file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sources", type=Path, default=INSTALLED, help="folder of the .gz files")
    parser.add_argument("--output", type=Path, default=DATASETS / "fashion.npz")
    args = parser.parse_args()

    rng = np.random.default_rng(SEED)
    x_train, y_train = draw(*read_split(args.sources, "train"), PER_CLASS["train"], rng)
    x_test, y_test = draw(*read_split(args.sources, "t10k"), PER_CLASS["t10k"], rng)
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    write_npz(args.output, **arrays, classes=np.array(CLASSES))


if __name__ == "__main__":
    main()
