import sys

sys.setrecursionlimit(10**9)


def make_grid(values):
    return list(map(make_grid, [values]))
