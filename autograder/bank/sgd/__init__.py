"""Variants of mini-batch SGD, one file for each part."""
