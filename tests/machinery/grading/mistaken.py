"""Student functions with mistakes, each in its own style, for tests of recognition.

    python -m tests.machinery.grading.mistaken

prints as JSON what the grader recognises in each of STUDENTS. It is a program of its own because a
session that hands out proxies must not have imported the real functions before.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Functions = dict[str, Callable[..., Any]]
STUDENTS: dict[str, Functions] = {}


def student(*names: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the functions that a maker returns, under the names of the assignment."""

    def enter(make: Callable[[], Any]) -> Callable[[], Any]:
        made = make()
        functions = made if isinstance(made, tuple) else (made,)
        STUDENTS[make.__name__] = dict(zip(names, functions, strict=True))
        return make

    return enter


def affine_gradients(dout, cache):
    """Return dx, dw and db, computed with einsum; the cache is a tuple that begins with x and w."""
    x, w = cache[:2]
    dw = np.einsum("nd,nm->dm", x.reshape(len(x), -1), dout)
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, np.einsum("nm->m", dout)


@student("affine_backward")
def affine_db_as_a_row():
    def backward(dout, cache):
        dx, dw, _ = affine_gradients(dout, cache)
        return dx, dw, dout.sum(axis=0, keepdims=True)

    return backward


@student("affine_backward")
def affine_dw_negative():
    def backward(dout, cache):
        dx, dw, db = affine_gradients(dout, cache)
        return dx, 0 - dw, db

    return backward


@student("affine_backward")
def affine_two_mistakes():
    def backward(dout, cache):
        dx, dw, db = affine_gradients(dout, cache)
        return dx.reshape(len(dx), -1), dw, db.reshape(1, -1)

    return backward


@student("affine_backward")
def affine_changes_dout():
    def backward(dout, cache):
        gradients = affine_gradients(dout, cache)
        dout[0] = 0
        return gradients

    return backward


@student("affine_backward")
def affine_nonsense():
    def backward(dout, cache):
        dx, dw, db = affine_gradients(dout, cache)
        return np.sin(dx), dw**2, db

    return backward


def batchnorm(x, gamma, beta, bn_param, *, ddof=0, momentum=None, scale_in_test=True):
    """Return the output and cache of a batch norm that keeps everything in a dict."""
    eps = bn_param.get("eps", 1e-5)
    m = bn_param.get("momentum", 0.9) if momentum is None else momentum(bn_param)
    D = x.shape[1]
    mu = bn_param.get("running_mean", np.zeros(D, x.dtype))
    v = bn_param.get("running_var", np.zeros(D, x.dtype))
    if bn_param["mode"] == "test":
        xhat = (x - mu) * (v + eps) ** -0.5
        return (xhat * gamma + beta if scale_in_test else xhat), {}
    if bn_param["mode"] != "train":
        raise ValueError(bn_param["mode"])
    mean, var = np.mean(x, 0), np.var(x, 0, ddof=ddof)
    bn_param["running_mean"] = m * mu + (1 - m) * mean
    bn_param["running_var"] = m * v + (1 - m) * var
    xhat = (x - mean) / np.sqrt(var + eps)
    return xhat * gamma + beta, {"x": x, "gamma": gamma, "eps": eps}


def batchnorm_gradients(dout, cache, *, mean_path=True, var_path=True, eps=True):
    """Return the gradients along the chosen paths, from the x in the cache."""
    x, gamma = cache["x"], cache["gamma"]
    xc = x - np.mean(x, 0)
    std = np.sqrt(np.mean(xc * xc, 0) + (cache["eps"] if eps else 1e-12))
    dxhat = dout * gamma
    dx = dxhat / std
    if var_path:
        dx = dx - xc * np.mean(dxhat * xc, 0) / std**3
    if mean_path:
        dx = dx - np.mean(dxhat / std, 0)
    return dx, np.sum(dout * xc / std, 0), np.sum(dout, 0)


def batchnorm_pair(forward_options=None, backward_options=None):
    """Return the forward and both backward functions of one style."""

    def forward(x, gamma, beta, bn_param):
        return batchnorm(x, gamma, beta, bn_param, **(forward_options or {}))

    def backward(dout, cache):
        return batchnorm_gradients(dout, cache, **(backward_options or {}))

    return forward, backward, batchnorm_gradients


BATCHNORM = ("batchnorm_forward", "batchnorm_backward", "batchnorm_backward_alt")


@student(*BATCHNORM)
def batchnorm_right():
    return batchnorm_pair()


@student(*BATCHNORM)
def batchnorm_test_mode_without_gamma():
    return batchnorm_pair({"scale_in_test": False})


@student(*BATCHNORM)
def batchnorm_momentum_swapped():
    return batchnorm_pair({"momentum": lambda bn_param: 1 - bn_param.get("momentum", 0.9)})


@student(*BATCHNORM)
def batchnorm_no_mean_path():
    return batchnorm_pair(None, {"mean_path": False})


@student(*BATCHNORM)
def batchnorm_no_var_path():
    return batchnorm_pair(None, {"var_path": False})


@student("relu_forward", "relu_backward")
def relu_half_at_zero():
    def backward(dout, cache):
        return dout * np.heaviside(cache, 0.5).astype(dout.dtype)

    return lambda x: (x * (x > 0), x), backward


@student("softmax_loss")
def softmax_without_mean():
    def loss(x, y):
        x = x - np.max(x, axis=1, keepdims=True)
        logs = x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))
        n = np.arange(len(x))
        dx = np.exp(logs)
        dx[n, y] -= 1
        return -float(np.mean(logs[n, y])), dx

    return loss


@student("init_xavier")
def xavier_by_n():
    return lambda fan_in, fan_out, rng: rng.normal(0, 1, (fan_in, fan_out)) / fan_in


def main() -> int:
    """Print the recognised mistakes of each student."""
    from autograder.judging.functions import FunctionJudge
    from autograder.judging.in_process import InProcess
    from autograder.recognition.recogniser import Recogniser
    from autograder.session.collecting import Collected, run_session
    from autograder.settings import Settings

    found: dict[str, list[list[str]]] = {}

    def work(collected: Collected) -> None:
        judge = FunctionJudge(collected.tests, collected.asker, collected.runner)
        judge.try_tests(InProcess({}))
        recogniser = Recogniser(judge)
        for name, functions in STUDENTS.items():
            recognised = recogniser.recognise(judge.try_tests(InProcess(functions)))
            found[name] = [[one.part, one.label, one.word("how")] for one in recognised]

    with tempfile.TemporaryDirectory() as folder:
        run_session(Settings(int(sys.argv[1])), Path(folder), work)
    json.dump(found, sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
