import matplotlib.pyplot as plt
import numpy as np
import pytest

from assignment.support.predictions import Guess, predict

COLORS = ("red", "green")


def test_without_a_guess_nothing_is_compared(capsys):
    guess = predict("the first loss", None)
    assert capsys.readouterr().out == (
        "the first loss: no guess yet; put a number, such as 0.5, in place of None\n"
    )
    _, ax = plt.subplots()
    guess.compare(2.3)
    guess.mark(ax)
    assert (capsys.readouterr().out, ax.lines[:], ax.texts[:]) == ("", [], [])
    plt.close()


def test_a_number_stands_beside_the_result(capsys):
    guess = predict("the first loss", np.float32(4.5))
    guess.compare(2.302585, " nats")
    assert capsys.readouterr().out == (
        "the first loss: you guess 4.5\nyou guessed 4.5 nats; it is 2.3 nats\n"
    )
    _, ax = plt.subplots()
    ax.plot([0, 5], [0, 5])
    guess.mark(ax)
    guess.mark(ax, axis="x")
    _, across, along = ax.lines
    assert (list(across.get_ydata()), list(along.get_xdata())) == ([4.5, 4.5], [4.5, 4.5])
    assert [text.get_text().split() for text in ax.texts] == [["your", "guess"]] * 2
    plt.close()


@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize(
    ("scale", "limits", "guess", "shown"),
    [
        ("linear", None, 15, "line"),
        ("linear", None, 30, "beyond"),
        ("linear", None, -30, "before"),
        ("linear", (0, 10), 15, "beyond"),
        ("log", None, 50, "line"),
        ("log", None, 0, "before"),
        ("log", None, -1, "before"),
    ],
)
def test_a_guess_far_away_leaves_the_picture_as_it_is(axis, scale, limits, guess, shown):
    _, ax = plt.subplots()
    ax.plot([1, 10], [1, 10], label="measured")
    ax.set(**{f"{axis}scale": scale})
    if limits:
        ax.set(**{f"{axis}lim": limits})
    legend = ax.legend(loc="center")
    before = (ax.get_xlim(), ax.get_ylim())
    Guess(guess).mark(ax, axis=axis)
    (text,) = [text.get_text() for text in ax.texts]
    arrows = {"beyond": {"x": "→", "y": "↑"}, "before": {"x": "←", "y": "↓"}}
    if shown == "line":
        assert (text.split(), len(ax.lines)) == (["your", "guess"], 2)
        low, high = (ax.get_xlim if axis == "x" else ax.get_ylim)()
        assert low < guess < high
    else:
        assert arrows[shown][axis] in text
        assert (ax.get_xlim(), ax.get_ylim()) == before
        assert len(ax.lines) == 1
    assert ax.get_legend() is legend
    plt.close()


def test_a_choice_stands_beside_the_result(capsys):
    predict("the colour", " Red ", COLORS).compare("green")
    assert capsys.readouterr().out == (
        "the colour: you guess red\nyou guessed: red; it is: green\n"
    )


@pytest.mark.parametrize("guess", ["2", True, [1], np.nan, 10**400, np.array([1.0])])
def test_what_is_no_number_is_said(guess, capsys):
    assert predict("the first loss", guess) == Guess()
    assert "is no guess that can be compared; write a number, such as" in capsys.readouterr().out


@pytest.mark.parametrize("guess", ["blue", 3, ["red"]])
def test_what_is_no_choice_is_said(guess, capsys):
    assert predict("the colour", guess, COLORS) == Guess()
    assert "write one of 'red', 'green' in its place" in capsys.readouterr().out
