"""Variants of network."""
