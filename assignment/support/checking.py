"""For notebooks: ``check`` runs public tests, ``claim`` checks a sentence of the lesson."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assignment.support.data import SHIPPED
from assignment.support.project.manifest import load_parts
from assignment.support.testing.public_tests import run_public_tests

__all__ = ["check", "claim"]


def check(*part_ids: str) -> None:
    """Run the public tests of some parts; print the points of each part, and what is wrong.

    The points that hidden tests add when the work is graded are printed, too.

    Parameters
    ----------
    part_ids : str
        For example "affine.forward", or "affine" for all parts of that group. Without arguments,
        all parts are tested.
    """
    scores = run_public_tests(part_ids)
    total = {part.id: part.points for part in load_parts()}
    for part_id, score in scores.tested().items():
        hidden = total[part_id] - score.points_possible
        points = f"{score.points} points"
        if hidden:
            points += f", and {hidden:g} more from hidden tests"
        if score.failure is not None:
            print(f"{score.message}\n  points    {points}")
        else:
            print(f"{part_id}: passed, {points}")
    print("".join(f"{warning}\n" for warning in scores.find_warnings()), end="")


def claim(sentence: str, holds: npt.ArrayLike, about: str | None = None) -> None:
    """Print that a sentence of the lesson holds, or raise an AssertionError.

    Parameters
    ----------
    sentence : str
        What the lesson claims about the numbers just measured.
    holds : bool, or array whose elements must all be true
    about : name of a data set, or None
        The data set that the numbers come from. If it is not included in the course, a claim that
        does not hold is only printed.
    """
    if np.all(holds):
        print(f"holds: {sentence}")
    elif about is None or about in SHIPPED:
        raise AssertionError(f"does not hold: {sentence}")
    else:
        print(f"does not hold on {about}: {sentence}")
