"""The oracles of the public tests, pasted: right, but a number at a time."""

from __future__ import annotations

import re

from assignment.support.project.manifest import ROOT
from tests.machinery.hostile.cases import Case, solve

__all__ = ["CASES", "PASTED"]

GRADIENTS = """

def differentiate(forward, dout, args):
    found = gradients(forward, args, np.asarray(dout, float))
    return tuple(one.astype(dout.dtype) for one in found)
"""
AFFINE = """

def affine_forward(x, w, b):
    return affine(x, w, b).astype(x.dtype), (x, w, b)


def affine_backward(dout, cache):
    return differentiate(affine, dout, cache)
"""
LOSSES = """
oracle = softmax_loss


def softmax_loss(x, y):
    loss, dx = oracle(x, y)
    return loss, dx.astype(x.dtype)
"""
ACTIVATIONS = """

def make_pair(formula):
    def forward(x, *options):
        one = formula(*map(float, options))
        return elementwise(one, x).astype(x.dtype), (x, one)

    def backward(dout, cache):
        x, one = cache
        return (dout * elementwise(derivative(one), x)).astype(x.dtype)

    return forward, backward


def stable_sigmoid(v):
    return sigmoid(v) if v.real > 0 else cmath.exp(v) / (1 + cmath.exp(v))


def stable_tanh(v):
    return cmath.tanh(v)


sigmoid_forward, sigmoid_backward = make_pair(lambda: stable_sigmoid)
tanh_forward, tanh_backward = make_pair(lambda: stable_tanh)
relu_forward, relu_backward = make_pair(lambda: relu)
leaky_relu_forward, leaky_relu_backward = make_pair(lambda slope=0.01: leaky_relu(slope))
elu_forward, elu_backward = make_pair(lambda alpha=1.0: elu(alpha))


def prelu_forward(x, alpha):
    return prelu(x, alpha).astype(x.dtype), (x, alpha)


def prelu_backward(dout, cache):
    return differentiate(prelu, dout, cache)


def maxout_forward(x, w, b):
    return maxout(x, w, b).astype(x.dtype), (x, w, b)


def maxout_backward(dout, cache):
    return differentiate(maxout, dout, cache)
"""
BATCHNORM = """

def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.dtype)
    buffers = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    if bn_param["mode"] == "test":
        return batchnorm_test(x, gamma, beta, buffers, eps).astype(x.dtype), None
    if bn_param["mode"] != "train":
        raise ValueError(bn_param["mode"])
    for name, old, new in zip(("running_mean", "running_var"), buffers, running_buffers([x], 0)):
        bn_param[name] = (momentum * old + (1 - momentum) * new).astype(x.dtype)
    return batchnorm(x, gamma, beta, eps).astype(x.dtype), (eps, x, gamma, beta)


def batchnorm_backward(dout, cache):
    eps, *args = cache
    return differentiate(lambda x, gamma, beta: batchnorm(x, gamma, beta, eps), dout, tuple(args))


batchnorm_backward_alt = spatial_batchnorm_backward = batchnorm_backward
spatial_batchnorm_forward = batchnorm_forward
"""
LAYERNORM = """

def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    return layernorm(x, gamma, beta, eps).astype(x.dtype), (eps, x, gamma, beta)


def layernorm_backward(dout, cache):
    eps, *args = cache
    return differentiate(lambda x, gamma, beta: layernorm(x, gamma, beta, eps), dout, tuple(args))
"""


def read_oracles() -> str:
    """Return the source of the released oracles, without imports from other files."""
    names = ("oracles.py", "oracles_normalization.py")
    sources = [(ROOT / "tests" / name).read_text(encoding="utf-8") for name in names]
    imports = r"^from (__future__|assignment|tests)\b.*\n"
    return re.sub(imports, "", "\n".join(sources), flags=re.M)


def paste(code: str, solved: str = "") -> str:
    """Return the oracles and functions that call them, below solved ones."""
    return f"from __future__ import annotations\n{solved}\n{read_oracles()}{GRADIENTS}{code}"


PASTED = {
    "affine.py": paste(AFFINE),
    "losses.py": paste(LOSSES),
    "activations.py": paste(ACTIVATIONS),
    "normalization.py": paste(BATCHNORM + LAYERNORM),
}
SLOW = "stopped: no answer within"
CASES = {
    "oracles_pasted": Case(
        "who pastes the oracles of the public tests earns nothing at full size",
        files={
            "affine.py": PASTED["affine.py"],
            "losses.py": PASTED["losses.py"],
            "normalization.py": paste(LAYERNORM, solve("normalization.py")),
        },
        points={
            "affine.forward": 1.5,
            "affine.backward": 2.0,
            "loss.softmax": 3.0,
            "layernorm.backward": 3.0,
        },
        evidence={
            "affine.forward": SLOW,
            "affine.backward": SLOW,
            "loss.softmax": SLOW,
            "layernorm.backward": SLOW,
        },
    ),
}
