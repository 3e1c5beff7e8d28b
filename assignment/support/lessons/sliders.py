"""``explore``: a picture with sliders, or one fixed picture where nobody can move them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["explore"]


def explore(draw: Callable[..., None], **settings: tuple[Sequence[Any], Any]) -> None:
    """Draw a picture, with a slider for each setting where ipywidgets can show one.

    Parameters
    ----------
    draw : function
        Draws the picture; called with one keyword argument for each setting.
    settings : pair (values, start)
        The values of a slider, and the one at which it starts. Where a notebook is run by a
        machine, the picture is drawn once, with all settings at their start.
    """
    if not _somebody_is_there():
        draw(**{name: start for name, (_, start) in settings.items()})
        return
    from ipywidgets import SelectionSlider, interact

    sliders = {
        name: SelectionSlider(options=list(values), value=start, description=name)
        for name, (values, start) in settings.items()
    }
    interact(draw, **sliders)


def _somebody_is_there() -> bool:
    """Say whether a person runs this cell: only then can a program be asked for input."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):
        return False
    return bool(shell.get_parent().get("content", {}).get("allow_stdin"))
