"""Recognition finds the right mistake in the answers or none, and writes the hint for it."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from assignment.support.project.manifest import ROOT, load_parts
from autograder.bank import Mistake, load_bank
from autograder.judging.replies import Answer, same_value
from autograder.outcomes import Failure, Outcome
from autograder.recognition.relations import find_habit, find_relation
from tests.machinery.grading.mistaken import STUDENTS

SEED = 20
LABELS = {one.id: one.label for one in load_bank() if isinstance(one, Mistake)}
PARTS = {part.id: part for part in load_parts()}

NO_MEAN_PATH = LABELS["normalization.batchnorm_backward_mean_path_missing"]
NO_VAR_PATH = LABELS["normalization.batchnorm_backward_variance_path_missing"]
EXPECTED = {
    "affine_db_as_a_row": {"affine.backward": LABELS["affine.db_as_a_row"]},
    "affine_dw_negative": {"affine.backward": "affine_backward: opposite sign of dw"},
    "affine_two_mistakes": {
        "affine.backward": f"{LABELS['affine.db_as_a_row']}; {LABELS['affine.dx_stays_flat']}"
    },
    "affine_changes_dout": {"affine.backward": "affine_backward: changes dout"},
    "affine_nonsense": {},
    "batchnorm_right": {},
    "batchnorm_test_mode_without_gamma": {
        "batchnorm.forward": LABELS["normalization.test_mode_forgets_gamma_and_beta"]
    },
    "batchnorm_momentum_swapped": {"batchnorm.forward": LABELS["normalization.momentum_swapped"]},
    "batchnorm_no_mean_path": {"batchnorm.backward": NO_MEAN_PATH},
    "batchnorm_no_var_path": {"batchnorm.backward": NO_VAR_PATH},
    "relu_half_at_zero": {"activations.relu": LABELS["activations.relu_gradient_half_at_0"]},
    "softmax_without_mean": {"loss.softmax": LABELS["losses.gradient_of_the_sum"]},
    "xavier_by_n": {"initialization.xavier": LABELS["initialization.xavier_without_the_root"]},
}


@pytest.fixture(scope="module")
def found():
    """Return for each student the recognised mistakes: part -> label."""
    command = [sys.executable, "-m", "tests.machinery.grading.mistaken", str(SEED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        student: {part: label for part, label, _ in rows}
        for student, rows in json.loads(done.stdout).items()
    }


@pytest.mark.parametrize("name", STUDENTS)
def test_a_mistake_in_another_style_is_recognised(name, found):
    assert found[name] == EXPECTED[name]


# Simple relations

X = np.random.default_rng(3).normal(size=(4, 3))
RIGHT = (X, X.T @ X, X.sum(axis=0))
WRONG = {
    "opposite sign of dw": (X, -RIGHT[1], RIGHT[2]),
    "factor N of db": (X, RIGHT[1], 4 * RIGHT[2]),
    "factor 1/N of dw and db": (X, RIGHT[1] / 4, RIGHT[2] / 4),
    "factor -2 of dx": (-2 * X, *RIGHT[1:]),
    "other shape of db": (*RIGHT[:2], RIGHT[2][None]),
    "transposed of dx": (np.ascontiguousarray(X.T), *RIGHT[1:]),
    "sum over the wrong axis of db": (*RIGHT[:2], X.sum(axis=1)),
    "other dtype of dw": (X, RIGHT[1].astype(np.float32), RIGHT[2]),
    "zeros of db": (*RIGHT[:2], 0 * RIGHT[2]),
}


def answer(outputs):
    return [Answer("affine_backward", (X,), "", outputs, None)]


@pytest.mark.parametrize("label", WRONG)
def test_a_simple_relation_is_named(label):
    right = (X, RIGHT[1].astype(np.float64), RIGHT[2])
    relation = find_relation(PARTS["affine.backward"], [(answer(WRONG[label]), answer(right))])
    assert relation is not None
    assert relation.label == f"affine_backward: {label}"


@pytest.mark.parametrize(
    "outputs",
    [(X + 1, *RIGHT[1:]), (-X, 2 * RIGHT[1], RIGHT[2]), (X, RIGHT[1]), (np.sin(X), *RIGHT[1:])],
    ids=["added", "two relations", "one too few", "nonsense"],
)
def test_no_relation_is_named_unless_one_explains_all(outputs):
    pairs = [(answer(outputs), answer(RIGHT))]
    assert find_relation(PARTS["affine.backward"], pairs) is None


def test_a_relation_must_hold_in_every_case():
    pairs = [(answer(WRONG["opposite sign of dw"]), answer(RIGHT))]
    pairs.append((answer((X, 2 * RIGHT[1], RIGHT[2])), answer(RIGHT)))
    assert find_relation(PARTS["affine.backward"], pairs) is None


def test_an_answer_of_another_part_is_no_explanation():
    pairs = [(answer(WRONG["opposite sign of dw"]), answer(RIGHT))]
    assert find_relation(PARTS["affine.forward"], pairs) is None


CHANGED = "changes its argument", "relu_backward", "dout"
AGAIN = "gives another answer", "relu_backward"
OLD = "old name", "NumPy has no np.int: write int"


def find(*habits):
    return find_habit([Failure(Outcome.FAILED, habit=habit) for habit in habits])


def test_a_habit_is_reported_if_all_checks_find_it():
    assert "changes its argument dout" in find(CHANGED, CHANGED).what
    assert "remembers" in find(AGAIN).what
    assert find(OLD, OLD).what == f"{OLD[1]}."
    for habits in ((CHANGED, AGAIN), (CHANGED, ()), ((),), ((), ())):
        assert find(*habits) is None


def test_a_name_made_up_by_student_code_is_not_repeated():
    """It could contain the numbers of a hidden test."""
    for function, name in [("relu_backward", "h4215673f"), ("h4215673f", "dout")]:
        assert find(("changes its argument", function, name)) is None


def test_values_are_equal_only_up_to_rounding():
    assert same_value(0.5, np.float64(0.5))
    assert not same_value(0.5, np.float32(0.5))
    x = np.array([1.0, np.nan, -2.0])
    assert same_value(x, x * (1 + 1e-12))
    for other in (x + 1e-3, x.astype(np.float32), x[None], [1.0, 2.0], None):
        assert not same_value(x, other)
    assert same_value({"a": (x, "b")}, {"a": (x.copy(), "b")})
    assert not same_value({"a": x}, {"b": x})
    assert not same_value(True, 1)
