"""Variants of losses."""
