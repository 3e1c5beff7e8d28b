"""Training neural networks, part 1: the functions to complete, one file a topic.

This file imports nothing, so that a syntax error in one topic costs that topic and not all of them.
"""
