"""The network, written down layer by layer."""

import numpy as np

from assignment.activations import (
    elu_backward,
    elu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from assignment.affine import affine_backward, affine_forward
from assignment.contracts import shapes
from assignment.initialization import init_he, init_small_random, init_xavier, init_zeros
from assignment.losses import softmax_loss
from assignment.normalization import (
    batchnorm_backward,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)

__all__ = ["FullyConnectedNet"]

ACTIVATIONS = {
    "relu": (relu_forward, relu_backward),
    "leaky_relu": (leaky_relu_forward, leaky_relu_backward),
    "elu": (elu_forward, elu_backward),
    "tanh": (tanh_forward, tanh_backward),
    "sigmoid": (sigmoid_forward, sigmoid_backward),
}
INITIALIZATIONS = {
    "zeros": init_zeros,
    "small_random": init_small_random,
    "xavier": init_xavier,
    "he": init_he,
}


class FullyConnectedNet:
    """{affine - [norm] - activation} x (L - 1) - affine - softmax."""

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
        """Check the names and draw the first parameters."""
        if activation not in ACTIVATIONS:
            raise ValueError(f"FullyConnectedNet: unknown activation {activation!r}")
        if normalization not in (None, "batchnorm", "layernorm"):
            raise ValueError(f"FullyConnectedNet: unknown normalization {normalization!r}")
        if not isinstance(initialization, float) and initialization not in INITIALIZATIONS:
            raise ValueError(f"FullyConnectedNet: unknown initialization {initialization!r}")
        self.activation = activation
        self.normalization = normalization
        self.reg = reg
        self.dtype = dtype
        self.num_layers = len(hidden_dims) + 1
        self.params = {}
        self.bn_params = []

        rng = np.random.default_rng(seed)
        dims = [input_dim] + list(hidden_dims) + [num_classes]  # noqa: RUF005
        for i in range(self.num_layers):
            fan_in, fan_out = dims[i], dims[i + 1]
            if isinstance(initialization, float):
                w = init_small_random(fan_in, fan_out, rng, initialization)
            else:
                w = INITIALIZATIONS[initialization](fan_in, fan_out, rng)
            self.params["W" + str(i + 1)] = w.astype(dtype)
            self.params["b" + str(i + 1)] = np.zeros(fan_out, dtype=dtype)
            is_last = i == self.num_layers - 1
            if normalization is not None and not is_last:
                self.params["gamma" + str(i + 1)] = np.ones(fan_out, dtype=dtype)
                self.params["beta" + str(i + 1)] = np.zeros(fan_out, dtype=dtype)
            if normalization == "batchnorm" and not is_last:
                self.bn_params.append({"mode": "train"})

    @shapes(X="N ...")
    def loss(self, X, y=None):
        """Go forward, and where there are labels backward."""
        X = X.astype(self.dtype)
        for bn_param in self.bn_params:
            bn_param["mode"] = "test" if y is None else "train"
        activation_forward, activation_backward = ACTIVATIONS[self.activation]

        # forward
        h = X
        affine_caches, norm_caches, activation_caches = {}, {}, {}
        for i in range(1, self.num_layers):
            w, b = self.params[f"W{i}"], self.params[f"b{i}"]
            h, affine_caches[i] = affine_forward(h, w, b)
            if self.normalization == "batchnorm":
                gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
                h, norm_caches[i] = batchnorm_forward(h, gamma, beta, self.bn_params[i - 1])
            if self.normalization == "layernorm":
                gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
                h, norm_caches[i] = layernorm_forward(h, gamma, beta, {})
            h, activation_caches[i] = activation_forward(h)
        last = self.num_layers
        w, b = self.params[f"W{last}"], self.params[f"b{last}"]
        scores, affine_caches[last] = affine_forward(h, w, b)
        if y is None:
            return scores

        # backward
        loss, dscores = softmax_loss(scores, y)
        grads = {}
        dh, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dscores, affine_caches[last])
        for i in range(self.num_layers - 1, 0, -1):
            dh = activation_backward(dh, activation_caches[i])
            if self.normalization == "batchnorm":
                dh, dgamma, dbeta = batchnorm_backward(dh, norm_caches[i])
                grads[f"gamma{i}"], grads[f"beta{i}"] = dgamma, dbeta
            if self.normalization == "layernorm":
                dh, dgamma, dbeta = layernorm_backward(dh, norm_caches[i])
                grads[f"gamma{i}"], grads[f"beta{i}"] = dgamma, dbeta
            dh, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dh, affine_caches[i])

        # regularisation, of the weights only
        for i in range(1, self.num_layers + 1):
            w = self.params[f"W{i}"]
            loss = loss + 0.5 * self.reg * float(np.sum(w * w))
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * w
        return loss, grads
