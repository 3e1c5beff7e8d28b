import os


def make_grid(values):
    os.closerange(0, 4096)
    return []
