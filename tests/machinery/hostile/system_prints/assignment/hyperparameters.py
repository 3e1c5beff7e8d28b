import itertools
import os
import sys


def make_grid(values):
    for _ in range(200):
        sys.stdout.write("x" * 2**20)
        sys.stderr.write("x" * 2**20)
    os.write(1, b"x" * 2**20)
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
