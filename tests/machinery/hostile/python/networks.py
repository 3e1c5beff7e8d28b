"""Networks with an unusual class or unusual answers."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case, below

__all__ = ["CASES"]

CASES = {
    "loss_returns_objects": Case(
        "objects that imitate arrays and dicts are wrong answers",
        files=below(
            "network.py",
            """
class Array:
    # Looks like an array, as long as nobody asks for its values.
    def __init__(self, values):
        self.shape, self.dtype, self.size = values.shape, values.dtype, values.size


class Gradients:
    # Looks like a dict, as long as nobody asks for one of its values.
    def __init__(self, params):
        self.params = params

    def items(self):
        return list(self.params.items())


compute_loss = FullyConnectedNet.loss


def loss(self, X, y=None):
    if y is None:
        return Array(compute_loss(self, X))
    return compute_loss(self, X, y)[0], Gradients(self.params)


FullyConnectedNet.loss = loss
""",
        ),
        points={"network.loss": 0.25},  # the loss is right
        evidence={"network.loss": "scores is a Array|'Gradients' object"},
    ),
    "model_with_properties": Case(
        "a model may store its parameters in any way",
        files={
            "network.py": """
import numpy as np

from assignment import activations, initialization
from assignment.affine import affine_backward, affine_forward
from assignment.losses import softmax_loss
from assignment.normalization import (
    batchnorm_backward,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)

NAMES = {
    "activation": ("relu", "leaky_relu", "elu", "tanh", "sigmoid"),
    "normalization": (None, "batchnorm", "layernorm"),
    "initialization": ("zeros", "small_random", "xavier", "he"),
}


class FullyConnectedNet:
    # Has slots, a property for params, and forwards what it does not know.
    __slots__ = ("stored", "written")

    def __getattr__(self, name):
        if name in ("stored", "written"):
            object.__setattr__(self, name, {})
            return getattr(self, name)
        try:
            return self.stored[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self.written[name] = self.written.get(name, 0) + 1
        if name == "params":
            type(self).params.fset(self, value)
        else:
            self.stored[name] = value

    @property
    def params(self):
        return {name: value.copy() for name, value in self.stored["params"].items()}

    @params.setter
    def params(self, params):
        self.stored["params"] = dict(params)

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
        for name, allowed in NAMES.items():
            value = locals()[name]
            if value not in allowed and not isinstance(value, float):
                raise ValueError(f"{name} {value} is unknown")
        self.activation, self.normalization = activation, normalization
        self.reg, self.dtype, self.depth = reg, dtype, len(hidden_dims) + 1
        self.bn_params = [{} for _ in hidden_dims]
        self.params = self.draw([input_dim, *hidden_dims, num_classes], initialization, seed)

    def draw(self, dims, start, seed):
        rng = np.random.default_rng(seed)
        params = {}
        for i, (m, n) in enumerate(zip(dims, dims[1:]), start=1):
            if isinstance(start, float):
                w = rng.normal(0, start, (m, n))
            else:
                w = getattr(initialization, f"init_{start}")(m, n, rng)
            params[f"W{i}"], params[f"b{i}"] = w.astype(self.dtype), np.zeros(n, self.dtype)
            if self.normalization and i + 1 < len(dims):
                params[f"gamma{i}"], params[f"beta{i}"] = (
                    np.ones(n, self.dtype),
                    np.zeros(n, self.dtype),
                )
        return params

    def loss(self, X, y=None):
        h, p, caches = X.reshape(len(X), -1).astype(self.dtype), self.params, []
        for i in range(1, self.depth):
            h, affine_cache = affine_forward(h, p[f"W{i}"], p[f"b{i}"])
            h, norm_cache = self.normalize(h, i, "test" if y is None else "train")
            h, cache = getattr(activations, f"{self.activation}_forward")(h)
            caches.append((affine_cache, norm_cache, cache))
        scores, last = affine_forward(h, p[f"W{self.depth}"], p[f"b{self.depth}"])
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = {}
        for i in range(self.depth, 0, -1):
            if i < self.depth:
                last, norm_cache, cache = caches[i - 1]
                dout = getattr(activations, f"{self.activation}_backward")(dout, cache)
                if self.normalization:
                    batch = self.normalization == "batchnorm"
                    backward = batchnorm_backward if batch else layernorm_backward
                    dout, grads[f"gamma{i}"], grads[f"beta{i}"] = backward(dout, norm_cache)
            dout, dw, grads[f"b{i}"] = affine_backward(dout, last)
            grads[f"W{i}"] = dw + self.reg * p[f"W{i}"]
            loss += 0.5 * self.reg * float((p[f"W{i}"] ** 2).sum())
        return loss, grads

    def normalize(self, h, i, mode):
        if self.normalization is None:
            return h, None
        gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
        if self.normalization == "layernorm":
            return layernorm_forward(h, gamma, beta, {})
        self.bn_params[i - 1]["mode"] = mode
        return batchnorm_forward(h, gamma, beta, self.bn_params[i - 1])
""",
        },
        honest=True,
    ),
}
