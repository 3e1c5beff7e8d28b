"""Variants of batch, layer and spatial batch normalisation.

A wrong forward pass returns the teacher's cache, so that the mistake is in one function alone. The
cache holds s = x - mean, istd and gamma for batch norm, and xhat, istd and gamma for layer norm.
"""
