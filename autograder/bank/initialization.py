"""Variants of initialization."""
