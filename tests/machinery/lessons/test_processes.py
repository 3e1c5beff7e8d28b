"""A map over several processes gives the same results as Python's map."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from assignment.hyperparameters import random_search
from assignment.support.processes import process_map

SPACE = {"learning_rate": ("log_uniform", 1e-5, 1e-1), "reg": ("uniform", 0, 1)}


def test_random_search_finds_the_same_with_two_processes():
    offset = 3.0

    def evaluate(configuration):  # a closure, as in a notebook cell: processes cannot import it
        return -((np.log10(configuration["learning_rate"]) + offset) ** 2) - configuration["reg"]

    plain = random_search(evaluate, SPACE, 12, np.random.default_rng(1))
    parallel = random_search(evaluate, SPACE, 12, np.random.default_rng(1), map=process_map(2))
    assert parallel == plain


def test_children_work_with_one_blas_thread_each():
    def look(_):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        return os.getpid(), [os.environ.get(name) for name in names]

    for pid, threads in process_map(2)(look, range(4)):
        assert pid != os.getpid()
        assert threads == ["1", "1", "1"]


def test_results_keep_the_order_of_the_items():
    def linger(item):
        time.sleep(0.5 if item == 0 else 0)  # the others are done before the first one
        return item

    assert list(process_map(2)(linger, range(6))) == list(range(6))


def test_exception_of_a_child_is_raised_here():
    def fail_at_two(item):
        if item == 2:
            raise ValueError(f"item {item} is bad")
        return item

    with pytest.raises(ValueError, match="item 2 is bad"):
        list(process_map(2)(fail_at_two, range(4)))


def test_edited_file_counts_at_the_next_call(tmp_path, monkeypatch):
    """Children end with a call, so they never run old code."""
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "edited_module.py"

    def read(_):
        import edited_module

        return edited_module.VALUE

    for value in (1, 22):
        path.write_text(f"VALUE = {value}\n")
        assert list(process_map(2)(read, range(2))) == [value, value]


def test_one_process_is_this_one():
    assert list(process_map(1)(lambda _: os.getpid(), range(2))) == [os.getpid()] * 2


@pytest.mark.parametrize("processes", [0, -1])
def test_fewer_than_one_process_is_refused(processes):
    with pytest.raises(ValueError, match=f"processes is {processes}, use 1 or more"):
        process_map(processes)
