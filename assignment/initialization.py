"""Weight initialisation: the first weights decide whether a deep network can learn at all.

Each function takes ``(fan_in, fan_out, rng)``: the number of inputs and outputs of an affine
layer and the ``np.random.Generator`` that all random numbers come from.
"""

import numpy as np

__all__ = ["init_he", "init_small_random", "init_xavier", "init_zeros"]


def init_zeros(fan_in, fan_out, rng):
    """Return zeros: every neuron of a layer is the same for ever (part initialization.simple).

    Parameters
    ----------
    fan_in, fan_out : int
    rng : np.random.Generator, not used here

    Returns
    -------
    w : float64 array, shape (fan_in, fan_out)
    """
    ### BEGIN SOLUTION
    return np.zeros((fan_in, fan_out))
    ### END SOLUTION


def init_small_random(fan_in, fan_out, rng, std=1e-2):
    """Draw from a normal distribution with mean 0 and the given std (part initialization.simple).

    Parameters
    ----------
    fan_in, fan_out : int
    rng : np.random.Generator
    std : float

    Returns
    -------
    w : float64 array, shape (fan_in, fan_out)
    """
    ### BEGIN SOLUTION
    return std * rng.standard_normal((fan_in, fan_out))
    ### END SOLUTION


def init_xavier(fan_in, fan_out, rng):
    """Keep the variance through a linear layer (part initialization.xavier).

    Parameters
    ----------
    fan_in, fan_out : int
    rng : np.random.Generator

    Returns
    -------
    w : float64 array, shape (fan_in, fan_out)
        Normal, mean 0. Derive the standard deviation from the condition that the variance of the
        output of a linear layer equals that of its input, which has mean 0. Notebook 4,
        section 5, has a hint and the result.
    """
    ### BEGIN SOLUTION
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)
    ### END SOLUTION


def init_he(fan_in, fan_out, rng):
    """Keep the mean square through a layer with ReLU (part initialization.he).

    Parameters
    ----------
    fan_in, fan_out : int
    rng : np.random.Generator

    Returns
    -------
    w : float64 array, shape (fan_in, fan_out)
        Normal, mean 0. Derive the standard deviation from the condition that the mean square of
        the output of affine and ReLU equals that of the input, where ReLU loses half of the mean
        square. Notebook 4, section 6, has a hint and the result.
    """
    ### BEGIN SOLUTION
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)
    ### END SOLUTION
