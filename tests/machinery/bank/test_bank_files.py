"""The files of the mistake bank: all are loaded, and variants have unique labels and texts."""

from __future__ import annotations

import pkgutil
import sys

import pytest

from autograder import bank
from autograder.bank.normalization._helpers import in_each


def test_every_file_of_the_bank_is_loaded():
    bank.load_bank()
    files = {file.name for file in pkgutil.walk_packages(bank.__path__, f"{bank.__name__}.")}
    assert files <= sys.modules.keys()


def test_variants_come_topic_by_topic():
    topics = [variant.id.split(".")[0] for variant in bank.load_bank()]
    assert topics == sorted(topics, key=bank.TOPICS.index)


def learn_by_heart(*args: object) -> None:
    """Act as a variant of a function of the assignment."""


TEXTS = {"where": "what it adds", "what": "The bias is not added.", "how": "Add it."}


@pytest.mark.parametrize(
    ("function", "name", "together", "label"),
    [
        ("affine_forward", "bias_by_heart", "", "affine_forward: bias by heart"),
        ("FullyConnectedNet", "BiasByHeart", "", "FullyConnectedNet: bias by heart"),
        ("affine_forward", "affine_forward_by_heart", "", "affine_forward: by heart"),
        ("leaky_relu_backward", "leaky_by_heart", "", "leaky_relu_backward: by heart"),
        ("init_he", "fan_in_for_he", "", "init_he: fan in for he"),
        ("affine_forward", "forward_by_heart", "no_bias", "affine: no bias"),
        ("batchnorm_backward_alt", "alt", "batchnorm_by_heart", "batchnorm: by heart"),
        ("sgd", "by_heart", "no_sgd", "sgd: no sgd"),
    ],
)
def test_a_label_is_the_function_and_the_rest_of_the_name(
    function, name, together, label, monkeypatch
):
    monkeypatch.setattr(bank, "_bank", {})
    monkeypatch.setattr(learn_by_heart, "__module__", f"{bank.__name__}.affine")
    monkeypatch.setattr(learn_by_heart, "__name__", name)
    bank.mistake(function, **TEXTS, together=together)(learn_by_heart)
    assert [mistake.label for mistake in bank._bank.values()] == [label]


def test_a_mistake_of_several_functions_is_labelled_with_each(monkeypatch):
    monkeypatch.setattr(bank, "_bank", {})
    in_each("batchnorm_forward", "layernorm_forward", **TEXTS)(learn_by_heart)
    labels = [mistake.label for mistake in bank._bank.values()]
    assert labels == ["batchnorm_forward: learn by heart", "layernorm_forward: learn by heart"]


def test_functions_of_one_variant_have_the_same_texts(monkeypatch):
    monkeypatch.setattr(bank, "_bank", {})
    bank.right("affine_forward", "in loops", together="loops")(learn_by_heart)
    with pytest.raises(ValueError, match="affine_backward has other texts"):
        bank.right("affine_backward", "by einsum", together="loops")(learn_by_heart)


def test_a_variant_of_a_function_cannot_be_entered_twice(monkeypatch):
    monkeypatch.setattr(bank, "_bank", {})
    bank.right("affine_forward", "in loops")(learn_by_heart)
    with pytest.raises(ValueError, match="two variants"):
        bank.right("affine_forward", "in loops")(learn_by_heart)
