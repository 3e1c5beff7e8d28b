"""Mistakes of FullyConnectedNet in the L2 penalty."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake
from autograder.bank.network._net import Net


@mistake(
    "FullyConnectedNet",
    where="which parameters FullyConnectedNet regularises",
    what="The biases are penalised, too.",
    how="Sum the squares of the W only.",
)
class BiasesPenalised(Net):
    def amend(self, loss, grads):
        return self.penalize(loss, grads, [f"b{k}" for k in range(1, self.num_layers + 1)])


@mistake(
    "FullyConnectedNet",
    where="which parameters FullyConnectedNet regularises",
    what="gamma and beta are penalised, too.",
    how="Sum the squares of the W only.",
)
class NormPenalised(Net):
    def amend(self, loss, grads):
        return self.penalize(loss, grads, [n for n in grads if n.startswith(("gamma", "beta"))])


@mistake(
    "FullyConnectedNet",
    where="the factor of the L2 penalty in FullyConnectedNet",
    what="The loss has no 1/2 in it, and no longer fits the gradients reg * W.",
    how="Add 0.5 * reg * sum(W ** 2) to the loss.",
)
class PenaltyWithoutHalfInTheLoss(Net):
    def amend(self, loss, grads):
        return self.penalize(loss, dict(grads), self.list_weights())[0], grads


@mistake(
    "FullyConnectedNet",
    where="the factor of the L2 penalty in FullyConnectedNet",
    what="Loss and gradients both lack the 1/2: the penalty is twice as large as asked for.",
    how="Add 0.5 * reg * sum(W ** 2) to the loss, reg * W to the gradients.",
)
class PenaltyTwiceAsLarge(Net):
    def amend(self, loss, grads):
        return self.penalize(loss, grads, self.list_weights())


@mistake(
    "FullyConnectedNet",
    where="the L2 penalty in the loss of FullyConnectedNet",
    what="The penalty is in the gradients, but not in the loss.",
    how="Add 0.5 * reg * sum(W ** 2) to the loss.",
)
class PenaltyNotInTheLoss(Net):
    def amend(self, loss, grads):
        squares = sum(float(np.sum(self.params[name] ** 2)) for name in self.list_weights())
        return loss - 0.5 * self.reg * squares, grads


@mistake(
    "FullyConnectedNet",
    where="the L2 penalty in the gradients of FullyConnectedNet",
    what="The penalty is in the loss, but not in the gradients.",
    how="Add reg * W to the gradient of each W.",
)
class PenaltyNotInTheGradients(Net):
    def amend(self, loss, grads):
        for name in self.list_weights():
            grads[name] -= self.reg * self.params[name]
        return loss, grads


@mistake(
    "FullyConnectedNet",
    where="which weights FullyConnectedNet regularises",
    what="The W of the output layer is left out.",
    how="There are num_layers of them: range(1, num_layers + 1).",
)
class OutputNotPenalised(Net):
    def amend(self, loss, grads):
        name = f"W{self.num_layers}"
        grads[name] -= self.reg * self.params[name]
        return loss - 0.5 * self.reg * float(np.sum(self.params[name] ** 2)), grads
