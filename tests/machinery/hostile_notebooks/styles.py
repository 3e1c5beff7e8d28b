"""Honest cells: right in a way that the teacher did not think of, or wrong in only one of them."""

from __future__ import annotations

from tests.machinery.hostile_notebooks.cases import Case, fill, solve

__all__ = ["CASES"]

RUNG_1 = solve("rung-1")
STUB = fill("rung-1", 'raise NotImplementedError("back_through_out is not written yet")')
TYPED = """
from __future__ import annotations

import functools
from typing import NamedTuple


def traced(function):
    @functools.wraps(function)
    def inner(*args: np.ndarray, **kwargs):
        return tuple(function(*args, **kwargs))

    return inner


class Gradients(NamedTuple):
    dxhat: np.ndarray
    dgamma: np.ndarray
    dbeta: np.ndarray


@traced
def back_through_out(dout: np.ndarray, xhat: "np.ndarray", gamma: np.ndarray) -> Gradients:
    return Gradients(gamma * dout, (dout * xhat).sum(0), dout.sum(0))
"""
CLASS = """
class Back:
    def __call__(self, dout, xhat, gamma):
        return gamma * dout, (dout * xhat).sum(0), dout.sum(0)


back_through_out = Back()
"""
LAMBDA = "back_through_out = lambda d, xhat, g: (g * d, (xhat * d).sum(0), d.sum(0))"
HELPERS = """
import numpy  # once more


def add_up(x, axis=0):
    return np.ones(len(x)) @ x if axis == 0 else add_up(x.T)


def back_through_out(dout, xhat, gamma):
    return dout * gamma, add_up(dout * xhat), add_up(dout)


gamma = numpy.arange(3.0)
print(back_through_out(numpy.ones((2, 3)), numpy.ones((2, 3)), gamma))
back_through_out
"""
NOISE = """
import warnings
warnings.warn("this may be wrong")
print("dout", dout.shape)
display(dout)
print("loss 0.3", end="\\r")
plt.plot(np.arange(3))
plt.show()
import sys
print("result: none", file=sys.stderr)
dxhat, dgamma, dbeta = dout * gamma, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)
"""
BORROWED = fill(
    "noise-code",
    """
    total = 0.0
    for _ in range(repeats):
        chosen = sample_minibatch(x_train, y_train, batch_size, rng)
        scores, cache = affine_forward(chosen[0], w.reshape(D, C), b)
        model_dw = affine_backward(softmax_loss(scores, chosen[1])[1], cache)[1]
        total += np.linalg.norm(model_dw - full) ** 2
    assert len(images.classes) == C and len(x_val) and plots.COLORS and take_step and losses.size
    noise = (total / repeats) ** 0.5
    """,
    "01_minibatch_sgd",
)
AFTER_OTHERS = fill(
    "repair",
    "dx_repaired = back_through_s(ds, dv)[0]\n"
    "dx_repaired = dx_repaired + back_through_mean(back_through_s(ds, dv)[1], len(ds))",
    "05_batchnorm",
)
HELP = (
    "np.sum?\nfiles = !ls\n" + RUNG_1 + "\n%timeit -n 1 -r 1 back_through_out(*np.ones((3, 2, 2)))"
)

CASES = {
    "stub": Case("a stub is not written", {"rung-1": STUB}, {"rung-1": "not written"}),
    "blank": Case("a cell without anything crashes", {"rung-1": ""}, {"rung-1": "crashed"}),
    "one_wrong": Case(
        "a wrong answer costs its own cell",
        {"rung-2": solve("rung-2").replace("axis=axis", "axis=0")},
        {"rung-2": "failed"},
    ),
    "one_raises": Case(
        "and so does an exception",
        {"rung-2": solve("rung-2").replace("dxhat * istd", "dxhat @ istd")},
        {"rung-2": "crashed"},
    ),
    "syntax_error": Case(
        "a syntax error costs its cell", {"rung-1": RUNG_1 + "\nif"}, {"rung-1": "crashed"}
    ),
    "argument_twice": Case(
        "also one that Python finds only when it looks at the names",
        {"rung-1": RUNG_1.replace("xhat, gamma)", "xhat, xhat)")},
        {"rung-1": "crashed"},
    ),
    "nonlocal": Case(
        "or only when it looks at all of them",
        {"rung-1": RUNG_1.replace("    ### BEGIN", "    nonlocal dout\n    ### BEGIN")},
        {"rung-1": "crashed"},
    ),
    "noise": Case(
        "what is printed, shown, plotted and warned of does not matter",
        {"rung-1": fill("rung-1", NOISE)},
    ),
    "prints_result": Case(
        "a student may call a result a result",
        {"rung-1": RUNG_1.replace("    return", '    print("result dbeta", dbeta)\n    return')},
    ),
    "helpers": Case("helpers may stand in the cell, and be tried there", {"rung-1": HELPERS}),
    "typed": Case("type hints, decorators and a named tuple are fine", {"rung-1": TYPED}),
    "class": Case("a class with __call__ is a function", {"rung-1": CLASS}),
    "lambda": Case(
        "and so is a lambda",
        {"rung-1": LAMBDA},
    ),
    "borrowed": Case(
        "a cell may use what other cells have made, training too",
        {"noise-code": BORROWED},
        notebook="01_minibatch_sgd",
    ),
    "after_others": Case(
        "and the functions of earlier cells to complete",
        {"repair": AFTER_OTHERS},
        notebook="05_batchnorm",
    ),
    "after_wrong": Case(
        "but not wrong ones",
        {"repair": AFTER_OTHERS, "rung-5": solve("rung-5", "05_batchnorm").replace("-np", "np")},
        {"repair": "failed", "rung-5": "failed"},
        notebook="05_batchnorm",
    ),
    "time_magic": Case(
        "%%time changes nothing",
        {"rung-1": "%%time\n" + RUNG_1, "rung-2": "%%capture\n" + solve("rung-2")},
    ),
    "magics": Case(
        "neither do other lines of IPython",
        {"rung-1": "%precision 3\n!ls\n%load_ext autoreload\n" + RUNG_1 + "\n%whos"},
    ),
    "inline_plots": Case(
        "not even the one that everybody copies",
        {"rung-1": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n" + RUNG_1},
    ),
    "help_and_shell": Case(
        "not even those that are no Python at all",
        {"rung-1": HELP},
    ),
    "bash": Case("but bash is no Python", {"rung-1": "%%bash\nls"}, {"rung-1": "crashed"}),
    "await": Case(
        "IPython can wait at the top of a cell",
        {"rung-1": "import asyncio\nawait asyncio.sleep(0)\n" + RUNG_1},
    ),
    "own_seed": Case(
        "a student may try with a seed of his own",
        {"rung-1": "seed = 7\nrng = np.random.default_rng(seed)\n" + RUNG_1},
    ),
    "loses_numpy": Case(
        "who loses NumPy loses it from there on",
        {"rung-2": solve("rung-2") + "\nnp = None"},
        dict.fromkeys(("rung-2", "rungs-5-6", "notes-formula", "per-image"), "crashed"),
    ),
    "unicode": Case(
        "letters of all alphabets are fine",
        {"rung-1": "é = 'naïve ✓ 😀'; print(é)\n" + RUNG_1.replace("dxhat", "дx")},
    ),
    "future": Case(
        "and so is a look into the future",
        {"rung-1": "from __future__ import annotations, generator_stop\n" + RUNG_1},
    ),
    "no_future": Case(
        "but braces are not a chance, for this cell",
        {"rung-1": "from __future__ import braces\n" + RUNG_1},
        {"rung-1": "crashed"},
    ),
}
