"""Draw what a normalisation layer averages over, and its graph, for going back node by node."""

from __future__ import annotations

from collections.abc import Collection

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from assignment.support.plots import COLORS

__all__ = ["GRADIENTS", "NODES", "draw_norm_axes", "draw_norm_graph"]

# Each node: the middle of its box, its width (all in inches), and its formula, in which
# * stands for the letter of the axis summed over, # for the number of values along it.
NODES: dict[str, tuple[float, float, float, str]] = {
    "x": (0.75, 1.75, 0.5, ""),
    "mean": (1.85, 0.50, 0.9, r"$\Sigma_*$ x / #"),
    "s": (3.05, 1.75, 0.9, "x - mean"),
    "var": (4.25, 0.50, 0.9, r"$\Sigma_*$ s² / #"),
    "istd": (5.80, 0.50, 1.2, "1 / √(var + ε)"),
    "xhat": (6.90, 1.75, 0.9, "s · istd"),
    "out": (8.65, 1.75, 1.2, r"$\gamma$ · xhat + $\beta$"),
    "gamma": (8.05, 0.50, 0.8, ""),
    "beta": (9.25, 0.50, 0.8, ""),
}
# Each gradient: the nodes that it leads from and to, against an arrow of the forward pass; the
# side of that arrow on which it is drawn. The drawing names them and gives no formula, because
# students derive the formulas with the drawing above them.
GRADIENTS: dict[str, tuple[str, str, str]] = {
    "dxhat": ("out", "xhat", "below"),
    "dgamma": ("out", "gamma", "left"),
    "dbeta": ("out", "beta", "right"),
    "ds": ("xhat", "s", "below"),
    "distd": ("xhat", "istd", "left"),
    "dvar": ("istd", "var", "below"),
    "dv": ("var", "s", "right"),
    "dx_direct": ("s", "x", "below"),
    "dmean": ("s", "mean", "right"),
    "dx_mean": ("mean", "x", "left"),
}
SIDES = {
    "below": np.array([0.0, -1.0]),
    "left": np.array([-1.0, 0.0]),
    "right": np.array([1.0, 0.0]),
}
SIZES = {"n": "N", "d": "D"}
WIDTH, HEIGHT = 10.0, 2.2
BOX_HEIGHT = 0.5
GAP = 0.055  # from the middle of an edge to each of its two arrows
GRAY, DARK_GRAY, PALE_BLUE = "#8C8C8C", "#5A5A5A", "#D6E8F4"
WAYS = ("both", "forward", "backward")

Point = npt.NDArray[np.float64]


def draw_norm_axes(num_rows: int = 6, num_columns: int = 9) -> Axes:
    """Draw a batch as a matrix, with a column of batch norm and a row of layer norm in colour.

    Parameters
    ----------
    num_rows, num_columns : int
        Numbers of examples and of features that are drawn.

    Returns
    -------
    ax : Axes
    """
    _, ax = plt.subplots(figsize=(7.0, 3.2))
    column, row = 2, num_rows - 2
    for i, j in np.ndindex(num_rows, num_columns):
        ax.add_patch(Rectangle((j, i), 1, 1, facecolor="white", edgecolor="#BBBBBB"))
    for (i, j), width, height, color in (
        ((0, column), 1, num_rows, COLORS[1]),
        ((row, 0), num_columns, 1, COLORS[0]),
    ):
        corner = (j, i)
        ax.add_patch(Rectangle(corner, width, height, facecolor=color, alpha=0.35, linewidth=0))
        ax.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=color, linewidth=2))
    ax.text(column + 0.5, num_rows + 0.2, "batch norm:\none mean a column", ha="center", va="top")
    ax.text(num_columns + 0.3, row + 0.5, "layer norm:\none mean a row", va="center")
    ax.text(num_columns / 2, -0.25, "D features", ha="center", va="bottom")
    ax.text(-0.3, num_rows / 2, "N examples", ha="right", va="center", rotation=90)
    ax.set(xlim=(-1, num_columns + 4), ylim=(num_rows + 1.4, -0.9), aspect="equal")
    ax.axis("off")
    return ax


