"""The list of system calls, and the program that is made of it."""

from __future__ import annotations

import importlib
import sys

import pytest

from autograder.wall import bubblewrap, system_calls, wall

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="system calls of Linux")


def test_the_program_is_small_and_whole():
    """Linux takes at most 4096 instructions of eight bytes."""
    program = system_calls.allow_listed()
    assert len(program) % 8 == 0
    assert len(system_calls.ALLOWED.split()) < len(program) // 8 < 4096


def test_no_call_is_both_allowed_and_refused():
    allowed = {*system_calls.ALLOWED.split(), *system_calls.BY_ARGUMENT}
    refused = system_calls.REFUSED.split()
    assert not allowed & {*refused}
    assert all(system_calls.resolve(name) is not None for name in refused)


@pytest.mark.parametrize("error", [ImportError, RuntimeError])
def test_without_the_library_only_level_none_is_left(error, monkeypatch):
    def fail(name):
        raise error

    monkeypatch.setattr(importlib, "import_module", fail)
    system_calls.allow_listed.cache_clear()
    for level in ("full", "user"):
        with pytest.raises(OSError, match="apt-get install libseccomp2"):
            wall._find_filter(level)
    assert wall._find_filter("none") == ""


def test_workers_find_no_terminal():
    assert not [name for name in bubblewrap.DEVICES if "tty" in name or "pt" in name]
