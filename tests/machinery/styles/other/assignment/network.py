"""The network as a list of layers that know how to go forward and backward."""

import numpy as np

from assignment import activations, affine, helpers, initialization, losses, normalization

__all__ = ["FullyConnectedNet"]

CHOICES = {
    "activation": ("relu", "leaky_relu", "elu", "tanh", "sigmoid"),
    "normalization": (None, "batchnorm", "layernorm"),
    "initialization": ("zeros", "small_random", "xavier", "he"),
}


class _Layer:
    """One step: forward(inputs, mode) keeps a cache, backward(dout) returns dx and gradients."""

    def __init__(self, net, number):
        self.net, self.number, self.cache = net, number, None

    def name(self, letter):
        """Return the name of one of this layer's parameters."""
        return f"{letter}{self.number}"

    def pick(self, *letters):
        """Return some of this layer's parameters."""
        return [self.net.params[self.name(letter)] for letter in letters]


class _Affine(_Layer):
    def forward(self, x, mode):
        out, self.cache = affine.affine_forward(x, *self.pick("W", "b"))
        return out

    def backward(self, dout):
        dx, dw, db = affine.affine_backward(dout, self.cache)
        (w,) = self.pick("W")
        return dx, {self.name("W"): (dw + self.net.reg * w).astype(w.dtype), self.name("b"): db}


class _Norm(_Layer):
    def forward(self, x, mode):
        if self.net.normalization == "layernorm":
            out, self.cache = normalization.layernorm_forward(x, *self.pick("gamma", "beta"), {})
            return out
        bn_param = self.net.bn_params[self.number - 1]
        bn_param["mode"] = mode
        out, self.cache = normalization.batchnorm_forward(x, *self.pick("gamma", "beta"), bn_param)
        return out

    def backward(self, dout):
        backward = getattr(normalization, f"{self.net.normalization}_backward")
        dx, dgamma, dbeta = backward(dout, self.cache)
        return dx, {self.name("gamma"): dgamma, self.name("beta"): dbeta}


class _Activation(_Layer):
    def forward(self, x, mode):
        out, self.cache = getattr(activations, f"{self.net.activation}_forward")(x)
        return out

    def backward(self, dout):
        return getattr(activations, f"{self.net.activation}_backward")(dout, self.cache), {}


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
        """Draw the first parameters and put the layers together."""
        self.activation = self._choose("activation", activation)
        self.normalization = self._choose("normalization", normalization)
        if not isinstance(initialization, float):
            self._choose("initialization", initialization)
        self.reg, self.dtype = reg, dtype
        self._numbers = {}
        self._memories = [{"mode": "train"} for _ in hidden_dims if normalization == "batchnorm"]
        widths = [int(input_dim), *map(int, hidden_dims), int(num_classes)]
        self._fill(widths, initialization, np.random.default_rng(seed))
        self._layers = self._assemble(len(widths) - 1)
        helpers.say("a network of widths", widths)

    @staticmethod
    def _choose(option, value):
        if value not in CHOICES[option]:
            raise ValueError(f"FullyConnectedNet: no {option} {value!r}, only {CHOICES[option]}")
        return value

    @property
    def params(self):
        """Parameters by name."""
        return self._numbers

    @params.setter
    def params(self, numbers):
        self._numbers = numbers

    @property
    def bn_params(self):
        """What batch norm remembers, a dict for each hidden layer."""
        return self._memories

    @bn_params.setter
    def bn_params(self, memories):
        self._memories = memories

    @property
    def num_layers(self):
        """Number of affine layers."""
        return sum(isinstance(layer, _Affine) for layer in self._layers)

    def _fill(self, widths, how, rng):
        for number in range(1, len(widths)):
            ins, outs = widths[number - 1], widths[number]
            if isinstance(how, float):
                w = rng.normal(0, how, size=(ins, outs))
            else:
                w = vars(initialization)[f"init_{how}"](ins, outs, rng)
            self._numbers[f"W{number}"] = np.asarray(w, self.dtype)
            self._numbers[f"b{number}"] = np.zeros(outs, self.dtype)
            if self.normalization is not None and number < len(widths) - 1:
                self._numbers[f"gamma{number}"] = np.ones(outs, self.dtype)
                self._numbers[f"beta{number}"] = np.zeros(outs, self.dtype)

    def _assemble(self, depth):
        kinds = [_Affine, _Norm, _Activation] if self.normalization else [_Affine, _Activation]
        hidden = [kind(self, number) for number in range(1, depth) for kind in kinds]
        return [*hidden, _Affine(self, depth)]

    def loss(self, X, y=None):
        """Scores without labels, loss and gradients with them."""
        helpers.demand_array("loss", "X", X)
        signal = np.ascontiguousarray(X, dtype=self.dtype).reshape(X.shape[0], -1)
        for layer in self._layers:
            signal = layer.forward(signal, "test" if y is None else "train")
        if y is None:
            return signal
        loss, signal = losses.softmax_loss(signal, y)
        grads = {}
        for layer in reversed(self._layers):
            signal, found = layer.backward(signal)
            grads.update(found)
        weights = [w for name, w in self.params.items() if name[0] == "W"]
        penalty = sum(np.linalg.norm(w.astype(float)) ** 2 for w in weights)
        return loss + self.reg / 2 * penalty, grads
