import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.manager import start_new_kernel

from assignment.support.lessons.sliders import explore

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {"scale": ([1, 2, 3], 2), "depth": (["one", "two"], "one")}
CELL = """
from IPython.display import Markdown, display
from assignment.support.lessons.sliders import explore

def draw(step_size, depth):
    display(Markdown(f"picture of {step_size}, {depth}"))
    display(Markdown("caption"))

explore(draw, step_size=([1, 2, 3], 2), depth=(["one", "two"], "one"))
"""


@pytest.fixture
def sit_down(monkeypatch):
    """Return a function that sets whether a person or a machine runs the cell."""

    def _sit_down(person):
        parent = {"content": {"allow_stdin": person}}
        shell = SimpleNamespace(kernel=None, get_parent=lambda: parent)
        monkeypatch.setattr("IPython.get_ipython", lambda: shell)

    return _sit_down


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def receive(client, request):
    """Return all messages with which the kernel responds to a request."""
    messages = []
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        messages.append((message["header"]["msg_type"], message["content"]))
        if message["content"].get("execution_state") == "idle":
            return messages


def test_without_a_notebook_the_picture_is_drawn_once():
    drawn = []
    explore(lambda **settings: drawn.append(settings), **SETTINGS)
    assert drawn == [{"scale": 2, "depth": "one"}]


def test_a_machine_gets_the_picture_alone(sit_down, monkeypatch, capsys):
    sit_down(person=False)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # would be an error if it were imported
    drawn = []
    explore(lambda **settings: drawn.append(settings), **SETTINGS)
    assert drawn == [{"scale": 2, "depth": "one"}]
    assert capsys.readouterr().out == ""


def test_without_ipywidgets_a_person_gets_the_picture_and_one_line(sit_down, monkeypatch, capsys):
    sit_down(person=True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    drawn = []
    explore(lambda **settings: drawn.append(settings), **SETTINGS)
    assert drawn == [{"scale": 2, "depth": "one"}]
    assert capsys.readouterr().out.startswith("no sliders: ipywidgets is not installed")


def test_a_moved_slider_changes_the_picture_in_its_place(kernel):
    messages = receive(kernel, kernel.execute(CELL, allow_stdin=True))
    displayed = [content for kind, content in messages if kind == "display_data"]
    sliders, *pictures = displayed
    assert "application/vnd.jupyter.widget-view+json" in sliders["data"]
    texts = [content["data"]["text/markdown"] for content in pictures]
    assert texts == ["picture of 2, one", "caption"]

    opened = [content for kind, content in messages if kind == "comm_open"]
    states = {content["comm_id"]: content["data"]["state"] for content in opened}
    described = {state.get("description"): comm_id for comm_id, state in states.items()}
    moved = {
        "comm_id": described["step size"],
        "data": {"method": "update", "state": {"index": 2}, "buffer_paths": []},
    }
    request = kernel.session.msg("comm_msg", moved)
    kernel.shell_channel.send(request)
    messages = receive(kernel, request["header"]["msg_id"])
    updated = [content for kind, content in messages if kind == "update_display_data"]
    texts = [content["data"]["text/markdown"] for content in updated]
    assert texts == ["picture of 3, one", "caption"]
    assert [content["transient"] for content in updated] == [
        content["transient"] for content in pictures
    ]
    assert "display_data" not in [kind for kind, _ in messages]
