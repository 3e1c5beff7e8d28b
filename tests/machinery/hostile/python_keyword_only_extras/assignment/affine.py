"""Right answers from functions with further parameters."""


def affine_forward(x, w, b, *, debug=False, **options):
    return x.reshape(len(x), -1) @ w + b, {"x": x, "w": w, "options": options}


def affine_backward(dout, cache, /, scale=1, *, debug=False):
    x, w = cache["x"], cache["w"]
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, scale * dout.sum(axis=0)
