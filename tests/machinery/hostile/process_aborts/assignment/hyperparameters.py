import os


def make_grid(values):
    os.abort()
