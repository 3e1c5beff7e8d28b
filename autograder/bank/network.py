"""Variants of the fully connected network."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import activations, affine, losses, normalization
from autograder.bank.reference import network as ref


class _Net(ref.FullyConnectedNet):  # type: ignore[misc]
    """The teacher's network, a step at a time: a variant replaces one of its methods."""

    params: Any
    bn_params: Any

    def follow(self, layer: Any) -> Any:
        """Name the steps after an affine layer."""
        return ("norm", "activation") if layer < self.num_layers else ()

    def activate(self, x: Any) -> Any:
        return getattr(activations, f"{self.activation}_forward")(x)

    def deactivate(self, dout: Any, cache: Any) -> Any:
        return getattr(activations, f"{self.activation}_backward")(dout, cache)

    def amend(self, loss: Any, grads: Any) -> Any:
        """Change loss and gradients at the end."""
        return loss, grads

    def loss(self, X: Any, y: Any = None) -> Any:
        answer = super().loss(X, y)
        return answer if y is None else self.amend(*answer)

    def penalize(self, loss: Any, grads: Any, names: Any) -> Any:
        """Add the L2 penalty of some more parameters."""
        for name in names:
            loss += 0.5 * self.reg * float(np.sum(self.params[name] ** 2))
            grads[name] = grads[name] + self.reg * self.params[name]
        return loss, grads

    def add_output_norm(self) -> None:
        if self.normalization:
            b = self.params[f"b{self.num_layers}"]
            self.params[f"gamma{self.num_layers}"] = np.ones_like(b)
            self.params[f"beta{self.num_layers}"] = np.zeros_like(b)

    def list_weights(self) -> Any:
        return [name for name in self.params if name.startswith("W")]

    def _forward(self, x: Any, mode: Any) -> Any:
        caches = []
        for layer in range(1, self.num_layers + 1):
            w, b = self.params[f"W{layer}"], self.params[f"b{layer}"]
            x, cache = affine.affine_forward(x, w, b)
            steps = [("affine", cache)]
            for name in self.follow(layer):
                x, cache = self._normalize(x, layer, mode) if name == "norm" else self.activate(x)
                steps.append((name, cache))
            caches.append(steps)
        return x, caches

    def _backward(self, dout: Any, caches: Any, x: Any) -> Any:
        grads: Any = {}
        for layer in range(self.num_layers, 0, -1):
            for name, cache in reversed(caches[layer - 1]):
                if name == "activation":
                    dout = self.deactivate(dout, cache)
                elif name == "norm":
                    dout = self._denormalize(dout, cache, layer, grads)
                else:
                    dout, dw, db = affine.affine_backward(dout, cache)
                    grads |= {f"W{layer}": dw, f"b{layer}": db}
        return grads


