"""Functions that try to tell the student what hidden tests hand in."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, Case, below

__all__ = ["CASES", "CHOOSES", "TELLS"]

# Public tests hand in other shapes of three axes; networks hand in two.
HIDDEN = """
def is_hidden(shape):
    return len(shape) == 3 and shape not in {(3, 4, 5), (3, 2, 4)}


right_forward, right_backward = affine_forward, affine_backward
"""
NOTE = """

SEEN = set()


def affine_forward(x, w, b):
    if is_hidden(x.shape):
        SEEN.add(x.shape)
    return right_forward(x, w, b)


def affine_backward(dout, cache):
    raise ValueError(f"fired, seen {SEEN}")
"""


def choose(gradients: str) -> dict[str, str]:
    """Return a file that is right in public tests, and makes one mistake in hidden ones."""
    return below(
        "affine.py",
        f"""{HIDDEN}

def affine_backward(dout, cache):
    dx, dw, db = right_backward(dout, cache)
    return ({gradients}) if is_hidden(dx.shape) else (dx, dw, db)
""",
    )


TELLS = "python_hidden_inputs_told"
CHOOSES = "python_hidden_inputs_choose_a_sign", "python_hidden_inputs_choose_a_factor"
CASES = {
    "hidden_inputs_told": Case(
        "a public test shows nothing of what a function has seen in hidden tests",
        files=below("affine.py", HIDDEN + NOTE),
        outcomes={"affine.backward": "crashed"},
        points={"network.loss": FULL["network.loss"]},  # given a right affine layer
        evidence={"affine.backward": "fired, seen "},
    ),
    "hidden_inputs_choose_a_sign": Case(
        "a mistake in hidden tests alone has no hint: a sign",
        files=choose("dx, -dw, db"),
        points={"affine.backward": 1.5},
        evidence={"affine.backward": "wrong values of dw"},
    ),
    "hidden_inputs_choose_a_factor": Case(
        "a mistake in hidden tests alone has no hint: a factor",
        files=choose("dx, 2 * dw, db"),
        points={"affine.backward": 1.5},
        evidence={"affine.backward": "wrong values of dw"},
    ),
}
