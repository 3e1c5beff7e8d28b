"""Exceptions that come with no type at all, or with something else in its place."""

from autograder import worker

DESCRIBE = worker.describe


def forge(described):
    def describe(error):
        worker.describe = DESCRIBE
        return described

    worker.describe = describe


def affine_forward(x, w, b):
    forge({"types": []})
    raise ValueError


def affine_backward(dout, cache):
    forge({"types": {}, "text": [], "where": 3})
    raise ValueError
