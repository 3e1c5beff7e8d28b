"""Is a gradient right? Compare it with central differences over a range of steps h.

The numeric derivative D(h) = (F(x + h v) - F(x - h v)) / 2h along a random direction v has a
truncation error of about h^2, and the rounding error of F divided by h. If the gradient is right,
the difference between D(h) and its derivative along v falls as h^2 until rounding takes over; if
it is wrong, the difference stays on a plateau. A direction takes two evaluations of F for each h,
however large x is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.support.testing.compare import RTOL

__all__ = ["GradientReport", "check_gradient", "numeric_gradient"]

Array = npt.NDArray[np.float64]

HS = np.logspace(-1, -11, 21, dtype=np.float64)
NUM_DIRECTIONS = 3
# A gradient may differ from D(h) by so many times the change of D(h) from one h to the next.
SAFETY = 5.0
# If D(h) is less certain than this, the verdict is "unclear".
MIN_PRECISION = 1e-5
# A gradient below this share of sum(|f(x) * dout|) drowns in rounding errors, so errors are judged
# relative to no less: the gradient of a bias before batch norm should be 0, but never is exactly.
NOTHING = 1e-8


@dataclass(frozen=True, eq=False)
class GradientReport:
    """What the sweep over h found.

    Attributes
    ----------
    verdict : str
        "right", "wrong", "kink" (F has no derivative here), "unclear" (F is too noisy), or,
        before values are compared, "wrong type", "wrong shape", "wrong dtype", "not finite".
    message : str
        The verdict and its reason in one to three lines; also ``str(report)``.
    hs : float64 array, shape (H,)
        Steps, the largest first; empty if no values were compared.
    errors : float64 array, shape (H,)
        Difference between analytic and numeric gradient, relative to the larger of the two.
    plateau : float
        The error at the h where the numeric gradient is most precise; nan if hs is empty.
    precision : float
        The relative uncertainty of the numeric gradient there.
    slope : float
        Power of h with which the error falls before that; nan if it never falls.
    """

    verdict: str
    message: str
    hs: Array
    errors: Array
    plateau: float
    precision: float
    slope: float

    def __str__(self) -> str:
        return self.message


def numeric_gradient(
    f: Callable[[Array], Any], x: npt.ArrayLike, dout: npt.ArrayLike | None = None, h: float = 1e-5
) -> Array:
    """Return the gradient of ``sum(f(x) * dout)`` by central differences, element by element.

    Parameters
    ----------
    f : function of one array that returns an array like dout, or a number where dout is None
        Called twice for each element of x; must not change its argument.
    x : float array, any shape
        A float64 copy of it is perturbed in place.
    dout : float array, shape of f(x), or None
    h : float
        Half the distance between the two points.

    Returns
    -------
    dx : float64 array, shape of x
    """
    moved = np.array(x, dtype=np.float64)
    weights = 1.0 if dout is None else np.asarray(dout, dtype=np.float64)
    dx = np.empty_like(moved)
    for index in np.ndindex(moved.shape):
        old = moved[index]
        up, down = old + h, old - h
        moved[index] = up
        above = np.array(f(moved), dtype=np.float64)  # a copy: f may return a view of its argument
        moved[index] = down
        dx[index] = np.sum((above - f(moved)) * weights) / (up - down)
        moved[index] = old
    return dx


def check_gradient(
    f: Callable[[Array], Any],
    x: npt.NDArray[np.floating],
    dout: npt.ArrayLike | None,
    analytic: Any,
    rng: np.random.Generator | None = None,
) -> GradientReport:
    """Judge an analytic gradient of ``sum(f(x) * dout)``: type, shape, dtype, then values.

    Parameters
    ----------
    f : function of one array that returns an array like dout, or a number where dout is None
        Called about 100 times, with float64 arrays.
    x : float array, any shape
        Where the gradient is taken; avoid kinks such as the one of ReLU at 0.
    dout : float array, shape of f(x), or None
        Draw it at random: an array of ones hides mistakes.
    analytic : the gradient to judge
        Should be an array with the shape and the dtype of x.
    rng : np.random.Generator or None
        Draws the directions; None draws the same ones every time.

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError
        x is not a float array, or f returns a tuple.
    ValueError
        f(x) has another shape than dout.

    Notes
    -----
    Errors are relative to the whole gradient (the root of its sum of squares). An element that is
    wrong but tiny beside the others can go unnoticed; ``numeric_gradient`` computes each one.
    """
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        raise TypeError(f"check_gradient: x is {_describe(x)}, expected a float array")
    with np.errstate(all="ignore"):  # a large step may leave the range of f
        exact = x.astype(np.float64)
        problem = _find_bad_form(analytic, x)
        if not problem and not np.isfinite(_evaluate(f, exact, dout)).all():
            problem = "not finite", "f(x) itself holds nan or infinity"
        if not problem:
            sweep = _sweep(f, exact, dout, np.asarray(analytic), rng or np.random.default_rng(0))
            return _judge(sweep, x.dtype)
    verdict, reason = problem
    empty = np.empty(0)
    return GradientReport(verdict, f"{verdict}: {reason}", empty, empty, np.nan, np.nan, np.nan)


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype}"
    return "None" if value is None else f"a {type(value).__name__}"


def _find_bad_form(analytic: Any, x: npt.NDArray[Any]) -> tuple[str, str] | None:
    """Return a verdict and its reason, or None if the values can be compared."""
    if not isinstance(analytic, (np.ndarray, np.floating)):
        return "wrong type", f"the gradient is {_describe(analytic)}, expected a float array"
    if analytic.shape != x.shape:
        return "wrong shape", f"the gradient has shape {analytic.shape}, expected {x.shape} like x"
    if analytic.dtype != x.dtype:
        return "wrong dtype", f"the gradient has dtype {analytic.dtype}, expected {x.dtype} like x"
    bad = np.argwhere(~np.isfinite(analytic))
    if len(bad):
        index = tuple(int(i) for i in bad[0])
        value = np.asarray(analytic)[index]
        return "not finite", f"the gradient holds {value} at index {index}, expected finite numbers"
    return None


def _evaluate(f: Callable[[Array], Any], x: Array, dout: npt.ArrayLike | None) -> Array:
    """Return ``f(x) * dout`` before the sum."""
    value = f(x)
    if isinstance(value, tuple):
        raise TypeError("check_gradient: f returns a tuple, pick what to differentiate, as f(x)[0]")
    out = np.asarray(value, dtype=np.float64)
    expected = () if dout is None else np.shape(dout)
    if out.shape != expected:
        raise ValueError(f"check_gradient: f(x) has shape {out.shape}, dout {expected}")
    return out * (1.0 if dout is None else np.asarray(dout, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class _Sweep:
    """Directional derivatives, shape (H, R): a row for each h, a column for each direction."""

    numeric: Array
    claimed: Array
    jump: Array  # slope on the right minus slope on the left: falls as h unless there is a kink
    gradient_size: float
    total: float  # sum of |f(x) * dout|, the scale of rounding errors


def _sweep(
    f: Callable[[Array], Any],
    x: Array,
    dout: npt.ArrayLike | None,
    analytic: npt.NDArray[np.floating],
    rng: np.random.Generator,
) -> _Sweep:
    centre = _evaluate(f, x, dout)
    numeric, claimed, jump = np.empty((3, len(HS), NUM_DIRECTIONS))
    for r in range(NUM_DIRECTIONS):
        v = rng.standard_normal(x.shape)
        for k, h in enumerate(HS):
            right, left = x + h * v, x - h * v
            above, below = _evaluate(f, right, dout), _evaluate(f, left, dout)
            numeric[k, r] = np.sum(above - below) / (2 * h)
            jump[k, r] = np.sum((above - centre) - (centre - below)) / h
            # right - left is 2hv up to rounding, and F is evaluated with the same rounding
            claimed[k, r] = np.vdot(analytic, right - left) / (2 * h)
    size = float(np.linalg.norm(analytic))
    return _Sweep(numeric, claimed, jump, size, float(np.sum(np.abs(centre))))


def _judge(sweep: _Sweep, dtype: np.dtype[Any]) -> GradientReport:
    gap = sweep.numeric - sweep.claimed
    errors, changes = _rms(gap), _rms(gap[1:] - gap[:-1])
    rounding = np.finfo(np.float64).eps * sweep.total / HS[1:-1]
    # for steps 1 to H - 2; at least rounding, even if F happens not to change
    uncertainty = np.maximum(np.maximum(changes[:-1], changes[1:]), rounding)
    uncertainty = np.where(np.isfinite(uncertainty), uncertainty, np.inf)
    best = 1 + int(np.argmin(uncertainty))
    size = max(sweep.gradient_size, float(_rms(sweep.numeric)[best]), NOTHING * sweep.total)
    size = size or 1.0  # all is zero
    plateau, precision = float(errors[best]) / size, float(uncertainty[best - 1]) / size
    if plateau > SAFETY * precision + RTOL.get(str(dtype), RTOL["float32"]):
        jumps = _rms(sweep.jump)
        # at the next h, half a decade smaller, a smooth function's jump is 3 times smaller
        lasting = jumps[best + 1] > max(jumps[best] / 2, errors[best] / 10)
        verdict = "kink" if lasting else "wrong"
    else:
        verdict = "right" if precision < MIN_PRECISION else "unclear"
    slope = _fit_slope(errors[: best + 1] / size)
    message = _explain(verdict, plateau, precision, slope, best, sweep)
    return GradientReport(verdict, message, HS, errors / size, plateau, precision, slope)


def _rms(values: Array) -> Array:
    """Return the root mean square over the directions."""
    return np.asarray(np.sqrt(np.mean(values * values, axis=1)))


def _fit_slope(errors: Array) -> float:
    """Return the power of h with which the errors fall to the last one, nan if they do not."""
    # errors near 1 come from steps that leave the neighbourhood of x
    falling = np.flatnonzero((errors > 10 * errors[-1]) & (errors < 0.1))
    if len(falling) < 3:
        return np.nan
    return float(np.polyfit(np.log(HS[falling]), np.log(errors[falling]), 1)[0])


def _explain(
    verdict: str, plateau: float, precision: float, slope: float, best: int, sweep: _Sweep
) -> str:
    h = f"h = {HS[best]:.0e}"
    if verdict == "right":
        falls = "rounding and no more" if np.isnan(slope) else f"after a fall as h^{slope:.1f}"
        crossed = ", since larger steps cross kinks" if slope < 1.5 else ""
        return f"right: the relative error is {plateau:.0e} at {h}, {falls}{crossed}"
    if verdict == "unclear":
        return (
            f"unclear: at best, {h}, the numeric gradient is known to {precision:.0e}\n"
            "  f is too noisy to judge by: let it compute in float64, without random numbers"
        )
    text = (
        f"{verdict}: the relative error stays at {plateau:.1e} however small h is\n"
        f"  at {h} the numeric gradient is known to {precision:.0e}"
    )
    if verdict == "kink":
        return (
            f"{text}\n  f has different slopes left and right of x, like ReLU at 0; on such a kink "
            "any slope between them would do, so move x off it"
        )
    numeric, claimed = sweep.numeric[best], sweep.claimed[best]
    factor = np.vdot(numeric, claimed) / np.vdot(numeric, numeric)
    if np.allclose(claimed, factor * numeric, rtol=1e-6, atol=0):
        text += f"\n  it is {factor:.7g} times the numeric gradient"
    return text
