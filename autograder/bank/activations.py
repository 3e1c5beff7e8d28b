"""Variants of activations."""
