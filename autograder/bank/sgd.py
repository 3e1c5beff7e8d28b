"""Variants of sgd."""
