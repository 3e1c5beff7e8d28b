"""Variants of expected_initial_loss."""

from __future__ import annotations

import math

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import babysitting as ref


@mistake(
    "expected_initial_loss",
    where="the L2 penalty in expected_initial_loss",
    what="The penalty is left out.",
    how="Add 0.5 * reg * sum(W ** 2) of all weights.",
)
def penalty_left_out(num_classes, reg=0.0, weights=()):
    return math.log(num_classes)


@mistake(
    "expected_initial_loss",
    where="the factor of the L2 penalty in expected_initial_loss",
    what="The 1/2 is missing.",
    how="Add 0.5 * reg * sum(W ** 2).",
)
def penalty_without_half(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, 2 * reg, weights)


@mistake(
    "expected_initial_loss",
    where="the factor of the L2 penalty in expected_initial_loss",
    what="The penalty does not depend on reg: it is there for reg = 0, too.",
    how="Multiply it by reg.",
)
def penalty_without_reg(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, 1.0, weights)


@mistake(
    "expected_initial_loss",
    where="which weights count in expected_initial_loss",
    what="Only the last matrix counts.",
    how="Add up the squares of all matrices in weights.",
)
def penalty_of_one_matrix(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, reg, weights[-1:])


@mistake(
    "expected_initial_loss",
    where="the squares in expected_initial_loss",
    what="The weights are summed, and then squared.",
    how="Square each weight, and then sum.",
)
def square_of_the_sum(num_classes, reg=0.0, weights=()):
    return math.log(num_classes) + 0.5 * reg * float(sum(np.sum(w) ** 2 for w in weights))


@mistake(
    "expected_initial_loss",
    where="the logarithm in expected_initial_loss",
    what="The logarithm is the one to base 10.",
    how="Use np.log: the loss is in nats.",
)
def logarithm_to_base_10(num_classes, reg=0.0, weights=()):
    data_loss = math.log(num_classes)
    return (
        ref.expected_initial_loss(num_classes, reg, weights) - data_loss + data_loss / math.log(10)
    )


@mistake(
    "expected_initial_loss",
    where="the sign in expected_initial_loss",
    what="The loss of the data is negative: it is the logarithm of 1 / C.",
    how="The loss is -log(1 / C) = log(C).",
)
def logarithm_with_the_wrong_sign(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, reg, weights) - 2 * math.log(num_classes)


@right("expected_initial_loss", "minus the log of 1 / C, the penalty as dot products")
def dot_products(num_classes, reg=0.0, weights=()):
    data_loss = -np.log(1.0 / num_classes)
    for w in weights:
        data_loss += reg / 2 * np.dot(w.ravel(), w.ravel())
    return data_loss
