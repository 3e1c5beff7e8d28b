"""Draw docs/overview.png for the README: stored pictures of the notebooks, side by side."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

ROOT = Path(__file__).resolve().parents[1]
# Notebook, and id of the cell with the picture.
PICTURES = [
    ("01_minibatch_sgd", "graph-picture"),
    ("02_activations", "zigzag-picture"),
    ("02_activations", "depth-picture"),
    ("03_preprocessing", "descent-picture"),
    ("04_initialization", "histograms-picture"),
    ("05_batchnorm", "scales-picture"),
    ("06_layernorm", "training-picture"),
    ("07_babysitting", "curves-picture"),
    ("08_hyperparameters", "picture"),
]


def main() -> None:
    """Draw the pictures in three columns and store them."""
    figure, axes = plt.subplots(3, 3, figsize=(18, 9.6), layout="constrained")
    for ax, (notebook, cell_id) in zip(axes.flat, PICTURES):
        ax.imshow(read_picture(ROOT / "notebooks" / f"{notebook}.ipynb", cell_id))
        ax.axis("off")
    target = ROOT / "docs" / "overview.png"
    target.parent.mkdir(exist_ok=True)
    figure.savefig(target, dpi=90)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


def read_picture(path: Path, cell_id: str) -> object:
    """Return the picture stored below a cell, shape (H, W, 4)."""
    cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
    data = [output.get("data", {}) for output in cells[cell_id].outputs]
    (stored,) = (bundle["image/png"] for bundle in data if "image/png" in bundle)
    return plt.imread(io.BytesIO(base64.b64decode(stored)))


if __name__ == "__main__":
    main()
