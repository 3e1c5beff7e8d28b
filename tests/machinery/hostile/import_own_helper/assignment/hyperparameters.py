import itertools

from assignment import my_helper


def pairs(values, chosen):
    return dict(zip(values, chosen))


def make_grid(values):
    return [my_helper.combine(values, chosen) for chosen in itertools.product(*values.values())]
