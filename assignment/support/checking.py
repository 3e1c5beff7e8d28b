"""What notebooks ask: ``check`` a part with its public tests, ``claim`` what the lesson says."""

from __future__ import annotations

import contextlib
import io
import sys

import numpy as np
import numpy.typing as npt
import pytest

from assignment.support.data import SHIPPED
from assignment.support.manifest import ROOT, load_parts
from assignment.support.reporting import PartScores, is_wanted

__all__ = ["check", "claim"]

PUBLIC = ROOT / "tests" / "public"


def check(*part_ids: str) -> None:
    """Run the public tests of some parts and print for each its points or what is wrong.

    Parameters
    ----------
    part_ids : str
        For example "affine.forward", or "affine" for all parts of that name.
    """
    scores = PartScores()
    _run_public_tests(part_ids, scores)
    for part_id, score in scores.tested().items():
        points = f"{score.points_got:g} of {score.points_possible:g} points"
        if score.note:
            print(f"{score.message}\n  points    {points}")
        else:
            print(f"{part_id}: passed, {points}")


def _run_public_tests(part_ids: tuple[str, ...], scores: PartScores) -> None:
    for name in [name for name in sys.modules if name.startswith("tests.public.")]:
        del sys.modules[name]  # they hold the functions as they were at the last check
    parts = load_parts()
    files = {str(PUBLIC / part.tests) for part in parts if is_wanted(part.id, part_ids)}
    if not files:
        known = ", ".join(part.id for part in parts)
        raise ValueError(f"check: no part {', '.join(part_ids)!r}; the parts are: {known}")
    wanted = [f"--part={part_id}" for part_id in part_ids]
    options = [f"-c{ROOT / 'pyproject.toml'}", "-pno:cacheprovider", "--tb=short"]
    options.append("-pno:unraisableexception")  # it sweeps the memory of the whole notebook, twice
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = pytest.main([*sorted(files), *options, *wanted], plugins=[scores])
    ran = code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if not ran or not scores.tested():
        raise RuntimeError(f"the check could not run:\n{output.getvalue()}")


def claim(sentence: str, holds: npt.ArrayLike, about: str | None = None) -> None:
    """Print that a sentence of the lesson holds, or stop with an AssertionError.

    Parameters
    ----------
    sentence : str
        What the lesson claims of the numbers just measured.
    holds : bool, or array of which all elements must be true
    about : name of a data set, or None
        What the sentence was measured on. On data that does not come with the course nobody
        has: there a sentence that fails is printed, and stops nothing.
    """
    if np.all(holds):
        print(f"holds: {sentence}")
    elif about is None or about in SHIPPED:
        raise AssertionError(f"does not hold: {sentence}")
    else:
        print(f"does not hold on {about}: {sentence}")
