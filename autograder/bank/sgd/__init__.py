"""Variants of mini-batch SGD, one part of the assignment a file."""
