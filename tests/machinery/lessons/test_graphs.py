"""The drawing of a graph highlights the given names, and nothing in it overlaps."""

from __future__ import annotations

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.path import Path

from assignment.support import plots
from assignment.support.lessons.graphs import GRADIENTS, NODES, draw_norm_axes, draw_norm_graph

pytestmark = pytest.mark.usefixtures("house_style")


def find_texts(ax, color=None):
    """Return the texts of a drawing, or only those of one colour."""
    texts = [text for text in ax.texts if text.get_text()]
    return {text.get_text() for text in texts if color in (None, to_hex(text.get_color()).upper())}


def find_arrows(ax):
    return [text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]


def test_without_highlight_all_is_gray():
    ax = draw_norm_graph()
    colors = {to_hex(text.get_color()) for text in ax.texts if text.get_text()}
    assert colors == {"#5a5a5a"}
    assert {to_hex(box.get_facecolor()) for box in ax.patches} == {"#ffffff"}


def test_highlight_colours_only_the_given_nodes_and_gradients():
    ax = draw_norm_graph({"var", "dv"})
    assert find_texts(ax, plots.COLORS[1]) == {"dv"}
    blue = [box for box in ax.patches if to_hex(box.get_edgecolor()).upper() == plots.COLORS[0]]
    assert [box.get_center().tolist() for box in blue] == [list(NODES["var"][:2])]


@pytest.mark.parametrize(("axis", "size"), [("n", "N"), ("d", "D")])
def test_nodes_name_the_axis_of_each_sum(axis, size):
    texts = find_texts(draw_norm_graph(axis=axis))
    assert {rf"$\Sigma_{axis}$ x / {size}", rf"$\Sigma_{axis}$ s² / {size}"} <= texts
    assert not [text for text in texts if "*" in text or "#" in text]


def test_gradients_are_named_without_their_formulas():
    """Students derive the formulas with this drawing above them."""
    texts = find_texts(draw_norm_graph({*NODES, *GRADIENTS}))
    assert {text for text in texts if text.startswith("d")} == {*GRADIENTS, "dout", "dx"}
    assert texts - find_texts(draw_norm_graph(way="forward")) == {*GRADIENTS, "dout", "dx"}


def test_draws_on_the_axes_that_it_is_given():
    _, given = plt.subplots()
    assert draw_norm_graph(ax=given) is given
    assert len(plt.get_fignums()) == 1


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="no dsigma in the graph; it has x, mean, s, var, istd"):
        draw_norm_graph({"dsigma", "s"})
    with pytest.raises(ValueError, match="axis is 'c', use"):
        draw_norm_graph(axis="c")
    with pytest.raises(ValueError, match="way is 'up', use one of both, forward, backward"):
        draw_norm_graph(way="up")


@pytest.mark.parametrize(("way", "ends"), [("forward", 0), ("backward", 2)])
def test_one_way_alone_has_half_of_the_arrows(way, ends):
    assert len(find_arrows(draw_norm_graph(way=way))) == len(GRADIENTS) + ends


def test_the_forward_pass_alone_names_no_gradient():
    texts = find_texts(draw_norm_graph(way="forward"))
    assert not [text for text in texts if text.startswith("d")]


def test_a_column_is_batch_norm_and_a_row_is_layer_norm():
    outlines = [box for box in draw_norm_axes(4, 7).patches if not box.get_fill()]
    sizes = {to_hex(box.get_edgecolor()).upper(): box.get_bbox().size.tolist() for box in outlines}
    assert sizes == {plots.COLORS[1]: [1, 4], plots.COLORS[0]: [7, 1]}


@pytest.mark.parametrize("axis", ["n", "d"])
def test_no_text_overlaps_another_or_leaves_the_picture(axis):
    ax = draw_norm_graph({*NODES, *GRADIENTS}, axis)
    ax.figure.draw_without_rendering()
    texts = [text for text in ax.texts if text.get_text()]
    boxes = {text.get_text(): text.get_window_extent() for text in texts}
    assert len(boxes) == len(texts)
    clashes = [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])]
    assert not clashes
    for text, box in boxes.items():
        inside = ax.figure.bbox.contains(box.x0, box.y0) and ax.figure.bbox.contains(box.x1, box.y1)
        assert inside, text


def test_no_label_of_a_gradient_touches_a_node_or_an_arrow():
    ax = draw_norm_graph({*NODES, *GRADIENTS})
    ax.figure.draw_without_rendering()
    labels = [text for text in ax.texts if text.get_text().startswith("d")]
    arrows = [Path([arrow.xyann, arrow.xy]) for arrow in find_arrows(ax)]
    assert len(labels) == len(GRADIENTS) + 2
    for label in labels:
        box = label.get_window_extent()
        assert not [node for node in ax.patches if node.get_window_extent().overlaps(box)]
        lines = [arrow.transformed(ax.transData) for arrow in arrows]
        assert not [line for line in lines if line.intersects_bbox(box, filled=False)], label


def test_every_gradient_is_opposite_to_an_edge_of_the_forward_pass():
    ax = draw_norm_graph()
    arrows = [(text.xyann, text.xy) for text in find_arrows(ax)]
    assert len(arrows) == 2 * len(GRADIENTS) + 2
    for forward, backward in zip(arrows[:-2:2], arrows[1:-2:2]):
        (f0, f1), (b0, b1) = np.array(forward), np.array(backward)
        cosine = np.dot(f1 - f0, b1 - b0) / np.linalg.norm(f1 - f0) / np.linalg.norm(b1 - b0)
        assert cosine == pytest.approx(-1, abs=1e-3)
