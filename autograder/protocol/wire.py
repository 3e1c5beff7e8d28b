"""Encode plain data for the wall: a JSON header and raw array buffers, nothing executable.

Both sides import this. The trusted side must not trust what it reads: every size, depth, name and
type is checked before use, and WireError says what is wrong.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

__all__ = ["FRAME", "MAX_MESSAGE_BYTES", "TOYS", "WireError", "decode", "encode", "pack", "unpack"]

MAX_MESSAGE_BYTES = 4 * 2**20  # far more than any right answer needs
MAX_HEADER_BYTES = 2**20  # parsed lists take far more memory than their brackets
MAX_DEPTH = 16
MAX_VALUES = 50_000
MAX_TEXT = 4_000  # characters; the other side may search a text with regular expressions
VALUES_OF_A_GENERATOR = 20  # a generator takes the memory of so many values
# Models for tests of training: sent as a class name and plain attributes.
TOYS = "assignment.support.testing.toys"
NAMES = {np.dtype(kind).str: np.dtype(np.dtype(kind).str) for kind in "?bhiqBHIQefdFD"}
DTYPES = {dtype: name for name, dtype in NAMES.items()}
ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
FRAME = struct.Struct("<QQ")  # bytes of the header, bytes of the buffers

Foreign = Callable[[Any], Any]


class WireError(Exception):
    """A value that cannot be sent, or a malformed message."""


def encode(value: Any, buffers: list[bytes], foreign: Foreign, depth: int = 0) -> Any:
    """Return a value as a JSON tree; append arrays to buffers; ``foreign`` encodes the rest.

    Only exact types are plain data: a subclass can override anything.
    """
    kind = type(value)
    if value is None or kind in (bool, str, float, int):
        return value
    if depth > MAX_DEPTH:
        raise WireError(f"nested more than {MAX_DEPTH} deep")
    if kind is np.ndarray and value.dtype in DTYPES:
        return _encode_array(value, buffers)
    if kind in (tuple, list):
        items = [encode(item, buffers, foreign, depth + 1) for item in value]
        return {"tuple" if kind is tuple else "list": items}
    if kind is dict:
        pairs = [[_encode_key(k), encode(v, buffers, foreign, depth + 1)] for k, v in value.items()]
        return {"dict": pairs}
    if kind in NUMPY_SCALARS and value.dtype in DTYPES:
        buffers.append(value.tobytes())
        return {"scalar": DTYPES[value.dtype]}
    if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
        return {"rng": _encode_generator(value.bit_generator.state)}
    if kind is type and value in NUMPY_SCALARS:
        return {"dtype": np.dtype(value).str}
    if kind.__module__ == TOYS:
        return {"toy": [kind.__name__, encode(value.__dict__, buffers, foreign, depth + 1)]}
    return foreign(value)


NUMPY_SCALARS = frozenset(dtype.type for dtype in DTYPES)


def _encode_key(key: Any) -> Any:
    if type(key) in (str, int, bool):
        return key
    raise WireError(f"a dict with a {type(key).__name__} as key")


def _encode_array(value: Any, buffers: list[bytes]) -> Any:
    flags = value.flags
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "view"
    buffers.append(value.tobytes(order="F" if layout == "F" else "C"))
    return {"array": [DTYPES[value.dtype], list(value.shape), layout, bool(flags.writeable)]}


def _encode_generator(state: Any) -> list[int]:
    return [state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]]


def decode(tree: Any, buffers: list[bytes], foreign: Foreign) -> Any:
    """Return the value of a JSON tree; ``foreign`` decodes what is not plain data."""
    return _Decoder(iter(buffers), foreign).decode(tree, 0)


class _Decoder:
    def __init__(self, buffers: Iterator[bytes], foreign: Foreign) -> None:
        self.buffers = buffers
        self.foreign = foreign
        self.remaining = MAX_VALUES

    def decode(self, tree: Any, depth: int) -> Any:
        self.remaining -= 1
        if self.remaining < 0 or depth > MAX_DEPTH:
            raise WireError("too many values" if self.remaining < 0 else "nested too deep")
        if isinstance(tree, str):
            return _check_text(tree)
        if not isinstance(tree, (dict, list)):
            return tree
        if isinstance(tree, list) or len(tree) != 1:
            raise WireError("malformed value: expected {kind: content}")
        ((kind, content),) = tree.items()
        if kind == "array":
            return self.decode_array(content)
        if kind in ("tuple", "list", "dict"):
            return self.decode_collection(kind, content, depth + 1)
        if kind == "scalar":
            return self.decode_array([content, [], "C", True])[()]
        if kind == "rng":
            self.remaining -= VALUES_OF_A_GENERATOR
            return _decode_generator(content)
        if kind == "dtype":
            return _find_dtype(content).type
        if kind == "toy" and isinstance(content, list) and len(content) == 2:
            tree = {"toy": [content[0], self.decode(content[1], depth + 1)]}
        return self.foreign(tree)

    def decode_collection(self, kind: str, content: Any, depth: int) -> Any:
        if not isinstance(content, list):
            raise WireError(f"malformed {kind}: expected a list of items")
        if kind == "dict":
            return dict([self.decode_pair(pair, depth) for pair in content])
        items = [self.decode(item, depth) for item in content]
        return tuple(items) if kind == "tuple" else items

    def decode_pair(self, pair: Any, depth: int) -> tuple[Any, Any]:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], (str, int)):
            raise WireError("malformed dict: expected pairs of key and value")
        if isinstance(pair[0], int) and abs(pair[0]) >= 2**60:
            raise WireError("dict key too large")  # large keys can be chosen to share one hash
        key = _check_text(pair[0]) if isinstance(pair[0], str) else pair[0]
        return key, self.decode(pair[1], depth)

    def decode_array(self, content: Any) -> Any:
        if not isinstance(content, list) or len(content) != 4:
            raise WireError("malformed array: expected [dtype, shape, layout, writeable]")
        name, shape, layout, writeable = content
        dtype = _find_dtype(name)
        if not isinstance(shape, list) or len(shape) > 32:
            raise WireError("malformed shape: expected a list of at most 32 sizes")
        rows = 1  # limited on its own: shape (2**26, 0) has no bytes but many rows
        for n in shape:
            if type(n) is not int or not 0 <= n <= MAX_MESSAGE_BYTES // rows:
                raise WireError("malformed shape: a size is not a whole number or too large")
            rows *= n or 1
        data = next(self.buffers, b"")
        if len(data) != dtype.itemsize * math.prod(shape):
            raise WireError(f"malformed array: {len(data)} bytes do not match its shape")
        order: Any = "F" if layout == "F" else "C"
        array: Any = np.ndarray(shape, dtype, bytearray(data), order=order)
        if layout == "view" and shape:
            array = _make_view(array)
        if writeable is not True:
            array.flags.writeable = False
        return array


def _check_text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise WireError(f"a text of more than {MAX_TEXT:,} characters")
    return text


def _decode_generator(content: Any) -> np.random.Generator:
    if not isinstance(content, list) or len(content) != 4:
        raise WireError("malformed generator: expected four numbers")
    state, inc, has_uint32, uinteger = content
    generator = np.random.Generator(np.random.PCG64(0))
    try:
        generator.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": inc},
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise WireError(f"malformed generator: bad state ({type(error).__name__})") from None
    return generator


def _make_view(array: Any) -> Any:
    """Return the array as every second value of a larger one: not contiguous, like the sender's."""
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def _find_dtype(name: Any) -> np.dtype[Any]:
    if not isinstance(name, str) or name not in NAMES:
        raise WireError("unknown dtype")
    return NAMES[name]


