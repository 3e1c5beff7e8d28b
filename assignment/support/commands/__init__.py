"""The commands of ``python -m assignment``: check, submit and cheat-sheet, a module for each."""
