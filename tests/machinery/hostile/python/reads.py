"""Attempts to read the expected answers."""

from __future__ import annotations

from tests.machinery.hostile.cases import FULL, SECRETS, WIRE, Case, below

__all__ = ["CASES"]

CASES = {
    "reads_expected": Case(
        "no test and no solution can be read behind the wall",
        files={
            "affine.py": SECRETS
            + """
import contextlib
import gc
import importlib
import pathlib
import sys

import numpy as np


seen = set()  # where it has looked


def find_solutions():
    # Yield everything that might know the right answer.
    for name in (*SECRETS, "conftest"):
        with contextlib.suppress(Exception):
            yield importlib.import_module(name).affine
        seen.add("modules")
    objects = gc.get_objects()
    yield from (f for f in objects if getattr(f, "__name__", "") == "affine")
    if len(objects) > 100:
        seen.add("objects")
    roots = {pathlib.Path(path) for path in sys.path} | {
        pathlib.Path("/course"),
        pathlib.Path.cwd(),
    }
    for root in roots:
        seen.add("files")
        for path in (*root.glob("tests/oracles.py"), *root.glob("assignment/affine.py")):
            with contextlib.suppress(Exception):
                space = {"__name__": "found"}
                exec(path.read_text(), space)
                yield space.get("affine") or space["affine_forward"]


def affine_forward(x, w, b):
    for solution in find_solutions():
        with contextlib.suppress(Exception):
            found = solution(x, w, b)
            return (found if isinstance(found, np.ndarray) else found[0]), (x, w)
    return np.full((len(x), len(b)), len(seen), x.dtype), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
""",
        },
        outcomes={"affine.forward": "failed", "network.loss": "failed"},
        evidence={"affine.forward": r"got       \[.*\] = 3\n", "network.loss": "wrong values of"},
    ),
    "reads_what_comes_next": Case(
        "later requests of a test cannot be read in advance",
        files=below(
            "normalization.py",
            WIRE
            + """
import sys


@shapes(x="N D", gamma="D", beta="D")
def batchnorm_forward(x, gamma, beta, bn_param):
    frame = sys._getframe()
    while "inbox" not in frame.f_locals:
        frame = frame.f_back
    data = bytes(frame.f_locals["inbox"].data)  # what has come with this request
    if not data:
        raise ValueError("nothing to read")
    tree, buffers = wire.unpack(data[: wire.FRAME.size + sum(wire.FRAME.unpack_from(data))])
    args, _ = wire.decode(tree["arguments"], buffers, lambda tree: tree)
    if tree["on"]["name"][1] == "batchnorm_forward":
        bn_param.update({k: v for k, v in args[3].items() if k.startswith("running")})
        return x, None
    return x, args[1]  # the cache of a right forward pass
""",
        ),
        outcomes={"batchnorm.backward": "crashed", "batchnorm.backward_alt": "crashed"},
        points={
            "batchnorm.forward": 0.0,
            # these given a right batchnorm_forward
            "spatial_batchnorm.forward": FULL["spatial_batchnorm.forward"],
            "spatial_batchnorm.backward": FULL["spatial_batchnorm.backward"],
            "network.loss": FULL["network.loss"],
        },
        evidence={
            "batchnorm.forward": "nothing to read",
            "batchnorm.backward": "nothing to read",
            "batchnorm.backward_alt": "nothing to read",
        },
    ),
}
