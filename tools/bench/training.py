"""Rows on training: a step of a network, and a random search in two processes."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from assignment.hyperparameters import random_search
from assignment.network import FullyConnectedNet
from assignment.sgd import minibatch_sgd, sgd
from assignment.support.processes import process_map
from tools.bench.packages import import_torch
from tools.bench.timing import Call, Case, share_of_time, times_faster

__all__ = ["compare_with_itself", "list_cases"]

INPUT_DIM, WIDTH, NUM_CLASSES = 3072, 100, 10
DEPTHS = (5, 10)
BATCH_SIZES = (50, 100, 200)
LEARNING_RATE = 1e-3
NUM_TRIALS = 64
STEPS_PER_TRIAL = 80

Array = npt.NDArray[Any]


def list_cases() -> list[Case]:
    """Return the rows on training."""
    others = [
        ("torch", share_of_time(0.95), _prepare_torch_step),
        ("its bare matmuls", share_of_time(1.5), _prepare_matmuls),
    ]
    steps = [
        Case("MLP step", _describe(N, depth), other, goal, partial(prepare, N, depth))
        for other, goal, prepare in others
        for depth in DEPTHS
        for N in BATCH_SIZES
    ]
    search = Case(
        "random search",
        f"{NUM_TRIALS} trials",
        "1 process, not 2",
        times_faster(1.5),
        _prepare_search,
        clock=time.perf_counter,
    )
    return [*steps, search]


def compare_with_itself() -> Case:
    """Return a row whose ratio is 1, apart from the machine's noise."""

    def prepare() -> tuple[Call, Call]:
        batch = _draw(100)
        return _prepare_our_step(*batch, depth=5), _prepare_our_step(*batch, depth=5)

    return Case("MLP step", _describe(100, 5), "itself", share_of_time(1), prepare)


def _describe(N: int, depth: int) -> str:
    return f"{N}x{INPUT_DIM}-[{WIDTH}]x{depth}"


def _draw(N: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(231)
    return rng.standard_normal((N, INPUT_DIM), dtype=np.float32), rng.integers(0, NUM_CLASSES, N)


def _build(depth: int) -> FullyConnectedNet:
    return FullyConnectedNet([WIDTH] * depth, INPUT_DIM, normalization="batchnorm", seed=231)


def _prepare_our_step(x: Array, y: Array, depth: int) -> Call:
    """Prepare loss, backward pass and update of all parameters."""
    net, config = _build(depth), {"learning_rate": LEARNING_RATE}

    def step() -> list[float]:
        loss, grads = net.loss(x, y)
        for name, dw in grads.items():
            net.params[name], _ = sgd(net.params[name], dw, config)
        return [loss]

    return step


def _prepare_torch_step(N: int, depth: int) -> tuple[Call, Call]:
    """Prepare the same step in PyTorch, from the same weights."""
    torch, (x, y) = import_torch(), _draw(N)
    params, nn = _build(depth).params, torch.nn
    layers: list[Any] = []
    for layer in range(1, depth + 2):
        w = torch.tensor(params[f"W{layer}"].T)
        linear = nn.Linear(w.shape[1], w.shape[0])
        linear.weight, linear.bias = nn.Parameter(w), nn.Parameter(torch.zeros(len(w)))
        layers += [linear, nn.BatchNorm1d(WIDTH), nn.ReLU()]
    model = nn.Sequential(*layers[:-2])  # no normalization or ReLU after the last linear layer
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    images, labels = torch.tensor(x), torch.tensor(y)

    def step() -> list[float]:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return [loss.item()]

    return _prepare_our_step(x, y, depth), step


def _prepare_matmuls(N: int, depth: int) -> tuple[Call, Call]:
    """Prepare only the matrix products of a step: forward, dw, and dx except for the images."""
    (x, y), params = _draw(N), _build(depth).params
    weights = [params[f"W{layer}"] for layer in range(1, depth + 2)]
    inputs = [x, *(x[:, :WIDTH].copy() for _ in range(depth))]
    douts = [*inputs[1:], x[:, :NUM_CLASSES].copy()]

    def multiply() -> list[Array]:
        for h, w in zip(inputs, weights):
            h @ w
        for h, w, dout in zip(inputs, weights, douts):
            h.T @ dout
            if h is not x:
                dout @ w.T
        return []

    return _prepare_our_step(x, y, depth), multiply


def _prepare_search() -> tuple[Call, Call]:
    space = {"learning_rate": ("log_uniform", 1e-4, 1e-1), "reg": ("log_uniform", 1e-6, 1e-2)}
    train = partial(train_trial, num_steps=STEPS_PER_TRIAL)

    def search(processes: int) -> list[float]:
        rng = np.random.default_rng(231)
        trials = random_search(train, space, NUM_TRIALS, rng, map=process_map(processes))
        return [score for score, _ in trials]

    return partial(search, 2), partial(search, 1)


def train_trial(configuration: dict[str, float], num_steps: int) -> float:
    """Train a small network and return its score, minus the last loss."""
    rng = np.random.default_rng(231)
    x, y = rng.standard_normal((500, 784), dtype=np.float32), rng.integers(0, NUM_CLASSES, 500)
    reg, learning_rate = configuration["reg"], configuration["learning_rate"]
    net = FullyConnectedNet([WIDTH] * 2, 784, normalization="batchnorm", reg=reg, seed=231)
    return -float(minibatch_sgd(net, x, y, rng, num_steps, learning_rate=learning_rate)[-1])
