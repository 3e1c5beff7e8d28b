"""Remote functions: changed arguments come back, exceptions too, and no reply is trusted."""

from __future__ import annotations

import builtins
import contextlib
import inspect
import json
import math
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assignment.support.testing.compare import CheckFailed, call, call_watched
from assignment.support.testing.loading import CannotUse
from assignment.support.testing.toys import Bowl, LookupTable, score_alike
from autograder.inside.worker import FunctionWorker
from autograder.protocol.asking import Asker, RemoteFunction, StudentError, rebuild
from autograder.protocol.wire import WireError, pack, unpack
from tests.machinery.grading.pointless import Chameleon

MAX_TEXT = 5000  # characters: nothing that a student reads needs more
Behind = Callable[[Callable[..., Any]], RemoteFunction]


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Behind:
    """Return a function that makes another one remote; both sides run in this process."""
    worker = object.__new__(FunctionWorker)
    worker.teacher = Asker()
    worker.objects = []
    asker = Asker()
    asker.begin(lambda message: worker.answer(*unpack(message)))

    def put(function: Callable[..., Any]) -> RemoteFunction:
        module = types.ModuleType("student")
        module.function = function  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "student", module)
        return RemoteFunction(asker, "student", "function")

    return put


def answer_with(reply: Any, *buffers: bytes) -> RemoteFunction:
    """Return a remote function whose calls all get one forged reply."""
    asker = Asker()
    asker.begin(lambda message: pack(reply, list(buffers)))
    return RemoteFunction(asker, "student", "function")


def test_arguments_and_results_are_equal_copies(behind: Behind) -> None:
    x = np.arange(6.0).reshape(2, 3)
    got = behind(lambda x, k=1, *, scale: (k * scale * x, x))(x, 2, scale=0.5)
    np.testing.assert_array_equal(got, (x, x))
    assert not np.shares_memory(got[1], x)


def test_arrays_that_were_changed_come_back(behind: Behind) -> None:
    def change(x: Any, pair: Any) -> None:
        x[0] = 7
        pair[1][...] = np.nan

    function = behind(change)
    x, pair = np.zeros(3), (np.zeros(2), np.zeros((2, 2))[:, ::2])
    function(x, pair)
    assert x.tolist() == [0, 0, 0], "outside of compare.call_watched arrays stay unchanged"
    assert pair[1].tolist() == [[0], [0]]
    function.asker.watches_arrays = True
    function(x, pair)
    assert x.tolist() == [7, 0, 0]
    assert pair[0].tolist() == [0, 0]
    assert np.isnan(pair[1]).all()


def test_call_watched_sees_what_was_changed_and_a_direct_call_does_not(behind: Behind) -> None:
    def change(x: Any) -> Any:
        x[0] = 7
        return x.sum()

    function = behind(change)
    watched = function.asker.watch(call_watched)
    with pytest.raises(CheckFailed, match="changed its argument"):
        watched(function, np.zeros(3), returns="total")
    assert not function.asker.watches_arrays


def test_changed_arguments_are_restored_for_the_next_test(behind: Behind) -> None:
    def change(space: Any, items: Any, rng: Any, model: Any) -> None:
        space["a"] = items.pop()
        rng.random()
        model.params = {}

    function = behind(change)
    space, items, rng, model = {"b": 1}, [1, 2], np.random.default_rng(3), Bowl(w=[1.0])
    function(space, items, rng, model)
    assert (space, items, model.params) == ({"b": 1, "a": 2}, [1], {})
    function.asker.begin(function.asker.ask)
    assert (space, items, list(model.params)) == ({"b": 1}, [1, 2], ["w"])
    assert rng.random() == np.random.default_rng(3).random()


def test_dicts_and_lists_that_were_changed_come_back(behind: Behind) -> None:
    def change(config: Any, items: Any) -> None:
        config["new"] = config.pop("old") + 1
        config["rng"].random()
        config["deep"]["x"] = np.ones(2)
        items[1:] = [5, 6, 7]

    rng = np.random.default_rng(3)
    config: dict[str, Any] = {"old": 1, "rng": rng, "deep": {}}
    items = [1, 2]
    behind(change)(config, items)
    assert (config["new"], "old" in config, items) == (2, False, [1, 5, 6, 7])
    assert config["deep"]["x"].tolist() == [1, 1]
    expected = np.random.default_rng(3)
    expected.random()
    assert config["rng"] is rng
    assert rng.bit_generator.state == expected.bit_generator.state


def test_generators_go_on_where_they_were_left(behind: Behind) -> None:
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    draw = behind(lambda rng, n: rng.normal(size=n))
    assert [*draw(rng, 3), *draw(rng, 2)] == list(same.normal(size=5))


