"""Check that no request sent ahead to a worker contains the answer to an earlier request.

``python -m tests.machinery.grading.sent_ahead SEED`` runs all tests on the teacher's functions, and
prints two numbers of cases as JSON: those whose script reveals an answer, and those whose script
would reveal one if no request waited for earlier answers. It is a program of its own because a
session of the grader collects tests.
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

FEWEST = 3  # numbers in an array that cannot match by chance
Asked = tuple[Foreseen, bytes]  # a request and its reply


def find_arrays(value: Any) -> Iterator[np.ndarray]:
    """Find all arrays in a value that are not trivial."""
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
    """Return whether a request that is sent ahead contains an array of a reply not yet received."""
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
    """Return the requests and replies of the cases of a test function, in order."""
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
