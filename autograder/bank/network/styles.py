"""Right variants of FullyConnectedNet in other styles."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.bank import right
from autograder.bank.network._net import Net
from autograder.bank.reference import activations, affine, losses, normalization
from autograder.bank.reference import network as ref


@right("FullyConnectedNet", "a list of named steps, dx of the images computed, too")
class NamedSteps(Net):
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
