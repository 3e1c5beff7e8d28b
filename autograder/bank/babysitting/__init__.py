"""Variants of the babysitting functions, one function a file."""
