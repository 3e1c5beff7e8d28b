"""Fixtures that several files of these tests use."""

from __future__ import annotations

import signal
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from assignment.support import plots
from autograder.release.building import write_release

collect_ignore = ["styles"]  # submissions, whose files only the grader may import


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """Let Ctrl-C reach processes that tests start: a shell makes background jobs ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def house_style():
    """Draw without a screen, and restore the settings of matplotlib."""
    backend = plt.get_backend()
    plt.switch_backend("agg")
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")
    plt.switch_backend(backend)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the release once; tests that change files in it make a copy."""
    out = tmp_path_factory.mktemp("release") / "out"
    write_release(out)
    return out