def draw_norm_graph(
    highlight: Collection[str] = (), axis: str = "n", ax: Axes | None = None, way: str = "both"
) -> Axes:
    """Draw the graph of batch norm (axis "n") or layer norm (axis "d").

    Each edge is a pair of arrows: the forward pass, and the gradient of the backward pass with
    its name.

    Parameters
    ----------
    highlight : names from NODES and GRADIENTS
        Drawn in colour, nodes blue and gradients orange; all else is gray.
    axis : "n" or "d"
        Letter of the axis that mean and variance sum over.
    ax : Axes or None
        By default those of a new figure, 10 x 2.2 inches.
    way : "both", "forward" or "backward"
        Which arrows are drawn.

    Returns
    -------
    ax : Axes

    Raises
    ------
    ValueError
        The axis, the way or a name does not exist; the message lists those that do.
    """
    if axis not in SIZES:
        raise ValueError(f'draw_norm_graph: axis is {axis!r}, use "n" or "d"')
    if way not in WAYS:
        raise ValueError(f"draw_norm_graph: way is {way!r}, use one of {', '.join(WAYS)}")
    unknown = sorted(set(highlight) - {*NODES, *GRADIENTS})
    if unknown:
        known = ", ".join([*NODES, *GRADIENTS])
        raise ValueError(f"draw_norm_graph: no {', '.join(unknown)} in the graph; it has {known}")
    if ax is None:
        # all positions are given: a layout engine would take longer than the drawing
        ax = plt.figure(figsize=(WIDTH, HEIGHT), layout="none").add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal")
    ax.axis("off")
    for name in NODES:
        _draw_node(ax, name, axis, name in highlight)
    for name in GRADIENTS:
        _draw_edge(ax, name, name in highlight, way)
    if way != "forward":
        _draw_ends(ax)
    return ax


def _draw_node(ax: Axes, name: str, axis: str, is_lit: bool) -> None:
    x, y, width, formula = NODES[name]
    edge, face = (COLORS[0], PALE_BLUE) if is_lit else (GRAY, "white")
    corner = (x - width / 2, y - BOX_HEIGHT / 2)
    box = Rectangle(corner, width, BOX_HEIGHT, edgecolor=edge, facecolor=face, linewidth=1.3)
    ax.add_patch(box)
    color = "black" if is_lit else DARK_GRAY
    above = y + 0.11 if formula else y
    ax.text(x, above, name, weight="bold", ha="center", va="center", color=color)
    if formula:
        text = formula.replace("#", SIZES[axis]).replace("*", axis)
        ax.text(x, y - 0.12, text, ha="center", va="center", color=color)


def _draw_edge(ax: Axes, name: str, is_lit: bool, way: str) -> None:
    start, end, side = GRADIENTS[name]
    line = _find_middle(end) - _find_middle(start)
    along = line / np.linalg.norm(line)
    aside = GAP * np.array([-along[1], along[0]])
    aside *= np.sign(aside @ SIDES[side])
    if way != "backward":
        _draw_arrow(ax, _leave_box(end, -along, -aside), _leave_box(start, along, -aside), GRAY)
    if way == "forward":
        return
    tail, head = _leave_box(start, along, aside), _leave_box(end, -along, aside)
    color = COLORS[1] if is_lit else GRAY
    _draw_arrow(ax, tail, head, color, 2.0 if is_lit else 1.0)
    x, y = (tail + head) / 2 + aside + GAP * SIDES[side]
    alignment = {"below": "center", "left": "right", "right": "left"}[side]
    vertical = "top" if side == "below" else "center"
    ax.text(x, y, name, ha=alignment, va=vertical, color=color if is_lit else DARK_GRAY)


def _draw_ends(ax: Axes) -> None:
    """Draw dout, which comes in on the right, and dx, which leaves on the left."""
    right = SIDES["right"]
    out, x = _leave_box("out", right), _leave_box("x", -right)
    for label, tail, head in (("dout", out + 0.6 * right, out), ("dx", x, x - 0.45 * right)):
        _draw_arrow(ax, tail, head, GRAY)
        middle, y = (tail + head) / 2
        ax.text(middle, y - GAP, label, ha="center", va="top", color=DARK_GRAY)


def _draw_arrow(ax: Axes, start: Point, end: Point, color: str, linewidth: float = 1.0) -> None:
    style = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 0, "shrinkB": 0}
    ax.annotate(
        "", tuple(end), tuple(start), arrowprops={**style, "color": color, "linewidth": linewidth}
    )


def _leave_box(node: str, along: Point, aside: Point | float = 0.0) -> Point:
    """Return where a line leaves the node's box; it passes the middle at a distance ``aside``."""
    half = np.array([NODES[node][2] / 2, BOX_HEIGHT / 2]) + 0.03
    with np.errstate(divide="ignore"):
        lengths = (half - np.sign(along) * aside) / np.abs(along)
    return _find_middle(node) + aside + along * np.min(lengths)


def _find_middle(node: str) -> Point:
    return np.array(NODES[node][:2])
