"""Variants of make_grid."""

from __future__ import annotations

import itertools
from typing import Any

from autograder.bank import mistake, right
from autograder.bank.reference import hyperparameters as ref


@mistake(
    "make_grid",
    where="the order of the configurations of make_grid",
    what="The first name varies fastest.",
    how="Let the last name vary fastest, as itertools.product does.",
)
def first_name_fastest(values):
    turned = ref.make_grid(dict(reversed(values.items())))
    return [{name: configuration[name] for name in values} for configuration in turned]


@mistake(
    "make_grid",
    where="how many configurations make_grid returns",
    what="The values are paired off: the first with the first, the second with the second.",
    how="Combine each value with all values of the other names: itertools.product.",
)
def values_paired_off(values):
    return [dict(zip(values, chosen)) for chosen in zip(*values.values())]


@mistake(
    "make_grid",
    where="how many configurations make_grid returns",
    what="Only one name varies at a time: the others stay at their first value.",
    how="Combine each value with all values of the other names: itertools.product.",
)
def one_name_at_a_time(values):
    first = {name: choices[0] for name, choices in values.items()}
    rest = [(name, value) for name, choices in values.items() for value in choices[1:]]
    return [first] + [{**first, name: value} for name, value in rest]


@mistake(
    "make_grid",
    where="which dicts make_grid returns",
    what="All configurations are one and the same dict, which holds the last values.",
    how="Make a new dict for each configuration.",
)
def one_dict_for_all(values):
    configuration: dict[str, Any] = {}
    configurations = []
    for found in ref.make_grid(values):
        configuration.update(found)
        configurations.append(configuration)
    return configurations


@mistake(
    "make_grid",
    where="what make_grid returns for each configuration",
    what="It is a tuple of values without their names.",
    how="Make a dict: dict(zip(values, chosen)).",
)
def tuples_for_dicts(values):
    return list(itertools.product(*values.values()))


@right("make_grid", "name after name, each configuration extended by each value")
def grid_by_extension(values):
    grid: list[dict[str, Any]] = [{}]
    for name, choices in values.items():
        grid = [{**configuration, name: choice} for configuration in grid for choice in choices]
    return grid
