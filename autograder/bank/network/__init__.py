"""Variants of FullyConnectedNet: its parameters, its passes and its penalty."""
