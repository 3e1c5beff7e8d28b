"""Variants of the hyper-parameter search, one part of the assignment a file."""
