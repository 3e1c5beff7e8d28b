"""The teacher's network, split into methods that variants replace."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank.reference import activations, affine
from autograder.bank.reference import network as ref

__all__ = ["Net"]


class Net(ref.FullyConnectedNet):  # type: ignore[misc]
    """The teacher's network, one method for each step; a variant replaces some of them."""

    params: Any
    bn_params: Any

    def follow(self, layer: Any) -> Any:
        """Return the names of the steps after an affine layer."""
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
        """Add the L2 penalty of further parameters."""
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
