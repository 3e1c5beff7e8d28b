"""Too much memory, too much output and too large answers."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, GRID_ALONE, Case, below, witnessed

__all__ = ["CASES"]

CASES = {
    "allocates": Case(
        "an array of 6 GB exceeds the memory limit",
        files={
            "hyperparameters.py": """
import numpy as np


def make_grid(values):
    return np.ones(6 * 2**30, np.uint8)
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "Unable to allocate 6.00 GiB"},
    ),
    "children_allocate": Case(
        "child processes have the same memory limit",
        files=witnessed("""
import itertools
import os


def make_grid(values):
    children = []
    for _ in range(8):
        pid = os.fork()
        if pid == 0:
            try:
                bytearray(3 * 2**30)
            except MemoryError:
                os._exit(0)
            os._exit(1)
        children.append(pid)
    assert not any(os.waitpid(pid, 0)[1] for pid in children)
    FIRED.append(f"{len(children)} children refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 8 children refused"},
    ),
    "returns_400mb": Case(
        "a result of 400 MB is refused",
        files={
            "hyperparameters.py": """
import numpy as np


def make_grid(values):
    return np.zeros(50 * 10**6)
""",
        },
        outcomes={**GRID_ALONE, "hyperparameters.grid": "limit"},
        evidence={"hyperparameters.grid": "stopped: an answer of more than 4 MB"},
    ),
    "answers_at_length": Case(
        "a text of 2 MB is refused",
        files={
            "babysitting.py": """
def read_loss_curve(losses):
    return "healthy " * 250_000
""",
        },
        outcomes={
            "babysitting.initial_loss": "not written",
            "babysitting.overfit": "not written",
            "babysitting.learning_rate": "not written",
            "babysitting.loss_curve": "crashed",
        },
        evidence={"babysitting.loss_curve": "header too long"},
    ),
    "answers_in_bulk": Case(
        "an answer that would keep the test itself busy for long is refused",
        files={
            "sgd.py": """
import numpy as np


def minibatch_sgd(
    model, x, y, rng, num_steps=100, batch_size=100, learning_rate=1e-2, momentum=0.0
):
    if num_steps == 5:
        return rng.random(5)
    return np.full(3_000_000, 2.0**30 - 1)
""",
        },
        outcomes={
            "sgd.sample": "not written",
            "sgd.update": "not written",
        },
        points={
            "sgd.loop": 0.0,
            "babysitting.overfit": FULL["babysitting.overfit"],  # given a right minibatch_sgd
            "babysitting.learning_rate": FULL["babysitting.learning_rate"],
        },
        evidence={
            "sgd.loop": "stopped: an answer of more than 4 MB|not always 3 different examples",
            "babysitting.overfit": "stopped: an answer of more than 4 MB|wrong values of losses",
        },
    ),
    "prints": Case(
        "400 MB of printed output are discarded",
        files=witnessed("""
import itertools
import os
import sys


def make_grid(values):
    for _ in range(200):
        sys.stdout.write("x" * 2**20)
        sys.stderr.write("x" * 2**20)
    os.write(1, b"x" * 2**20)
    FIRED.append("401 MB written")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 401 MB written"},
    ),
    "empties_inputs": Case(
        "setting the inputs to zero does not make the expected gradient zero",
        files={
            "affine.py": """
import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    for array in (x, w):
        if array.flags.writeable:
            array[...] = 0
    return out, (np.zeros_like(x), np.zeros_like(w))


def affine_backward(dout, cache):
    return *cache, np.sum(dout, axis=0)
""",
        },
        outcomes={
            "affine.backward": "failed",
        },
        points={
            "affine.forward": FULL["affine.forward"] - 0.25,  # the values are right
            "network.loss": FULL["network.loss"],  # given right affine functions
        },
        evidence={
            "affine.forward": "changed its argument x in place",
            "affine.backward": "wrong values of dx",
            "network.loss": "in place|wrong values of",
        },
    ),
    "changes_arguments_for_others": Case(
        "an argument changed in place is restored for the next submission",
        files=below(
            "hyperparameters.py",
            """
def random_search(evaluate, space, num_trials, rng, map=map):
    space["learning_rate"] = ("uniform", 5.0, 6.0)
    return [] if space["learning_rate"][1] == 5.0 else None
""",
        ),
        outcomes={"hyperparameters.search": "failed"},
        evidence={"hyperparameters.search": r"\[\]|DID NOT RAISE"},
    ),
    "sets_the_generator": Case(
        "a generator set to an all-zero state fails only its own test",
        files={
            "hyperparameters.py": """
def make_grid(values):
    return []


def draw_uniform(low, high, rng, size=None):
    rng.bit_generator.state = {
        **rng.bit_generator.state,
        "state": {"state": 0, "inc": 0},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return 0.0 if rng.bit_generator.state["state"]["inc"] == 0 else None


draw_log_uniform = draw_uniform
""",
        },
        outcomes={
            "hyperparameters.search": "not written",
            "hyperparameters.grid": "failed",
            "hyperparameters.draws": "failed",
        },
        evidence={
            "hyperparameters.grid": r"assert \[\] ==",
            "hyperparameters.draws": "got       float|is a float",
        },
    ),
    "searches_memory": Case(
        "the expected answers are not in the memory of the process",
        files=witnessed("""
import gc
import itertools
import sys

TEST = "_tset fed"[::-1]  # in parts, or it would find itself


def walk(roots):
    seen, waiting = set(), list(roots)
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            yield thing
            waiting += gc.get_referents(thing)


def make_grid(values):
    right = [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
    frames = []
    frame = sys._getframe()
    while frame:
        frames.append(frame.f_locals)
        frame = frame.f_back
    known = [m for m in sys.modules if m.split(".")[0] in ("pytest", "_pytest", "tests")]
    seen = 0
    for thing in walk([*gc.get_objects(), sys.modules, *frames[1:]]):
        seen += 1
        if type(thing) is list and thing is not right and thing == right:
            known.append("the answer")
        if type(thing) is str and thing.startswith(TEST) and thing != TEST:
            known.append(thing[:20])
    if known:
        raise LookupError(f"found {known}")
    FIRED.append(f"{seen} things seen")
    return right
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: \d{4,} things seen"},
    ),
}