def test_models_that_were_trained_come_back(behind: Behind) -> None:
    def train(model: Any, x: Any) -> Any:
        loss, grads = model.loss(x, None)
        model.params = {name: p - grads[name] for name, p in model.params.items()}
        return loss

    model = Bowl(w=[3.0])
    assert behind(train)(model, np.ones(4)) == 2
    assert type(model) is Bowl
    assert model.params["w"].tolist() == [1]
    assert model.bn_params[0]["running_mean"] == pytest.approx(0.1)


def test_given_functions_cross_by_name(behind: Behind) -> None:
    assert behind(lambda score: score({}))(score_alike) == 0.5
    with pytest.raises(TypeError, match="function"):
        behind(lambda f: f)(lambda: 0)


def test_read_only_arguments_stay_what_they_are(behind: Behind) -> None:
    def write(x: Any) -> None:
        x.flags.writeable = True
        x += 1
        x.flags.writeable = False

    x = np.zeros(3)
    x.flags.writeable = False
    function = behind(write)
    function.asker.watches_arrays = True
    with pytest.raises(CheckFailed, match="read-only"):
        function(x)
    assert x.tolist() == [0, 0, 0]


@pytest.mark.parametrize("change", ["x.shape = (3, 2)", "x.dtype = 'i8'"])
def test_a_changed_shape_or_dtype_is_a_failed_check(change: str, behind: Behind) -> None:
    function = behind(lambda x: exec(change))
    function.asker.watches_arrays = True
    with pytest.raises(CheckFailed, match="shape or dtype of an argument"):
        function(np.zeros((2, 3)))


def listen(function: RemoteFunction) -> list[Any]:
    """Return a list that will hold the replies to a function's calls."""
    ask, replies = function.asker.ask, []

    def ask_and_note(message: bytes) -> bytes:
        assert ask is not None
        reply = ask(message)
        replies.append(unpack(reply)[0])
        return reply

    function.asker.ask = ask_and_note
    return replies


@pytest.mark.parametrize("draws", [True, False])
def test_each_use_of_the_global_generator_is_reported(draws: bool, behind: Behind) -> None:
    function = behind(lambda rng: float((np.random if draws else rng).random()))
    replies = listen(function)
    for _ in range(40):
        function(np.random.default_rng(0))
    assert [reply.get("global_random", False) for reply in replies] == 40 * [draws]


@pytest.mark.parametrize("told", [True, False])
def test_a_test_sees_that_the_global_generator_was_used(told: bool) -> None:
    np.random.seed(1)  # noqa: NPY002
    answer_with({"number": 0, "value": 1, "global_random": told})()
    untouched = np.random.RandomState(1)
    assert (np.random.random() == untouched.random()) is not told  # noqa: NPY002


def test_unchanged_arguments_are_not_sent_back(behind: Behind) -> None:
    model = behind(object)()
    function = behind(lambda *args: None)
    replies = listen(function)
    function(model, np.zeros((2, 3)).T, {"a": [1]}, Bowl(w=[1.0]), score_alike)
    assert replies == [{"number": 1, "value": None}]


USES: list[Callable[[Any], Any]] = [
    *(len, iter, float, int, abs, bool, sum, list, math.isnan),
    *(np.asarray, np.isnan, np.isfinite, np.zeros_like, np.sum, np.shape),
    *(lambda x: x[0], lambda x: x + 1, lambda x: 1 + x, lambda x: np.ones(2) @ x, lambda x: -x),
    *(lambda x: x == x, lambda x: x != x, lambda x: x > 0, lambda x: x <= np.ones(2)),
    *(lambda x: [x] == [0], lambda x: 0 in x),
    *(lambda x: x.shape, lambda x: x.dtype, lambda x: x.tolist(), lambda x: x.T, lambda x: x.flat),
]


@pytest.mark.parametrize("use", USES)
def test_a_remote_object_refuses_to_act_as_a_number_or_an_array(
    use: Callable[[Any], Any], behind: Behind
) -> None:
    function = behind(Chameleon)
    sly, replies = function(), listen(function)
    with pytest.raises((TypeError, AttributeError)):
        use(sly)
    assert replies == []


def test_caches_and_models_stay_on_the_other_side(behind: Behind) -> None:
    class Net:
        def __init__(self) -> None:
            self.params = {"w": np.zeros(2)}

        def loss(self, x: Any) -> Any:
            return float(self.params["w"] @ x)

    net = behind(Net)()
    net.params = {"w": np.ones(2)}
    assert type(net).__name__ == "Net"
    assert call(net.loss, np.arange(2.0), returns="loss") == 1
    assert behind(lambda model: type(model) is Net)(net) is True
    with pytest.raises(AttributeError, match="nothing"):
        _ = net.nothing


