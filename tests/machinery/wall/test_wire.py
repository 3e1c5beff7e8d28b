"""Plain data arrives unchanged on the other side of the wall; malformed messages are refused."""

from __future__ import annotations

import copy
import json
import math
import random
from typing import Any

import numpy as np
import pytest

from assignment.support.testing.toys import Bowl
from autograder.protocol.wire import (
    FRAME,
    MAX_DEPTH,
    MAX_VALUES,
    WireError,
    decode,
    encode,
    pack,
    unpack,
)

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NUMBERS = ["bool", *INTEGERS, "float16", "float32", "float64", "complex64", "complex128"]
DTYPES = [np.dtype(name) for name in NUMBERS]


def refuse(value: Any) -> Any:
    """Refuse a value that is not plain data."""
    raise WireError(f"{value!r} is not plain data")


def send(value: Any) -> Any:
    """Return a value as it arrives on the other side."""
    buffers: list[bytes] = []
    tree = encode(value, buffers, refuse)
    return decode(*unpack(pack(tree, buffers)), refuse)


def receive(tree: Any, *buffers: bytes) -> Any:
    """Return the value of a forged tree."""
    return decode(*unpack(pack(tree, list(buffers))), refuse)


def frame(header: bytes, body: bytes = b"") -> bytes:
    """Return a message with a forged header."""
    return FRAME.pack(len(header), len(body)) + header + body


PLAIN: list[Any] = [
    None,
    True,
    False,
    0,
    -(10**399 - 1),
    0.1 + 0.2,
    -0.0,
    math.inf,
    "",
    "ö \ud800 \0 \u202e \x1b[2J",
    (),
    [],
    {},
    (1, [2.5, ("a", None)], {"b": [{}], 3: (True,)}),
    {"": 0, -7: 1, True: 2},
    np.float32,
    np.bool_,
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:30])
def test_plain_values_arrive_unchanged(value: Any) -> None:
    assert repr(send(value)) == repr(value)


