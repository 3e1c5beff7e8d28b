"""What more than one file of these tests needs."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from assignment.support import plots

collect_ignore = ["hostile", "styles"]  # submissions, whose files only the grader may import


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
