"""The commands of ``python -m assignment``: check tests some parts, submit writes a zip."""
