"""Variants of the babysitting functions, one file for each function."""
