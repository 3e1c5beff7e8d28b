"""Make small CIFAR-10 archives in both formats, for the tests of get_datasets.sh and the loader.

The pickles are assembled opcode by opcode, as Python 2 wrote them: Python 3 writes other opcodes.
"""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

Batches = dict[str, tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]

NAMES = b"airplane automobile bird cat deer dog frog horse ship truck".split()


def draw_batches(images_per_file: int, seed: int = 231) -> Batches:
    """Draw random images, shape (images_per_file, 3, 32, 32), and labels for the six files."""
    rng = np.random.default_rng(seed)
    return {
        name: (
            rng.integers(0, 256, (images_per_file, 3, 32, 32), dtype=np.uint8),
            rng.integers(0, 10, images_per_file),
        )
        for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    }


def encode_binary(batches: Batches) -> dict[str, bytes]:
    """Return the files of cifar-10-batches-bin by name."""
    files = {"batches.meta.txt": b"\n".join(NAMES) + b"\n\n"}
    for name, (x, y) in batches.items():
        rows = np.concatenate([y[:, None].astype(np.uint8), x.reshape(len(x), -1)], axis=1)
        files[f"{name}.bin"] = rows.tobytes()
    return files


def encode_python(batches: Batches) -> dict[str, bytes]:
    """Return the files of cifar-10-batches-py by name."""
    meta = {
        b"num_cases_per_batch": _number(len(batches["test_batch"][1])),
        b"label_names": _sequence(_text(name) for name in NAMES),
        b"num_vis": _number(3072),
    }
    files = {"batches.meta": _pickle(meta)}
    for name, (x, y) in batches.items():
        batch = {
            b"batch_label": _text(name.encode()),
            b"labels": _sequence(_number(label) for label in y),
            b"data": _array(x.reshape(len(x), -1)),
            b"filenames": _sequence(_text(b"%d.png" % i) for i in range(len(y))),
        }
        files[name] = _pickle(batch)
    return files


def pack(folder: str, files: Mapping[str, bytes], extra: Iterable[tarfile.TarInfo] = ()) -> bytes:
    """Pack `files` below `folder` as .tar.gz; `extra` are empty members or links, put first."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        top = tarfile.TarInfo(folder)
        top.type, top.mode = tarfile.DIRTYPE, 0o755
        for member in (top, *extra):
            archive.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _pickle(items: Mapping[bytes, bytes]) -> bytes:
    return b"\x80\x02}(" + b"".join(_text(key) + value for key, value in items.items()) + b"u."


def _text(value: bytes) -> bytes:
    if len(value) < 256:
        return b"U" + struct.pack("<B", len(value)) + value
    return b"T" + struct.pack("<i", len(value)) + value


def _number(value: int) -> bytes:
    if value < 256:
        return b"K" + struct.pack("<B", value)
    return b"M" + struct.pack("<H", value)


def _sequence(encoded: Iterable[bytes]) -> bytes:
    return b"](" + b"".join(encoded) + b"e"


def _array(x: npt.NDArray[np.uint8]) -> bytes:
    """Encode what ndarray.__reduce__ returned in Python 2: an empty array, then its state."""
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    dtype = (
        b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
    )
    shape = _number(x.shape[0]) + _number(x.shape[1]) + b"\x86"
    return empty + b"(K\x01" + shape + dtype + b"K\x00tb\x89" + _text(x.tobytes()) + b"tb"
