import sys
from types import SimpleNamespace

import pytest

from assignment.support.lessons.sliders import explore

SETTINGS = {"scale": ([1, 2, 3], 2), "depth": (["one", "two"], "one")}


def test_without_a_notebook_the_picture_is_drawn_once():
    drawn = []
    explore(lambda **settings: drawn.append(settings), **SETTINGS)
    assert drawn == [{"scale": 2, "depth": "one"}]


@pytest.mark.parametrize("person", [True, False])
def test_sliders_are_shown_only_to_a_person(person, monkeypatch):
    parent = {"content": {"allow_stdin": person}}
    shell = SimpleNamespace(kernel=None, get_parent=lambda: parent)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shown, drawn = [], []
    widgets = SimpleNamespace(
        SelectionSlider=lambda **options: options,
        interact=lambda draw, **sliders: shown.append(sliders),
    )
    monkeypatch.setitem(sys.modules, "ipywidgets", widgets)
    explore(lambda **settings: drawn.append(settings), **SETTINGS)
    slider = {"options": [1, 2, 3], "value": 2, "description": "scale"}
    assert [one["scale"] for one in shown] == ([slider] if person else [])
    assert drawn == ([] if person else [{"scale": 2, "depth": "one"}])
