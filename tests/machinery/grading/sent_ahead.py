"""Whether what is sent to a worker ahead of its turn holds an answer to what was asked before.

``python -m tests.machinery.grading.sent_ahead SEED`` asks the teacher's functions all tests, and
prints two numbers of cases as JSON: those whose script gives an answer away, and those that would,
if nothing waited for the answers before it. It is a program because a session of the grader
collects tests.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.ahead.scripts import Foreseen
from autograder.judging.functions import FunctionJudge, GradedTest
from autograder.judging.in_process import InProcess
from autograder.protocol.wire import decode, unpack
from autograder.session.collecting import Collected, run_session
from autograder.settings import Settings

FEWEST = 3  # numbers that are no coincidence
Asked = tuple[Foreseen, bytes]  # and the reply


def find_arrays(value: Any) -> Iterator[np.ndarray]:
    """Find all arrays in a value that say something."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and np.unique(value).size >= FEWEST:
            yield value.astype(float)
    elif isinstance(value, dict):
        yield from find_arrays(list(value.values()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from find_arrays(item)


def read(message: bytes) -> list[np.ndarray]:
    """Return the arrays in a request or a reply."""
    tree, buffers = unpack(message)
    trees = [tree[key] for key in ("arguments", "value", "after") if tree.get(key) is not None]
    return [*find_arrays(decode({"list": trees}, buffers, lambda tree: None))]


def is_among(array: np.ndarray, others: Iterable[np.ndarray]) -> bool:
    return any(a.shape == array.shape and np.allclose(a, array, rtol=1e-6) for a in others)


def gives_away(asked: Sequence[Asked], waiting: bool) -> bool:
    """Say whether a request that is on its way before its turn holds what an earlier reply says."""
    given: list[np.ndarray] = []
    answers: list[np.ndarray] = []
    for (request, waits), reply in asked:
        if waits and waiting:
            given, answers = [], []
        arrays = [array for array in read(request) if not is_among(array, given)]
        if any(is_among(array, answers) for array in arrays):
            return True
        given += arrays
        answers += read(reply)
    return False


def ask_all(judge: FunctionJudge, test: GradedTest) -> list[Asked]:
    """Return what the cases of a test function ask in a row."""
    asked = []
    for case in test.cases:
        exchange = judge.find_exchange(case, InProcess({}))
        asked.append(zip(judge.scripts.find(case.nodeid), (reply for _, reply in exchange)))
    return [*itertools.chain(*asked)]


def main(seed: int) -> None:
    counts = {"now": 0, "if nothing waited": 0}

    def look(found: Collected) -> None:
        judge = FunctionJudge(found.tests, found.asker, found.runner)
        for test in found.tests:
            asked = ask_all(judge, test)
            counts["now"] += gives_away(asked, waiting=True)
            counts["if nothing waited"] += gives_away(asked, waiting=False)

    with tempfile.TemporaryDirectory() as folder:
        run_session(Settings(seed), Path(folder), look)
    print(json.dumps(counts))


if __name__ == "__main__":
    main(int(sys.argv[1]))
