import numpy as np


def affine_forward(x, w, b):
    return np.full((len(x), len(b)), np.nan, x.dtype), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return np.full_like(x, np.inf), np.full_like(w, -np.inf), np.full_like(dout[0], np.nan)
