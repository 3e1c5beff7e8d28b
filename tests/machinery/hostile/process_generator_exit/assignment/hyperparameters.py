import numpy as np


def make_grid(values):
    raise StopIteration


def draw_uniform(low, high, rng, size=None):
    raise GeneratorExit


def draw_log_uniform(low, high, rng, size=None):
    raise GeneratorExit
