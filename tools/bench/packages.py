"""Import the packages that the benchmark compares with, when a row needs them."""

from __future__ import annotations

import collections
import collections.abc
import importlib
import warnings
from typing import Any
from unittest import mock

__all__ = ["import_numpy_ml", "import_torch"]


def import_torch() -> Any:
    """Return PyTorch, restricted to one thread."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    return torch


def import_numpy_ml() -> Any:
    """Return the layers of numpy-ml."""
    # numpy-ml 0.1.2 imports a name that Python 3.10 removed from `collections`
    hashable = mock.patch.object(collections, "Hashable", collections.abc.Hashable, create=True)
    with hashable, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("numpy_ml.neural_nets.layers")
