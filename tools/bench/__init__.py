"""Scripts for developers; each says with --help what it does."""
