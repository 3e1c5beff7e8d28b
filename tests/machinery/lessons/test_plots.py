"""Plots show the values that they were given, in distinguishable colours."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from assignment.support import plots
from assignment.support.gradient_check import check_gradient
from assignment.support.trainer import History

pytestmark = pytest.mark.usefixtures("house_style")


@pytest.fixture
def report():
    x, dout = np.random.default_rng(1).normal(size=(2, 5))
    return check_gradient(np.sin, x, dout, dout * np.cos(x))


def test_pictures_are_opaque_white(tmp_path):
    plots.plot_loss([2.0, 1.0])
    plt.savefig(tmp_path / "loss.png")
    corner = plt.imread(tmp_path / "loss.png")[0, 0]
    assert corner.tolist() == [1, 1, 1, 1]


def test_curves_take_the_colours_of_the_style_in_order():
    ax = plots.plot_loss([2.0, 1.0])
    plots.plot_loss([3.0, 2.0], ax)
    drawn = [line.get_color() for line in ax.get_lines()]
    assert drawn == [plots.COLORS[0], plots.COLORS[0], plots.COLORS[1], plots.COLORS[1]]


def test_show_images_fills_rows():
    images = np.random.default_rng(1).random((7, 4, 4))
    ax = plots.show_images(images, list("abcdefg"), columns=3)
    np.testing.assert_array_equal([tile.get_array() for tile in ax.images], images)
    assert [text.get_text() for text in ax.texts] == list("abcdefg")
    corners = [tile.get_extent()[::2] for tile in ax.images]
    assert len({x for x, _ in corners}) == 3
    assert len({y for _, y in corners}) == 3


def test_show_images_accepts_colour_images():
    image = np.random.default_rng(1).random((4, 4, 3))
    (tile,) = plots.show_images(image[np.newaxis]).images
    np.testing.assert_array_equal(tile.get_array(), image)


def test_plot_loss_shows_losses_and_their_running_mean():
    losses = np.linspace(2.0, 1.0, 100)
    ax = plots.plot_loss(losses, label="small steps")
    raw, mean = ax.get_lines()
    np.testing.assert_array_equal(raw.get_xdata(), np.arange(1, 101))
    np.testing.assert_array_equal(raw.get_ydata(), losses)
    # the mean over a window of a straight line lies on the line
    on_line = np.interp(mean.get_xdata(), raw.get_xdata(), losses)
    np.testing.assert_allclose(mean.get_ydata(), on_line, atol=1e-12)
    assert ax.get_legend_handles_labels()[1] == ["small steps"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss (nats)")


def test_plot_loss_accepts_a_history():
    history = History(np.array([3.0, 2.0]), np.ones(1), np.ones(1), 1.0, 0, False, "")
    assert plots.plot_loss(history).get_lines()[0].get_ydata().tolist() == [3.0, 2.0]


def test_plot_confusion_shows_counts_and_shares():
    ax = plots.plot_confusion([[3, 1], [0, 4]], ["coat", "shirt"])
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0.75, 0.25], [0, 1]])
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts == {(0, 0): "3", (1, 0): "1", (1, 1): "4"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["coat", "shirt"]
    assert ax.get_title(loc="left").startswith("87.5% are right")


def test_plot_confusion_accepts_a_class_without_examples():
    ax = plots.plot_confusion([[2, 0], [0, 0]], ["coat", "shirt"])
    assert ax.images[0].get_array().filled(np.nan).tolist() == [[1, 0], [0, 0]]


def test_plot_sweep_draws_one_guide_for_several_reports(report):
    ax = plots.plot_sweep(report, label="first")
    assert plots.plot_sweep(report, ax) is ax
    assert ax.get_legend_handles_labels()[1] == ["falls as $h^2$", "first", "right"]
    guide, first, _ = ax.get_lines()
    np.testing.assert_array_equal(guide.get_ydata(), guide.get_xdata() ** 2)
    np.testing.assert_array_equal(first.get_xdata(), report.hs)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_plot_sweep_says_why_there_is_nothing_to_plot():
    report = check_gradient(np.sin, np.ones(3), np.ones(3), np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"nothing to plot, .*wrong shape"):
        plots.plot_sweep(report)


def test_plot_histogram_is_a_density():
    _, ax = plt.subplots()
    plots.plot_histogram(ax, np.random.default_rng(1).normal(size=(50, 20)), 30, label="x")
    (stairs,) = ax.patches
    heights, edges, _ = stairs.get_data()
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1)
    assert len(heights) == 30
    assert ax.get_legend_handles_labels()[1] == ["x"]


def test_plotted_returns_the_points_of_a_line():
    ax = plots.plot_loss([3.0, 2.0], label="a run")
    x, y = plots.plotted(ax, "a run")
    assert (x.tolist(), y.tolist()) == ([1, 2], [3, 2])


def test_plotted_refuses_an_unknown_label():
    ax = plots.plot_loss([3.0, 2.0], label="a run")
    with pytest.raises(ValueError, match=r"0 lines are labelled 'another', there are .*'a run'"):
        plots.plotted(ax, "another")


def test_caption_comes_after_its_figure(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda *args, **kwargs: shown.append((args, kwargs))
    )
    figure, _ = plt.subplots()
    plots.add_caption("**Loss** falls.", alt="A falling line.")
    (drawn, described), (caption, _) = shown
    assert drawn == (figure,)
    assert described == {"metadata": {"image/png": {"alt": "A falling line."}}}
    assert caption[0].data == "**Loss** falls."
    assert plt.get_fignums() == []


def test_only_long_logarithmic_axes_have_no_minor_ticks(monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: None)
    _, (long, short) = plt.subplots(1, 2)
    long.semilogx([1e-4, 1], [0, 1])
    short.semilogx([2, 7], [0, 1])
    plots.add_caption("Two axes.", alt="Two empty axes.")
    assert len(long.xaxis.get_minorticklocs()) == 0
    assert len(short.xaxis.get_minorticklocs()) > 0
