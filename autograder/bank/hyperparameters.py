"""Variants of hyperparameters."""
