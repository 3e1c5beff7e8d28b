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
    assert (capsys.readouterr().out, ax.lines[:], ax.get_legend()) == ("", [], None)
    plt.close()


def test_a_number_stands_beside_the_result(capsys):
    guess = predict("the first loss", np.float32(4.5))
    guess.compare(2.302585, " nats")
    assert capsys.readouterr().out == (
        "the first loss: you guess 4.5\nyou guessed 4.5 nats; it is 2.3 nats\n"
    )
    _, ax = plt.subplots()
    guess.mark(ax)
    guess.mark(ax, axis="x")
    across, along = ax.lines
    assert (list(across.get_ydata()), list(along.get_xdata())) == ([4.5, 4.5], [4.5, 4.5])
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
