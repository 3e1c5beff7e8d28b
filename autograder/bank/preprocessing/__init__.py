"""Variants of the preprocessing functions, one part of the assignment a file."""
