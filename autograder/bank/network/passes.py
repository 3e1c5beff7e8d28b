"""Mistakes of FullyConnectedNet in its forward and backward passes."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake
from autograder.bank.network._net import Net
from autograder.bank.reference import activations


@mistake(
    "FullyConnectedNet",
    where="the order of normalisation and activation in FullyConnectedNet",
    what="The normalisation stands after the activation.",
    how="Use affine, normalisation, activation, in this order.",
)
class NormAfterActivation(Net):
    def follow(self, layer):
        return super().follow(layer)[::-1]


@mistake(
    "FullyConnectedNet",
    where="what comes after the last affine layer in FullyConnectedNet",
    what="The activation is applied to the scores, too.",
    how="Leave the scores as they are: softmax takes numbers of both signs.",
)
class ScoresActivated(Net):
    def follow(self, layer):
        return super().follow(layer) or ("activation",)


@mistake(
    "FullyConnectedNet",
    where="which layers have an activation in FullyConnectedNet",
    what="The last hidden layer has none.",
    how="All num_layers - 1 hidden layers have one: range(1, num_layers).",
)
class LastHiddenLayerLinear(Net):
    def follow(self, layer):
        return ("norm",) if layer == self.num_layers - 1 else super().follow(layer)


@mistake(
    "FullyConnectedNet",
    where="which activation FullyConnectedNet uses",
    what="It is always ReLU: the argument is ignored.",
    how="Choose forward and backward function by self.activation.",
)
class AlwaysRelu(Net):
    def activate(self, x):
        return activations.relu_forward(x)

    def deactivate(self, dout, cache):
        return activations.relu_backward(dout, cache)


@mistake(
    "FullyConnectedNet",
    where="the backward pass through the activations in FullyConnectedNet",
    what="It is left out: the gradients flow as if the network were linear.",
    how="Pass dout through the backward function of each activation.",
)
class ActivationNotInBackward(Net):
    def deactivate(self, dout, cache):
        return dout


@mistake(
    "FullyConnectedNet",
    where="the backward pass through the normalisation in FullyConnectedNet",
    what="gamma and beta get their gradients, but dout goes on unchanged.",
    how="Go on with the dx that the backward function of the normalisation returns.",
)
class NormNotInBackward(Net):
    def _denormalize(self, dout, cache, layer, grads):
        super()._denormalize(dout, cache, layer, grads)
        return dout


@mistake(
    "FullyConnectedNet",
    where="which gradients FullyConnectedNet returns",
    what="Those of gamma and beta are missing.",
    how="Put a gradient into grads for each name in params.",
)
class NormGradientsMissing(Net):
    def amend(self, loss, grads):
        return loss, {name: grads[name] for name in grads if name[0] in "Wb" and name[1].isdigit()}


@mistake(
    "FullyConnectedNet",
    where="the mode of batch norm where FullyConnectedNet is asked for scores",
    what="It stays in train mode: the scores depend on the other examples of the batch.",
    how='Set mode to "test" in all bn_params where y is None.',
)
class TrainModeForScores(Net):
    def _forward(self, x, mode):
        return super()._forward(x, "train")


@mistake(
    "FullyConnectedNet",
    where="what FullyConnectedNet returns where y is None",
    what="It is the probabilities.",
    how="Return the scores themselves: softmax belongs to the loss.",
)
class ProbabilitiesForScores(Net):
    def loss(self, X, y=None):
        answer = super().loss(X, y)
        if y is not None:
            return answer
        exps = np.exp(answer - answer.max(axis=1, keepdims=True))
        return exps / exps.sum(axis=1, keepdims=True)


@mistake(
    "FullyConnectedNet",
    where="what dtype FullyConnectedNet computes in",
    what="X is not converted: float64 images make everything float64.",
    how="Begin with X.astype(self.dtype).",
)
class InputNotConverted(Net):
    def loss(self, X, y=None):
        self.dtype = X.dtype
        return super().loss(X, y)
