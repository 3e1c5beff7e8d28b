"""Rows on activation functions, forward and backward, compared with PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.activations import (
    maxout_backward,
    maxout_forward,
    prelu_backward,
    prelu_forward,
    tanh_backward,
    tanh_forward,
)
from tools.bench.packages import import_torch
from tools.bench.timing import Call, Case, share_of_time

__all__ = ["list_cases"]

SIZES = [(5, 4), (20, 30), (100, 100), (256, 1024), (256, 4096)]
MAXOUT_SIZES = [(5, 4, 3), (20, 30, 30), (100, 100, 100), (200, 512, 100), (256, 1024, 100)]
PIECES = 2

Array = npt.NDArray[np.float32]


def list_cases() -> list[Case]:
    """Return the rows on activation functions."""
    return [
        *_compare("tanh", SIZES, _prepare_tanh),
        *_compare("PReLU", SIZES, _prepare_prelu),
        *_compare(f"maxout, {PIECES} pieces", MAXOUT_SIZES, _prepare_maxout),
    ]


def _compare(
    what: str, sizes: Sequence[tuple[int, ...]], prepare: Callable[..., tuple[Call, Call]]
) -> list[Case]:
    return [
        Case(what, "x".join(map(str, size)), "torch", share_of_time(1), partial(prepare, *size))
        for size in sizes
    ]


def _prepare_tanh(N: int, D: int) -> tuple[Call, Call]:
    torch = import_torch()
    x, dout = _draw((N, D), (N, D))
    leaf, upstream = _to_leaf(x), torch.from_numpy(dout)

    def ours() -> list[Array]:
        _, cache = tanh_forward(x)
        return [tanh_backward(dout, cache)]

    def other() -> Any:
        return torch.autograd.grad(torch.tanh(leaf), leaf, upstream)

    return ours, other


def _prepare_prelu(N: int, D: int) -> tuple[Call, Call]:
    torch = import_torch()
    x, dout, alpha = _draw((N, D), (N, D), (D,))
    leaves, upstream = (_to_leaf(x), _to_leaf(alpha)), torch.from_numpy(dout)

    def ours() -> Any:
        _, cache = prelu_forward(x, alpha)
        return prelu_backward(dout, cache)

    def other() -> Any:
        return torch.autograd.grad(torch.nn.functional.prelu(*leaves), leaves, upstream)

    return ours, other


def _prepare_maxout(N: int, D: int, M: int) -> tuple[Call, Call]:
    """Prepare ours, and the usual way in PyTorch: one linear layer, a view and a maximum."""
    torch = import_torch()
    x, dout, w, b = _draw((N, D), (N, M), (PIECES, D, M), (PIECES, M))
    together = w.transpose(2, 0, 1).reshape(M * PIECES, D), b.T.reshape(-1)
    leaves = tuple(_to_leaf(array) for array in (x, *together))
    upstream = torch.from_numpy(dout)

    def ours() -> list[Array]:
        _, cache = maxout_forward(x, w, b)
        dx, _, _ = maxout_backward(dout, cache)
        return [dx]

    def other() -> Any:
        pieces = torch.nn.functional.linear(*leaves).view(N, M, PIECES)
        return torch.autograd.grad(pieces.max(dim=-1).values, leaves, upstream)

    return ours, other


def _to_leaf(array: Array) -> Any:
    return import_torch().tensor(array, requires_grad=True)


def _draw(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(231)
    return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]
