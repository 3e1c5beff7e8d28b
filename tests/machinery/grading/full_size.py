"""Measure how far the hidden tests "at full size" are from the time limit, on either side.

    python -m tests.machinery.grading.full_size

prints for each of them the time limit as a multiple of what the teacher's functions take, and how
many times the limit other right code takes: the oracles of the public tests, a number at a time,
and the complex step with a forward pass of whole arrays. The latter two take minutes to days, so
they are computed from the time of a part of the work.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assignment.support.testing.failures import DEFAULT_SEED

Forward = Callable[..., Any]
Sizes = list[tuple[int, ...]]


def time_once(call: Callable[[], Any], times: int = 1) -> float:
    """Return the least CPU time of a call, in seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def draw(sizes: Sizes) -> list[Any]:
    """Return complex arrays, as in the complex step."""
    rng = np.random.default_rng(1)
    return [rng.normal(size=size) + 0j for size in sizes]


def step_through(forward: Forward, sizes: Sizes) -> float:
    """Return the seconds of one forward pass for each number in the arguments."""
    passes = sum(int(np.prod(size)) for size in sizes)
    args = draw(sizes)
    return passes * time_once(lambda: forward(*args), 3)


def main() -> int:
    """Print a line for each test."""
    from autograder.judging.functions import FunctionJudge
    from autograder.judging.in_process import InProcess
    from autograder.session.collecting import Collected, run_session
    from autograder.settings import Limits, Settings

    limit, times = Limits().seconds, {}

    def work(collected: Collected) -> None:
        judge = FunctionJudge(collected.tests, collected.asker, collected.runner)
        for test in collected.tests:
            if test.verdict.test.endswith("_at_full_size"):
                exchange = judge.find_exchange(test.cases[0], InProcess({}))
                times[test.verdict.test] = time_answers([request for request, _ in exchange])

    def time_answers(requests: list[bytes]) -> float:
        subject = InProcess({})
        return time_once(lambda: [subject.ask(request) for request in requests], 3)

    with tempfile.TemporaryDirectory() as folder:
        run_session(Settings(DEFAULT_SEED), Path(folder), work)
    loops, steps = estimate_loops(), estimate_steps()
    print(f"{'':<46} limit/teacher  oracle/limit  complex step/limit")
    for name, seconds in times.items():
        other = [found.get(name, 0.0) / limit for found in (loops, steps)]
        print(f"{name:<46} {limit / seconds:>13.0f} {other[0]:>13.1f} {other[1]:>19.1f}")
    return 0


def estimate_loops() -> dict[str, float]:
    """Return the seconds that the oracles take, from smaller arrays: passes times products."""
    from tests import oracles
    from tests.oracles_normalization import batchnorm, layernorm

    rng = np.random.default_rng(1)
    N, D, M = 30, 40, 50
    x, w, b = rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)
    product = time_once(lambda: oracles.affine(x, w, b), 3) / (N * D * M)
    rows, labels = 3 * rng.normal(size=(1, 3000)), np.zeros(1, int)
    scores = time_once(lambda: oracles.softmax_loss(rows, labels))
    wide: list[Any] = [rng.normal(size=size) + 0j for size in [(50, 40), (40,), (40,)]]
    column = time_once(lambda: batchnorm(*wide), 3) / 2000
    row = time_once(lambda: layernorm(*wide), 3) / 2000
    bent = time_once(lambda: oracles.prelu(*wide[:2]), 3) / 2000
    large, images = 500 * 320, 40 * 16 * 16 * 16
    return {
        "test_affine_forward_at_full_size": product * 700 * 1100 * 700,
        "test_affine_backward_at_full_size": product * 700 * 360 * 700 * 2 * 700 * 360,
        "test_softmax_loss_at_full_size": scores * 160,
        "test_batchnorm_backward_at_full_size": column * large * large,
        "test_batchnorm_backward_alt_at_full_size": column * large * large,
        "test_spatial_batchnorm_backward_at_full_size": column * images * images,
        "test_layernorm_backward_at_full_size": row * large * large,
        "test_prelu_at_full_size": bent * large * large,
        "test_maxout_at_full_size": product * 4 * 520**3,
    }


def take_logs(x: Any) -> Any:
    """Return the losses of each class, for scores that are not large."""
    return np.log(np.sum(np.exp(x), axis=1, keepdims=True)) - x


def estimate_steps() -> dict[str, float]:
    """Return the seconds of the complex step with forward passes of whole arrays."""
    from tests.hidden.test_activations import choose_pieces
    from tests.hidden.test_batchnorm import normalize_columns
    from tests.hidden.test_layernorm import normalize_rows
    from tests.hidden.test_spatial_batchnorm import normalize_channels

    norm: Sizes = [(500, 320), (320,), (320,)]
    columns = step_through(normalize_columns, norm)
    images: Sizes = [(12, 100, 10, 10), (100,), (100,)]
    return {
        "test_affine_backward_at_full_size": 2
        * step_through(lambda x, w, b: x @ w + b, [(700, 360), (360, 700), (700,)]),
        "test_softmax_loss_at_full_size": step_through(take_logs, [(160, 3000)]),
        "test_batchnorm_backward_at_full_size": columns,
        "test_batchnorm_backward_alt_at_full_size": columns,
        "test_spatial_batchnorm_backward_at_full_size": step_through(normalize_channels, images),
        "test_layernorm_backward_at_full_size": step_through(normalize_rows, norm),
        "test_prelu_at_full_size": step_through(
            lambda x, alpha: np.where(x.real > 0, x, alpha * x), norm[:2]
        ),
        "test_maxout_at_full_size": step_through(
            choose_pieces, [(140, 140), (3, 140, 140), (3, 140)]
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
