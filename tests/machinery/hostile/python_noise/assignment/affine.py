import logging
import sys
import warnings


def affine_forward(x, w, b):
    print("affine_forward", x.shape, 10_000 * "=")
    print("x has shape", x.shape, file=sys.stderr)
    warnings.warn("this may be slow", stacklevel=2)
    logging.getLogger("affine").error("nothing is wrong")
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
