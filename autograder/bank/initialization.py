"""Variants of the weight initialisations."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import initialization as ref


@mistake(
    "init_zeros",
    where="what init_zeros returns",
    what="The weights are 1.",
    how="Return np.zeros.",
)
def ones_for_zeros(fan_in, fan_out, rng):
    return np.ones((fan_in, fan_out))


@mistake(
    "init_zeros",
    where="what shape init_zeros returns",
    what="The shape is (fan_out, fan_in).",
    how="Return shape (fan_in, fan_out): an affine layer computes x @ w.",
)
def zeros_transposed(fan_in, fan_out, rng):
    return np.zeros((fan_out, fan_in))


@mistake(
    "init_small_random",
    where="which std init_small_random uses",
    what="It is always 0.01: the argument is ignored.",
    how="Multiply by std, the argument.",
)
def small_std_ignored(fan_in, fan_out, rng, std=1e-2):
    return ref.init_small_random(fan_in, fan_out, rng)


@mistake(
    "init_small_random",
    where="which distribution init_small_random draws from",
    what="It is the uniform one on 0 ... 1, times std: all weights are positive.",
    how="Use rng.standard_normal.",
)
def small_uniform(fan_in, fan_out, rng, std=1e-2):
    return std * rng.random((fan_in, fan_out))


@mistake(
    "init_small_random",
    where="the spread of the weights of init_small_random",
    what="It is std squared.",
    how="Multiply standard normal numbers by std once.",
)
def small_std_squared(fan_in, fan_out, rng, std=1e-2):
    return ref.init_small_random(fan_in, fan_out, rng, std * std)


@mistake(
    "init_small_random",
    where="where the random numbers of init_small_random come from",
    what="They come from np.random's global state, and not from rng.",
    how="Draw with rng.standard_normal.",
)
def small_drawn_by_np_random(fan_in, fan_out, rng, std=1e-2):
    return std * np.random.randn(fan_in, fan_out)  # noqa: NPY002


@mistake(
    "init_small_random",
    where="how many numbers init_small_random draws",
    what="One number is drawn for each input: all neurons of a layer start alike.",
    how="Draw (fan_in, fan_out) numbers.",
)
def small_neurons_alike(fan_in, fan_out, rng, std=1e-2):
    return std * rng.standard_normal((fan_in, 1)) * np.ones(fan_out)


@mistake(
    "init_xavier",
    where="the scale of the weights of init_xavier",
    what="They are divided by fan_in: the root is missing.",
    how="Divide by np.sqrt(fan_in).",
)
def xavier_without_the_root(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) / fan_in


@mistake(
    "init_xavier",
    where="the scale of the weights of init_xavier",
    what="The number of outputs decides it, and not the number of inputs.",
    how="Divide by np.sqrt(fan_in).",
)
def xavier_with_fan_out(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_out)


@mistake(
    "init_xavier",
    where="the scale of the weights of init_xavier",
    what="It is sqrt(2 / (fan_in + fan_out)), Glorot's form for both directions.",
    how="Here the standard deviation is 1 / sqrt(fan_in).",
)
def xavier_with_the_mean_of_both_fans(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))


@mistake(
    "init_xavier",
    where="the scale of the weights of init_xavier",
    what="It is sqrt(2 / fan_in), which is He's.",
    how="Leave out the 2: it stands for ReLU.",
)
def xavier_with_2_over_fan_in(fan_in, fan_out, rng):
    return ref.init_he(fan_in, fan_out, rng)


@mistake(
    "init_xavier",
    where="which distribution init_xavier draws from",
    what="It is a uniform one between -1 / sqrt(fan_in) and 1 / sqrt(fan_in).",
    how="Use rng.standard_normal, divided by np.sqrt(fan_in).",
)
def xavier_uniform(fan_in, fan_out, rng):
    return rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in)


@mistake(
    "init_xavier",
    where="what shape init_xavier returns",
    what="The shape is (fan_out, fan_in).",
    how="Draw (fan_in, fan_out) numbers: an affine layer computes x @ w.",
)
def xavier_transposed(fan_in, fan_out, rng):
    return ref.init_xavier(fan_in, fan_out, rng).T


@mistake(
    "init_xavier",
    where="where the random numbers of init_xavier come from",
    what="They come from np.random's global state, and not from rng.",
    how="Draw with rng.standard_normal.",
)
def xavier_drawn_by_np_random(fan_in, fan_out, rng):
    return np.random.randn(fan_in, fan_out) / np.sqrt(fan_in)  # noqa: NPY002


@mistake(
    "init_he",
    where="the scale of the weights of init_he",
    what="The 2 stands outside the root: 2 / sqrt(fan_in).",
    how="Multiply by np.sqrt(2 / fan_in).",
)
def he_with_the_2_outside_the_root(fan_in, fan_out, rng):
    return 2 * ref.init_xavier(fan_in, fan_out, rng)


@mistake(
    "init_he",
    where="the scale of the weights of init_he",
    what="It is 1 / sqrt(fan_in): the 2 is missing.",
    how="Multiply by np.sqrt(2 / fan_in).",
)
def he_without_the_2(fan_in, fan_out, rng):
    return ref.init_xavier(fan_in, fan_out, rng)


@mistake(
    "init_he",
    where="the scale of the weights of init_he",
    what="It is 1 / sqrt(2 * fan_in): the weights get smaller where they should get larger.",
    how="Multiply by np.sqrt(2 / fan_in): fan_in is halved inside the root.",
)
def he_with_twice_fan_in(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt(2 * fan_in)


@mistake(
    "init_he",
    where="the scale of the weights of init_he",
    what="It is 2 / fan_in: the root is missing.",
    how="Multiply by np.sqrt(2 / fan_in).",
)
def he_without_the_root(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * (2 / fan_in)


@mistake(
    "init_he",
    where="the scale of the weights of init_he",
    what="The number of outputs decides it, and not the number of inputs.",
    how="Multiply by np.sqrt(2 / fan_in).",
)
def he_with_fan_out(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_out)


@mistake(
    "init_he",
    where="which distribution init_he draws from",
    what="It is a uniform one of the right spread.",
    how="Use rng.standard_normal, times np.sqrt(2 / fan_in).",
)
def he_uniform(fan_in, fan_out, rng):
    return rng.uniform(-1, 1, (fan_in, fan_out)) * np.sqrt(6 / fan_in)


@mistake(
    "init_he",
    where="what dtype init_he returns",
    what="The weights are float32.",
    how="Return float64; the network makes them what it needs.",
)
def he_in_float32(fan_in, fan_out, rng):
    return ref.init_he(fan_in, fan_out, rng).astype(np.float32)


@mistake(
    "init_he",
    where="where the random numbers of init_he come from",
    what="A new generator with a fixed seed is made in each call: all draws are the same.",
    how="Draw with rng, the argument.",
)
def he_with_a_fixed_seed(fan_in, fan_out, rng):
    return ref.init_he(fan_in, fan_out, np.random.default_rng(0))


@right("init_zeros", "zero times a matrix of ones")
def zeros_filled(fan_in, fan_out, rng):
    return np.full((fan_in, fan_out), 0.0)


@right("init_small_random", "rng.normal with a scale")
def small_by_scale(fan_in, fan_out, rng, std=1e-2):
    return rng.normal(0, std, (fan_in, fan_out))


@right("init_xavier", "one neuron after the other")
def xavier_neuron_by_neuron(fan_in, fan_out, rng):
    w = np.empty((fan_in, fan_out))
    for m in range(fan_out):
        w[:, m] = rng.normal(scale=fan_in**-0.5, size=fan_in)
    return w


@right("init_he", "a list of numbers, reshaped and transposed")
def he_from_a_list(fan_in, fan_out, rng):
    numbers = rng.normal(size=fan_in * fan_out).tolist()
    scale = (fan_in / 2) ** 0.5
    return np.array([number / scale for number in numbers]).reshape(fan_out, fan_in).T
