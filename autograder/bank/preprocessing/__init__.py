"""Variants of the preprocessing functions, one file for each part."""
