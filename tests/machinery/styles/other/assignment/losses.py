"""Softmax loss, one example after the other in Python's own floats."""

import math

import numpy as np
from assignment.helpers import demand_array, demand_equal, say

__all__ = ["softmax_loss"]


def softmax_loss(x, y):
    """Return the mean surprise and what to change."""
    demand_array("softmax_loss", "x", x, 2)
    demand_array("softmax_loss", "y", y, 1)
    demand_equal("softmax_loss", "the length of y", len(y), len(x))
    if y.dtype.kind not in "iu":
        raise TypeError(f"softmax_loss: y has dtype {y.dtype}, expected integer labels")
    examples, classes = x.shape
    surprises, rows = [], []
    for scores, label in zip(x.tolist(), y.tolist()):
        if not 0 <= label < classes:
            raise ValueError(
                f"softmax_loss: y holds the label {label}, expected 0 to {classes - 1}"
            )
        top = max(scores)
        log_total = top + math.log(math.fsum(math.exp(s - top) for s in scores))
        surprises.append(log_total - scores[label])
        shares = [math.exp(s - log_total) for s in scores]
        shares[label] = -math.fsum(p for c, p in enumerate(shares) if c != label)
        rows.append([p / examples for p in shares])
    say("loss of", examples, "examples")
    return math.fsum(surprises) / examples, np.array(rows, dtype=x.dtype)
