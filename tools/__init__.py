"""Scripts for developers; each has --help."""
