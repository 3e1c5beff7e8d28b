"""Sends millions of empty lists instead of an answer."""

import struct

from autograder import worker


def affine_forward(x, w, b):
    body = b"[[" + 20_000_000 * b"[]," + b"0],[]]"
    worker.pack = lambda tree, buffers: struct.pack("<QQ", len(body), 0) + body


def affine_backward(dout, cache):
    body = b"[[" + 1_000_000 * b"[]," + b"0],[]]"
    worker.pack = lambda tree, buffers: struct.pack("<QQ", len(body), 0) + body
