"""Shared by both build scripts: check sources, order examples, write the data set."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DATASETS = Path(__file__).resolve().parents[1]
SEED = 231


def check_sha256(data: bytes, expected: str, source: str) -> None:
    """Exit unless `data`, read from `source`, has the expected SHA-256."""
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        sys.exit(
            f"{source}: sha256 is {found[:12]}…, expected {expected[:12]}…; "
            "get the version that datasets/README.md names"
        )


def order_by_turns(y: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Order examples so that each block of C holds every class once.

    Parameters
    ----------
    y : integer array, shape (N,)
        Labels 0 … C - 1, each one N / C times.
    rng : determines the order within a class and within a block

    Returns
    -------
    order : integer array, shape (N,), a permutation of 0 … N - 1
    """
    columns = [rng.permutation(np.flatnonzero(y == k)) for k in range(y.max() + 1)]
    return rng.permuted(np.stack(columns, axis=1), axis=1).ravel()


def write_npz(path: Path, **arrays: Any) -> None:
    """Write `arrays` to `path`; replace an old file only when the new one is complete."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        sys.exit(f"{path}: cannot write, {error.strerror}; choose another --output")
    data = path.read_bytes()
    print(f"{path}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
