"""Replies that an honest worker never sends, and arguments changed in place."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, WORKER, Case

__all__ = ["CASES"]

CASES = {
    "forged_lists": Case(
        "60 MB of brackets are refused before they are parsed",
        files={
            "affine.py": WORKER
            + """
import struct



def affine_forward(x, w, b):
    body = b"[[" + 20_000_000 * b"[]," + b"0],[]]"
    worker.pack = lambda tree, buffers: struct.pack("<QQ", len(body), 0) + body


def affine_backward(dout, cache):
    body = b"[[" + 1_000_000 * b"[]," + b"0],[]]"
    worker.pack = lambda tree, buffers: struct.pack("<QQ", len(body), 0) + body
""",
        },
        outcomes={"affine.forward": "limit", "affine.backward": "limit", "network.loss": "limit"},
        evidence={
            "affine.forward": "stopped: an answer of more than 4 MB",
            "affine.backward": "stopped: an answer of more than 4 MB",
            "network.loss": "stopped: an answer of more than 4 MB",
        },
    ),
    "forged_replies": Case(
        "forged replies are refused",
        files={
            "hyperparameters.py": WORKER
            + """

honest = worker.pack


def send_instead(**fields):
    # Change the next reply.
    def pack(reply, buffers):
        worker.pack = honest
        return honest({**reply, **fields}, [])

    worker.pack = pack


def make_grid(values):
    send_instead(value={"toy": 5})


def draw_uniform(low, high, rng, size=None):
    send_instead(number=-1)


def draw_log_uniform(low, high, rng, size=None):
    send_instead(value={"dict": [[number * (2**61 - 1), 0] for number in range(20_000)]})


def random_search(evaluate, space, num_trials, rng, map=map):
    send_instead(value={"array": ["<f8", [0, 2**26, 2**26, 2**26], "C", True]})
""",
        },
        outcomes={
            "hyperparameters.grid": "crashed",
            "hyperparameters.draws": "crashed",
            "hyperparameters.search": "crashed",
        },
        evidence={
            "hyperparameters.grid": "stopped: malformed value",
            "hyperparameters.draws": r"stopped: expected reply \d+, got -1",
            "hyperparameters.search": "stopped: malformed shape",
        },
    ),
    "changed_inputs": Case(
        "arguments changed in place are detected, read-only ones too",
        files={
            "affine.py": """
def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    x.flags.writeable = True
    x += 1
    x.flags.writeable = False
    return out, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
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
            "affine.backward": "wrong values of dw",
            "network.loss": "in place|wrong values of",
        },
    ),
    "resized_inputs": Case(
        "a changed shape of an argument is detected",
        files={
            "affine.py": """
def affine_forward(x, w, b):
    x.shape = (len(x), -1)
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
""",
        },
        outcomes={"affine.backward": "failed"},
        points={
            # the values are right where x can be resized at all
            "affine.forward": FULL["affine.forward"] - 0.75,
        },
        evidence={
            "affine.forward": "argument was changed in place|AttributeError: Incompatible shape",
            "affine.backward": "wrong shape of dx|dx is not what it should be",
        },
    ),
}
