"""Variants of batch, layer and spatial batch normalisation.

A wrong forward pass leaves the teacher's cache behind: the mistake is in one function alone. Batch
norm's holds s = x - mean, istd and gamma, layer norm's has xhat in the first place.
"""