def test_a_large_cache_stays_on_the_other_side(behind: Behind) -> None:
    """Many arrays in a cache would not fit into a message, and no test looks at them."""
    cache = [np.ones(2**17) for _ in range(5)]
    function = behind(lambda x: (x + 1, cache))
    replies = listen(function)
    out, handle = call(function, np.zeros(2), returns="out cache")
    assert out.tolist() == [1, 1]
    assert type(handle).__name__ == "list"
    assert replies[0]["value"]["tuple"][1] == {"object": [0, "list", False]}
    del cache[2:]
    assert [type(v) for v in function(np.zeros(2))] == [np.ndarray, list]


def test_large_arguments_that_were_changed_do_not_come_back(behind: Behind) -> None:
    """They would not fit into a message beside the result. The test of arguments has small ones."""

    def change(x: Any, config: Any) -> Any:
        x += 1
        config["changed"] = True
        return x

    function = behind(change)
    replies, x, config = listen(function), np.zeros(300_000), {"changed": False}
    assert call(function, x, config, returns="out").sum() == 300_000
    assert replies[0]["after"]["tuple"][0]["tuple"][0] is None
    assert (x.sum(), config) == (0, {"changed": True})


def test_a_named_tuple_is_a_tuple(behind: Behind) -> None:
    pair = __import__("collections").namedtuple("Pair", "dx dw")
    got = call(behind(lambda x: pair(x, 2 * x)), np.ones(2), returns="dx dw")
    assert [v.tolist() for v in got] == [[1, 1], [2, 2]]


def raise_it(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


OwnError = type("OwnError", (LookupError,), {})
GROUPS = [
    getattr(builtins, name)("several", [ValueError("one")])
    for name in ("ExceptionGroup", "BaseExceptionGroup")
    if hasattr(builtins, name)
]
RAISED = [
    (ValueError("what"), ValueError),
    (NotImplementedError(), NotImplementedError),
    (OwnError("what"), LookupError),
    (KeyError("what"), KeyError),
    (OSError(2, "what"), OSError),
    (StopIteration("what"), StopIteration),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "what"), ValueError),
    (CannotUse("a.py has no what", True), CannotUse),
    (CheckFailed("what"), AssertionError),
    (WireError("what"), Exception),
    (SystemExit(0), StudentError),
    (KeyboardInterrupt(), StudentError),
    (GeneratorExit(), StudentError),
    *((group, Exception) for group in GROUPS),
]


@pytest.mark.parametrize(("error", "kind"), RAISED, ids=lambda value: type(value).__name__)
def test_an_exception_is_rebuilt_with_its_type_and_text(
    error: BaseException, kind: type[Exception], behind: Behind
) -> None:
    with pytest.raises(kind) as caught:
        behind(raise_it(error))()
    assert not isinstance(caught.value, (WireError, CheckFailed))
    raised = getattr(caught.value, "raised", None)
    assert (raised.name if raised else "CannotUse") == type(error).__name__
    assert str(error) in str(caught.value)


class Lying(Exception):
    """Raises when its text is read, and lies about its class."""

    def __str__(self) -> str:
        raise self

    __repr__ = __str__
    __class__ = property(lambda self: int)


def test_an_exception_that_lies_is_rebuilt(behind: Behind) -> None:
    with pytest.raises(Exception, match=r"^$") as caught:
        behind(raise_it(Lying()))()
    assert caught.value.raised.name == "Lying"  # type: ignore[attr-defined]


DEEP: Any = []
for _ in range(900):
    DEEP = [DEEP]
JUNK: list[Any] = [1, DEEP, {"a": DEEP}, [None, {}]]
NAMES = ["ExceptionGroup", "BaseExceptionGroup", "UnicodeDecodeError", "SystemExit", "__import__"]
NAMES += ["print", "Exception", "BaseException", "\ud800", "", "a" * 10**6, "__doc__", "WireError"]
DESCRIPTIONS: list[Any] = [
    *(None, 0, "", [], {}, True, [1, 2], {"types": None}, {"types": "ValueError"}, {"text": None}),
    *({"types": [name], "text": "t"} for name in NAMES),
    *({"types": [name, "Exception"], "text": "t"} for name in NAMES),
    *({"types": ["Own", name, "Exception", "BaseException"], "text": "t"} for name in NAMES),
    *({"types": junk, "text": junk, "where": junk} for junk in JUNK),
    {"types": ["ValueError", "Exception"], "text": "x" * 10**6, "where": "y" * 10**6},
    {"types": ["CannotUse"], "text": "x" * 10**6},
    {"types": ["E"] * 10**5, "text": "\ud800\x1b\0\r\n", "where": 10**300},
]


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=lambda d: repr(d)[:50])
def test_any_description_of_an_error_gives_an_exception(description: Any) -> None:
    error = rebuild(json.loads(json.dumps(description)))
    assert isinstance(error, Exception)
    assert not isinstance(error, (WireError, CheckFailed))
    told = [str(error), *(str(getattr(error, f"student_{x}", "")) for x in ("type", "line"))]
    assert max(map(len, told)) <= MAX_TEXT
    with pytest.raises(type(error)):
        raise error


