"""Right answers from callables of other kinds than plain functions."""

import functools


class Forward:
    """Called like a function."""

    def __call__(self, x, w, b):
        return x.reshape(len(x), -1) @ w + b, (x, w)


def count(function):
    """Hide the signature, as a careless decorator does."""

    def counted(*args, **kwargs):
        counted.calls += 1
        return function(*args, **kwargs)

    counted.calls = 0
    return counted


@functools.lru_cache
def make_backward():
    """Return the function, made once."""

    def backward(scale, dout, cache):
        x, w = cache
        dx = scale * (dout @ w.T).reshape(x.shape)
        return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)

    return functools.partial(backward, 1)


affine_forward = Forward()
affine_backward = count(make_backward())
