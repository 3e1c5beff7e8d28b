"""Variants of babysitting."""
