"""Variants of sample_minibatch."""

from __future__ import annotations

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import sgd as ref


@mistake(
    "sample_minibatch",
    where="how sample_minibatch draws",
    what="An example can come twice in a batch.",
    how="Draw without replacement: rng.choice(N, batch_size, replace=False).",
)
def drawn_with_replacement(x, y, batch_size, rng):
    chosen = rng.integers(len(x), size=batch_size)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="which labels sample_minibatch returns",
    what="Examples and labels are drawn independently of each other.",
    how="Draw the indices once, and use them for x and y.",
)
def labels_drawn_by_themselves(x, y, batch_size, rng):
    x_batch, _ = ref.sample_minibatch(x, y, batch_size, rng)
    _, y_batch = ref.sample_minibatch(x, y, batch_size, rng)
    return x_batch, y_batch


@mistake(
    "sample_minibatch",
    where="which labels sample_minibatch returns",
    what="The labels are the first ones of y, whichever examples were drawn.",
    how="Use the same indices for x and y.",
)
def labels_not_shuffled_alongside(x, y, batch_size, rng):
    x_batch, _ = ref.sample_minibatch(x, y, batch_size, rng)
    return x_batch, y[:batch_size]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch returns",
    what="It is always the first batch_size examples.",
    how="Draw batch_size indices with rng.",
)
def always_the_first_examples(x, y, batch_size, rng):
    return x[:batch_size], y[:batch_size]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch can draw",
    what="Only the first batch_size examples are shuffled: the others never have their turn.",
    how="Shuffle all N indices, and take the first batch_size of them.",
)
def only_the_first_examples_shuffled(x, y, batch_size, rng):
    chosen = rng.permutation(batch_size)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch draws together",
    what="A batch is a run of neighbours: only where it starts is drawn.",
    how="Draw each of the batch_size indices.",
)
def run_of_neighbours(x, y, batch_size, rng):
    start = rng.integers(len(x) - batch_size + 1)
    return x[start : start + batch_size], y[start : start + batch_size]


@mistake(
    "sample_minibatch",
    where="which examples sample_minibatch can draw",
    what="The last example is never drawn.",
    how="Draw from range(N): the upper end is left out already.",
)
def last_example_never_drawn(x, y, batch_size, rng):
    chosen = rng.choice(len(x) - 1, size=batch_size, replace=False)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="how many examples sample_minibatch returns",
    what="Each example is drawn for itself, so that batches differ in size.",
    how="Draw exactly batch_size indices without replacement.",
)
def size_left_to_chance(x, y, batch_size, rng):
    chosen = rng.random(len(x)) < batch_size / len(x)
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="where the random numbers of sample_minibatch come from",
    what="They come from np.random's global state, and not from rng.",
    how="Draw with rng.choice.",
)
def drawn_by_np_random(x, y, batch_size, rng):
    chosen = np.random.choice(len(x), batch_size, replace=False)  # noqa: NPY002
    return x[chosen], y[chosen]


@mistake(
    "sample_minibatch",
    where="where the random numbers of sample_minibatch come from",
    what="A new generator with a fixed seed is made in each call: it is always the same batch.",
    how="Draw with rng, the argument.",
)
def always_the_same_batch(x, y, batch_size, rng):
    return ref.sample_minibatch(x, y, batch_size, np.random.default_rng(0))


@mistake(
    "sample_minibatch",
    where="what sample_minibatch does to x and y",
    what="The data is shuffled in place.",
    how="Shuffle indices instead, and leave x and y as they are.",
)
def data_shuffled_in_place(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    x[:], y[:] = x[order], y[order]
    return x[:batch_size], y[:batch_size]


@right("sample_minibatch", "the first part of a permutation")
def drawn_by_permutation(x, y, batch_size, rng):
    chosen = rng.permutation(len(x))[:batch_size]
    return np.take(x, chosen, axis=0), np.take(y, chosen)


@right("sample_minibatch", "the smallest of random keys, in the order of the data")
def drawn_by_keys(x, y, batch_size, rng):
    keys = rng.random(len(x))
    chosen = np.sort(np.argsort(keys)[:batch_size])
    return x[chosen], y[chosen]


@right("sample_minibatch", "pairs drawn one after the other")
def drawn_one_by_one(x, y, batch_size, rng):
    left, pairs = list(zip(x, y)), []
    for _ in range(batch_size):
        pairs.append(left.pop(int(rng.integers(len(left)))))
    x_batch, y_batch = zip(*pairs)
    return np.stack(x_batch), np.array(y_batch)
