"""The mistake bank: what its texts say, that no two mistakes are one, and that prove can fail."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from copy import deepcopy
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assignment.support.manifest import load_parts
from autograder.__main__ import main
from autograder.bank import Mistake, Right, Variant, load_bank
from autograder.bank.reference import FUNCTIONS
from autograder.judging import FunctionJudge, Runner
from autograder.local import LocalSubject, LocalWorker
from autograder.proving import Proof, prove
from autograder.session import LOOKING_S, Session
from autograder.wall import Limits
from autograder.wire import decode, encode, pack, unpack

SEED = 231
MISTAKES = [variant for variant in load_bank() if isinstance(variant, Mistake)]
RTOL = {"float32": 1e-4, "float64": 1e-8}

Case = list[bytes]  # what a test asks in one of its cases, one request after the other


def run_elsewhere(function: Callable[[], Any]) -> Any:
    """Call a function in a new process: whoever runs tests must not have imported them before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function).result()


# Texts


@pytest.mark.parametrize("attribute", ["id", "label"])
def test_no_two_mistakes_are_called_the_same(attribute):
    names = Counter(getattr(mistake, attribute) for mistake in MISTAKES)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("variant", load_bank(), ids=lambda variant: variant.id)
def test_a_variant_stands_in_the_file_of_its_functions(variant):
    files = {p.file for p in load_parts() for name in p.functions if name in variant.functions}
    assert variant.functions.keys() <= FUNCTIONS.keys()
    assert files == {f"{variant.id.split('.')[0]}.py"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_is_told_in_two_phrases_and_two_sentences(mistake):
    for phrase in (mistake.where, mistake.label):
        assert re.fullmatch(r"\S.*[^\s.!?,;:]", phrase)
    for sentence in (mistake.what, mistake.how):
        assert re.fullmatch(r"\S.*[^\s.!?,;:]\.", sentence)
    for text in (mistake.where, mistake.label, mistake.what, mistake.how):
        assert not re.search(r"[.!?]\s+[A-Z]", text)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_blames_no_other_function_than_its_own(mistake):
    blamed = {*re.findall(r"\w+", f"{mistake.where} {mistake.what} {mistake.label}")}
    assert blamed & FUNCTIONS.keys() <= mistake.functions.keys()


def test_every_right_variant_says_what_is_different_in_it():
    rights = [variant for variant in load_bank() if isinstance(variant, Right)]
    assert [right.id for right in rights if not right.why.strip()] == []


# Answers: each mistake is tried on what the tests ask the teacher's own functions


def collect_cases() -> dict[str, list[Case]]:
    """Return what each file of tests asks, case by case."""
    cases: dict[str, list[Case]] = {}
    files = {part.id: part.tests for part in load_parts()}
    with tempfile.TemporaryDirectory() as folder:
        session = Session(SEED, "none", Limits(), notebooks=False, folder=Path(folder))

        def collect() -> None:
            runner = Runner(LOOKING_S)
            session.config.pluginmanager.register(runner)
            judge = FunctionJudge(session.tests, session.connection, runner)
            judge.judge_subject(LocalSubject({}))
            for test in session.tests:
                found = [judge.memory.foresee(case) for case in test.cases]
                cases.setdefault(files[test.part], []).extend(found)

        session.run(collect)
    return cases


@pytest.fixture(scope="module")
def answers() -> dict[str, list[list[bytes]]]:
    """Return, by id, what each mistake answers in each case; by file of tests, what is right."""
    all_cases = run_elsewhere(collect_cases)
    found = {tests: answer_all({}, cases) for tests, cases in all_cases.items()}
    for mistake in MISTAKES:
        found[mistake.id] = answer_all(mistake.functions, all_cases[find_tests(mistake)])
    return found


def find_tests(variant: Variant) -> str:
    """Name the file with the tests of a variant."""
    return next(p.tests for p in load_parts() if variant.functions.keys() & {*p.functions})


def answer_all(functions: dict[str, Callable[..., Any]], cases: list[Case]) -> list[list[bytes]]:
    """Return the answers to all requests."""
    worker = LocalWorker(hide_caches({**FUNCTIONS, **functions}))
    with np.errstate(all="ignore"):
        return [[worker.answer(*unpack(request)) for request in case] for case in cases]


def hide_caches(functions: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Let forward functions return no cache, and each backward function get its own one's."""
    own: dict[bytes, Any] = {}

    def hide(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def forward(*args: Any) -> Any:
            given = deepcopy(args)
            result = function(*args)
            if not isinstance(result, tuple) or len(result) != 2:
                return result
            with suppress(Exception):  # where the right function raises, there is no cache
                own[_print(FUNCTIONS[name](*given)[1])] = result[1]
            return result[0]

        def backward(dout: Any, cache: Any) -> Any:
            return function(dout, own.get(_print(cache), cache))

        if name.endswith("_forward"):
            return forward
        return backward if re.search("_backward(_alt)?$", name) else function

    return {name: hide(name, function) for name, function in functions.items()}


def _print(value: Any) -> bytes:
    buffers: list[bytes] = []
    return pack(encode(value, buffers, repr), buffers)


def differ(one: list[list[bytes]], other: list[list[bytes]]) -> bool:
    """Say whether two lists of answers differ by more than rounding."""
    return any(
        a != b and not is_same(read(a), read(b))
        for case, other_case in zip(one, other, strict=True)
        for a, b in zip(case, other_case, strict=True)
    )


def read(answer: bytes) -> Any:
    """Return value and changed arguments of an answer, or the exception in it."""
    tree, buffers = unpack(answer)
    if "error" in tree:
        return tree["error"]["types"][0]
    return decode({"list": [tree.get("value"), tree.get("after")]}, buffers, str)


def is_same(a: Any, b: Any) -> bool:
    """Compare what was answered; numbers may differ by as much as tests allow them to."""
    if isinstance(a, (tuple, list)) and type(a) is type(b):
        return len(a) == len(b) and all(map(is_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(is_same(a[key], b[key]) for key in a)
    if not isinstance(a, (np.ndarray, np.generic, float)) or type(a) is not type(b):
        return type(a) is type(b) and bool(a == b)
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    rtol = RTOL.get(str(a.dtype), 0)
    atol = rtol * np.max(np.abs(b), where=np.isfinite(b), initial=0)
    return np.allclose(a, b, rtol, atol, equal_nan=True)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_is_not_right(mistake, answers):
    assert differ(answers[mistake.id], answers[find_tests(mistake)])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_two_mistakes_of_a_function_are_one(function, answers):
    mistakes = [mistake for mistake in MISTAKES if function in mistake.functions]
    pairs = [(a.id, b.id) for a, b in combinations(mistakes, 2)]
    assert [pair for pair in pairs if not differ(*(answers[id] for id in pair))] == []


# The command


def forget_the_bias(x, w, b):
    return FUNCTIONS["affine_forward"](x, w, 0 * b)


RIGHT_CODE = {"affine_forward": FUNCTIONS["affine_forward"]}
WRONG_CODE = {"affine_forward": forget_the_bias}
PLANTED = {
    "wrong": Mistake("wrong", WRONG_CODE),
    "survivor": Mistake("survivor", RIGHT_CODE),
    "right": Right("right", RIGHT_CODE),
    "wrong among the right": Right("wrong among the right", WRONG_CODE),
}


def prove_planted() -> list[Proof]:
    return prove(SEED, list(PLANTED.values()))


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    """Return what the tests say of the planted variants."""
    return {proof.variant_id: proof for proof in run_elsewhere(prove_planted)}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["wrong", "right"], 0),
        (["wrong", "right", "survivor"], 1),
        (["wrong", "right", "wrong among the right"], 1),
    ],
    ids=str,
)
def test_prove_fails_unless_each_variant_is_what_it_says(names, code, proofs, monkeypatch):
    monkeypatch.setattr("autograder.__main__.prove_bank", lambda seed: [proofs[n] for n in names])
    assert main(["prove"]) == code
