"""Variants of normalization."""