def test_nan_arrives() -> None:
    assert math.isnan(send(math.nan))
    assert math.isnan(send(np.float32(math.nan)))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_numpy_numbers_arrive_with_their_type(dtype: np.dtype[Any]) -> None:
    value = np.array([3], dtype)[0]
    got = send((value, dtype.type))
    assert got == (value, dtype.type)
    assert type(got[0]) is dtype.type


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (5,), (2, 3), (2, 1, 3, 2)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_arrays_arrive_unchanged(dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    got = send(values)
    assert type(got) is np.ndarray
    assert (got.dtype, got.shape, got.tobytes()) == (dtype, shape, values.tobytes())
    assert got.flags.writeable


LAYOUTS = {
    "C": lambda x: x,
    "F": np.asfortranarray,
    "transposed": lambda x: x.T,
    "every second": lambda x: x[:, ::2],
    "backwards": lambda x: x[::-1, ::-1],
    "a column": lambda x: x[:, 1],
}


@pytest.mark.parametrize("writeable", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_arrays_keep_layout_and_flag(layout: Any, writeable: bool) -> None:
    values = layout(np.arange(20.0).reshape(4, 5))
    values.flags.writeable = writeable
    got = send(values)
    np.testing.assert_array_equal(got, values, strict=True)
    for flag in ("c_contiguous", "f_contiguous", "writeable"):
        assert getattr(got.flags, flag) == getattr(values.flags, flag), flag


def test_an_array_is_a_copy() -> None:
    values = np.zeros(3)
    got = send([values, values])
    got[0][0] = 1
    assert (values[0], got[1][0]) == (0, 0)


def test_a_generator_arrives_with_its_state() -> None:
    rng = np.random.default_rng(5)
    rng.integers(10, size=3, dtype=np.uint32)  # the state now buffers half of a 64-bit draw
    got = send(rng)
    assert got.bit_generator.state == rng.bit_generator.state
    assert (
        got.integers(10**6, size=9, dtype=np.uint32).tolist()
        == rng.integers(10**6, size=9, dtype=np.uint32).tolist()
    )


def test_a_toy_is_sent_as_its_class_and_attributes() -> None:
    buffers: list[bytes] = []
    tree = encode(Bowl(w=[1.0, 2.0]), buffers, refuse)
    name, state = decode(*unpack(pack(tree, buffers)), lambda tree: tree["toy"])
    assert name == "Bowl"
    assert state["params"]["w"].tolist() == [1, 2]
    assert state["bn_params"] == [{"running_mean": 0.0}]


class Liar(float):
    """Not plain data: a subclass can override anything."""


FOREIGN = [
    Liar(1),
    type("Word", (str,), {})("a"),
    type("Pair", (tuple,), {})((1, 2)),
    type("Options", (dict,), {})(a=1),
    np.zeros(3).view(type("Array", (np.ndarray,), {})),
    np.ma.zeros(3),
    np.zeros(3, ">f8"),
    np.zeros(3, np.longdouble),
    np.zeros(3, object),
    np.zeros(3, [("a", float)]),
    np.array(["a"])[0],
    np.random.Generator(np.random.MT19937(0)),
    np.random.RandomState(0),
    1j,
    {1},
    b"a",
    range(3),
    float,
    len,
    object(),
]


@pytest.mark.parametrize("value", FOREIGN, ids=lambda value: type(value).__name__)
def test_other_objects_are_handed_to_foreign(value: Any) -> None:
    seen: list[Any] = []

    def keep(one: Any) -> Any:
        seen.append(one)
        return {"object": 7}

    assert encode([value], [], keep) == {"list": [{"object": 7}]}
    assert seen[0] is value


@pytest.mark.parametrize("key", [None, 0.5, (1, 2), object(), Liar(1)], ids=str)
def test_strange_keys_are_refused(key: Any) -> None:
    with pytest.raises(WireError, match=type(key).__name__):
        encode({key: 1}, [], refuse)


def test_depth_has_a_limit_on_both_sides() -> None:
    value: list[Any] = []
    tree: Any = {"list": []}
    for _ in range(MAX_DEPTH):
        value, tree = [value], {"list": [tree]}
    assert send(value) == value
    with pytest.raises(WireError, match="deep"):
        send([value])
    with pytest.raises(WireError, match="deep"):
        receive({"list": [tree]})
    value[:] = [value]  # it holds itself
    with pytest.raises(WireError, match="deep"):
        send(value)


def test_the_number_of_values_has_a_limit() -> None:
    assert len(receive({"list": [0] * (MAX_VALUES - 1)})) == MAX_VALUES - 1
    with pytest.raises(WireError, match="too many"):
        receive({"list": [0] * MAX_VALUES})
    with pytest.raises(WireError, match="too many"):
        receive({"dict": [[str(i), 0] for i in range(MAX_VALUES)]})


def test_the_length_of_a_text_has_a_limit() -> None:
    """A test, or pytest, may search it in quadratic time, or show it."""
    assert receive({"list": [" " * 4_000]}) == [" " * 4_000]
    for tree in (" " * 4_001, {"tuple": [" " * 900_000]}, {"dict": [[" " * 4_001, 0]]}):
        with pytest.raises(WireError, match="a text of more than 4,000 characters"):
            receive(tree)


EIGHT = bytes(8)
FORGED: list[Any] = [
    [],
    [1],
    {},
    {"list": [], "tuple": []},
    {"nothing": 1},
    {"list": None},
    {"list": {"list": []}},
    {"tuple": 3},
    {"tuple": "ab"},
    {"list": [[1]]},
    {"dict": {"a": 1}},
    {"dict": [["a"]]},
    {"dict": [["a", 1, 2]]},
    {"dict": ["ab"]},
    {"dict": [[None, 1]]},
    {"dict": [[1.5, 1]]},
    {"dict": [[["a"], 1]]},
    {"dict": [[2**64, 1]]},  # large keys can be chosen to share one hash
    {"array": None},
    {"array": []},
    {"array": ["<f8", [1], "C"]},
    {"array": [["<f8"], [1], "C", True]},
    {"array": ["|O", [1], "C", True]},
    {"array": [">f8", [1], "C", True]},
    {"array": ["<f8,<f8", [1], "C", True]},
    {"array": ["<U2", [1], "C", True]},
    {"array": ["<M8[s]", [1], "C", True]},
    {"array": ["float64", [1], "C", True]},
    {"array": ["<f8", 1, "C", True]},
    {"array": ["<f8", "1", "C", True]},
    {"array": ["<f8", [1.0], "C", True]},
    {"array": ["<f8", [True], "C", True]},
    {"array": ["<f8", ["1"], "C", True]},
    {"array": ["<f8", [-1], "C", True]},
    {"array": ["<f8", [-1, -1], "C", True]},
    {"array": ["<f8", [2], "C", True]},
    {"array": ["<f8", [], "C", True, 0]},
    {"array": ["<f8", [1] * 65, "C", True]},
    {"array": ["<f8", [2**62, 2**62, 4], "C", True]},  # 2**126 is 0 in 64 bits
    {"array": ["<f8", [10**30], "C", True]},
    {"list": [{"array": ["<f8", [1], "C", True]}, {"array": ["<f8", [1], "C", True]}]},
    {"scalar": "|O"},
    {"scalar": None},
    {"scalar": "<f4"},
    {"dtype": "|O"},
    {"dtype": []},
    {"rng": None},
    {"rng": {"list": []}},
    {"rng": [1, 1, 0]},
    {"rng": [1, 1, 0, 0, 0]},
    {"rng": [2**200, 1, 0, 0]},
    {"rng": [math.nan, math.inf, 0, 0]},
    {"rng": ["1", [1], 0, 0]},
    {"rng": [None, {"dict": []}, 0, 0]},
    {"rng": [1, 1, 10**300, 0]},
    {"rng": [1, 1, 0, None]},
    {"toy": ["Bowl"]},
    {"toy": 5},
]


@pytest.mark.parametrize("tree", FORGED, ids=lambda tree: json.dumps(tree)[:60])
def test_forged_values_are_refused(tree: Any) -> None:
    with pytest.raises(WireError):
        receive(tree, EIGHT)


@pytest.mark.parametrize(
    "shape", [[2**26, 0], [0, 2**26], [0, 2**26, 2**26, 2**26], [2**16, 2**16, 0]], ids=str
)
def test_an_array_without_bytes_is_not_large_either(shape: list[int]) -> None:
    """67 million empty rows would become 67 million lists in tolist()."""
    with pytest.raises(WireError):
        receive({"array": ["|u1", shape, "C", True]}, b"")


BROKEN = {
    "nothing": b"",
    "half a frame": frame(b"[1,[]]")[:9],
    "no header": frame(b""),
    "no JSON": frame(b"[1,[]"),
    "no UTF-8": frame(b'["\xff",[]]'),
    "not two": frame(b"[1,[],2]"),
    "no list": frame(b"7"),
    "a dict of two": frame(b'{"a":1,"b":2}'),
    "no sizes": frame(b"[1,null]"),
    "sizes of text": frame(b'[1,["1"]]', b"a"),
    "a size below 0": frame(b"[1,[2,-1]]", b"a"),
    "a size that is true": frame(b"[1,[true]]", b"a"),
    "a size with a point": frame(b"[1,[1.0]]", b"a"),
    "sizes too small": frame(b"[1,[1]]", b"ab"),
    "sizes too large": frame(b"[1,[3]]", b"ab"),
    "bytes left over": frame(b"[1,[]]") + b"a",
    "bytes missing": frame(b"[1,[2]]", b"ab")[:-1],
    "an endless header": FRAME.pack(2**64 - 1, 0) + b"[1,[]]",
    "an endless body": FRAME.pack(6, 2**64 - 1) + b"[1,[]]",
    "deep": frame(b"[" * 100_000),
    "deep, and closed": frame(b"[" + b"[" * 5000 + b"]" * 5000 + b",[]]"),
    "many digits": frame(b"[" + b"9" * 5000 + b",[]]"),
    "many digits for a size": frame(b"[1,[" + b"9" * 401 + b"]]"),
}


@pytest.mark.parametrize("message", BROKEN.values(), ids=BROKEN)
def test_broken_messages_are_refused(message: bytes) -> None:
    with pytest.raises(WireError):
        decode(*unpack(message), refuse)


@pytest.mark.parametrize("item", [b"[],", b"{},", b"0,", b'"ab",'], ids=bytes.decode)
def test_a_long_header_is_refused_before_it_is_parsed(item: bytes) -> None:
    """Parsing 60 MB of brackets takes 2 GB and half a minute, before values are counted."""
    with pytest.raises(WireError):
        unpack(frame(b"[[" + item * (8 * 2**20 // len(item)) + b"0],[]]"))


VALUES: list[Any] = [
    (np.arange(6.0).reshape(2, 3)[:, ::2], [np.float32(1), None, "text"]),
    {"mode": "train", "running_mean": np.zeros(3, np.float32), 3: {"a": (1, 2.5)}},
    [np.random.default_rng(0), np.float64, np.zeros((0, 2), bool), 10**30, True],
    {"params": {"W1": np.ones((2, 2), order="F"), "b1": np.arange(2)}},
]
JUNK: list[Any] = [
    *(None, True, -1, 0, 1, 3, 2**26, 2**63, 2**70, -(2**200), 1.5, 1e308, math.nan, "", "C", "F"),
    *("view", "<f8", "|O", "array", "\ud800", [], {}, [[]], [0], {"a": 1}, {"array": []}),
    *({"rng": [1, 2, 3, 4]}, {"dict": [[1, 2]]}, {"list": [{"tuple": []}]}, {"scalar": "<f8"}),
    *({"object": 1}, {"toy": 1}, {"toy": [1, 2]}, {"name": []}, ["<f8", [2**26, 0], "C", True]),
]


def mangle_bytes(message: bytes, rng: random.Random) -> bytes:
    """Change, remove, repeat or insert a few bytes; one message in twenty stays readable."""
    data = bytearray(message)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data))
        end = start + rng.randint(0, 8)
        grown = [rng.randbytes(3), bytes(data[start:end]) * 2, b"", b"[", b"}", b",", b"9", b"-"]
        same_size = [rng.randbytes(end - start), b"9" * (end - start)]  # the frame still holds
        data[start:end] = rng.choice(rng.choice([grown, same_size]))
        data = data or bytearray(b"0")
    return bytes(data)


def mangle_tree(message: bytes, rng: random.Random) -> bytes:
    """Replace values anywhere in the header by unfitting ones."""
    tree, buffers = unpack(message)
    places: list[tuple[Any, Any]] = []
    find_places(tree, places)
    for parent, key in rng.sample(places, min(len(places), rng.randint(1, 3))):
        other = rng.choice(places)
        parent[key] = copy.deepcopy(rng.choice([rng.choice(JUNK), other[0]]))
    if rng.random() < 0.3 and buffers:
        buffers[rng.randrange(len(buffers))] = rng.randbytes(rng.choice([0, 1, 8, 48]))
    return pack(tree, buffers)


def write(value: Any) -> bytes:
    """Return the message that holds a value."""
    buffers: list[bytes] = []
    return pack(encode(value, buffers, refuse), buffers)


def find_places(tree: Any, places: list[tuple[Any, Any]]) -> None:
    """Collect everything in a tree that can be replaced."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        places.append((tree, key))
        if isinstance(value, (dict, list)):
            find_places(value, places)


@pytest.mark.parametrize("mangle", [mangle_bytes, mangle_tree])
def test_a_mangled_message_is_a_value_or_an_error_and_nothing_else(mangle: Any) -> None:
    seed = random.randrange(2**32)
    rng, valid = random.Random(seed), [write(value) for value in VALUES]
    outcomes = {True: 0, False: 0}
    for i in range(2000):
        message = mangle(rng.choice(valid), rng)
        try:
            decode(*unpack(message), refuse)
        except WireError:
            outcomes[False] += 1
        except Exception as error:
            pytest.fail(f"seed {seed}, message {i}: {error!r}: {message[:400]!r}")
        else:
            outcomes[True] += 1
    assert min(outcomes.values()) > 20, f"seed {seed}: {outcomes}"


def test_a_generator_counts_as_many_values():
    """Seventeen bytes of JSON become nearly a thousand bytes of memory."""
    few, many = ({"list": [{"rng": [1, 1, 0, 0]}] * count} for count in (1_000, 3_000))
    assert len(decode(few, [], refuse)) == 1_000
    with pytest.raises(WireError, match="too many values"):
        decode(many, [], refuse)
