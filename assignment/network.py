"""A fully connected network of any depth, with or without normalisation."""

from itertools import pairwise

import numpy as np

from assignment import activations, initialization
from assignment.affine import affine_backward, affine_forward
from assignment.contracts import shapes
from assignment.losses import softmax_loss
from assignment.normalization import (
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)

__all__ = ["FullyConnectedNet"]

ACTIVATIONS = ("relu", "leaky_relu", "elu", "tanh", "sigmoid")
NORMALIZATIONS = (None, "batchnorm", "layernorm")
INITIALIZATIONS = ("zeros", "small_random", "xavier", "he")


class FullyConnectedNet:
    """{affine - [norm] - activation} x (L - 1) - affine - softmax.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer; L = len(hidden_dims) + 1 affine layers in all.
    input_dim : int
        Values in one flattened example.
    num_classes : int
    activation : "relu", "leaky_relu", "elu", "tanh" or "sigmoid"
    normalization : None, "batchnorm" or "layernorm"
        Stands between each hidden affine layer and its activation, not on the output layer.
    initialization : "zeros", "small_random", "xavier", "he" or a float
        How the weights start; a float is the standard deviation of a normal distribution.
        Biases and beta start as 0, gamma as 1.
    reg : float
        Strength of the L2 penalty ``0.5 * reg * sum(W ** 2)`` over the weight matrices only.
    dtype : NumPy dtype of all parameters and of the arithmetic
    seed : int or None

    Attributes
    ----------
    params : dict
        W1, b1, gamma1, beta1, ..., W<L>, b<L>.
    bn_params : list of dict
        One a hidden layer with batch norm; holds its running statistics.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        activation="relu",
        normalization=None,
        initialization="he",
        reg=0.0,
        dtype=np.float32,
        seed=None,
    ):
        """Draw the first parameters (part network.init)."""
        _require("activation", activation, ACTIVATIONS)
        _require("normalization", normalization, NORMALIZATIONS)
        if not isinstance(initialization, float):
            _require("initialization", initialization, INITIALIZATIONS)
        self.num_layers = len(hidden_dims) + 1
        self.activation = activation
        self.normalization = normalization
        self.reg = reg
        self.dtype = dtype
        self.params = {}
        self.bn_params = []
        ### BEGIN SOLUTION
        rng = np.random.default_rng(seed)
        dims = [input_dim, *hidden_dims, num_classes]
        for layer, (fan_in, fan_out) in enumerate(pairwise(dims), start=1):
            w = _draw_weights(initialization, fan_in, fan_out, rng)
            self.params[f"W{layer}"] = w.astype(dtype)
            self.params[f"b{layer}"] = np.zeros(fan_out, dtype)
            if normalization and layer < self.num_layers:
                self.params[f"gamma{layer}"] = np.ones(fan_out, dtype)
                self.params[f"beta{layer}"] = np.zeros(fan_out, dtype)
        if normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        ### END SOLUTION

    @shapes(X="N ...")
    def loss(self, X, y=None):
        """Return scores for new examples, or loss and gradients to learn from (part network.loss).

        Parameters
        ----------
        X : float array, shape (N, d_1, ..., d_k)
        y : integer array, shape (N,), or None

        Returns
        -------
        scores : float array, shape (N, C)
            Where y is None. Batch norm runs in test mode.
        loss, grads : float and dict
            Where y is given. Batch norm runs in train mode; grads has the keys of params, and
            both include the L2 penalty.
        """
        ### BEGIN SOLUTION
        x = X.reshape(len(X), -1).astype(self.dtype, copy=False)
        scores, caches = self._forward(x, "test" if y is None else "train")
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = self._backward(dout, caches, x)
        for layer in range(1, self.num_layers + 1):
            if self.reg:  # else all weights are read for nothing: a tenth of a step and more
                w = self.params[f"W{layer}"]
                loss += 0.5 * self.reg * float(np.vdot(w, w))
                grads[f"W{layer}"] += self.reg * w
        return loss, grads
        ### END SOLUTION

    ### BEGIN SOLUTION
    def _forward(self, x, mode):
        """Return the scores and, a layer each, the caches for the way back."""
        activate = getattr(activations, f"{self.activation}_forward")
        caches = []
        for layer in range(1, self.num_layers):
            x, affine_cache = affine_forward(x, self.params[f"W{layer}"], self.params[f"b{layer}"])
            x, norm_cache = self._normalize(x, layer, mode)
            x, activation_cache = activate(x)
            caches.append((affine_cache, norm_cache, activation_cache))
        last = self.num_layers
        scores, affine_cache = affine_forward(x, self.params[f"W{last}"], self.params[f"b{last}"])
        return scores, [*caches, (affine_cache, None, None)]

    def _backward(self, dout, caches, x):
        """Return the gradients of all parameters, the L2 penalty not yet included."""
        differentiate = getattr(activations, f"{self.activation}_backward")
        grads = {}
        for layer in range(self.num_layers, 0, -1):
            affine_cache, norm_cache, activation_cache = caches[layer - 1]
            if layer < self.num_layers:
                dout = differentiate(dout, activation_cache)
                dout = self._denormalize(dout, norm_cache, layer, grads)
            if layer == 1:  # nobody needs the gradient of the images: a quarter of the step saved
                grads["W1"], grads["b1"] = x.T @ dout, dout.sum(axis=0)
            else:
                dout, grads[f"W{layer}"], grads[f"b{layer}"] = affine_backward(dout, affine_cache)
        return grads

    def _normalize(self, x, layer, mode):
        if self.normalization is None:
            return x, None
        gamma, beta = self.params[f"gamma{layer}"], self.params[f"beta{layer}"]
        if self.normalization == "layernorm":
            return layernorm_forward(x, gamma, beta, {})
        bn_param = self.bn_params[layer - 1]
        bn_param["mode"] = mode
        return batchnorm_forward(x, gamma, beta, bn_param)

    def _denormalize(self, dout, cache, layer, grads):
        if self.normalization is None:
            return dout
        layernorm = self.normalization == "layernorm"
        backward = layernorm_backward if layernorm else batchnorm_backward_alt
        dout, grads[f"gamma{layer}"], grads[f"beta{layer}"] = backward(dout, cache)
        return dout

    ### END SOLUTION


### BEGIN SOLUTION
def _draw_weights(initialization_name, fan_in, fan_out, rng):
    """Return float64 weights, shape (fan_in, fan_out)."""
    if isinstance(initialization_name, float):
        return initialization.init_small_random(fan_in, fan_out, rng, std=initialization_name)
    return getattr(initialization, f"init_{initialization_name}")(fan_in, fan_out, rng)


### END SOLUTION


def _require(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"FullyConnectedNet: {name} is {value!r}, use one of {allowed}")
