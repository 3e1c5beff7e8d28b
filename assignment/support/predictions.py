"""``predict``: guess a result before you see it. Costs no points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

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
        """Draw a guessed number as a dotted line across a picture, or nothing without one.

        Parameters
        ----------
        ax : Axes
        axis : "x" or "y"
            The axis on which the number is read.
        """
        if isinstance(self.value, Real):
            draw = ax.axhline if axis == "y" else ax.axvline
            draw(float(self.value), color="black", linestyle=":", label="your guess")
            ax.legend()


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
