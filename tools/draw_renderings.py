"""Draw docs/notebooks/*.png for the README: screenshots of some cells of each notebook.

Needs a browser, for example Debian's package chromium. Shows the stored outputs; runs nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "notebooks"
# Ids of the first and the last cell shown; no cell between them holds a solution.
SHOWN = {
    "01_minibatch_sgd": ("loop-text", "loop-picture"),
    "02_activations": ("which-die-text", "dead-step-picture"),
    "03_preprocessing": ("descent", "descent-picture"),
    "04_initialization": ("he-picture", "he-picture"),
    "05_batchnorm": ("scales-text", "scales-picture"),
    "06_layernorm": ("training", "training-picture"),
    "07_babysitting": ("clinic-text", "curves-picture"),
    "08_hyperparameters": ("picture", "picture"),
}
WIDTH, HEIGHT = 1000, 6000  # of the window, in pixels; empty space at the end is cut off
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Draw and store the screenshots; return the exit code."""
    browser = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if browser is None:
        print("draw_renderings: no browser found: apt-get install chromium", file=sys.stderr)
        return 2
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, (first, last) in SHOWN.items():
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        ids = [cell.id for cell in notebook.cells]
        shown = notebook.cells[ids.index(first) : ids.index(last) + 1]
        notebook.cells = [fold(cell) for cell in shown]
        picture = take_screenshot(browser, HTMLExporter().from_notebook_node(notebook)[0])
        picture.quantize(256).save(TARGET / f"{name}.png", optimize=True)
        print(f"{name}: {picture.width} x {picture.height}")
    return 0


def fold(cell: NotebookNode) -> NotebookNode:
    """Return the cell as JupyterLab shows it: of folded code the first line, and an ellipsis."""
    if cell.metadata.get("jupyter", {}).get("source_hidden"):
        return NotebookNode(cell, source=cell.source.split("\n")[0] + " …")
    return cell


def take_screenshot(browser: str, page: str) -> Image.Image:
    """Return a screenshot of a page, without the empty space at its end."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(page, encoding="utf-8")
        # --no-sandbox: root cannot run a browser otherwise, and the page is our own
        command = [browser, "--headless", "--no-sandbox", "--hide-scrollbars"]
        options = [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={target}", source.as_uri()]
        subprocess.run([*command, *options], check=True, capture_output=True, timeout=120)
        picture = Image.open(target).convert("RGB")
    pixels = np.asarray(picture)
    filled = np.flatnonzero((pixels != pixels[-1, 0]).any(axis=(1, 2)))
    return picture.crop((0, 0, WIDTH, int(filled[-1]) + 20))


if __name__ == "__main__":
    sys.exit(main())
