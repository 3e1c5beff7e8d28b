"""Variants of the activation functions, one activation a file."""
