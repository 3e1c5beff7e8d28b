"""Progress in a notebook, on a terminal, and elsewhere."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from assignment.support import progress
from assignment.support.progress import track

ROOT = Path(__file__).resolve().parents[3]


class Display:
    """Replaces IPython's display, and the handle that it returns."""

    def __init__(self):
        self.states = []

    def __call__(self, data, *, raw, display_id):
        """Show the first state."""
        assert raw
        assert display_id
        self.states.append(data)
        return self

    def update(self, data, *, raw):
        """Show another state in its place."""
        assert raw
        self.states.append(data)


@pytest.fixture
def display(monkeypatch):
    """Pretend to run in a notebook, with no pause between updates."""
    shown = Display()
    monkeypatch.setattr(progress, "_runs_in_notebook", lambda: True)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_UPDATES", 0)
    monkeypatch.setattr("IPython.display.display", shown)
    return shown


def test_notebook_shows_a_bar_that_ends_as_one_line(display):
    assert list(track(range(3), "training")) == [0, 1, 2]
    html = [state["text/html"] for state in display.states]
    assert html[-1] == "training: 3 of 3"
    assert [text.split("</progress> ")[-1].split(",")[0] for text in html[1:-1]] == [
        f"training: {done} of 3" for done in (0, 0, 1, 2)
    ]
    assert all("<progress" in text for text in html[1:-1])


def test_first_and_last_state_are_equal(display):
    """Nbval compares the first state of a run with the last one, which is stored."""
    list(track(iter("abc"), "trials", total=3))
    assert display.states[0] == display.states[-1]


def test_loop_left_early_shows_how_far_it_came(display):
    for item in track(range(1000), "training"):
        if item == 20:
            break
    assert display.states[-1]["text/plain"] == "training: 20 of 1,000"


def test_updates_are_few(display, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_UPDATES", 3600)
    list(track(range(1000), "training"))
    assert len(display.states) == 3


def test_label_is_escaped_in_html(display):
    list(track([], "a < b"))
    assert display.states[-1] == {"text/plain": "a < b: 0 of 0", "text/html": "a &lt; b: 0 of 0"}


def test_terminal_shows_tqdms_bar(monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    assert list(track("abc", "trials")) == list("abc")
    assert "trials: 100%" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()


def test_elsewhere_it_is_silent(capfd):
    assert list(track("abc", "trials")) == list("abc")
    assert capfd.readouterr() == ("", "")


def test_number_of_items_must_be_known():
    with pytest.raises(TypeError, match="trials: items has no len"):
        track(iter("abc"), "trials")


def test_jupyter_is_not_imported():
    code = """
import sys
from assignment.support.progress import track
assert list(track("abc", "trials")) == ["a", "b", "c"]
assert not {"IPython", "ipykernel"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
