"""``predict``: guess a result before you see it. Costs no points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from matplotlib.axes import Axes

__all__ = ["Guess", "predict"]


@dataclass(frozen=True)
class Guess:
    """A student's guess; None if there is none, as where a notebook is run by a machine."""

    value: float | str | None = None

    def compare(self, result: float | str, unit: str = "") -> None:
        """Print the guess beside the result, or nothing if there is no guess.

        Parameters
        ----------
        result : float or str
            What was measured, or the right choice.
        unit : str
            Printed after both numbers, for example " %".
        """
        if isinstance(self.value, str):
            print(f"you guessed: {self.value}; it is: {result}")
        elif self.value is not None:
            print(f"you guessed {self.value:.3g}{unit}; it is {result:.3g}{unit}")

    def mark(self, ax: Axes, axis: str = "y") -> None:
        """Draw a guessed number as a line across a picture, or nothing without one.

        The picture may become twice as large for it. If the number lies still farther away, or
        at most at 0 where the axis is logarithmic, an arrow shows where the line would be.

        Parameters
        ----------
        ax : Axes
        axis : "x" or "y"
            The axis on which the number is read.
        """
        if not isinstance(self.value, Real):
            return
        value, along = float(self.value), "xy".index(axis)
        low, high = (ax.get_xlim, ax.get_ylim)[along]()
        ends = ax.transData.transform([(low, low), (high, high)])[:, along]
        place = (ax.transData.transform((value, value))[along] - ends[0]) / (ends[1] - ends[0])
        may_grow = (ax.get_autoscalex_on, ax.get_autoscaley_on)[along]()
        if not (-1 <= place <= 2 if may_grow else 0 <= place <= 1):
            _point_at_guess(ax, axis, beyond=place > 1)
        elif axis == "y":
            ax.axhline(value, color="black", linestyle="-.")
            _write_guess(ax, "your\nguess", (1, value), ("axes fraction", "data"), (4, 0))
        else:
            ax.axvline(value, color="black", linestyle="-.")
            style = {"rotation": 90, "va": "bottom"}
            _write_guess(ax, "your guess", (value, 0), ("data", "axes fraction"), (3, 4), **style)


def _point_at_guess(ax: Axes, axis: str, beyond: bool) -> None:
    """Write at the end of an axis that the guess lies beyond it."""
    if axis == "y":
        text = "your\nguess ↑" if beyond else "your\nguess ↓"
        va = "top" if beyond else "bottom"
        _write_guess(ax, text, (1, float(beyond)), "axes fraction", (4, 0), va=va)
    elif beyond:
        _write_guess(ax, "your\nguess →", (1, 0.5), "axes fraction", (4, 0))
    else:
        _write_guess(ax, "← your guess", (0, 0.5), "axes fraction", (4, 0))


def _write_guess(
    ax: Axes, text: str, xy: tuple[float, float], coordinates: Any, offset: Any, **style: Any
) -> None:
    """Write beside the picture and not into its legend, which would have to move."""
    ax.annotate(
        text,
        xy,
        xycoords=coordinates,
        xytext=offset,
        textcoords="offset points",
        annotation_clip=False,
        **{"va": "center", **style},
    )


def predict(what: str, guess: object, choices: Sequence[str] = ()) -> Guess:
    """Keep a guess until the result is there, and print it.

    Parameters
    ----------
    what : str
        What is to be guessed, for example "the first loss, in nats".
    guess : float, str or None
        The student's number or choice; None as long as there is none.
    choices : sequence of str
        What to choose from; without them, the guess is a number.

    Returns
    -------
    Guess
    """
    wanted = f"one of {', '.join(map(repr, choices))}" if choices else "a number, such as 0.5,"
    if guess is None:
        print(f"{what}: no guess yet; put {wanted} in place of None")
        return Guess()
    found = _find_choice(guess, choices) if choices else _read_number(guess)
    if found is None:
        print(f"{what}: {guess!r} is no guess that can be compared; write {wanted} in its place")
        return Guess()
    print(f"{what}: you guess {found}")
    return Guess(found)


def _find_choice(guess: object, choices: Sequence[str]) -> str | None:
    return next((one for one in choices if str(guess).strip().lower() == one.lower()), None)


def _read_number(guess: object) -> float | None:
    if not isinstance(guess, Real) or isinstance(guess, bool):
        return None
    try:
        number = float(guess)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