REPLIES: list[Any] = [
    None,
    [],
    "value",
    {},
    {"value": 1},
    {"number": None, "value": 1},
    {"number": 1, "value": 1},
    {"number": -1, "value": 1},
    {"number": "0", "value": 1},
    {"number": [0], "value": 1},
    {"number": 1, "error": {"types": ["ValueError", "Exception"]}},
]


@pytest.mark.parametrize("reply", REPLIES, ids=repr)
def test_a_reply_with_another_number_is_refused(reply: Any) -> None:
    with pytest.raises(WireError, match=r"expected reply 0, got (1|-1|one without a number)$"):
        answer_with(reply)()


def test_replies_are_numbered() -> None:
    function = answer_with({"number": 0, "value": 5})
    assert function() == 5
    with pytest.raises(WireError, match="expected reply 1, got 0"):
        function()


ONE_THING: list[Any] = [None, True, 1.5, "1", [], {}, [1], [1, "a"], [1, "a", True, 0]]
NO_NUMBER: list[Any] = [None, True, 1.0, "1", [1], {"a": 1}]
NO_NAME: list[Any] = [None, 1, ["a"], {}]
NO_TOY: list[Any] = [None, 5, "ab", [], {}, ["Bowl"], ["Bowl", 5], ["Bowl", {"list": []}]]
HANDLES: list[Any] = [
    *({"object": x} for x in ONE_THING),
    *({"object": [x, "a", True]} for x in NO_NUMBER),
    *({"object": [1, x, True]} for x in NO_NAME),
    *({"toy": x} for x in NO_TOY),
    *({x: 1} for x in ("", "value", "error", "__class__")),
]


@pytest.mark.parametrize("value", HANDLES, ids=repr)
@pytest.mark.parametrize("name", ["value", "after"])
def test_forged_references_are_refused(name: str, value: Any) -> None:
    with pytest.raises(WireError):
        answer_with({"number": 0, name: {"list": [value]}})()


@pytest.mark.parametrize("name", ["a" * 10**6, "\ud800", "a\0b", "", "None", "ndarray", "é"])
def test_a_remote_object_may_have_any_type_name(name: str) -> None:
    handle = answer_with({"number": 0, "value": {"object": [3, name, False]}})()
    assert len(type(handle).__name__) <= 100
    assert not isinstance(handle, (np.ndarray, int, float, tuple, str))
    assert not callable(handle)


NO_ARRAY: list[Any] = [None, 1, "a", {"object": 4}]
AFTER: list[Any] = [
    *(0, "text", {"list": []}, {"tuple": []}, {"tuple": [1, 2]}, {"tuple": [{"tuple": []}, 1]}),
    *({"tuple": [{"tuple": [x, x, x]}, {"dict": []}]} for x in NO_ARRAY),
    {"tuple": [{"tuple": [{"dict": [[1, {"object": 1}]]}] * 3}, {"dict": [[2, 3]]}]},
    {"tuple": [{"tuple": [{"toy": ["Bowl", {"dict": [[1, 2], ["loss", 3]]}]}] * 3}, 0]},
]


@pytest.mark.parametrize("after", AFTER, ids=lambda value: json.dumps(value)[:60])
def test_forged_changes_of_arguments_change_no_type_and_no_array(after: Any) -> None:
    function = answer_with({"number": 0, "value": 1, "after": after})
    x, config, model = np.zeros(2), {"a": 1}, LookupTable(2, 2)
    with contextlib.suppress(CheckFailed, WireError):
        function(x, config, model)
    assert (type(x), type(config), type(model)) == (np.ndarray, dict, LookupTable)
    assert x.tolist() == [0, 0]


PARAMETERS: list[Any] = [
    *(None, 1, "ab", {"dict": []}, {"list": [1, None]}, {"list": ["a b", "def", "x", "x", ""]}),
    *({"object": [1, "list", True]}, {"list": ["x" * 10**6]}, {"list": [{"list": []}]}),
]


@pytest.mark.parametrize("value", PARAMETERS, ids=lambda value: repr(value)[:40])
def test_forged_parameter_names_are_dropped(value: Any) -> None:
    function = answer_with({"number": 0, "value": value})
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError, WireError):
        return
    assert all(name.isidentifier() and len(name) <= MAX_TEXT for name in names)
