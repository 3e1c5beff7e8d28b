"""Variants of the activation functions, one file for each activation."""