@mistake(
    "FullyConnectedNet",
    where="how FullyConnectedNet calls the initialisation",
    what="fan_in and fan_out are swapped: the weights are scaled by the number of outputs.",
    how="Ask for (fan_in, fan_out) of each layer, and do not transpose the result.",
    label="network: fan_in and fan_out swapped",
)
class FansSwapped(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        if options.get("initialization", "he") in ("he", "xavier"):
            for name in self.list_weights():
                fan_in, fan_out = self.params[name].shape
                self.params[name] *= float(np.sqrt(fan_in / fan_out))


@mistake(
    "FullyConnectedNet",
    where="what FullyConnectedNet does with initialization",
    what="The argument is ignored: the weights are always those of He.",
    how="Choose the function of assignment/initialization.py by the argument.",
    label="network ignores initialization",
)
class AlwaysHe(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        super().__init__(hidden_dims, **{**options, "initialization": "he"})


@mistake(
    "FullyConnectedNet",
    where="what dtype the parameters of FullyConnectedNet have",
    what="They are float64, whatever dtype is asked for.",
    how="Make each of them an array of self.dtype: w.astype(dtype).",
    label="network ignores dtype",
)
class DtypeIgnored(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.params = {name: value.astype(np.float64) for name, value in self.params.items()}


@mistake(
    "FullyConnectedNet",
    where="what FullyConnectedNet does with seed",
    what="The argument is ignored: every network starts with other weights.",
    how="Draw all weights from np.random.default_rng(seed).",
    label="network ignores its seed",
)
class SeedIgnored(_Net):
    def __init__(self, hidden_dims, seed=None, **options):
        super().__init__(hidden_dims, **options)


@mistake(
    "FullyConnectedNet",
    where="where FullyConnectedNet makes its generator",
    what="Each layer begins anew with the same seed: layers of one shape have the same weights.",
    how="Make the generator once, before the loop over the layers.",
    label="network: a generator for each layer",
)
class GeneratorForEachLayer(_Net):
    def __init__(self, hidden_dims, seed=None, initialization="he", **options):
        super().__init__(hidden_dims, initialization=initialization, **options)
        for name in self.list_weights():
            rng = np.random.default_rng(seed)
            w = ref._draw_weights(initialization, *self.params[name].shape, rng)
            self.params[name] = w.astype(self.dtype)


@mistake(
    "FullyConnectedNet",
    where="what gamma starts as in FullyConnectedNet",
    what="gamma starts as 0: only beta comes through the normalisation.",
    how="Start gamma with ones, beta with zeros.",
    label="network: gamma starts as 0",
)
class GammaStartsAsZero(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        for name in self.params:
            if name.startswith("gamma"):
                self.params[name] = np.zeros_like(self.params[name])


@mistake(
    "FullyConnectedNet",
    where="what the biases start as in FullyConnectedNet",
    what="The biases are drawn at random.",
    how="Start them with zeros: the weights make the neurons different already.",
    label="network: biases drawn at random",
)
class BiasesDrawn(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        rng = np.random.default_rng(options.get("seed"))
        for layer in range(1, self.num_layers + 1):
            b = self.params[f"b{layer}"]
            self.params[f"b{layer}"] = 0.01 * rng.standard_normal(b.shape).astype(b.dtype)


@mistake(
    "FullyConnectedNet",
    where="which layers get gamma and beta in FullyConnectedNet",
    what="The output layer gets them, too, though it is not normalised.",
    how="Create gamma and beta for the hidden layers only.",
    label="network: gamma and beta for the output layer",
)
class GammaForTheOutputLayer(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.add_output_norm()


@mistake(
    "FullyConnectedNet",
    where="which layers FullyConnectedNet normalises",
    what="The output layer is normalised, too.",
    how="Normalise the hidden layers only: the scores must be free to grow.",
    label="network: output layer normalised",
)
class OutputNormalized(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.add_output_norm()
        if self.normalization == "batchnorm":
            self.bn_params.append({"mode": "train"})

    def follow(self, layer):
        return super().follow(layer) or ("norm",)


@mistake(
    "FullyConnectedNet",
    where="how many bn_params FullyConnectedNet has",
    what="All layers share one dict, and overwrite each other's running statistics.",
    how="Make a dict for each layer: a list times n repeats one and the same dict.",
    label="network: one bn_param for all layers",
)
class OneBnParamForAll(_Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.bn_params = self.bn_params[:1] * len(self.bn_params)


@mistake(
    "FullyConnectedNet",
    where="the order of normalisation and activation in FullyConnectedNet",
    what="The normalisation stands after the activation.",
    how="Use affine, normalisation, activation, in this order.",
    label="network: normalisation after the activation",
)
class NormAfterActivation(_Net):
    def follow(self, layer):
        return super().follow(layer)[::-1]


@mistake(
    "FullyConnectedNet",
    where="what comes after the last affine layer in FullyConnectedNet",
    what="The activation is applied to the scores, too.",
    how="Leave the scores as they are: softmax takes numbers of both signs.",
    label="network: activation on the scores",
)
class ScoresActivated(_Net):
    def follow(self, layer):
        return super().follow(layer) or ("activation",)


@mistake(
    "FullyConnectedNet",
    where="which layers have an activation in FullyConnectedNet",
    what="The last hidden layer has none.",
    how="All num_layers - 1 hidden layers have one: range(1, num_layers).",
    label="network: last hidden layer without activation",
)
class LastHiddenLayerLinear(_Net):
    def follow(self, layer):
        return ("norm",) if layer == self.num_layers - 1 else super().follow(layer)


@mistake(
    "FullyConnectedNet",
    where="which activation FullyConnectedNet uses",
    what="It is always ReLU: the argument is ignored.",
    how="Choose forward and backward function by self.activation.",
    label="network: always ReLU",
)
class AlwaysRelu(_Net):
    def activate(self, x):
        return activations.relu_forward(x)

    def deactivate(self, dout, cache):
        return activations.relu_backward(dout, cache)


@mistake(
    "FullyConnectedNet",
    where="the backward pass through the activations in FullyConnectedNet",
    what="It is left out: the gradients flow as if the network were linear.",
    how="Pass dout through the backward function of each activation.",
    label="network: no backward pass of the activation",
)
class ActivationNotInBackward(_Net):
    def deactivate(self, dout, cache):
        return dout


@mistake(
    "FullyConnectedNet",
    where="the backward pass through the normalisation in FullyConnectedNet",
    what="gamma and beta get their gradients, but dout goes on unchanged.",
    how="Go on with the dx that the backward function of the normalisation returns.",
    label="network: dx of the normalisation not used",
)
class NormNotInBackward(_Net):
    def _denormalize(self, dout, cache, layer, grads):
        super()._denormalize(dout, cache, layer, grads)
        return dout


@mistake(
    "FullyConnectedNet",
    where="which gradients FullyConnectedNet returns",
    what="Those of gamma and beta are missing.",
    how="Put a gradient into grads for each name in params.",
    label="network: gradients of gamma and beta missing",
)
class NormGradientsMissing(_Net):
    def amend(self, loss, grads):
        return loss, {name: grads[name] for name in grads if name[0] in "Wb" and name[1].isdigit()}


@mistake(
    "FullyConnectedNet",
    where="the mode of batch norm where FullyConnectedNet is asked for scores",
    what="It stays in train mode: the scores depend on the other examples of the batch.",
    how='Set mode to "test" in all bn_params where y is None.',
    label="network: scores with batch norm in train mode",
)
class TrainModeForScores(_Net):
    def _forward(self, x, mode):
        return super()._forward(x, "train")


@mistake(
    "FullyConnectedNet",
    where="what FullyConnectedNet returns where y is None",
    what="It is the probabilities.",
    how="Return the scores themselves: softmax belongs to the loss.",
    label="network: probabilities for scores",
)
class ProbabilitiesForScores(_Net):
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
    label="network: X not converted to its dtype",
)
class InputNotConverted(_Net):
    def loss(self, X, y=None):
        self.dtype = X.dtype
        return super().loss(X, y)


@mistake(
    "FullyConnectedNet",
    where="which parameters FullyConnectedNet regularises",
    what="The biases are penalised, too.",
    how="Sum the squares of the W only.",
    label="network: L2 on the biases",
)
class BiasesPenalized(_Net):
    def amend(self, loss, grads):
        return self.penalize(loss, grads, [f"b{k}" for k in range(1, self.num_layers + 1)])


@mistake(
    "FullyConnectedNet",
    where="which parameters FullyConnectedNet regularises",
    what="gamma and beta are penalised, too.",
    how="Sum the squares of the W only.",
    label="network: L2 on gamma and beta",
)
class NormPenalized(_Net):
    def amend(self, loss, grads):
        return self.penalize(loss, grads, [n for n in grads if n.startswith(("gamma", "beta"))])


@mistake(
    "FullyConnectedNet",
    where="the factor of the L2 penalty in FullyConnectedNet",
    what="The loss has no 1/2 in it, and no longer fits the gradients reg * W.",
    how="Add 0.5 * reg * sum(W ** 2) to the loss.",
    label="network: L2 without 1/2 in the loss",
)
class PenaltyWithoutHalf(_Net):
    def amend(self, loss, grads):
        return self.penalize(loss, dict(grads), self.list_weights())[0], grads


@mistake(
    "FullyConnectedNet",
    where="the factor of the L2 penalty in FullyConnectedNet",
    what="Loss and gradients both lack the 1/2: the penalty is twice as large as asked for.",
    how="Add 0.5 * reg * sum(W ** 2) to the loss, reg * W to the gradients.",
    label="network: L2 without 1/2",
)
class PenaltyTwiceAsLarge(_Net):
    def amend(self, loss, grads):
        return self.penalize(loss, grads, self.list_weights())


@mistake(
    "FullyConnectedNet",
    where="the L2 penalty in the loss of FullyConnectedNet",
    what="The penalty is in the gradients, but not in the loss.",
    how="Add 0.5 * reg * sum(W ** 2) to the loss.",
    label="network: L2 not in the loss",
)
class PenaltyNotInTheLoss(_Net):
    def amend(self, loss, grads):
        squares = sum(float(np.sum(self.params[name] ** 2)) for name in self.list_weights())
        return loss - 0.5 * self.reg * squares, grads


@mistake(
    "FullyConnectedNet",
    where="the L2 penalty in the gradients of FullyConnectedNet",
    what="The penalty is in the loss, but not in the gradients.",
    how="Add reg * W to the gradient of each W.",
    label="network: L2 not in the gradients",
)
class PenaltyNotInTheGradients(_Net):
    def amend(self, loss, grads):
        for name in self.list_weights():
            grads[name] -= self.reg * self.params[name]
        return loss, grads


@mistake(
    "FullyConnectedNet",
    where="which weights FullyConnectedNet regularises",
    what="The W of the output layer is left out.",
    how="There are num_layers of them: range(1, num_layers + 1).",
    label="network: L2 without the output layer",
)
class OutputNotPenalized(_Net):
    def amend(self, loss, grads):
        name = f"W{self.num_layers}"
        grads[name] -= self.reg * self.params[name]
        return loss - 0.5 * self.reg * float(np.sum(self.params[name] ** 2)), grads


@right("FullyConnectedNet", "a list of named steps, dx of the images computed, too")
class NamedSteps(_Net):
    pass


_NORMS = {
    "batchnorm": (normalization.batchnorm_forward, normalization.batchnorm_backward),
    "layernorm": (normalization.layernorm_forward, normalization.layernorm_backward),
}


@right("FullyConnectedNet", "each step leaves its own way back, the penalty included")
class WaysBack(ref.FullyConnectedNet):  # type: ignore[misc]
    def loss(self, X: Any, y: Any = None) -> Any:
        self.ways: list[Any] = []
        x = np.asarray(X, self.dtype).reshape(len(X), -1)
        for k in range(1, self.num_layers + 1):
            x = self.go(x, (affine.affine_forward, affine.affine_backward), f"W{k}", f"b{k}")
            if k < self.num_layers and self.normalization:
                state = self.bn_params[k - 1] if self.bn_params else {}
                state["mode"] = "test" if y is None else "train"
                x = self.go(x, _NORMS[self.normalization], f"gamma{k}", f"beta{k}", state=(state,))
            if k < self.num_layers:
                x = self.go(x, self.find_activation())
        return x if y is None else self.go_back(*losses.softmax_loss(x, y))

    def find_activation(self) -> Any:
        names = f"{self.activation}_forward", f"{self.activation}_backward"
        forward, backward = (getattr(activations, name) for name in names)
        return forward, lambda dout, cache: (backward(dout, cache),)

    def go(self, x: Any, functions: Any, *names: Any, state: Any = ()) -> Any:
        forward, backward = functions
        out, cache = forward(x, *[self.params[name] for name in names], *state)
        self.ways.append(lambda dout: (names, *backward(dout, cache)))
        return out

    def go_back(self, loss: Any, dout: Any) -> Any:
        grads: Any = {}
        for way in reversed(self.ways):
            names, dout, *found = way(dout)
            grads.update(zip(names, found))
        for name, w in self.params.items():
            if name[0] == "W":
                loss, grads[name] = loss + self.reg / 2 * (w * w).sum(), grads[name] + self.reg * w
        return loss, grads
