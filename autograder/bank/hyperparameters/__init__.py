"""Variants of the hyper-parameter search, one file for each part."""
