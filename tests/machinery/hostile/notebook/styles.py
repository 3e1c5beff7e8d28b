"""Honest cells: right in a way that the teacher did not expect, or wrong in only one cell."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case
from tests.machinery.hostile.cells import fill, solve_cell

__all__ = ["CASES"]

RUNG_1 = solve_cell("rung-1")
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
    axes = tuple(range(dout.ndim - gamma.ndim))
    return Gradients(gamma * dout, (dout * xhat).sum(axes), dout.sum(axes))
"""
CLASS = """
class Back:
    def __call__(self, dout, xhat, gamma):
        axes = tuple(range(dout.ndim - gamma.ndim))
        return gamma * dout, (dout * xhat).sum(axes), dout.sum(axes)


back_through_out = Back()
"""
LAMBDA = """
add = lambda x, g: x.reshape(-1, *g.shape).sum(0)
back_through_out = lambda d, xhat, g: (g * d, add(xhat * d, g), add(d, g))
"""
HELPERS = """
import numpy  # once more


def add_up(x, ndim=1):
    return add_up(x.sum(axis=0), ndim) if x.ndim > ndim else x


def back_through_out(dout, xhat, gamma):
    return dout * gamma, add_up(dout * xhat, gamma.ndim), add_up(dout, gamma.ndim)


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
axes = tuple(range(dout.ndim - gamma.ndim))
dxhat, dgamma, dbeta = dout * gamma, np.sum(dout * xhat, axis=axes), np.sum(dout, axis=axes)
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
    "dx_repaired = back_through_mean(*back_through_s(ds, dv))",
    "05_batchnorm",
)
HELP = (
    "np.sum?\nfiles = !ls\n" + RUNG_1 + "\n%timeit -n 1 -r 1 back_through_out(*np.ones((3, 2, 2)))"
)

CASES = {
    "stub": Case(
        "a stub counts as not written",
        cells={"rung-1": STUB},
        outcomes={"rung-1": "not written"},
        honest=True,
    ),
    "blank": Case(
        "an empty cell crashes",
        cells={"rung-1": ""},
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": "NameError: name 'back_through_out' is not defined"},
        honest=True,
    ),
    "one_wrong": Case(
        "a wrong answer costs only its cell",
        cells={"rung-2": solve_cell("rung-2").replace("axis=axis", "axis=0")},
        outcomes={"rung-2": "failed"},
        evidence={"rung-2": "other numbers"},
        honest=True,
    ),
    "one_raises": Case(
        "an exception costs only its cell",
        cells={"rung-2": solve_cell("rung-2").replace("dxhat * istd", "dxhat @ istd")},
        outcomes={"rung-2": "crashed"},
        evidence={"rung-2": "ValueError: matmul"},
        honest=True,
    ),
    "syntax_error": Case(
        "a syntax error costs only its cell",
        cells={"rung-1": RUNG_1 + "\nif"},
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": "SyntaxError: invalid syntax"},
        honest=True,
    ),
    "argument_twice": Case(
        "a duplicate argument costs only its cell",
        cells={"rung-1": RUNG_1.replace("xhat, gamma)", "xhat, xhat)")},
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": "SyntaxError: duplicate argument 'xhat'"},
        honest=True,
    ),
    "nonlocal": Case(
        "a misplaced nonlocal costs only its cell",
        cells={"rung-1": RUNG_1.replace("    ### BEGIN", "    nonlocal dout\n    ### BEGIN")},
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": "SyntaxError: name 'dout' is parameter and nonlocal"},
        honest=True,
    ),
    "noise": Case(
        "printed, displayed and plotted output and warnings do not matter",
        cells={"rung-1": fill("rung-1", NOISE)},
        honest=True,
    ),
    "prints_result": Case(
        "a student may print lines that begin with result",
        cells={
            "rung-1": RUNG_1.replace("    return", '    print("result dbeta", dbeta)\n    return')
        },
        honest=True,
    ),
    "helpers": Case(
        "a cell may define helpers and try them", cells={"rung-1": HELPERS}, honest=True
    ),
    "typed": Case(
        "type hints, decorators and a named tuple are fine", cells={"rung-1": TYPED}, honest=True
    ),
    "class": Case("a callable object counts as a function", cells={"rung-1": CLASS}, honest=True),
    "lambda": Case("a lambda counts as a function", cells={"rung-1": LAMBDA}, honest=True),
    "borrowed": Case(
        "a cell may use results of other cells, training included",
        cells={"noise-code": BORROWED},
        notebook="01_minibatch_sgd",
        honest=True,
    ),
    "after_others": Case(
        "a cell may use the functions of earlier cells to complete",
        cells={"repair": AFTER_OTHERS},
        notebook="05_batchnorm",
        honest=True,
    ),
    "after_wrong": Case(
        "wrong functions of earlier cells give wrong results",
        cells={
            "repair": AFTER_OTHERS,
            "rung-5": solve_cell("rung-5", "05_batchnorm").replace("-np", "np"),
        },
        outcomes={"repair": "failed", "rung-5": "failed"},
        notebook="05_batchnorm",
        evidence={"repair": "other numbers", "rung-5": "other numbers"},
        honest=True,
    ),
    "time_magic": Case(
        "%%time changes nothing",
        cells={"rung-1": "%%time\n" + RUNG_1, "rung-2": "%%capture\n" + solve_cell("rung-2")},
        honest=True,
    ),
    "magics": Case(
        "IPython magics do not matter",
        cells={"rung-1": "%precision 3\n!ls\n%load_ext autoreload\n" + RUNG_1 + "\n%whos"},
        honest=True,
    ),
    "inline_plots": Case(
        "the usual inline and retina magics do not matter",
        cells={
            "rung-1": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n"
            + RUNG_1
        },
        honest=True,
    ),
    "help_and_shell": Case(
        "cell magics that are not Python do not matter", cells={"rung-1": HELP}, honest=True
    ),
    "lines_of_other_programs": Case(
        "those that the grader does not know, cannot run, or need not, cost themselves",
        cells={
            "rung-1": "%autoreload 2\n%matplotlib widget\n%load_ext line_profiler\n%cd ..\n"
            "%pip install torch\n!conda install torch\n" + RUNG_1 + "\n%unheard of",
            "rung-2": "%%unheard of\n" + solve_cell("rung-2"),
        },
        honest=True,
    ),
    "tries_raise": Case(
        "a try below or above the function costs itself, and is told",
        cells={"rung-1": "print(my_result)\n" + RUNG_1 + "\ninput('go on? ')\nnp.load('mine.npy')"},
        finding="06_layernorm/rung-1: line 1 raises NameError",
        honest=True,
    ),
    "debugger": Case(
        "a debugger that is left in is named with its line",
        cells={"rung-1": RUNG_1.replace("    ### BEGIN", "    breakpoint()\n    ### BEGIN")},
        outcomes={"rung-1": "crashed"},
        finding="rung-1: nobody can type while a cell is graded: take breakpoint() out of line 6",
        evidence={"rung-1": "RuntimeError: tests have no debugger"},
        honest=True,
    ),
    "tries_take_long": Case(
        "and so does one that takes too long, or ends the process",
        cells={
            "rung-1": RUNG_1 + "\nimport time\ntime.sleep(99)",
            "rung-2": solve_cell("rung-2") + "\nimport os\nos._exit(0)",
        },
        finding="rung-1: a line took too long or ended the process; what stands above it counts",
        honest=True,
    ),
    "into_a_file": Case(
        "a module that is written by the cell and imported counts as code of the cell",
        cells={"rung-1": "%%writefile back.py\n" + RUNG_1},
        honest=True,
    ),
    "progress": Case(
        "a progress bar that needs a browser does no harm",
        cells={
            "rung-1": "from tqdm.notebook import tqdm, trange\n"
            + RUNG_1.replace(
                "    ### BEGIN", "    for _ in tqdm(trange(2)):\n        pass\n    ### BEGIN"
            )
        },
        honest=True,
    ),
    "unreadable": Case(
        "that nothing of a cell can be read is told",
        cells={"rung-1": "<<<<<<< local\n" + RUNG_1 + "\n>>>>>>> remote"},
        outcomes={"rung-1": "crashed"},
        finding="06_layernorm/rung-1: Python cannot read this cell (SyntaxError), so nothing of it",
        evidence={"rung-1": "SyntaxError"},
        honest=True,
    ),
    "percent": Case(
        "a line of plain Python may begin like one of IPython",
        cells={"rung-1": RUNG_1 + '\nsize = (7\n% 4)\ntext = """\n!ls\n%s\n""" % size'},
        honest=True,
    ),
    "bash": Case(
        "a bash cell defines nothing",
        cells={"rung-1": "%%bash\nls"},
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": "NameError: name 'back_through_out' is not defined"},
        honest=True,
    ),
    "await": Case(
        "a cell may use await at its top level",
        cells={"rung-1": "import asyncio\nawait asyncio.sleep(0)\n" + RUNG_1},
        honest=True,
    ),
    "own_seed": Case(
        "a student may try another seed",
        cells={"rung-1": "seed = 7\nrng = np.random.default_rng(seed)\n" + RUNG_1},
        honest=True,
    ),
    "loses_numpy": Case(
        "a cell that overwrites np costs itself and later cells",
        cells={"rung-2": solve_cell("rung-2") + "\nnp = None"},
        outcomes=dict.fromkeys(("rung-2", "rungs-5-6", "notes-formula", "per-image"), "crashed"),
        evidence=dict.fromkeys(
            ("rung-2", "rungs-5-6", "notes-formula", "per-image"),
            "AttributeError: 'NoneType' object has no attribute",
        ),
        honest=True,
    ),
    "unicode": Case(
        "non-ASCII letters are fine",
        cells={"rung-1": "é = 'naïve ✓ 😀'; print(é)\n" + RUNG_1.replace("dxhat", "дx")},
        honest=True,
    ),
    "future": Case(
        "__future__ imports are fine",
        cells={"rung-1": "from __future__ import annotations, generator_stop\n" + RUNG_1},
        honest=True,
    ),
    "no_future": Case(
        "an invalid __future__ import costs only its cell",
        cells={"rung-1": "from __future__ import braces\n" + RUNG_1},
        outcomes={"rung-1": "crashed"},
        evidence={"rung-1": "SyntaxError: not a chance"},
        honest=True,
    ),
}
