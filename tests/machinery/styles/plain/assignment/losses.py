"""The softmax loss, step by step."""

import numpy as np

from assignment.contracts import shapes

__all__ = ["softmax_loss"]


@shapes(x="N C", y="N labels")
def softmax_loss(x, y):
    """Turn the scores into log probabilities and look at those of the right classes."""
    N = x.shape[0]

    # subtract the largest score of each row, so that exp cannot overflow
    row_max = np.max(x, axis=1, keepdims=True)
    shifted = x - row_max
    exps = np.exp(shifted)
    row_sums = np.sum(exps, axis=1, keepdims=True)

    # log(exp(s) / sum) = s - log(sum)
    log_probabilities = shifted - np.log(row_sums)
    loss = 0.0
    for i in range(N):
        loss -= float(log_probabilities[i, y[i]])
    loss /= N

    # the gradient is (probability - 1) for the right class, the probability for the others
    dx = exps / row_sums
    for i in range(N):
        dx[i, y[i]] -= 1
    dx = dx / N
    return loss, dx