def pack(tree: Any, buffers: list[bytes]) -> bytes:
    """Return a message: frame, header, buffers."""
    sizes = [len(buffer) for buffer in buffers]
    header = ENCODER.encode([tree, sizes]).encode()
    return b"".join([FRAME.pack(len(header), sum(sizes)), header, *buffers])


def unpack(message: bytes) -> tuple[Any, list[bytes]]:
    """Return the tree and the buffers of a message."""
    if len(message) < FRAME.size:
        raise WireError("message shorter than its frame")
    header_size, body_size = FRAME.unpack_from(message)
    if header_size > MAX_HEADER_BYTES:
        raise WireError("header too long")
    start = FRAME.size + header_size
    try:
        tree, sizes = json.loads(str(message[FRAME.size : start], "utf-8"))
    except (ValueError, RecursionError, TypeError) as error:
        raise WireError(f"header is not JSON ({type(error).__name__})") from None
    if not isinstance(sizes, list) or not all(type(n) is int and n >= 0 for n in sizes):
        raise WireError("malformed header: expected [tree, sizes]")
    if sum(sizes) != body_size or len(message) != start + body_size:
        raise WireError("sizes in the header do not match the message")
    buffers = []
    for size in sizes:
        buffers.append(message[start : start + size])
        start += size
    return tree, buffers
