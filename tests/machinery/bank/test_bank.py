"""The mistake bank: its texts, that all mistakes differ, and that the command prove can fail."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
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

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.testing.compare import CheckFailed, assert_matches
from autograder.__main__ import main
from autograder.bank import Mistake, Right, Variant, load_bank
from autograder.bank.reference import FUNCTIONS
from autograder.judging.in_process import LocalAnswerer
from autograder.protocol.wire import decode, encode, pack, unpack
from autograder.proving import Proof, prove
from autograder.session.collecting import Collected, run_session
from autograder.settings import Settings

SEED = 231
MISTAKES = [variant for variant in load_bank() if isinstance(variant, Mistake)]

Case = list[bytes]  # the requests of one case of a test, in order


def run_elsewhere(function: Callable[[], Any]) -> Any:
    """Call a function in a new process, because tests must not be imported before they run."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function).result()


# Texts


@pytest.mark.parametrize("attribute", ["id", "label"])
def test_names_of_mistakes_are_unique(attribute):
    names = Counter(getattr(mistake, attribute) for mistake in MISTAKES)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("variant", load_bank(), ids=lambda variant: variant.id)
def test_a_variant_is_in_the_file_of_its_functions(variant):
    files = {p.file for p in load_parts() for name in p.functions if name in variant.functions}
    assert variant.functions.keys() <= FUNCTIONS.keys()
    assert files == {f"{variant.id.split('.')[0]}.py"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_texts_of_a_mistake_are_a_phrase_and_sentences(mistake):
    for phrase in (mistake.where, mistake.label):
        assert re.fullmatch(r"\S.*[^\s.!?,;:]", phrase)
    for sentence in (mistake.what, mistake.how):
        assert re.fullmatch(r"\S.*[^\s.!?,;:]\.", sentence)
    for text in (mistake.where, mistake.label, mistake.what, mistake.how):
        assert not re.search(r"[.!?]\s+[A-Z]", text)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_texts_of_a_mistake_name_only_its_own_functions(mistake):
    named = {*re.findall(r"\w+", f"{mistake.where} {mistake.what} {mistake.label}")}
    allowed = mistake.functions.keys() | find_called(mistake)
    assert named & FUNCTIONS.keys() <= allowed


def find_called(variant: Variant) -> set[str]:
    """Return the names that the teacher's functions of a variant use."""
    found: list[Any] = [FUNCTIONS[name] for name in variant.functions]
    for one in list(found):
        found.extend(vars(one).values() if isinstance(one, type) else ())
    codes = [getattr(inspect.unwrap(one), "__code__", None) for one in found if callable(one)]
    return {name for code in codes if code for name in code.co_names}


def test_every_right_variant_says_what_is_different_in_it():
    rights = [variant for variant in load_bank() if isinstance(variant, Right)]
    assert [right.id for right in rights if not right.why.strip()] == []


# Answers: each mistake gets the requests that the tests send to the teacher's functions


def collect_cases() -> dict[str, list[Case]]:
    """Return the requests of each file of tests to the teacher's functions, case by case."""
    with tempfile.TemporaryDirectory() as folder:
        cases: dict[str, list[Case]] = {part.tests: [] for part in load_parts()}
        run_session(Settings(SEED), Path(folder), lambda found: _collect(found, cases))
    return cases


def _collect(found: Collected, cases: dict[str, list[Case]]) -> None:
    worker = LocalAnswerer({})
    for item in [item for test in found.tests for item in test.cases]:
        asked: Case = []

        def ask(request: bytes, asked: Case = asked) -> bytes:
            asked.append(request)
            return worker.answer(*unpack(request))

        found.asker.begin(ask)
        assert found.runner.run(item).error is None, item.nodeid
        cases[item.path.name].append(asked)


@pytest.fixture(scope="module")
def answers() -> dict[str, list[list[bytes]]]:
    """Return the answers of each mistake by id, and the right answers by file of tests."""
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
    worker = LocalAnswerer(hide_caches({**FUNCTIONS, **functions}))
    with np.errstate(all="ignore"):
        return [[worker.answer(*unpack(request)) for request in case] for case in cases]


def hide_caches(functions: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Make forward functions return no cache; give backward functions that of their own forward."""
    own: dict[bytes, Any] = {}

    def hide(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def forward(*args: Any) -> Any:
            given = deepcopy(args)
            result = function(*args)
            if not isinstance(result, tuple) or len(result) != 2:
                return result
            with suppress(Exception):  # if the right function raises, there is no cache
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


def differ(one: list[list[bytes]], other: list[list[bytes]], floor: float | None) -> bool:
    """Return whether two lists of answers differ by more than rounding."""
    return any(
        a != b and not is_same(read(a), read(b), floor)
        for case, other_case in zip(one, other, strict=True)
        for a, b in zip(case, other_case, strict=True)
    )


def read(answer: bytes) -> Any:
    """Return the value and changed arguments of an answer, or its exception."""
    tree, buffers = unpack(answer)
    if "error" in tree:
        return tree["error"]["types"][0]
    told = [tree.get("value"), tree.get("after"), tree.get("global_random")]
    return decode({"list": told}, buffers, str)


def is_same(a: Any, b: Any, floor: float | None) -> bool:
    """Compare two answers; numbers may differ by as much as the tests allow."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(is_same(a[key], b[key], floor) for key in a)
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(is_same(x, y, floor) for x, y in zip(a, b))
    if not isinstance(a, (np.ndarray, np.generic, float)):
        return bool(a == b)
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype:
        return False
    if a.shape == b.shape and a.dtype.kind == b.dtype.kind == "f":
        nan = np.isnan(a) & np.isnan(b)  # for tests nan is wrong; here both are equally wrong
        a, b = np.where(nan, 0, a), np.where(nan, 0, b)
    with suppress(CheckFailed):
        assert_matches("answer", a, b, floor=floor)
        return True
    return False


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_is_not_right(mistake, answers):
    is_wrong = differ(answers[mistake.id], answers[find_tests(mistake)], floor=0)
    assert is_wrong  # a separate name: pytest would print the long answers


@pytest.mark.parametrize("function", FUNCTIONS)
def test_mistakes_of_a_function_give_different_answers(function, answers):
    mistakes = [mistake for mistake in MISTAKES if function in mistake.functions]
    # tests of activations use inputs far from 0, where tiny values matter
    floor = 0 if FUNCTIONS[function].__module__.endswith(".activations") else None
    pairs = [(a.id, b.id) for a, b in combinations(mistakes, 2)]
    assert [(a, b) for a, b in pairs if not differ(answers[a], answers[b], floor)] == []


# The command


def forget_the_bias(x, w, b):
    return FUNCTIONS["affine_forward"](x, w, 0 * b)


RIGHT_CODE = {"affine_forward": FUNCTIONS["affine_forward"]}
WRONG_CODE = {"affine_forward": forget_the_bias}
PLANTED = {
    "wrong": Mistake("wrong", WRONG_CODE, label="affine_forward: bias forgotten"),
    "wrong under another label": Mistake("wrong under another label", WRONG_CODE, label="no x"),
    "survivor": Mistake("survivor", RIGHT_CODE),
    "right": Right("right", RIGHT_CODE),
    "wrong among the right": Right("wrong among the right", WRONG_CODE),
}


def prove_planted() -> list[Proof]:
    return prove(SEED, list(PLANTED.values()))


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    """Return the proofs of the planted variants."""
    return {proof.variant_id: proof for proof in run_elsewhere(prove_planted)}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["wrong", "right"], 0),
        (["wrong", "right", "survivor"], 1),
        (["wrong", "right", "wrong among the right"], 1),
        (["wrong", "right", "wrong under another label"], 1),
    ],
    ids=str,
)
def test_prove_fails_unless_each_variant_behaves_as_declared(names, code, proofs, monkeypatch):
    monkeypatch.setattr("autograder.proving.prove", lambda seed: [proofs[n] for n in names])
    assert main(["prove"]) == code


def test_the_whole_bank_holds_and_the_readme_has_its_figures():
    command = [sys.executable, "-m", "autograder", "prove"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    figures = done.stdout[done.stdout.index("mistakes in the bank") :].strip()
    assert figures in (ROOT / "README.md").read_text(encoding="utf-8")
    count = {name: int(value) for name, value in re.findall(r"(\S.*\S) +(\d+)", figures)}
    assert count["mistakes in the bank"] >= 120
    assert count["right variants"] >= 40
    assert count["caught by public tests"] >= 0.9 * count["mistakes in the bank"]
