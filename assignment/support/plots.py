"""The style of all figures, and the plots that more than one notebook needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import NullLocator

from assignment.support.gradient_check import GradientReport
from assignment.support.trainer import History

__all__ = [
    "COLORS",
    "add_caption",
    "plot_confusion",
    "plot_histogram",
    "plot_loss",
    "plot_sweep",
    "plotted",
    "show_images",
    "use_style",
]

# Okabe and Ito, "Color universal design" (2008): distinguishable for colour-blind people.
# Their yellow is left out: it is too pale for a line on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

STYLE: dict[str, Any] = {
    "figure.figsize": (7.0, 4.0),
    "figure.dpi": 100,
    "figure.facecolor": "white",  # opaque, or black text is invisible in a dark notebook
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    "figure.constrained_layout.use": True,
    "axes.facecolor": "white",
    "axes.prop_cycle": cycler(color=COLORS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "grid.color": "#DDDDDD",
    "lines.linewidth": 1.8,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
}


def use_style() -> None:
    """Set matplotlib's defaults for all figures that follow."""
    from matplotlib_inline.config import InlineBackend  # only notebooks have figures inline

    plt.style.use(STYLE)
    # no tight bounding box: it would draw each figure twice, and the layout leaves no margin
    InlineBackend.instance().set_trait("print_figure_kwargs", {"bbox_inches": None})


def add_caption(text: str, alt: str) -> None:
    """Display the current figure of a notebook cell, and a caption below it.

    Parameters
    ----------
    text : str, Markdown
        What the figure shows, in one or two sentences.
    alt : str
        What can be seen in it, in one sentence, for those who cannot see it. nbconvert writes it
        into the page; JupyterLab 4.6 keeps it in the notebook but does not pass it on.
    """
    from IPython.display import Markdown, display  # only notebooks have captions

    figure = plt.gcf()
    for ax in figure.axes:
        _drop_minor_ticks(ax.xaxis, ax.get_xlim())
        _drop_minor_ticks(ax.yaxis, ax.get_ylim())
    display(figure, metadata={"image/png": {"alt": alt}})
    plt.close(figure)  # or it would appear once more, at the end of the cell
    display(Markdown(text))


def _drop_minor_ticks(axis: Axis, limits: tuple[float, float]) -> None:
    """Hide the eight minor ticks per decade if a logarithmic axis spans two decades or more."""
    if axis.get_scale() == "log" and max(limits) >= 100 * min(limits):
        axis.set_minor_locator(NullLocator())


