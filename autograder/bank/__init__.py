"""The mistake bank: wrong and right variants of the teacher's functions, topic by topic.

A topic is a file of the assignment. Its variants are in a file of that name here (affine.py), or in
a folder with a file for each part or function (normalization/batchnorm_forward.py). A variant
replaces a function of the assignment. To add one, add a small function to such a file::

    @mistake(
        "batchnorm_forward",
        where="what batchnorm_forward returns in test mode",
        what="In test mode the output is neither scaled by gamma nor shifted by beta.",
        how="Apply gamma * xhat + beta in both modes.",
    )
    def test_mode_forgets_gamma_and_beta(x, gamma, beta, bn_param):
        if bn_param["mode"] == "test":
            gamma, beta = np.ones_like(gamma), np.zeros_like(beta)
        return ref.batchnorm_forward(x, gamma, beta, bn_param)

Variants and new files in the folder of a topic are found without a list. The id of a variant is
its topic and name, "normalization.test_mode_forgets_gamma_and_beta", in any file of the topic. Code
that several files of a topic share is in a file whose name begins with an underscore.

The name should say what is wrong, because the teacher reads it as a label with the function:
"batchnorm_forward: test mode forgets gamma and beta". The name's first words are left out if they
occur in the function: leaky_relu_backward and leaky_changes_dout give
"leaky_relu_backward: changes dout".

``ref`` is the teacher's module, from autograder.bank.reference. A backward variant may read the
cache of the teacher's forward function. If a mistake or a style needs two functions that share a
cache, give both the same ``together``, which becomes the name, and the same texts.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import dropwhile
from typing import Any, TypeVar

from assignment.support.project.manifest import load_parts

__all__ = ["Mistake", "Right", "Variant", "load_bank", "mistake", "right"]

TOPICS = tuple(dict.fromkeys(part.file.removesuffix(".py") for part in load_parts()))

Code = TypeVar("Code", bound=Callable[..., Any])


@dataclass(eq=False)
class Variant:
    """Functions of the assignment in another form.

    Attributes
    ----------
    id : str
        Topic and name, "normalization.test_mode_forgets_gamma_and_beta".
    functions : dict
        Name in the manifest -> the function or class that replaces it.
    """

    id: str
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)


@dataclass(eq=False)
class Mistake(Variant):
    """A wrong variant, with its texts for students and teachers.

    Attributes
    ----------
    where, what, how : str
        Texts for the student: where to look, what is wrong, how to fix it.
    label : str
        Text for the teacher: function and name, unique among all mistakes.
    """

    where: str = ""
    what: str = ""
    how: str = ""
    label: str = ""


@dataclass(eq=False)
class Right(Variant):
    """A right variant in another style; ``why`` says how it differs from the teacher's."""

    why: str = ""


_bank: dict[str, Variant] = {}


def mistake(
    function: str, *, where: str, what: str, how: str, together: str = ""
) -> Callable[[Code], Code]:
    """Register a wrong variant of a function; see the example above."""

    def enter(code: Code) -> Code:
        layer = re.sub("_(forward|backward).*", "", function)  # common part of the names
        label = _label(layer if together else function, together or code.__name__)
        _enter(Mistake(_name(code, together), {}, where, what, how, label), function, code)
        return code

    return enter


def right(function: str, why: str, *, together: str = "") -> Callable[[Code], Code]:
    """Register a right variant of a function in another style."""

    def enter(code: Code) -> Code:
        _enter(Right(_name(code, together), {}, why), function, code)
        return code

    return enter


def _name(code: Callable[..., Any], together: str) -> str:
    topic = code.__module__.removeprefix(f"{__name__}.").split(".")[0]
    return f"{topic}.{together or code.__name__}"


def _label(function: str, name: str) -> str:
    """Return "function: name in words"; the words start after those of the function."""
    words = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")  # classes are in CamelCase
    own = dropwhile(lambda word: word in function.split("_"), words)
    return f"{function}: {' '.join(own)}"


def _enter(variant: Variant, function: str, code: Callable[..., Any]) -> None:
    known = _bank.setdefault(variant.id, variant)
    if type(known) is not type(variant) or function in known.functions:
        raise ValueError(f"the bank has two variants {variant.id} of {function}")
    if {**vars(variant), "functions": known.functions} != vars(known):
        raise ValueError(
            f"{variant.id}: {function} has other texts; give all its functions the same"
        )
    known.functions[function] = code


@cache
def load_bank() -> tuple[Variant, ...]:
    """Return all variants, topic by topic, and within a topic by the names of its files."""
    for topic in TOPICS:
        module = importlib.import_module(f"{__name__}.{topic}")
        for file in pkgutil.iter_modules(getattr(module, "__path__", []), f"{module.__name__}."):
            importlib.import_module(file.name)
    return tuple(_bank.values())
