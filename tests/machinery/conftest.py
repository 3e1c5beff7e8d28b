"""What more than one file of these tests needs."""

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
    """Let Ctrl-C reach what tests start: what a shell runs in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def house_style():
    """Draw without a screen, and leave matplotlib as it was."""
    backend = plt.get_backend()
    plt.switch_backend("agg")
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")
    plt.switch_backend(backend)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what students get, once; tests that change something in it take a copy."""
    out = tmp_path_factory.mktemp("release") / "out"
    write_release(out)
    return out
