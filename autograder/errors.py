"""The error that ends a command."""

__all__ = ["GraderError"]


class GraderError(Exception):
    """A command cannot go on; the message is for the person who gave it, one line."""
