"""Mistakes of FullyConnectedNet in the initial params and bn_params."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake
from autograder.bank.network._net import Net
from autograder.bank.reference import network as ref


@mistake(
    "FullyConnectedNet",
    where="how FullyConnectedNet calls the initialisation",
    what="fan_in and fan_out are swapped: the weights are scaled by the number of outputs.",
    how="Ask for (fan_in, fan_out) of each layer, and do not transpose the result.",
)
class FanInAndFanOutSwapped(Net):
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
)
class InitializationIgnored(Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        super().__init__(hidden_dims, **{**options, "initialization": "he"})


@mistake(
    "FullyConnectedNet",
    where="what dtype the parameters of FullyConnectedNet have",
    what="They are float64, whatever dtype is asked for.",
    how="Make each of them an array of self.dtype: w.astype(dtype).",
)
class DtypeIgnored(Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.params = {name: value.astype(np.float64) for name, value in self.params.items()}


@mistake(
    "FullyConnectedNet",
    where="what FullyConnectedNet does with seed",
    what="The argument is ignored: every network starts with other weights.",
    how="Draw all weights from np.random.default_rng(seed).",
)
class SeedIgnored(Net):
    def __init__(self, hidden_dims, seed=None, **options):
        super().__init__(hidden_dims, **options)


@mistake(
    "FullyConnectedNet",
    where="where FullyConnectedNet makes its generator",
    what="Each layer begins anew with the same seed: layers of one shape have the same weights.",
    how="Make the generator once, before the loop over the layers.",
)
class GeneratorForEachLayer(Net):
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
)
class GammaStartsAsZero(Net):
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
)
class BiasesDrawnAtRandom(Net):
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
)
class GammaForTheOutputLayer(Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.add_output_norm()


@mistake(
    "FullyConnectedNet",
    where="which layers FullyConnectedNet normalises",
    what="The output layer is normalised, too.",
    how="Normalise the hidden layers only: the scores must be free to grow.",
)
class OutputNormalised(Net):
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
)
class OneBnParamForAllLayers(Net):
    def __init__(self, hidden_dims, **options):
        super().__init__(hidden_dims, **options)
        self.bn_params = self.bn_params[:1] * len(self.bn_params)
