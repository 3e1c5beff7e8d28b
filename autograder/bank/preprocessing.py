"""Variants of preprocessing."""