def plotted(ax: Axes, label: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the points of a plotted line, so that a notebook can check them.

    Parameters
    ----------
    ax : Axes
    label : str
        As in the legend.

    Returns
    -------
    x, y : arrays, shape (number of points,)

    Raises
    ------
    ValueError
        No line has that label, or several have; the message lists all labels.
    """
    lines = [line for line in ax.lines if line.get_label() == label]
    if len(lines) != 1:
        labels = [line.get_label() for line in ax.lines]
        raise ValueError(f"plotted: {len(lines)} lines are labelled {label!r}, there are {labels}")
    return np.asarray(lines[0].get_xdata()), np.asarray(lines[0].get_ydata())


def show_images(
    images: npt.NDArray[Any], titles: Sequence[str] | None = None, columns: int = 10
) -> Axes:
    """Show images in rows.

    Parameters
    ----------
    images : array, shape (N, H, W) or (N, H, W, 3)
        Colours from 0 to 1. A gray image is scaled from its minimum (black) to maximum (white).
    titles : N strings, or None
    columns : int

    Returns
    -------
    ax : Axes
        One for all images, which is faster than one each; every image is 1 wide.
    """
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    above = 0.08 if titles is None else 0.3  # each image, in widths of an image
    width, height = 1.08 * columns - 0.08, (1 + above) * rows
    ax = _require_axes(None, figsize=(0.9 * width, 0.9 * height))
    for i, image in enumerate(images):
        left, top = 1.08 * (i % columns), (1 + above) * (i // columns) + above
        ax.imshow(image, extent=(left, left + 1, top + 1, top))
        if titles is not None:
            ax.text(left + 0.5, top - 0.05, titles[i], fontsize=9, ha="center")
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    return ax


def plot_loss(
    history: History | npt.ArrayLike, ax: Axes | None = None, label: str | None = None
) -> Axes:
    """Plot the loss of each step, and its running mean.

    Parameters
    ----------
    history : History, or the losses alone, shape (number of steps,), in nats
    ax : Axes or None
    label : str or None
        Names the curve in a legend.

    Returns
    -------
    ax : Axes
    """
    losses = np.asarray(history.losses if isinstance(history, History) else history)
    ax = _require_axes(ax)
    steps = np.arange(1, len(losses) + 1)
    (line,) = ax.plot(steps, losses, linewidth=0.6, alpha=0.4)
    window = max(1, len(losses) // 20)
    means = np.convolve(losses, np.full(window, 1 / window), mode="valid")
    middles = steps[window // 2 :][: len(means)]
    ax.plot(middles, means, color=line.get_color(), label=label)
    ax.set(xlabel="step", ylabel="loss (nats)", title="Loss of each batch, and its running mean")
    if label is not None:
        ax.legend()
    return ax


def plot_confusion(matrix: npt.ArrayLike, classes: Sequence[str], ax: Axes | None = None) -> Axes:
    """Show how often each class is predicted as each other one.

    Parameters
    ----------
    matrix : integer array, shape (C, C)
        ``matrix[i, j]`` examples of class i were predicted as class j.
    classes : C strings
    ax : Axes or None

    Returns
    -------
    ax : Axes
    """
    counts = np.asarray(matrix)
    ax = _require_axes(ax, figsize=(7.0, 6.0))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(counts.shape):
        if counts[i, j]:
            color = "white" if shares[i, j] > 0.5 else "black"
            ax.text(j, i, f"{counts[i, j]}", ha="center", va="center", color=color, fontsize=9)
    ax.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    ax.set_yticks(range(len(classes)), classes)
    ax.grid(visible=False)
    right = np.trace(counts) / max(1, counts.sum())
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.set_title(f"{right:.1%} are right: those on the diagonal")
    return ax


def plot_sweep(report: GradientReport, ax: Axes | None = None, label: str | None = None) -> Axes:
    """Plot the error of a gradient against the step h, beside a line that falls as h^2.

    Parameters
    ----------
    report : GradientReport
    ax : Axes or None
    label : str or None
        Label of the curve; by default the verdict.

    Returns
    -------
    ax : Axes

    Raises
    ------
    ValueError
        The report has no errors, because the gradient has a wrong type, shape or dtype.
    """
    if not len(report.hs):
        raise ValueError(f"plot_sweep: nothing to plot, the verdict is {report.message}")
    ax = _require_axes(ax)
    guide = "falls as $h^2$"
    if guide not in ax.get_legend_handles_labels()[1]:  # several reports may share the axes
        hs = report.hs[report.hs > 1e-8]
        ax.loglog(hs, hs**2, "--", color="#999999", label=guide)
    visible = np.where(report.errors > 0, report.errors, np.nan)  # a logarithm has no zero
    ax.loglog(report.hs, visible, "o-", markersize=4, label=label or report.verdict)
    ax.set(xlabel="step h", ylabel="relative error of the gradient")
    ax.set_title("Right falls with h until rounding takes over, wrong stays on a plateau")
    ax.legend()
    return ax


def plot_histogram(
    ax: Axes, values: npt.ArrayLike, bins: Any = 50, label: str | None = None, **stairs: Any
) -> Axes:
    """Draw a histogram as a single shape; ax.hist would draw one for each bin.

    Parameters
    ----------
    ax : Axes
    values : float array, any shape
    bins : int or edges, as for np.histogram
    label : str or None
    stairs : further arguments of ax.stairs

    Returns
    -------
    ax : Axes
    """
    density, edges = np.histogram(np.asarray(values), bins=bins, density=True)
    ax.stairs(density, edges, label=label, **{"fill": True, "alpha": 0.6, **stairs})
    ax.set_ylabel("density")
    return ax


def _require_axes(ax: Axes | None, figsize: tuple[float, float] | None = None) -> Axes:
    return plt.subplots(figsize=figsize)[1] if ax is None else ax
