"""``explore``: a picture with sliders, or one fixed picture where nobody can move them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["explore"]


def explore(draw: Callable[..., None], **settings: tuple[Sequence[Any], Any]) -> None:
    """Draw a picture, with a slider for each setting where somebody can move it.

    The picture is an output of the cell and not part of a widget, so that it is saved with the
    notebook, as it was last drawn; of the sliders a saved notebook has only the name.

    Parameters
    ----------
    draw : function
        Draws the picture; called with one keyword argument for each setting. It displays as many
        outputs in each call.
    settings : pair (values, start)
        The values of a slider, and the one at which it starts. Where a notebook is run by a
        machine, the picture is drawn once, with all settings at their start.
    """
    if not _somebody_is_there():
        draw(**{name: start for name, (_, start) in settings.items()})
        return
    try:
        from ipywidgets import SelectionSlider, VBox
    except ImportError:
        print("no sliders: ipywidgets is not installed; run pip install -r requirements.txt")
        draw(**{name: start for name, (_, start) in settings.items()})
        return
    from IPython.display import display
    from IPython.utils.capture import capture_output

    sliders = {
        name: SelectionSlider(
            options=list(values),
            value=start,
            description=name.replace("_", " "),
            style={"description_width": "initial"},  # or a long name is cut off
        )
        for name, (values, start) in settings.items()
    }

    def draw_outputs() -> list[Any]:
        with capture_output(stdout=False, stderr=False) as captured:
            draw(**{name: slider.value for name, slider in sliders.items()})
        return list(captured.outputs)

    def redraw(_: Any) -> None:
        for shown, output in zip(pictures, draw_outputs()):
            shown.update(output)

    outputs = draw_outputs()
    display(VBox(list(sliders.values())))
    pictures = [display(output, display_id=True) for output in outputs]
    for slider in sliders.values():
        slider.observe(redraw, names="value")


def _somebody_is_there() -> bool:
    """Say whether a person runs this cell: only then can a program be asked for input."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):
        return False
    return bool(shell.get_parent().get("content", {}).get("allow_stdin"))
